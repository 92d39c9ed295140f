import { existsSync, lstatSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../dev/mirror/faults.ts';
import { startMirror } from '../dev/mirror/mirror.ts';
import { tailscaleBinaries } from '../dev/setup/go.ts';
import { sleep } from '../dev/tailnet/wait.ts';
import { useCompactMirror } from '../test/bootstrap/compact-mirror.ts';
import { latest, latestRelease } from '../test/bootstrap/real-release.ts';
import { Sandbox, shells } from '../test/bootstrap/sandbox.ts';
import { openCompactMirror, type CompactMirror } from './support/compact-mirror.ts';
import { judge, mebibyte, median } from './support/figures.ts';
import { isolated } from './support/isolated.ts';
import { anonymousBytes, nameOf, programOf, whileStopped, type ProcessInfo } from './support/processes.ts';

/**
 * `npm run bench -- memory`: what the bootstrap takes while it fetches, beside the binaries that stay: files in
 * RAM, and anonymous memory of its processes. Each sample is taken while all of them are stopped.
 */
export const run = isolated('memory', async () => {
  const compact = await openCompactMirror();
  for (const shell of shells) {
    for (const [way, faults] of Object.entries(ways)) {
      const boot = await watchBoot(shell, faults, way === asImage ? compact : undefined);
      const name = `memory, ${shell}, ${way}`;
      const { peak, samples } = boot;
      console.log(`     ${name}: ${samples.length} samples; at the peak ${describe(peak.processes)}`);
      console.log(`     ${name}: a binary telling its version ${inMebibytes(boot.runCheck)} MiB anonymous`);
      const excess = Math.max(...samples.map(({ excess }) => excess));
      judge(`${name}: files in RAM beside the binaries`, excess / mebibyte, 1, ' MiB');
      judge(`${name}: anonymous memory, peak`, peak.anonymous / mebibyte, 2, ' MiB');
      const middle = median(samples.map(({ anonymous }) => anonymous));
      judge(`${name}: anonymous memory, median`, middle / mebibyte, 2, ' MiB');
      if (way !== asImage) judge(`${name}: kept of the official files`, boot.keptShare, 0.73);
    }
  }
  await compact.close();
});

const asImage = 'a compact image';
const ways: Record<string, readonly Fault[]> = {
  [asImage]: [],
  'in one go': [],
  'broken off, without Range': [
    { kind: 'cut', at: latest.size >> 2, times: 1 },
    { kind: 'cut', at: latest.size >> 1, times: 1 },
    { kind: 'no-range' }
  ]
};

/** In bytes. */
interface Sample {
  /** Files in RAM that are not part of the binaries. */
  excess: number;
  /** Of the bootstrap's processes but the downloader. */
  anonymous: number;
  processes: { name: string; anonymous: number }[];
}

interface Boot {
  samples: Sample[];
  /** The sample with the most anonymous memory. */
  peak: Sample;
  /** The most that a fetched binary took for itself when it was tried, in bytes of anonymous memory. */
  runCheck: number;
  /** Of the official binaries' bytes. */
  keptShare: number;
}

async function watchBoot(
  shell: string,
  faults: readonly Fault[],
  compact: CompactMirror | undefined
): Promise<Boot> {
  const mirror = await startMirror({ releases: [latestRelease], fault: faults });
  const sandbox = (await Sandbox.create(shell, { megabytes: 300 })).use(mirror);
  try {
    if (compact) await useCompactMirror(sandbox, compact, compact.key);
    const { pid = 0 } = sandbox.start();
    const samples: Sample[] = [];
    let runCheck = 0;
    while (!isFetched(sandbox, programOf(pid))) {
      const seen = await whileStopped(pid, (processes) => {
        const fetched = processes.filter(({ program }) => isFetched(sandbox, program));
        runCheck = Math.max(runCheck, ...fetched.map((each) => anonymousBytes(each.pid)));
        return sampleOf(sandbox, processes, compact?.image.keptBytes ?? 0);
      });
      if (seen) samples.push(seen);
      await sleep(2);
    }
    const peak = samples.reduce((most, each) => (each.anonymous > most.anonymous ? each : most));
    return { samples, peak, runCheck, keptShare: compact ? 0 : await keptShareOf(sandbox) };
  } finally {
    await sandbox.remove();
    await mirror.close();
  }
}

function sampleOf(sandbox: Sandbox, processes: readonly ProcessInfo[], image: number): Sample {
  const own = processes
    .filter(({ program }) => !isDownloader.test(program) && !isFetched(sandbox, program))
    .map(({ pid }) => ({
      name: nameOf(pid),
      anonymous: anonymousBytes(pid)
    }));
  return {
    excess: usedBytes(join(sandbox.directory, 'ram')) - binariesBytes(sandbox, image),
    anonymous: own.reduce((sum, { anonymous }) => sum + anonymous, 0),
    processes: own
  };
}

const isDownloader = /\/(wget|uclient-fetch)$/;

/** Whether a program is one of those that came from the mirror. */
function isFetched({ ramDirectory }: Sandbox, program: string): boolean {
  return program.includes(ramDirectory);
}

function usedBytes(directory: string): number {
  const { blocks, bfree, bsize } = statfsSync(directory);
  return (blocks - bfree) * bsize;
}

/** Bytes of the binaries, as far as they have come, that are meant to stay. */
function binariesBytes({ ramDirectory }: Sandbox, image: number): number {
  let sum = 0;
  const files = existsSync(ramDirectory) ? readdirSync(ramDirectory) : [];
  for (const name of [...files.filter((name) => name.startsWith('packed.')), 'work/image'])
    sum += Math.min(statSync(join(ramDirectory, name), { throwIfNoEntry: false })?.size ?? 0, image);
  for (const name of binaryNames) {
    for (const folder of ['work', 'bin']) {
      const file = lstatSync(join(ramDirectory, folder, name), { throwIfNoEntry: false });
      if (file?.isFile()) sum += Math.min(file.size, latest.kept[name]);
    }
  }
  return sum;
}

async function keptShareOf({ ramDirectory }: Sandbox): Promise<number> {
  const official = await tailscaleBinaries(latest.version);
  let kept = 0;
  let whole = 0;
  for (const name of binaryNames) {
    kept += statSync(join(ramDirectory, 'bin', name)).size;
    whole += statSync(official[name]).size;
  }
  return kept / whole;
}

const binaryNames = ['tailscaled', 'tailscale'] as const;

/** What each program took in all, the largest first. */
function describe(processes: Sample['processes']): string {
  const sums = new Map<string, number>();
  for (const { name, anonymous } of processes) sums.set(name, (sums.get(name) ?? 0) + anonymous);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .map(([name, anonymous]) => `${inMebibytes(anonymous)} ${name}`)
    .join(', ');
}

function inMebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(2);
}
