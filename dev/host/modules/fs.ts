import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { types } from 'node:util';
import { errnoOf, strerror } from '../errno.ts';
import type { Place } from '../place.ts';
import { globPattern, match } from '../regexps.ts';
import { Reader } from './reader.ts';
import { Resource, table, text, toInteger, type Table } from '../values.ts';

/** ucode's `fs`. `popen` starts a command; where nothing can, it is missing. */
export function makeFs(place: Place, popen?: (command: string, mode: string) => unknown): object {
  const failure = new Failure();

  const path = (value: unknown): string => {
    if (typeof value !== 'string') throw Object.assign(new Error(), { code: 'EINVAL' });
    return place.real(value);
  };
  const done = (act: () => void): true | null =>
    failure.or(() => {
      act();
      return true;
    });
  const write = (to: string, data: unknown, limit: unknown): number => {
    const bytes = Buffer.from(text(data).slice(0, limit == null ? undefined : toInteger(limit)), 'latin1');
    fs.writeFileSync(to, bytes);
    return bytes.length;
  };

  return {
    error: () => failure.take(),
    open: (name: unknown, mode?: unknown, permissions?: unknown) => {
      const flags = flagsOf(typeof mode === 'string' ? mode : 'r');
      try {
        const access = permissions == null ? 0o666 : toInteger(permissions);
        return new File(fs.openSync(path(name), flags, access), failure);
      } catch {
        // It tells no error, on a router too.
        return null;
      }
    },
    popen: (command: unknown, mode?: unknown) =>
      popen && typeof command === 'string' ? popen(command, typeof mode === 'string' ? mode : 'r') : null,
    readfile: (name: unknown, limit?: unknown) =>
      failure.or(() => {
        const bytes = fs.readFileSync(path(name), 'latin1');
        return limit == null ? bytes : bytes.slice(0, toInteger(limit));
      }),
    writefile: (name: unknown, data: unknown, limit?: unknown) =>
      failure.or(() => write(path(name), data, limit)),
    stat: (name: unknown) => failure.or(() => statOf(fs.statSync(path(name)))),
    lstat: (name: unknown) => failure.or(() => statOf(fs.lstatSync(path(name)))),
    access: (name: unknown, mode?: unknown) =>
      done(() => {
        fs.accessSync(path(name), accessOf(typeof mode === 'string' ? mode : 'f'));
      }),
    realpath: (name: unknown) => failure.or(() => place.seen(fs.realpathSync(path(name)))),
    readlink: (name: unknown) => failure.or(() => fs.readlinkSync(path(name), 'latin1')),
    mkdir: (name: unknown, permissions?: unknown) =>
      done(() => {
        fs.mkdirSync(path(name), { mode: permissions == null ? 0o777 : toInteger(permissions) });
      }),
    mkdtemp: (template?: unknown) =>
      failure.or(() =>
        place.seen(fs.mkdtempSync(path(text(template ?? '/tmp/XXXXXX').replace(/XXXXXX$/, ''))))
      ),
    rmdir: (name: unknown) =>
      done(() => {
        fs.rmdirSync(path(name));
      }),
    symlink: (target: unknown, name: unknown) =>
      done(() => {
        fs.symlinkSync(text(target), path(name));
      }),
    unlink: (name: unknown) =>
      done(() => {
        fs.unlinkSync(path(name));
      }),
    rename: (from: unknown, to: unknown) =>
      done(() => {
        fs.renameSync(path(from), path(to));
      }),
    chmod: (name: unknown, permissions: unknown) =>
      done(() => {
        fs.chmodSync(path(name), toInteger(permissions));
      }),
    lsdir: (name: unknown, pattern?: unknown) =>
      failure.or(() => {
        const names = fs.readdirSync(path(name), 'latin1').sort(inBytes);
        if (types.isRegExp(pattern)) return names.filter((entry) => match(entry, pattern));
        if (typeof pattern !== 'string') return names;
        const wanted = globPattern(pattern);
        return names.filter((entry) => wanted.test(entry));
      }),
    glob: (...patterns: unknown[]) => patterns.flatMap((pattern) => glob(place, text(pattern))),
    dirname: (name: unknown) => (typeof name === 'string' ? dirname(name) : null),
    basename: (name: unknown) => (typeof name === 'string' ? basename(name) || '/' : null),
    stdin: new File(0, failure),
    stdout: new File(1, failure),
    stderr: new File(2, failure)
  };
}

