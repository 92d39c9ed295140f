import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findRootfs } from '../../dev/router/rootfs.ts';

/** The ucode of an OpenWrt root tree that is at hand. */
export interface Ucode {
  /** Such as `25.12`. */
  release: string;
  /** Runs a command in the tree, with these files in /mnt and an empty /tmp; the tree itself is not touched. */
  run(command: readonly string[], files?: Readonly<Record<string, string>>): Ran;
}

export interface Ran {
  code: number | null;
  /** stdout and stderr. */
  output: string;
}

/** Of every release that is there; none, if there is no root tree. */
export async function findUcodes(): Promise<Ucode[]> {
  const trees = await findRootfs();
  return trees.map(({ release, tree }) => ({
    release,
    run: (command, files = {}) => withFiles(files, (folder) => runIn(tree, folder, command))
  }));
}

function withFiles<T>(files: Readonly<Record<string, string>>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'ucode-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runIn(tree: string, folder: string, command: readonly string[]): Ran {
  const script =
    'mount --bind "$2" "$1/mnt" && mount -t tmpfs tmp "$1/tmp" && mount --rbind /dev "$1/dev" && ' +
    'root=$1 && shift 2 && exec chroot "$root" "$@" 2>&1';
  const { status, stdout } = spawnSync(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', tree, folder, ...command],
    { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, encoding: 'utf8', timeout: 15_000 }
  );
  return { code: status, output: stdout };
}
