/** The protocol of Redis, RESP2. */
import type { Bytes } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Connection } from '../../network.ts';
import type { Run } from '../../program.ts';

export type Reply = string | number | null | readonly Reply[] | { status: string } | { error: string };

/** Words of one command or reply, and their bytes altogether. */
export const MAX_WORDS = 10_000;
export const MAX_WORD_BYTES = 1024 * 1024;
/** Bytes of a line: a command as people type it, an error, or how long something is. */
export const MAX_LINE_BYTES = 64 * 1024;
/** Lists within lists of a reply. */
export const MAX_DEPTH = 7;

/** Whether a reply is larger than whoever reads it takes. */
export function isTooLarge(reply: Reply): boolean {
  let words = 0;
  let bytes = 0;
  const count = (part: Reply): void => {
    if (typeof part === 'string') bytes += part.length;
    if (!Array.isArray(part)) return;
    words += part.length;
    for (const item of part) if (words <= MAX_WORDS && bytes <= MAX_WORD_BYTES) count(item);
  };
  count(reply);
  return words > MAX_WORDS || bytes > MAX_WORD_BYTES;
}

export function encodeReply(reply: Reply): Bytes {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(encodeReply).join('')}`;
  return 'error' in reply ? `-${reply.error}\r\n` : `+${(reply as { status: string }).status}\r\n`;
}

export const encodeCommand = (words: readonly string[]): Bytes => encodeReply(words);

export class RespReader {
  #held: Bytes = '';
  /** What may still come of a command or a reply. */
  #words = 0;
  #bytesLeft = 0;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  *#more(): Run<boolean> {
    const bytes = yield* this.#connection.read();
    this.#held += bytes;
    return bytes !== '';
  }

  *#line(): Run<string | undefined> {
    for (;;) {
      const end = this.#held.indexOf('\n');
      if (end > MAX_LINE_BYTES || (end < 0 && this.#held.length > MAX_LINE_BYTES)) throw new Errno('EIO');
      if (end >= 0) {
        const line = this.#held.slice(0, end).replace(/\r$/, '');
        this.#held = this.#held.slice(end + 1);
        return line;
      }
      if (!(yield* this.#more())) return undefined;
    }
  }

  *#bytes(length: number): Run<Bytes> {
    if (!(length >= 0) || length > this.#bytesLeft) throw new Errno('EIO');
    this.#bytesLeft -= length;
    while (this.#held.length < length + 2) if (!(yield* this.#more())) throw new Errno('ECONNRESET');
    const bytes = this.#held.slice(0, length);
    this.#held = this.#held.slice(length + 2);
    return bytes;
  }

  /** How many words come. */
  #count(text: string): number {
    const count = Number(text);
    if (!(count >= 0) || count > this.#words) throw new Errno('EIO');
    this.#words -= count;
    return count;
  }

  #begin(): void {
    this.#words = MAX_WORDS;
    this.#bytesLeft = MAX_WORD_BYTES;
  }

  /** The next command, also as people type it; undefined: the client has gone. @throws Errno EIO for what is none, or too large */
  *command(): Run<string[] | undefined> {
    this.#begin();
    const line = yield* this.#line();
    if (line === undefined) return undefined;
    if (!line.startsWith('*')) return wordsOf(line);
    const words: string[] = [];
    for (let left = this.#count(line.slice(1)); left > 0; left--) {
      const head = yield* this.#line();
      if (!head?.startsWith('$')) throw new Errno('EIO');
      words.push(yield* this.#bytes(Number(head.slice(1))));
    }
    return words;
  }

  /** The next reply; undefined: the server has gone. @throws Errno EIO for what is none, or too large */
  *reply(): Run<Reply | undefined> {
    this.#begin();
    return yield* this.#part(0);
  }

  *#part(depth: number): Run<Reply | undefined> {
    const line = yield* this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return { status: rest };
      case '-':
        return { error: rest };
      case ':':
        return Number(rest);
      case '$':
        return rest === '-1' ? null : yield* this.#bytes(Number(rest));
      case '*': {
        if (depth === MAX_DEPTH) throw new Errno('EIO');
        const items: Reply[] = [];
        for (let left = this.#count(rest); left > 0; left--) items.push((yield* this.#part(depth + 1)) ?? null);
        return items;
      }
    }
    throw new Errno('EIO');
  }
}

/** Words of a line, quotes resolved. */
export const wordsOf = (line: string): string[] =>
  (line.match(/"(?:\\.|[^"\\])*"|'[^']*'|\S+/g) ?? []).map((word) =>
    /^["']/.test(word)
      ? word
          .slice(1, -1)
          .replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : letter))
      : word,
  );

const quoted = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    .replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

/** A reply as redis-cli shows it on a terminal; plainly where there is none. */
export function showReply(reply: Reply, isTerminal: boolean, indent = ''): string {
  if (reply === null) return isTerminal ? '(nil)\n' : '\n';
  if (typeof reply === 'number') return isTerminal ? `(integer) ${reply}\n` : `${reply}\n`;
  if (typeof reply === 'string') return isTerminal ? `${quoted(reply)}\n` : `${reply}\n`;
  if (Array.isArray(reply)) {
    if (reply.length === 0) return isTerminal ? '(empty array)\n' : '\n';
    if (!isTerminal) return reply.map((item) => showReply(item, false)).join('');
    const width = String(reply.length).length;
    return reply
      .map((item, i) => {
        const head = `${String(i + 1).padStart(width)}) `;
        return `${i === 0 ? '' : indent}${head}${showReply(item, true, indent + ' '.repeat(head.length))}`;
      })
      .join('');
  }
  if ('error' in reply) return isTerminal ? `(error) ${reply.error}\n` : `${reply.error}\n`;
  return `${(reply as { status: string }).status}\n`;
}