/** An error that waits to be asked for, once. */
export class Failure {
  #errno = 0;

  /** What `act` returns, or null if it throws. */
  or<T>(act: () => T): T | null {
    try {
      return act();
    } catch (error) {
      this.#errno = errnoOf(error);
      return null;
    }
  }

  take(): string | null {
    const number = this.#errno;
    this.#errno = 0;
    return number === 0 ? null : strerror(number);
  }
}

class File extends Resource {
  #descriptor: number | null;
  readonly #failure: Failure;
  readonly #reader = new Reader();

  constructor(descriptor: number, failure: Failure) {
    super();
    this.#descriptor = descriptor;
    this.#failure = failure;
  }

  read(amount: unknown): string | null {
    const chunk = Buffer.alloc(4096);
    return this.#use((descriptor) =>
      this.#reader.read(amount, () => chunk.toString('latin1', 0, fs.readSync(descriptor, chunk)))
    );
  }

  write(data: unknown): number | null {
    return this.#use((descriptor) => {
      // It would not stand where the reader is.
      if (this.#reader.isAhead) throw Object.assign(new Error(), { code: 'EINVAL' });
      return fs.writeSync(descriptor, Buffer.from(text(data), 'latin1'));
    });
  }

  flush(): true | null {
    return this.#use(() => true);
  }

  truncate(size?: unknown): true | null {
    return this.#use((descriptor) => {
      fs.ftruncateSync(descriptor, toInteger(size));
      return true;
    });
  }

  /** Whoever starts a host holds the files alone. */
  lock(): true | null {
    return this.#use(() => true);
  }

  fileno(): number | null {
    return this.#use((descriptor) => descriptor);
  }

  close(): true | null {
    return this.#use((descriptor) => {
      this.#descriptor = null;
      fs.closeSync(descriptor);
      return true;
    });
  }

  error(): string | null {
    return this.#failure.take();
  }

  #use<T>(act: (descriptor: number) => T): T | null {
    return this.#failure.or(() => {
      if (this.#descriptor === null) throw Object.assign(new Error(), { code: 'EBADF' });
      return act(this.#descriptor);
    });
  }
}

function flagsOf(mode: string): string {
  const plain = mode.replace(/[eb]/g, '');
  return plain.replace(/^([wa])(.*)x/, '$1x$2');
}

function accessOf(mode: string): number {
  const { F_OK, R_OK, W_OK, X_OK } = fs.constants;
  const bits: Readonly<Record<string, number>> = { f: F_OK, r: R_OK, w: W_OK, x: X_OK };
  return Array.from(mode).reduce((sum, letter) => sum | (bits[letter] ?? 0), 0);
}

function statOf(stats: fs.Stats): Table {
  const bit = (mask: number): boolean => (stats.mode & mask) !== 0;
  const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
  return table({
    dev: table({ major: (stats.dev >> 8) & 0xfff, minor: stats.dev & 0xff }),
    perm: table({
      setuid: bit(0o4000),
      setgid: bit(0o2000),
      sticky: bit(0o1000),
      user_read: bit(0o400),
      user_write: bit(0o200),
      user_exec: bit(0o100),
      group_read: bit(0o40),
      group_write: bit(0o20),
      group_exec: bit(0o10),
      other_read: bit(0o4),
      other_write: bit(0o2),
      other_exec: bit(0o1)
    }),
    inode: stats.ino,
    mode: stats.mode & 0o7777,
    nlink: stats.nlink,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    blksize: stats.blksize,
    blocks: stats.blocks,
    atime: seconds(stats.atimeMs),
    mtime: seconds(stats.mtimeMs),
    ctime: seconds(stats.ctimeMs),
    type: typeOf(stats)
  });
}

function typeOf(stats: fs.Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'fifo';
  return stats.isBlockDevice() ? 'block' : 'char';
}

/** The paths that match, folder by folder. */
function glob(place: Place, pattern: string): string[] {
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const wanted = globPattern(part);
    found = found.flatMap((folder) => {
      const names = /[*?[]/.test(part) ? entries(place, folder) : [part];
      return names
        .filter((name) => wanted.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map((name) => (folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`))
        .filter((name) => fs.existsSync(place.real(name)));
    });
  }
  return found.sort(inBytes);
}

function entries(place: Place, folder: string): string[] {
  try {
    return fs.readdirSync(place.real(folder), 'latin1');
  } catch {
    return [];
  }
}

function inBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
