/** The errors of system calls, with the words that libc has for them. */
export const ERRNO = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EIO: 'I/O error',
  ENXIO: 'No such device or address',
  ENODEV: 'No such device',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  ECHILD: 'No child processes',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Out of memory',
  EACCES: 'Permission denied',
  EBUSY: 'Resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Cross-device link',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  EMFILE: 'No file descriptors available',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  ESPIPE: 'Invalid seek',
  EROFS: 'Read-only file system',
  EPIPE: 'Broken pipe',
  ENAMETOOLONG: 'Filename too long',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Symbolic link loop',
  EADDRINUSE: 'Address in use',
  EADDRNOTAVAIL: 'Address not available',
  ENETUNREACH: 'Network unreachable',
  EHOSTUNREACH: 'Host is unreachable',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  ETIMEDOUT: 'Operation timed out',
  EINTR: 'Interrupted system call',
} as const;

export type ErrnoName = keyof typeof ERRNO;

/** Something that a program is told by throwing, many times a second: it has no trace of calls, which would cost more than all else. */
export class Untraced extends Error {
  constructor(message: string) {
    const traces = Error as { stackTraceLimit?: number };
    const limit = traces.stackTraceLimit ?? 10;
    traces.stackTraceLimit = 0;
    super(message);
    traces.stackTraceLimit = limit;
  }
}

/** A system call that failed. `message` is libc's (musl, as BusyBox prints it). */
export class Errno extends Untraced {
  readonly code: ErrnoName;

  constructor(code: ErrnoName) {
    super(ERRNO[code]);
    this.code = code;
  }
}
