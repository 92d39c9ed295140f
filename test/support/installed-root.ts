import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildRoot } from '../../build/root.ts';
import { cacheDir } from '../../dev/setup/cache.ts';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A root directory in which the package is installed, to be entered by chroot. Nothing in it changes its base. */
export interface InstalledRoot {
  name: string;
  /** Whether its base is OpenWrt. Otherwise /lib/functions.sh is a stand-in of a few lines. */
  openwrt: boolean;
  path(name: string): string;
  read(name: string): string;
  write(name: string, content: string, mode?: number): void;
  /** Runs a command, whose `logger` writes to /tmp/log. */
  run(command: readonly string[], env?: NodeJS.ProcessEnv): Ran;
  spawn(command: readonly string[]): ChildProcess;
  /** Makes these options the whole configuration. */
  configure(options: Readonly<Record<string, string | readonly string[]>>): void;
  close(): void;
}

/** Over this machine's own root, with `shell` as /bin/sh. */
export function debianRoot(shell: 'ash' | 'dash'): Promise<InstalledRoot> {
  return install(`Debian with ${shell}`, '/', (root) => {
    // A link that leads out of the root for who is not in it.
    rmSync(join(root, 'var/run'));
    rmSync(join(root, 'usr/bin/sh'));
    symlinkSync(shell === 'ash' ? 'busybox' : 'dash', join(root, 'usr/bin/sh'));
    writeFileSync(join(root, 'usr/lib/functions.sh'), functionsStandIn);
  });
}

/** Over the OpenWrt root trees that are in the cache: none, one or several. */
export async function openWrtRoots(): Promise<InstalledRoot[]> {
  const trees = ['25.12', '24.10'].map((release) => join(cacheDir('rootfs'), release));
  return Promise.all(
    trees
      .filter((tree) => existsSync(join(tree, 'etc/rc.common')))
      .map((tree) => install(`OpenWrt ${tree.slice(-5)}`, tree))
  );
}

async function install(name: string, base: string, adapt?: (root: string) => void): Promise<InstalledRoot> {
  const work = mkdtempSync(join(tmpdir(), 'root-'));
  execFileSync('mount', ['-t', 'tmpfs', 'root', work]);
  const root = join(work, 'root');
  for (const folder of ['upper', 'work', 'root']) mkdirSync(join(work, folder));
  const layers = `lowerdir=${base},upperdir=${join(work, 'upper')},workdir=${join(work, 'work')}`;
  execFileSync('mount', ['-t', 'overlay', 'root', '-o', layers, root]);
  execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  execFileSync('mount', ['--rbind', '/dev', join(root, 'dev')]);
  execFileSync('mount', ['--make-rprivate', join(root, 'dev')]);
  // Not /lib, which is a link on Debian.
  await buildRoot(join(work, 'package'));
  for (const folder of ['etc', 'usr'])
    await cp(join(work, 'package', folder), join(root, folder), { recursive: true });
  adapt?.(root);
  // From inside: Debian's /var/run and /var/lock are links to /run.
  execFileSync('chroot', [root, 'mkdir', '-p', '/run/lock', '/var/lock', '/var/run/tailscale-ram']);

  const command = (argv: readonly string[]): string[] => [root, ...argv];
  const path = '/usr/sbin:/usr/bin:/sbin:/bin';
  const installed: InstalledRoot = {
    name,
    openwrt: base !== '/',
    path: (file) => join(root, file),
    read: (file) => readFileSync(join(root, file), 'utf8'),
    write(file, content, mode = 0o644) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      // It may be a link to busybox.
      rmSync(join(root, file), { force: true });
      writeFileSync(join(root, file), content);
      chmodSync(join(root, file), mode);
    },
    run(argv, env = {}) {
      const { status, stdout, stderr } = spawnSync('chroot', command(argv), {
        env: { PATH: path, ...env },
        encoding: 'utf8',
        timeout: 20_000
      });
      return { code: status, stdout, stderr };
    },
    spawn: (argv) => spawn('chroot', command(argv), { env: { PATH: path }, stdio: 'ignore' }),
    configure(options) {
      installed.write('etc/config/tailscale-ram', uciFile(options));
      if (base === '/') installed.write('tmp/config.sh', configAssignments(options));
    },
    close() {
      execFileSync('umount', ['-R', '-l', work]);
      rmSync(work, { recursive: true });
    }
  };
  installed.write('usr/bin/logger', '#!/bin/sh\necho "$*" >>/tmp/log\n', 0o755);
  installed.configure({});
  return installed;
}

function uciFile(options: Readonly<Record<string, string | readonly string[]>>): string {
  const lines = Object.entries(options).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [`\toption ${name} ${quote(value)}\n`]
      : value.map((entry) => `\tlist ${name} ${quote(entry)}\n`)
  );
  return `config tailscale-ram 'main'\n${lines.join('')}`;
}

function configAssignments(options: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(options)
    .map(
      ([name, value]) => `CONFIG_main_${name}=${quote(typeof value === 'string' ? value : value.join(' '))}\n`
    )
    .join('');
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** What of OpenWrt's /lib/functions.sh the package uses, for a configuration in the form of assignments. */
const functionsStandIn = `
config_load() { . /tmp/config.sh; }
config_get() { eval "$1=\\\${CONFIG_\${2}_$3:-\\$4}"; }
config_set() { eval "CONFIG_\${1}_$2=\\$3"; }
config_get_bool() {
	config_get "$@"
	eval "case \\$$1 in 1 | on | true | yes | enabled) $1=1 ;; *) $1=0 ;; esac"
}
`;
