/** A terminal in cooked mode: it echoes, lets lines be mended, and turns ^C, ^\ and ^D into what they mean. */
import type { Bytes } from '../bytes.ts';
import type { Signal } from '../program.ts';
import { MAX_SESSION_BYTES, PIPE_BYTES } from './limits.ts';
import { piece } from './piece.ts';

const END_OF_INPUT = '\x04';
const BACKSPACE = new Set(['\x7f', '\b']);
const SIGNALS: Readonly<Record<string, Signal>> = { '\x03': 'INT', '\x1c': 'QUIT', '\x1a': 'TSTP' };

/** Where a terminal shows what is written to it. */
export interface Screen {
  show(bytes: Bytes): void;
  /** Whether programs may write more; what is typed is echoed all the same. */
  hasRoom(): boolean;
}

export class Terminal {
  rows: number;
  columns: number;
  /** The process group that it speaks to. */
  foreground = 0;
  readonly name: string;
  readonly #screen: Screen;
  readonly #signal: (group: number, signal: Signal) => void;
  #line: Bytes = '';
  #ready: Bytes = '';
  /** Ends of input that stand behind so many bytes of what is ready. */
  #ends: number[] = [];

  constructor(
    name: string,
    screen: Screen,
    signal: (group: number, signal: Signal) => void,
    { rows, columns } = { rows: 24, columns: 80 },
  ) {
    this.name = name;
    this.rows = rows;
    this.columns = columns;
    this.#screen = screen;
    this.#signal = signal;
  }

  /** What somebody types. */
  type(bytes: Bytes): void {
    for (const character of bytes) this.#key(character === '\r' ? '\n' : character);
  }

  /** What a program writes. @returns how much of it was taken */
  write(bytes: Bytes): number {
    if (!this.canWrite()) return 0;
    const taken = bytes.slice(0, PIPE_BYTES);
    this.#show(taken);
    return taken.length;
  }

  canWrite(): boolean {
    return this.#screen.hasRoom();
  }

  #show(bytes: Bytes): void {
    this.#screen.show(bytes.includes('\n') ? bytes.replaceAll('\n', '\r\n') : bytes);
  }

  read(max: number): Bytes | undefined {
    const end = this.#ends[0];
    if (end === 0) {
      this.#ends.shift();
      return '';
    }
    if (this.#ready === '') return undefined;
    const bytes = piece(this.#ready, 0, Math.min(max, end ?? max), true);
    this.#ready = this.#ready.slice(bytes.length);
    this.#ends = this.#ends.map((at) => at - bytes.length);
    return bytes;
  }

  canRead(): boolean {
    return this.#ready !== '' || this.#ends[0] === 0;
  }

  #accept(bytes: Bytes): void {
    if (this.#ready.length + bytes.length <= MAX_SESSION_BYTES) this.#ready += bytes;
  }

  #key(character: Bytes): void {
    const signal = SIGNALS[character];
    if (signal) {
      this.#show(`^${String.fromCharCode(character.charCodeAt(0) + 64)}`);
      this.#line = '';
      this.#signal(this.foreground, signal);
    } else if (BACKSPACE.has(character)) this.#erase();
    else if (character === '\x15') while (this.#line !== '') this.#erase();
    else if (character === END_OF_INPUT) {
      if (this.#line === '') this.#ends.push(this.#ready.length);
      else this.#accept(this.#line);
      this.#line = '';
    } else this.#add(character);
  }

  #add(character: Bytes): void {
    this.#show(character);
    if (this.#line.length < MAX_SESSION_BYTES) this.#line += character;
    if (character !== '\n') return;
    this.#accept(this.#line);
    this.#line = '';
  }

  #erase(): void {
    if (this.#line === '') return;
    // A character of several bytes goes as one.
    this.#line = this.#line.replace(/[\xc0-\xff][\x80-\xbf]*$|.$/s, '');
    this.#show('\b \b');
  }
}
