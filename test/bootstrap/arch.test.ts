import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderBootstrap } from '../../build/bootstrap.ts';
import { keptSize } from '../../dev/mirror/kept-size.ts';
import { run } from '../../dev/tailnet/command.ts';
import { goHello } from '../../dev/setup/go.ts';
import { archs, unsupportedArchs, type Arch, type ArchKey } from '../../src/shared/arch.ts';
import { Sandbox, shells } from './sandbox.ts';

/** Which archive the bootstrap chooses on each kind of router, and what it keeps of a binary there. */

/** `DISTRIB_ARCH` of OpenWrt's targets. */
const openWrtNames: Record<string, ArchKey> = {
  x86_64: 'amd64',
  i386_pentium4: '386',
  'i386_pentium-mmx': 'geode',
  aarch64_generic: 'arm64',
  'aarch64_cortex-a53': 'arm64',
  'arm_cortex-a7_neon-vfpv4': 'arm',
  'arm_arm926ej-s': 'arm',
  arm_xscale: 'arm',
  mips_24kc: 'mips',
  mips_mips32: 'mips',
  mipsel_24kc: 'mipsle',
  mipsel_24kc_24kf: 'mipsle',
  mipsel_74kc: 'mipsle',
  mips64_octeonplus: 'mips64',
  mips64_mips64r2: 'mips64',
  mips64el_mips64r2: 'mips64le',
  riscv64_generic: 'riscv64',
  riscv64_riscv64: 'riscv64'
};

const entries = Object.entries(archs) as [ArchKey, Arch][];
const hellos = new Map<ArchKey, string>();
for (const [key, { go }] of entries) hellos.set(key, await goHello(go));

for (const shell of shells) {
  const test = suite(`architectures under ${shell}`);
  let router: Sandbox;

  test.before.each(async () => {
    router = await Sandbox.create(shell);
    // Nobody listens there: the architecture is known before the first connection.
    Object.assign(router.env, { TSR_ARCH: '', TSR_SOURCE: 'https://127.0.0.1:1' });
    for (const name of ['bin', 'etc/apk'])
      await mkdir(join(router.directory, 'root', name), { recursive: true });
  });
  test.after.each(() => router.remove());

  const write = (name: string, content: string) => writeFile(join(router.directory, 'root', name), content);
  const release = (name: string) =>
    write('etc/openwrt_release', `DISTRIB_ID='OpenWrt'\nDISTRIB_ARCH='${name}'\nDISTRIB_TAINTS=''\n`);
  const busybox = async (key: ArchKey) =>
    copyFile(hellos.get(key) ?? '', join(router.directory, 'root/bin/busybox'));
  const found = async () => {
    const { code } = await router.command('fetch', 'tailscaled');
    assert.is(code, 1);
    const state = router.state('fetch.json');
    return state?.error?.code === 'arch-unsupported' ? `${state.phase} unsupported` : state?.arch;
  };

  for (const [key, { elfMachine }] of entries) {
    if (elfMachine === undefined) continue;
    test(`${key} by the header of its programs`, async () => {
      await busybox(key);
      assert.is(await found(), key);
    });
  }

  test("by OpenWrt's names, from either file", async () => {
    // Must not matter.
    await busybox('riscv64');
    for (const [name, key] of Object.entries(openWrtNames)) {
      await release(name);
      assert.is(await found(), key, name);
    }
    await rm(join(router.directory, 'root/etc/openwrt_release'));
    for (const [name, key] of Object.entries(openWrtNames)) {
      await write('etc/apk/arch', `${name}\n`);
      assert.is(await found(), key, name);
    }
  });

  test('by the header where the name is new', async () => {
    await busybox('mipsle');
    await release('mipsr9el_somecore');
    assert.is(await found(), 'mipsle');
  });

  test('says so where Tailscale has none', async () => {
    await busybox('amd64');
    for (const pattern of unsupportedArchs) {
      await release(pattern.replace('*', 'generic'));
      assert.is(await found(), 'blocked unsupported', pattern);
    }
    await rm(join(router.directory, 'root/etc/openwrt_release'));
    await rm(join(router.directory, 'root/bin/busybox'));
    assert.is(await found(), 'blocked unsupported');
    await write('bin/busybox', '#!/bin/sh\n');
    assert.is(await found(), 'blocked unsupported');
  });

  test('keeps of each binary what the kernel loads', async () => {
    const functions = (await renderBootstrap()).replace(/^main "\$@"$/m, '');
    const script = join(router.directory, 'kept-size');
    await writeFile(script, `${functions}\nkept_size "$1"\n`);
    const binary = join(router.directory, 'binary');
    for (const [key, path] of hellos) {
      await copyFile(path, binary);
      const argv = [...router.shell, script, binary];
      const { stdout, stderr } = await run(argv, { env: router.env });
      assert.is(stderr, '');
      assert.is(Number(stdout), await keptSize(path), key);
    }
  });

  test('as the settings say', async () => {
    await busybox('amd64');
    await release('x86_64');
    router.env['TSR_ARCH'] = 'geode';
    assert.is(await found(), 'geode');
    router.env['TSR_ARCH'] = 'sparc; reboot';
    assert.is(await found(), 'amd64');
  });

  test.run();
}
