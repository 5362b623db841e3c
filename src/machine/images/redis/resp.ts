/** The protocol of Redis, RESP2. */
import type { Bytes } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Connection } from '../../network.ts';
import type { Run } from '../../program.ts';

export type Reply = string | number | null | readonly Reply[] | { status: string } | { error: string };

/** Words of one command, and the bytes of each. */
export const MAX_WORDS = 10_000;
export const MAX_WORD_BYTES = 1024 * 1024;

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
      if (end >= 0) {
        const line = this.#held.slice(0, end).replace(/\r$/, '');
        this.#held = this.#held.slice(end + 1);
        return line;
      }
      if (this.#held.length > MAX_WORD_BYTES) throw new Errno('EIO');
      if (!(yield* this.#more())) return undefined;
    }
  }

  *#bytes(length: number): Run<Bytes> {
    if (!(length >= 0) || length > MAX_WORD_BYTES) throw new Errno('EIO');
    while (this.#held.length < length + 2) if (!(yield* this.#more())) throw new Errno('ECONNRESET');
    const bytes = this.#held.slice(0, length);
    this.#held = this.#held.slice(length + 2);
    return bytes;
  }

  /** The next command, also as people type it; undefined: the client has gone. */
  *command(): Run<string[] | undefined> {
    const line = yield* this.#line();
    if (line === undefined) return undefined;
    if (!line.startsWith('*')) return wordsOf(line);
    const count = Number(line.slice(1));
    if (!(count >= 0) || count > MAX_WORDS) throw new Errno('EIO');
    const words: string[] = [];
    for (let i = 0; i < count; i++) {
      const head = yield* this.#line();
      if (!head?.startsWith('$')) throw new Errno('EIO');
      words.push(yield* this.#bytes(Number(head.slice(1))));
    }
    return words;
  }

  /** The next reply; undefined: the server has gone. */
  *reply(): Run<Reply | undefined> {
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
        const items: Reply[] = [];
        for (let i = 0; i < Math.min(Number(rest), MAX_WORDS); i++) items.push((yield* this.reply()) ?? null);
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
