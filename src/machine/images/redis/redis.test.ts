/** What Redis takes of its clients, and what clients take of it. */
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../network.ts';
import type { Run } from '../../program.ts';
import { runCommand } from './commands.ts';
import { bytesOfWords, Database, MAX_BYTES } from './database.ts';
import {
  encodeCommand,
  encodeReply,
  isTooLarge,
  MAX_DEPTH,
  MAX_LINE_BYTES,
  MAX_WORD_BYTES,
  MAX_WORDS,
  type Reply,
  RespReader,
} from './resp.ts';

function result<T>(run: Run<T>): T {
  const next = run.next();
  if (!next.done) throw new Error('it waits for something');
  return next.value;
}

/** Of a connection on which these bytes come. */
function reader(bytes: string): RespReader {
  const pieces = [bytes];
  return new RespReader({
    *read() {
      if (pieces.length === 0) yield { for: 'condition', ready: () => false };
      return pieces.shift()!;
    },
  } as unknown as Connection);
}

const command = (bytes: string) => result(reader(bytes).command());
const reply = (bytes: string) => result(reader(bytes).reply());
const words = (count: number): string[] => new Array<string>(count).fill('');
const TOO_LARGE = expect.objectContaining({ code: 'EIO' });

describe('a command', () => {
  it('has as many words as it may, and no more', () => {
    expect(command(encodeCommand(words(MAX_WORDS)))).toHaveLength(MAX_WORDS);
    expect(() => command(encodeCommand(words(MAX_WORDS + 1)))).toThrow(TOO_LARGE);
  });

  it('has as many bytes in all of them as it may, and no more', () => {
    const half = 'x'.repeat(MAX_WORD_BYTES / 2);
    expect(command(encodeCommand([half, half]))).toEqual([half, half]);
    expect(() => command(encodeCommand([half, half, 'x']))).toThrow(TOO_LARGE);
    expect(() => command(`*1\r\n$${MAX_WORD_BYTES + 1}\r\n`)).toThrow(TOO_LARGE);
  });

  it('may be a line, which is no longer than a line may be', () => {
    expect(command(`${'x'.repeat(MAX_LINE_BYTES)}\n`)).toHaveLength(1);
    expect(() => command(`${'x'.repeat(MAX_LINE_BYTES + 1)}\n`)).toThrow(TOO_LARGE);
    expect(() => command('x'.repeat(MAX_LINE_BYTES + 1))).toThrow(TOO_LARGE);
  });
});

describe('a reply', () => {
  it.each<[string, Reply, Reply]>([
    ['words', words(MAX_WORDS), words(MAX_WORDS + 1)],
    ['words in lists of lists', [words(MAX_WORDS - 1)], [words(MAX_WORDS)]],
    ['bytes', 'x'.repeat(MAX_WORD_BYTES), ['x'.repeat(MAX_WORD_BYTES), 'x']],
  ])('has as many %s as it may, and no more', (_, most, more) => {
    expect([isTooLarge(most), isTooLarge(more)]).toEqual([false, true]);
    expect(reply(encodeReply(most))).toEqual(most);
    expect(() => reply(encodeReply(more))).toThrow(TOO_LARGE);
  });

  it('has lists within lists as deep as it may, and no deeper', () => {
    expect(JSON.stringify(reply(`${'*1\r\n'.repeat(MAX_DEPTH)}:1\r\n`))).toHaveLength(2 * MAX_DEPTH + 1);
    expect(() => reply(`${'*1\r\n'.repeat(MAX_DEPTH + 1)}:1\r\n`)).toThrow(TOO_LARGE);
  });
});

describe('a database', () => {
  const OOM = { error: expect.stringMatching(/^OOM /) };

  it('takes as much as it may, and no more until something is gone', () => {
    const database = new Database(() => 0);
    const run = (name: string, ...args: string[]) => runCommand(database, name, args, 0);
    const most = 'x'.repeat(MAX_BYTES - bytesOfWords(['a', '']));
    expect(run('SET', 'a', `${most}x`)).toEqual(OOM);
    expect(run('SET', 'a', most)).toEqual({ status: 'OK' });
    expect(run('RPUSH', 'l', 'x')).toEqual(OOM);
    expect(run('DEL', 'a')).toBe(1);
    expect(run('SET', 'a', most)).toEqual({ status: 'OK' });
  });

  it('counts what is there, not what ever was', () => {
    const database = new Database(() => 0);
    const value = 'x'.repeat(MAX_BYTES / 8);
    const kinds: [string, string[]][] = [
      ['SET', ['s', value]],
      ['SADD', ['m', value]],
      ['HSET', ['h', 'f', value]],
      ['ZADD', ['z', '1', value]],
    ];
    for (let i = 0; i < 20; i++)
      for (const [name, args] of kinds) expect(runCommand(database, name, args, 0)).not.toEqual(OOM);
    const pushed = Array.from({ length: 8 }, () => runCommand(database, 'RPUSH', ['l', value], 0));
    expect(pushed.filter((answer) => typeof answer === 'number')).toEqual([1, 2, 3]);
  });
});
