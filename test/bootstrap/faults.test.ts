import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Fault } from '../../dev/mirror/faults.ts';
import { hostileArchive, hostileKinds } from '../../dev/mirror/hostile.ts';
import { errors, type ErrorCode } from '../../src/shared/errors.ts';
import { Cases, type Fixture } from './cases.ts';
import type { SandboxOptions } from './sandbox.ts';
import { latest } from './small-release.ts';

/**
 * Whatever a server or a network does, the bootstrap names it, leaves nothing behind, runs nothing, keeps what is
 * there, and goes on trying.
 */

const cases = new Cases('faults', 8);

interface Failing extends SandboxOptions {
  fault?: Fault | Fault[];
  source?: string;
  env?: Record<string, string>;
  seconds?: number;
}

function fails(
  name: string,
  code: ErrorCode,
  { fault, source, env = {}, seconds = 30, ...options }: Failing
): void {
  const prepare = ({ sandbox, mirror }: Fixture): void => {
    mirror.setFault(fault);
    Object.assign(sandbox.env, { TSR_RETRY_MAX_S: '1', ...env });
    if (source !== undefined) sandbox.env['TSR_SOURCE'] = source;
  };

  cases.add(
    `${name}: ${code}`,
    async (router) => {
      prepare(router);
      const { sandbox } = router;
      const child = sandbox.start();
      const state = await sandbox.failure(seconds);
      assert.is(state.error?.code, code, JSON.stringify(state));
      const waits = ['retrying', 'waiting-network', 'waiting-clock'].includes(state.phase);
      assert.ok(errors[code] === 'blocked' ? state.phase === 'blocked' : waits, state.phase);
      assert.equal(sandbox.binaries(), []);
      assert.ok(!existsSync(join(sandbox.ramDirectory, 'work')), 'nothing is left behind');
      assert.ok(!existsSync('/tmp/hostile-ran') && !existsSync('/tmp/escaped'), 'nothing ran');
      assert.is(child.exitCode, null, 'it goes on trying');
    },
    options
  );

  cases.add(
    `${name}: what is there survives`,
    async (router) => {
      prepare(router);
      const { sandbox } = router;
      const good = join(sandbox.directory, 'good');
      await writeFile(good, 'what was fetched yesterday', { mode: 0o755 });
      await sandbox.install('1.90.0', good);
      const { code: status } = await sandbox.command('update');
      assert.is(status, 1);
      assert.is(sandbox.state('update.json')?.error?.code, code);
      assert.equal(sandbox.ramFiles().sort(), ['bin', 'bin/tailscaled', 'lock', 'version']);
      assert.is(
        readFileSync(join(sandbox.ramDirectory, 'bin/tailscaled'), 'utf8'),
        'what was fetched yesterday'
      );
    },
    options
  );
}

fails('a name that does not resolve', 'network-unreachable', { source: 'https://no-such-host.invalid' });
fails('connection refused', 'network-unreachable', { source: 'https://127.0.0.1:1' });
fails('no route', 'network-unreachable', { source: 'https://192.0.2.1' });
fails('closed before TLS', 'network-unreachable', { fault: { kind: 'close' } });
fails('an unknown CA', 'tls-untrusted', { fault: { kind: 'certificate', certificate: 'unknown-ca' } });
fails('a certificate for another host', 'tls-untrusted', {
  fault: { kind: 'certificate', certificate: 'other-host' }
});
fails('an expired certificate', 'tls-untrusted', { fault: { kind: 'certificate', certificate: 'expired' } });
fails('a certificate of tomorrow, clock not set', 'clock-not-set', {
  fault: { kind: 'certificate', certificate: 'not-yet-valid' },
  clockIsSet: false
});
for (const status of [403, 404, 500]) {
  fails(`HTTP ${String(status)} for the index`, 'http-error', {
    fault: { kind: 'status', on: 'index', status }
  });
}
fails('HTTP 500 for the archive', 'http-error', { fault: { kind: 'status', on: 'archive', status: 500 } });
fails('HTTP 500 for the checksum', 'http-error', { fault: { kind: 'status', on: 'sha256', status: 500 } });
fails('a redirect loop', 'http-error', { fault: { kind: 'redirect-loop', on: 'index' } });
fails('a captive portal', 'index-unreadable', { fault: { kind: 'captive-portal', on: 'everything' } });
fails('a captive portal for the archive', 'checksum-mismatch', {
  fault: { kind: 'captive-portal', on: 'archive' }
});
for (const wrong of [
  'not-json',
  'version-is-command',
  'version-is-path',
  'version-has-newline',
  'huge',
  'file-is-path',
  'truncated'
] as const) {
  fails(`index: ${wrong}`, 'index-unreadable', { fault: { kind: 'index', wrong } });
}
fails('an index without our architecture', 'arch-unsupported', {
  fault: { kind: 'index', wrong: 'without-arch' }
});
fails('a version that the server does not have', 'version-missing', { env: { TSR_VERSION: '1.2.3' } });
fails('no checksum', 'checksum-missing', { fault: { kind: 'status', on: 'sha256', status: 404 } });
fails('an empty checksum', 'checksum-missing', { fault: { kind: 'sha256', wrong: 'empty' } });
fails('a checksum that is not hexadecimal', 'checksum-missing', {
  fault: { kind: 'sha256', wrong: 'not-hex' }
});
fails('the checksum of another file', 'checksum-mismatch', {
  fault: { kind: 'sha256', wrong: 'of-another-file' }
});
fails('one bit flipped', 'checksum-mismatch', { fault: { kind: 'bit-flip', at: latest.size >> 1 } });
fails('longer than it should be', 'checksum-mismatch', { fault: { kind: 'longer', by: 1000 } });
fails('an index that never ends', 'network-unreachable', {
  fault: { kind: 'stall', on: 'index', after: 20 },
  env: { TSR_IDLE_S: '2' }
});
for (let tenth = 0; tenth < 10; tenth++) {
  const at = Math.floor((latest.size * (tenth + 0.5)) / 10);
  fails(`cut off at byte ${String(at)}`, 'truncated', { fault: { kind: 'cut', at }, seconds: 90 });
}
fails('an archive that stalls for ever', 'truncated', {
  fault: [
    { kind: 'stall', on: 'archive', after: latest.size >> 1, times: 1 },
    { kind: 'stall', on: 'archive', after: 0 }
  ],
  env: { TSR_IDLE_S: '1' },
  seconds: 90
});
fails('an archive that trickles', 'truncated', {
  fault: [
    { kind: 'trickle', on: 'archive', after: latest.size >> 1, times: 1 },
    { kind: 'trickle', on: 'archive', after: 0 }
  ],
  env: { TSR_IDLE_S: '1' },
  seconds: 90
});

for (const kind of hostileKinds) {
  // The names in extended headers mean nothing to the bootstrap: it takes what stands in the plain one.
  if (kind === 'pax-renames-daemon') continue;
  fails(`hostile: ${kind}`, 'archive-invalid', {
    fault: { kind: 'replaced', by: await hostileArchive(kind) }
  });
}

cases.run();
