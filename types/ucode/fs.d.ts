/** Files, folders and processes. Whatever fails returns null, and `error()` says why. */
declare module 'fs' {
  /** How much `read()` reads: bytes, a line, all, or up to and including one character. */
  export type Amount = number | string;

  export interface File {
    /** At the end: '' for a number or `all`, null for `line` or a character. */
    read(amount: Amount): string | null;
    /** Writes text as it is, anything else as `print()` would. Returns the number of bytes; they may still be buffered. */
    write(data: unknown): number | null;
    /** `whence`: 0 from the start, 1 from here, 2 from the end. */
    seek(offset?: number, whence?: number): true | null;
    tell(): number | null;
    truncate(size?: number): true | null;
    /** flock(2): `s` shared, `x` exclusive, `u` unlock; with `n`, does not wait. */
    lock(operation: string): true | null;
    /** Writes what is buffered. On 24.10 null means success and true failure. */
    flush(): true | null;
    /** Flushes and closes. */
    close(): true | null;
    fileno(): number | null;
    isatty(): boolean | null;
    /** `direction`: one of IOC_DIR_*. `value`: the size to read, or the data to write. */
    ioctl(direction: number, type: number, number: number, value?: number | string): number | string | null;
    error(): string | null;
  }

  /** A process that `popen()` started. */
  export interface Process {
    /** As of a file. */
    read(amount: Amount): string | null;
    write(data: unknown): number | null;
    /** On 24.10 null means success and true failure. */
    flush(): true | null;
    fileno(): number | null;
    /** Waits for its end. Returns the exit code, or minus the signal. */
    close(): number | null;
    error(): string | null;
  }

  export interface Directory {
    /** The next entry, `.` and `..` too; null after the last. */
    read(): string | null;
    /** A place for `seek()`. */
    tell(): number | null;
    seek(position: number): true | null;
    close(): true | null;
    fileno(): number | null;
    error(): string | null;
  }

  export interface Stat {
    dev: { major: number; minor: number };
    perm: {
      setuid: boolean;
      setgid: boolean;
      sticky: boolean;
      user_read: boolean;
      user_write: boolean;
      user_exec: boolean;
      group_read: boolean;
      group_write: boolean;
      group_exec: boolean;
      other_read: boolean;
      other_write: boolean;
      other_exec: boolean;
    };
    inode: number;
    /** Permission bits, without the type. */
    mode: number;
    nlink: number;
    uid: number;
    gid: number;
    /** In bytes. */
    size: number;
    blksize: number;
    /** Of 512 bytes. */
    blocks: number;
    /** In seconds since 1970. */
    atime: number;
    mtime: number;
    ctime: number;
    type: 'file' | 'directory' | 'char' | 'block' | 'fifo' | 'link' | 'socket' | 'unknown';
  }

  /** The last error's text, once; null if there was none. */
  export function error(): string | null;

  /**
   * `mode`: `r`, `w`, `a`, each also with `+`; `x`: must not exist, `e`: close on exec. `permissions`: 0o666 less the
   * umask. If there is no such file, null as ever, but `error()` does not tell.
   */
  export function open(path: string, mode?: string, permissions?: number): File | null;
  export function fdopen(descriptor: number, mode?: string): File | null;
  /**
   * Makes `to` the same as `from`.
   * @since 25.12
   */
  export function dup2(from: number | Handle, to: number | Handle): true | null;
  /** The ends to read from and to write to. */
  export function pipe(): [File, File] | null;
  /** Starts `/bin/sh -c` with the command; `mode` `r` reads its output, `w` writes its input; `e`: close on exec. */
  export function popen(command: string, mode?: string): Process | null;

  /** The whole file, or its first `limit` bytes. */
  export function readfile(path: string, limit?: number): string | null;
  /** Replaces the file's content, not atomically. Returns the number of bytes. */
  export function writefile(path: string, data: unknown, limit?: number): number | null;

  /** A file without a name. */
  export function mkstemp(template?: string): File | null;
  /**
   * Makes a folder, readable by its owner alone, and returns its path.
   * @since 25.12
   */
  export function mkdtemp(template?: string): string | null;

  export function stat(path: string): Stat | null;
  /** Of a link itself. */
  export function lstat(path: string): Stat | null;
  /** Whether all of `r`, `w`, `x`, `f` (exists, the default) apply: true or null, never false. */
  export function access(path: string, mode?: string): true | null;
  export function realpath(path: string): string | null;
  export function readlink(path: string): string | null;

  /** `permissions`: 0o777 less the umask. */
  export function mkdir(path: string, permissions?: number): true | null;
  export function rmdir(path: string): true | null;
  export function symlink(target: string, path: string): true | null;
  export function unlink(path: string): true | null;
  export function rename(from: string, to: string): true | null;
  export function chmod(path: string, permissions: number): true | null;
  /** Numbers or names; -1 leaves it as it is. */
  export function chown(path: string, user?: number | string, group?: number | string): true | null;

  export function opendir(path: string): Directory | null;
  /** The names, sorted, without `.` and `..`; only those that match a file name pattern or a regular expression. */
  export function lsdir(path: string, pattern?: string | RegExp): string[] | null;
  /** The paths that match, sorted pattern by pattern; [] if there are none. */
  export function glob(...patterns: string[]): string[] | null;

  export function getcwd(): string | null;
  export function chdir(path: string): true | null;
  export function dirname(path: string): string | null;
  export function basename(path: string): string | null;

  /** Anything with a descriptor. */
  export interface Handle {
    fileno(): number | null;
  }

  export const stdin: File;
  export const stdout: File;
  export const stderr: File;
  export const IOC_DIR_NONE: number;
  export const IOC_DIR_READ: number;
  export const IOC_DIR_WRITE: number;
  export const IOC_DIR_RW: number;
}
