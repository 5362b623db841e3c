import { describe, expect, it } from 'vitest';
import { AnswerReader, HttpError, MAX_HEAD_BYTES, passedHeaders, requestBytes } from './http-message.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (given: Uint8Array): string => new TextDecoder().decode(given);

/** An answer that comes in pieces of so many bytes. */
function read(answer: string, size: number, isEmpty = false) {
  const reader = new AnswerReader(isEmpty);
  const whole = bytes(answer);
  let body = '';
  for (let at = 0; at < whole.length; at += size) body += text(reader.push(whole.subarray(at, at + size)));
  return { status: reader.head?.status, headers: reader.head?.headers, body, isOver: reader.isOver };
}

describe('an answer', () => {
  it.each([1, 2, 7, 1000])('has a body of its length, in pieces of %i bytes', (size) => {
    const found = read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello', size);
    expect(found).toMatchObject({ status: 200, body: 'hello', isOver: true });
    expect(found.headers).toEqual([
      ['Content-Length', '5'],
      ['X-A', 'b'],
    ]);
  });

  it.each([1, 3, 1000])('has a body in chunks, in pieces of %i bytes', (size) => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n';
    expect(read(answer, size)).toMatchObject({ body: 'hello!', isOver: true });
  });

  it('has a chunk that is passed on as it comes, whatever its size', () => {
    const reader = new AnswerReader(false);
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const pushed = [`${head}7fffffff\r\nhel`, 'lo'].map((part) => text(reader.push(bytes(part))));
    expect([pushed, reader.isOver]).toEqual([['hel', 'lo'], false]);
  });

  it('has a body up to the end of the connection, or none', () => {
    expect(read('HTTP/1.0 404 Not Found\n\nno', 3)).toMatchObject({ status: 404, body: 'no', isOver: false });
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 9, true)).toMatchObject({ body: '', isOver: true });
    expect(read('HTTP/1.1 204 No Content\r\n\r\n', 9)).toMatchObject({ status: 204, isOver: true });
  });

  it('comes after what only says that it will come', () => {
    expect(read('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na', 5)).toMatchObject({
      status: 200,
      body: 'a',
    });
  });

  it('is refused when it is none, or its head has no end', () => {
    expect(() => read('SSH-2.0-dropbear\r\n\r\n', 100)).toThrow(HttpError);
    expect(() => read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 100)).toThrow(HttpError);
    const size = (length: number): string =>
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(length - 2)}`;
    expect(read(size(MAX_HEAD_BYTES), MAX_HEAD_BYTES * 2).isOver).toBe(false);
    expect(() => read(size(MAX_HEAD_BYTES + 1), MAX_HEAD_BYTES * 2)).toThrow(HttpError);
    const head = (length: number): string => `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(length - 20)}`;
    expect(read(head(MAX_HEAD_BYTES), MAX_HEAD_BYTES + 10).status).toBeUndefined();
    expect(() => read(head(MAX_HEAD_BYTES + 1), MAX_HEAD_BYTES + 10)).toThrow(HttpError);
  });

  it('is passed on without what is between neighbours', () => {
    const headers: [string, string][] = [
      ['Connection', 'close'],
      ['Content-Type', 'text/html'],
      ['Set-Cookie', 'a=b'],
    ];
    expect([...passedHeaders({ status: 200, headers }).keys()]).toEqual(['content-type', 'set-cookie']);
  });
});

describe('a request', () => {
  it('says what was asked for, and nobody’s secret', () => {
    const headers = new Headers({ authorization: 'Bearer t', accept: '*/*', connection: 'keep-alive' });
    expect(
      text(requestBytes({ method: 'GET', headers }, { path: '/a?b=c', host: '10.0.0.1:80' }, new Uint8Array())),
    ).toBe('GET /a?b=c HTTP/1.1\r\nHost: 10.0.0.1:80\r\naccept: */*\r\nConnection: close\r\n\r\n');
    const sent = requestBytes({ method: 'POST', headers: new Headers() }, { path: '/', host: 'h' }, bytes('hi'));
    expect(text(sent)).toBe('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi');
  });
});
