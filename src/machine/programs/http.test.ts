/** Messages as long as they may be, and longer ones; in one piece and in many. */
import { expect, it } from 'vitest';
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Run } from '../program.ts';
import { MAX_BODY_BYTES, MAX_HEAD_BYTES, MessageReader } from './http.ts';

const end = { address: '10.0.0.1', port: 80 };

/** What is read of `bytes`, that come in pieces of a size: the length of the body, or the error's code. */
function read(bytes: Bytes, piece: number): number | string {
  let at = 0;
  const connection: Connection = {
    local: end,
    remote: end,
    isSecure: false,
    // biome-ignore lint/correctness/useYield: all of it has come already.
    *read() {
      at += piece;
      return bytes.slice(at - piece, at);
    },
    *write() {},
    end() {},
    close() {},
  };
  const reader = new MessageReader(connection);
  const message = function* (): Run<Bytes> {
    const head = yield* reader.head();
    return yield* reader.body(head!.headers, true);
  };
  try {
    const { done, value } = message().next();
    if (done !== true) throw new Error('waits');
    return value.length;
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
}

it('reads heads so long and no longer', () => {
  const head = (length: number) => {
    const [before, after] = ['HTTP/1.1 200 OK\r\nX: ', '\r\n\r\n'];
    return before + 'x'.repeat(length - before.length - after.length) + after;
  };
  for (const piece of [MAX_HEAD_BYTES - 2, 2 * MAX_HEAD_BYTES]) {
    expect(read(`${head(MAX_HEAD_BYTES)}body`, piece)).toBe(4);
    expect(read(`${head(MAX_HEAD_BYTES + 1)}body`, piece)).toBe('EIO');
  }
  expect(read('x'.repeat(2 * MAX_HEAD_BYTES), 1000)).toBe('EIO');
});

it('reads bodies so long and no longer, however their length is told', () => {
  const body = (length: number) => 'x'.repeat(length);
  const messages: Record<string, (length: number) => Bytes> = {
    toTheEnd: (length) => `HTTP/1.1 200 OK\r\n\r\n${body(length)}`,
    length: (length) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body(length)}`,
    chunks: (length) =>
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${(length - 1).toString(16)}\r\n${body(length - 1)}\r\n1\r\nx\r\n0\r\n\r\n`,
  };
  for (const [name, message] of Object.entries(messages))
    for (const piece of [MAX_BODY_BYTES >> 3, 2 * MAX_BODY_BYTES]) {
      expect(read(message(MAX_BODY_BYTES), piece), name).toBe(MAX_BODY_BYTES);
      expect(read(message(MAX_BODY_BYTES + 1), piece), name).toBe('EIO');
    }
});
