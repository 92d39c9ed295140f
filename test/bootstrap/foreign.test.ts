import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { officialArchive } from '../../dev/mirror/archive.ts';
import { goHello } from '../../dev/setup/go.ts';
import { run } from '../../dev/tailnet/command.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { archs } from '../../src/shared/arch.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { Cases } from './cases.ts';
import { debianShells } from './sandbox.ts';

/** A router of another processor: the whole way from its archive to the run check, by qemu-user. */

const version = testVersions.latest;
const program = await goHello(archs.mipsle.go, `${version}\n`);
const archive = await officialArchive(version, 'mipsle', { tailscaled: program, tailscale: program });

// In a user namespace of its own, binfmt_misc concerns this process and its children only (Linux 6.7).
const magic = String.raw`\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x08\x00`;
const mask = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff`;
const register = [
  'mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc',
  `printf '%s' ':mipsel:M::${magic}:${mask}:/usr/bin/qemu-mipsel:F' >/proc/sys/fs/binfmt_misc/register`,
  'exec "$@"'
].join(' && ');
const emulated = [
  '/usr/bin/unshare',
  '--user',
  '--map-root-user',
  '--mount',
  '/bin/sh',
  '-c',
  register,
  'sh'
] as const;

const { code, stderr } = await run([...emulated, program]);
if (code !== 0) {
  console.log(`skipped: a binary for mipsle cannot be run here: ${stderr.trim()}`);
} else {
  const cases = new Cases('a router of another processor', 2, { where: debianShells });
  cases.add('its binary passes the run check and is started', async ({ sandbox, mirror }) => {
    mirror.setReleases([{ version, archives: [archive] }]);
    sandbox.env['TSR_ARCH'] = 'mipsle';
    sandbox.prefix = emulated;
    const child = sandbox.start();
    await Promise.race([once(child, 'close'), sleep(20_000)]);
    assert.is(child.exitCode, 0);
    assert.match(sandbox.log, new RegExp(`starting tailscaled ${version}\n${version}\n$`));
  });
  cases.run();
}
