/** What the kernel refuses, in the words of the C library. */
import { CNIError } from '../errors.ts';

export const ERRNO = {
  EEXIST: 'file exists',
  EINVAL: 'invalid argument',
  EADDRNOTAVAIL: 'cannot assign requested address',
  ENETUNREACH: 'network is unreachable',
  EHOSTUNREACH: 'no route to host',
  ERANGE: 'numerical result out of range',
  ESRCH: 'no such process',
  ENETDOWN: 'network is down',
} as const;

export class Errno extends CNIError {
  readonly errno: keyof typeof ERRNO;

  constructor(errno: keyof typeof ERRNO) {
    super(ERRNO[errno]);
    this.errno = errno;
  }
}

/** Does the work; that what it makes is there already is no error. */
export function unlessThere(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Errno && error.errno === 'EEXIST')) throw error;
  }
}
