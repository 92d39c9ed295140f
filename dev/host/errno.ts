import { constants } from 'node:os';

/** The numbers and texts of the system's errors. */

export type ErrorName = keyof typeof constants.errno;

/** The number of what Node threw or emitted; EIO for what has none. */
export function errnoOf(error: unknown): number {
  const { code } = (error ?? {}) as { code?: string };
  return (constants.errno as Readonly<Record<string, number>>)[code ?? ''] ?? constants.errno.EIO;
}

/** As of strerror(3). */
export function strerror(errno: number): string {
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? '';
  return texts[name] ?? `Error ${errno}`;
}

export const { errno } = constants;

const texts: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  EBUSY: 'Device or resource busy',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EEXIST: 'File exists',
  EHOSTUNREACH: 'No route to host',
  EINPROGRESS: 'Operation now in progress',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISCONN: 'Transport endpoint is already connected',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  ENETUNREACH: 'Network is unreachable',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTCONN: 'Transport endpoint is not connected',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  EOPNOTSUPP: 'Operation not supported',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EROFS: 'Read-only file system',
  ETIMEDOUT: 'Connection timed out',
  EXDEV: 'Invalid cross-device link'
};
