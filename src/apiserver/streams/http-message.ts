/** HTTP/1.1 as bytes, for requests that go into pods: what is sent, and what comes back however it is cut. Source: RFC 9112. */
import { concatenated } from '../../simulation/concatenated.ts';

/** Bytes of an answer's head, and of a line with a chunk's size. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** Bytes of a line's end. */
const LINE_END = 2;

/** What came is no answer of HTTP. */
export class HttpError extends Error {}

/** What is between two neighbours only, and what is nobody's behind the API server. */
const NOT_PASSED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|host|authorization|impersonate-.*|cf-.*|x-cluster-token|x-diorama-.*)$/i;

/** A request with its body; it asks that the connection be closed, so that the answer has an end in any case. */
export function requestBytes(
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  { path, host }: { path: string; host: string },
  body: Uint8Array,
): Uint8Array {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of headers) if (!NOT_PASSED.test(name)) lines.push(`${name}: ${value}`);
  if (body.length > 0 || !['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(method))
    lines.push(`Content-Length: ${body.length}`);
  return concatenated([new TextEncoder().encode(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`), body]);
}

export interface Head {
  status: number;
  headers: [string, string][];
}

/** Reads an answer. `isEmpty`: it has no body, whatever it says (of HEAD). */
export class AnswerReader {
  readonly #isEmpty: boolean;
  #rest: Uint8Array = new Uint8Array();
  #head: Head | undefined;
  /** How its body ends; undefined: with the connection. */
  #left: number | 'chunks' | undefined;
  /** What is to come of the present chunk, with the end of the line behind it; 0: the next one's size. */
  #chunk = 0;
  #isLastChunk = false;
  #isOver = false;

  constructor(isEmpty: boolean) {
    this.#isEmpty = isEmpty;
  }

  get head(): Head | undefined {
    return this.#head;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What of the body is in these bytes. @throws HttpError */
  push(bytes: Uint8Array): Uint8Array {
    this.#rest = concatenated([this.#rest, bytes]);
    while (!this.#head) {
      const end = endOfHead(this.#rest);
      if (end === undefined) {
        if (this.#rest.length > MAX_HEAD_BYTES) throw new HttpError('the head has no end');
        return new Uint8Array();
      }
      const head = readHead(new TextDecoder('latin1').decode(this.#rest.subarray(0, end)));
      this.#rest = this.#rest.subarray(end);
      // What only says that an answer will come.
      if (head.status >= 200 || head.status === 101) this.#begin(head);
    }
    return this.#body();
  }

  #begin(head: Head): void {
    this.#head = head;
    const value = (name: string): string | undefined => head.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    if (this.#isEmpty || head.status === 204 || head.status === 304) this.#left = 0;
    else if (value('transfer-encoding')?.toLowerCase() === 'chunked') this.#left = 'chunks';
    else if (/^\d+$/.test(value('content-length') ?? '')) this.#left = Number(value('content-length'));
  }

  #body(): Uint8Array {
    if (this.#left === 'chunks') return this.#chunks();
    const body = this.#left === undefined ? this.#rest : this.#rest.subarray(0, this.#left);
    this.#rest = new Uint8Array();
    if (this.#left !== undefined) {
      this.#left -= body.length;
      this.#isOver = this.#left === 0;
    }
    return body;
  }

  /** A chunk is passed on as it comes: nobody holds a whole one. */
  #chunks(): Uint8Array {
    const parts: Uint8Array[] = [];
    while (!this.#isOver && (this.#chunk > 0 || this.#beginChunk())) {
      const part = this.#rest.subarray(0, this.#chunk);
      if (part.length === 0) break;
      parts.push(part.subarray(0, Math.max(0, this.#chunk - LINE_END)));
      this.#rest = this.#rest.subarray(part.length);
      this.#chunk -= part.length;
      this.#isOver = this.#isLastChunk && this.#chunk === 0;
    }
    return concatenated(parts);
  }

  /** Whether the line with a chunk's size is there. */
  #beginChunk(): boolean {
    const end = this.#rest.indexOf(0x0a);
    if (end < 0 && this.#rest.length <= MAX_HEAD_BYTES) return false;
    const size = Number.parseInt(new TextDecoder('latin1').decode(this.#rest.subarray(0, Math.max(0, end))), 16);
    if (Number.isNaN(size)) throw new HttpError('a chunk without its size');
    this.#rest = this.#rest.subarray(end + 1);
    this.#chunk = size + LINE_END;
    this.#isLastChunk = size === 0;
    return true;
  }
}

function endOfHead(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return undefined;
}

function readHead(text: string): Head {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
  if (status === undefined) throw new HttpError(`malformed HTTP response ${JSON.stringify(first.slice(0, 100))}`);
  const headers = lines.flatMap((line): [string, string][] => {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  });
  return { status: Number(status), headers };
}

/** As a client has it behind one more server. */
export function passedHeaders({ headers }: Head): Headers {
  const passed = new Headers();
  for (const [name, value] of headers) if (!NOT_PASSED.test(name)) passed.append(name, value);
  return passed;
}
