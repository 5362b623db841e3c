/** The log of a container: what its first process writes, line by line, each at the instant at which it was complete. */
import type { Bytes } from '../bytes.ts';
import type { LogLine } from '../pod-machine.ts';
import { MAX_LOG_BYTES, MAX_LOG_LINE_BYTES } from './limits.ts';
import { OpenFile } from './open-file.ts';

export class ContainerLog {
  #lines: LogLine[] = [];
  #first = 0;
  #bytes = 0;

  add(line: LogLine): void {
    this.#lines.push(line);
    this.#bytes += line.text.length + 1;
    while (this.#bytes > MAX_LOG_BYTES) this.#bytes -= this.#lines[this.#first++]!.text.length + 1;
    if (this.#first > this.#lines.length / 2) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }

  get lines(): readonly LogLine[] {
    if (this.#first > 0) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
    return this.#lines;
  }

  /** As much memory as its lines take, about. */
  get size(): number {
    return this.#bytes + this.#lines.length * 64;
  }
}

/** Where the output or the errors of a container go: into its log, and to whoever is attached. */
export class LogStream extends OpenFile {
  readonly name = 'pipe:[1]';
  readonly #log: ContainerLog;
  readonly #stream: 'stdout' | 'stderr';
  readonly #now: () => number;
  readonly #seen: (bytes: Bytes) => void;
  #held: Bytes = '';

  constructor(log: ContainerLog, stream: 'stdout' | 'stderr', now: () => number, seen: (bytes: Bytes) => void) {
    super();
    this.#log = log;
    this.#stream = stream;
    this.#now = now;
    this.#seen = seen;
  }

  override write(bytes: Bytes): number {
    this.#seen(bytes);
    const text = this.#held === '' ? bytes : this.#held + bytes;
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0 && text.length - at < MAX_LOG_LINE_BYTES) break;
      const isCut = end < 0 || end - at > MAX_LOG_LINE_BYTES;
      const to = isCut ? at + MAX_LOG_LINE_BYTES : end;
      // The runtime leaves out what a terminal puts before a line's end.
      this.#add(text.slice(at, !isCut && text[to - 1] === '\r' && to > at ? to - 1 : to), isCut);
      at = isCut ? to : to + 1;
    }
    this.#held = at === 0 ? text : text.slice(at);
    return bytes.length;
  }

  /** Nobody writes any more: what has no `\n` is a line all the same. */
  flush(): void {
    if (this.#held !== '') this.#add(this.#held, true);
    this.#held = '';
  }

  #add(text: Bytes, isPartial: boolean): void {
    this.#log.add({ at: this.#now(), stream: this.#stream, text, isPartial });
  }
}
