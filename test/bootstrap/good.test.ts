import { readFileSync, rmSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { sleep } from '../../dev/tailnet/wait.ts';
import { phases } from '../../src/shared/phases.ts';
import { Cases } from './cases.ts';
import { latest, latestRelease } from './real-release.ts';

const cases = new Cases('the good way', 2, { release: latestRelease });

cases.add('fetches once, verifies and becomes tailscaled', async ({ sandbox, mirror }) => {
  const args = ['--statedir', `${sandbox.directory}/with space, "double" and 'single' quotes`, '--socket'];
  const whole = ['--tun=userspace-networking', ...args, `${sandbox.directory}/run/$(id);*`, '--port=0'];
  const child = sandbox.start(['run', '--', ...whole]);
  await sandbox.until(({ phase }) => phase === 'running');
  const program = `${sandbox.ramDirectory}/bin/tailscaled`;
  const commandLineNow = (): string[] =>
    readFileSync(`/proc/${String(child.pid)}/cmdline`, 'utf8')
      .split('\0')
      .slice(0, -1);
  while (sandbox.program() !== program || commandLineNow().length === 0) await sleep(5);

  const commandLine = commandLineNow();
  assert.equal(commandLine, [program, ...whole], 'procd’s child is tailscaled, with its arguments whole');
  assert.is(mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length, 1);
  assert.is(mirror.requests.length, 4, 'index, checksum, sizes, archive');
  assert.equal(sandbox.binaries(), ['tailscale', 'tailscaled']);
  assert.equal(sandbox.ramFiles().sort(), ['bin', 'bin/tailscale', 'bin/tailscaled', 'lock', 'version']);
});

cases.add('keeps what the kernel loads, and nothing else', async ({ sandbox }) => {
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  const size = (name: string): number => readFileSync(`${sandbox.ramDirectory}/bin/${name}`).length;
  assert.equal({ tailscaled: size('tailscaled'), tailscale: size('tailscale') }, latest.kept);
});

cases.add('tells its phases in order, always as valid JSON', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'rate', on: 'archive', bytesPerSecond: 15_000_000 });
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  // Each read of the file went through JSON.parse.
  const seen = sandbox.states.map(({ phase }) => phases.indexOf(phase));
  assert.equal(
    seen,
    [...seen].sort((a, b) => a - b)
  );
  const downloading = sandbox.states.filter(({ phase }) => phase === 'downloading');
  assert.ok(downloading.length >= 2);
  const total = latest.kept.tailscaled + latest.kept.tailscale;
  for (const state of downloading) {
    assert.is(state.version, latest.version);
    assert.is(state.arch, 'amd64');
    assert.ok(state.bytes <= (state.total ?? 0) && Math.abs((state.total ?? 0) - total) < total / 10);
  }
  assert.ok((downloading.at(-1)?.bytes ?? 0) > (downloading[0]?.bytes ?? 0));
  assert.is(sandbox.state()?.error, null);
});

cases.add('uses what is in RAM when it starts again', async ({ sandbox, mirror }) => {
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  await sandbox.stop();
  mirror.requests.length = 0;
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  assert.is(mirror.requests.length, 0);
});

cases.add(
  'keeps the daemon alone with TSR_CLI=never, and fetches the CLI in its version on demand',
  async ({ sandbox, mirror }) => {
    sandbox.env['TSR_CLI'] = 'never';
    sandbox.start();
    await sandbox.until(({ phase }) => phase === 'running');
    assert.equal(sandbox.binaries(), ['tailscaled']);
    mirror.setReleases([
      { version: '1.999.0', archives: [] },
      { version: latest.version, archives: [latest] }
    ]);
    const daemon = sandbox.child;
    const { code, output } = await sandbox.command('fetch', 'tailscale');
    assert.is(code, 0);
    assert.ok(output.endsWith(`${sandbox.ramDirectory}/bin/tailscale\n`), output);
    assert.is(daemon?.exitCode, null, 'the daemon goes on');
    assert.equal(sandbox.binaries(), ['tailscale', 'tailscaled']);
    sandbox.child = daemon;
  }
);

cases.add('a daemon whose version is not written down is asked', async ({ sandbox, mirror }) => {
  await sandbox.command('fetch', 'tailscaled');
  rmSync(`${sandbox.ramDirectory}/version`);
  mirror.requests.length = 0;
  sandbox.start();
  const state = await sandbox.until(({ phase }) => phase === 'running');
  assert.is(state.version, latest.version);
  assert.is(mirror.requests.length, 0);
});

cases.add('two at once fetch once', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'rate', on: 'archive', bytesPerSecond: 20_000_000 });
  const results = await Promise.all([
    sandbox.command('fetch', 'tailscaled'),
    sandbox.command('fetch', 'tailscaled')
  ]);
  assert.equal(
    results.map(({ code }) => code),
    [0, 0]
  );
  assert.is(mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length, 1);
});

cases.run();
