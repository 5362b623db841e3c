/** What descriptors stand for. One may be open under many descriptors, in several processes; it closes with the last. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Terminal } from './terminal.ts';

export abstract class OpenFile {
  #holders = 0;
  readonly terminal: Terminal | undefined = undefined;
  /** As /proc/PID/fd shows it. */
  abstract readonly name: string;

  /** Writing to it may end who writes: its reader may go. */
  get mayBreak(): boolean {
    return false;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  letGo(): void {
    if (--this.#holders === 0) this.closed();
  }

  /** The last holder has let go. */
  protected closed(): void {}

  /** At most `max` bytes; with `line` none behind the first `\n`. '' at the end; undefined: nothing yet. @throws Errno */
  read(_max: number, _line: boolean): Bytes | undefined {
    throw new Errno('EBADF');
  }

  /** Whether `read` would give something, or throw. */
  canRead(): boolean {
    return true;
  }

  /** How many of the bytes were taken. @throws Errno */
  write(_bytes: Bytes): number {
    throw new Errno('EBADF');
  }

  /** Whether `write` would take something, or throw. */
  canWrite(): boolean {
    return true;
  }

  seek(_to: number, _from: 'start' | 'here' | 'end'): number {
    throw new Errno('ESPIPE');
  }
}

/** A device; each kind says what is read and what becomes of what is written. */
export class OpenDevice extends OpenFile {
  readonly name: string;
  readonly #read: (max: number) => Bytes;
  readonly #write: (bytes: Bytes) => number;

  constructor(name: string, read: (max: number) => Bytes, write: (bytes: Bytes) => number) {
    super();
    this.name = name;
    this.#read = read;
    this.#write = write;
  }

  override read(max: number): Bytes {
    return this.#read(max);
  }

  override write(bytes: Bytes): number {
    return this.#write(bytes);
  }

  override seek(): number {
    return 0;
  }
}
