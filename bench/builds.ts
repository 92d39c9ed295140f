import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../dev/setup/debian.ts';
import { tailscaleBinaries } from '../dev/setup/go.ts';
import { machineArch, realRelease } from '../dev/tailnet/tailnet.ts';
import { packArchive } from '../mirror/archive.ts';
import { isOfficial, mirrorArchs } from '../mirror/archs.ts';
import { compile } from '../mirror/compile.ts';
import { makeImage } from '../mirror/image.ts';
import { flavours, isFlavour, type Flavour } from '../mirror/tags.ts';
import type { ArchKey } from '../src/shared/arch.ts';
import { keptSizes } from '../src/shared/sizes.ts';
import { testVersions } from '../src/shared/test-versions.ts';

/**
 * What each build costs a router: `npm run bench -- builds [ARCH …|all]`. Every binary is run, by qemu where it is
 * another machine's, until it wants a login. The first build of each takes a minute or two.
 */
export async function run(args: readonly string[]): Promise<void> {
  const all = Object.keys(mirrorArchs);
  const archs = args.includes('all') ? all : args.length > 0 ? args : [machineArch(), 'mipsle'];
  const unknown = archs.find((arch) => !all.includes(arch));
  if (unknown !== undefined)
    throw new Error(`There is no architecture ${unknown}; there are: ${all.join(', ')}`);

  console.log(`Tailscale ${version}, MB of 10⁶ bytes; "wants a login": seconds from the start, and on what`);
  row('processor', 'build', 'download', 'in RAM', 'unpacked', 'wants a login');
  const work = await mkdtemp(join(tmpdir(), 'builds-'));
  try {
    for (const arch of archs) {
      if (isOfficial(arch)) await official(arch as ArchKey);
      for (const flavour of Object.keys(flavours).filter(isFlavour)) {
        const folder = join(work, `${arch}-${flavour}`);
        await mkdir(folder);
        await compact(arch, flavour, folder);
      }
    }
  } finally {
    await rm(work, { recursive: true });
  }
}

const version = testVersions.latest;

/** Two programs; packed only for this machine, where the tests have built them. */
async function official(arch: ArchKey): Promise<void> {
  const { tailscaled, tailscale } = keptSizes[arch];
  const inRam = tailscaled + tailscale;
  if (arch !== machineArch()) {
    row(arch, 'official', '', megabytes(inRam), '', '');
    return;
  }
  const { archives } = await realRelease(version);
  const binaries = await tailscaleBinaries(version);
  const unpacked = (await stat(binaries.tailscaled)).size + (await stat(binaries.tailscale)).size;
  const started = await startOf(binaries.tailscaled, arch);
  row(arch, 'official', megabytes(archives[0]?.size ?? NaN), megabytes(inRam), megabytes(unpacked), started);
}

async function compact(arch: string, flavour: Flavour, folder: string): Promise<void> {
  const binary = await compile(version, arch, flavour);
  const unpacked = (await stat(binary)).size;
  const image = join(folder, 'image');
  await makeImage(binary, image);
  for (const [form, content] of [
    ['plain', binary],
    ['image', image]
  ] as const) {
    const archive = join(folder, `${form}.tgz`);
    await packArchive(content, form, archive);
    const inRam = (await stat(content)).size;
    const started = form === 'plain' ? await startOf(binary, arch) : '';
    const download = (await stat(archive)).size;
    row(arch, `${flavour} ${form}`, megabytes(download), megabytes(inRam), megabytes(unpacked), started);
  }
}

/** Starts a daemon that may do nothing to this machine, and waits until it wants a login. */
async function startOf(binary: string, arch: string): Promise<string> {
  const emulator = emulatorOf(arch);
  if (emulator === undefined) return `there is no qemu-${emulators[arch] ?? arch}`;
  const folder = await mkdtemp(join(tmpdir(), 'start-'));
  // By its name it knows that it is not the command line.
  const daemonPath = join(folder, 'tailscaled');
  await symlink(binary, daemonPath);
  const [command, before] = emulator === '' ? [daemonPath, []] : [emulator, [daemonPath]];
  const told = spawnSync(command, [...before, '--version'], { encoding: 'utf8' }).stdout.split('\n')[0];
  if (told !== version) {
    await rm(folder, { recursive: true });
    return `does not run: ${told || 'says nothing'}`;
  }

  const socket = join(folder, 'socket');
  const args = [
    '--tun=userspace-networking',
    '--state=mem:',
    '--statedir',
    folder,
    '--socket',
    socket,
    '--port=0'
  ];
  const begun = performance.now();
  const daemon = spawn(command, [...before, ...args], {
    stdio: 'ignore',
    env: { ...process.env, TS_NO_LOGS_NO_SUPPORT: '1' }
  });
  const ended = once(daemon, 'close');
  try {
    while (performance.now() - begun < 60_000) {
      if ((await stateOf(socket)) === 'NeedsLogin')
        return `${((performance.now() - begun) / 1000).toFixed(1)} s, ${emulator === '' ? 'this machine' : 'qemu'}`;
      await sleep(50);
    }
    return 'not within a minute';
  } finally {
    daemon.kill();
    await ended;
    await rm(folder, { recursive: true });
  }
}

/** The program that runs its binaries: empty for this machine's own; undefined if it is not installed. */
function emulatorOf(arch: string): string | undefined {
  const own = machineArch();
  if (arch === own || (own === 'amd64' && ['386', 'geode'].includes(arch))) return '';
  return findProgram(`qemu-${emulators[arch] ?? arch}`);
}

/** By another name than the architecture's. */
const emulators: Readonly<Record<string, string>> = {
  '386': 'i386',
  geode: 'i386',
  amd64: 'x86_64',
  arm64: 'aarch64',
  mipsle: 'mipsel',
  mips64le: 'mips64el',
  loong64: 'loongarch64'
};

function stateOf(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const host = 'local-tailscaled.sock';
    const options = { socketPath, host, path: '/localapi/v0/status?peers=false', headers: { Host: host } };
    get(options, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        resolve(/"BackendState": ?"(\w+)"/.exec(text)?.[1]);
      });
    }).on('error', () => {
      resolve(undefined);
    });
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function row(
  arch: string,
  build: string,
  download: string,
  inRam: string,
  unpacked: string,
  start: string
): void {
  const numbers = [download, inRam, unpacked].map((text) => text.padStart(8)).join('  ');
  console.log(`${arch.padEnd(9)}  ${build.padEnd(17)}  ${numbers}  ${start}`.trimEnd());
}
