/** A command that runs beside a container's own, or what is attached to it: bytes in, bytes out, and how it ended. */
import type { Bytes } from './bytes.ts';
import { MAX_SESSION_BYTES } from './kernel/limits.ts';
import { OpenFile } from './kernel/open-file.ts';
import type { Terminal } from './kernel/terminal.ts';
import type { Session } from './pod-machine.ts';
import type { Signal } from './program.ts';

type Stream = 'stdout' | 'stderr';

/** Whoever is shown what a process writes. */
export interface OutputWatcher {
  output(stream: Stream, bytes: Bytes): void;
}

/** What a session has written and nobody has taken. */
export class SessionOutput implements OutputWatcher {
  #pieces: { stream: Stream; bytes: Bytes }[] = [];
  #size = 0;

  /** Bytes that it may still hold until somebody takes what it has. */
  get room(): number {
    return Math.max(0, MAX_SESSION_BYTES - this.#size);
  }

  output(stream: Stream, bytes: Bytes): void {
    const last = this.#pieces.at(-1);
    this.#size += bytes.length;
    if (last?.stream === stream) last.bytes += bytes;
    else this.#pieces.push({ stream, bytes });
  }

  take(): { stream: Stream; bytes: Bytes }[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    return pieces;
  }
}

/** The output or errors of a session's process: it waits while nobody takes what it has written. */
export class SessionStream extends OpenFile {
  readonly name = 'pipe:[1]';
  readonly #output: SessionOutput;
  readonly #stream: Stream;

  constructor(output: SessionOutput, stream: Stream) {
    super();
    this.#output = output;
    this.#stream = stream;
  }

  override write(bytes: Bytes): number {
    const taken = bytes.slice(0, this.#output.room);
    if (taken !== '') this.#output.output(this.#stream, taken);
    return taken.length;
  }

  override canWrite(): boolean {
    return this.#output.room > 0;
  }
}

export interface SessionEnds {
  output: SessionOutput;
  /** What the client writes to. */
  input: OpenFile | undefined;
  terminal: Terminal | undefined;
  signal(signal: Signal): void;
  exitCode(): number | undefined;
}

/** What comes in for a session. */
export type SessionInput =
  | { what: 'write'; bytes: Bytes }
  | { what: 'end' }
  | { what: 'resize'; rows: number; columns: number }
  | { what: 'signal'; signal: Signal };

/** Lets something come in. What finds no room in the pipe waits behind it. */
export class RunningSession {
  readonly ends: SessionEnds;
  #behind: Bytes = '';
  #isEnded = false;

  constructor(ends: SessionEnds) {
    this.ends = ends;
  }

  get behind(): number {
    return this.#behind.length;
  }

  accept(input: SessionInput): void {
    const { terminal } = this.ends;
    if (input.what === 'signal') this.ends.signal(input.signal);
    else if (input.what === 'resize') {
      if (!terminal) return;
      terminal.rows = input.rows;
      terminal.columns = input.columns;
      this.ends.signal('WINCH');
    } else if (terminal) {
      if (input.what === 'write') terminal.type(input.bytes);
      else terminal.type('\x04');
    } else {
      if (input.what === 'write') this.#behind += input.bytes;
      else this.#isEnded = true;
      this.push();
    }
  }

  /** Moves what waits into the pipe, as far as there is room. @returns whether something moved. */
  push(): boolean {
    const { input } = this.ends;
    if (!input) return false;
    const before = this.#behind.length;
    try {
      if (before > 0) this.#behind = this.#behind.slice(input.write(this.#behind));
    } catch {
      // Its reader is gone.
      this.#behind = '';
    }
    if (this.#behind === '' && this.#isEnded) {
      input.letGo();
      this.ends.input = undefined;
    }
    return before !== this.#behind.length;
  }
}

/** A session as its client has it. */
export function sessionOf(ends: () => SessionEnds, send: (input: SessionInput) => void): Session {
  return {
    take: () => ends().output.take(),
    write: (bytes) => send({ what: 'write', bytes }),
    endInput: () => send({ what: 'end' }),
    resize: (rows, columns) => send({ what: 'resize', rows, columns }),
    signal: (signal) => send({ what: 'signal', signal }),
    get exitCode() {
      return ends().exitCode();
    },
  };
}
