/** Pipes and named pipes. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import { PIPE_BYTES } from './limits.ts';
import { OpenFile } from './open-file.ts';
import { piece } from './piece.ts';

class Pipe {
  held: Bytes = '';
  readers = 0;
  writers = 0;
  /** A reader that came first waits for the first writer. */
  hadWriter = false;
}

class ReadEnd extends OpenFile {
  readonly name = 'pipe:[1]';
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
    pipe.readers++;
  }

  override read(max: number, line: boolean): Bytes | undefined {
    const pipe = this.#pipe;
    if (pipe.held === '') return pipe.writers === 0 && pipe.hadWriter ? '' : undefined;
    const bytes = piece(pipe.held, 0, max, line);
    pipe.held = pipe.held.slice(bytes.length);
    return bytes;
  }

  override canRead(): boolean {
    return this.#pipe.held !== '' || (this.#pipe.writers === 0 && this.#pipe.hadWriter);
  }

  protected override closed(): void {
    this.#pipe.readers--;
  }
}

class WriteEnd extends OpenFile {
  readonly name = 'pipe:[1]';
  readonly #pipe: Pipe;

  override get mayBreak(): boolean {
    return true;
  }

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
    pipe.writers++;
    pipe.hadWriter = true;
  }

  override write(bytes: Bytes): number {
    const pipe = this.#pipe;
    if (pipe.readers === 0) throw new Errno('EPIPE');
    const room = PIPE_BYTES - pipe.held.length;
    if (room <= 0) return 0;
    pipe.held += bytes.length <= room ? bytes : bytes.slice(0, room);
    return Math.min(room, bytes.length);
  }

  override canWrite(): boolean {
    return this.#pipe.readers === 0 || this.#pipe.held.length < PIPE_BYTES;
  }

  protected override closed(): void {
    this.#pipe.writers--;
  }
}

/** Both ends of a named pipe. */
class BothEnds extends OpenFile {
  readonly name = 'fifo';
  readonly #read: ReadEnd;
  readonly #write: WriteEnd;

  constructor(pipe: Pipe) {
    super();
    this.#read = new ReadEnd(pipe).hold();
    this.#write = new WriteEnd(pipe).hold();
  }

  override read(max: number, line: boolean): Bytes | undefined {
    return this.#read.read(max, line);
  }

  override write(bytes: Bytes): number {
    return this.#write.write(bytes);
  }

  override canRead(): boolean {
    return this.#read.canRead();
  }

  override canWrite(): boolean {
    return this.#write.canWrite();
  }

  protected override closed(): void {
    this.#read.letGo();
    this.#write.letGo();
  }
}

export function createPipe(): [OpenFile, OpenFile] {
  const pipe = new Pipe();
  return [new ReadEnd(pipe), new WriteEnd(pipe)];
}

/** A named pipe: what opening it gives. A writer that comes before any reader writes into what the pipe holds. */
export function createFifo(): (how: { read: boolean; write: boolean }) => OpenFile {
  const pipe = new Pipe();
  pipe.readers = 1;
  return (how) => {
    if (pipe.writers === 0 && how.read && pipe.held === '') pipe.hadWriter = false;
    return how.read && how.write ? new BothEnds(pipe) : how.read ? new ReadEnd(pipe) : new WriteEnd(pipe);
  };
}
