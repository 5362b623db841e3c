/** Reading DER: tags, lengths and contents, none of it trusted. Source: ITU-T X.690. */

export type Bytes = Uint8Array<ArrayBuffer>;

export class DerError extends Error {}

export interface Element {
  tag: number;
  content: Bytes;
  /** Tag, length and content. */
  raw: Bytes;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Of a context, constructed: `context(3)` is `[3]`. */
  context: (number: number): number => 0xa0 + number,
} as const;

/** Goes through the elements that lie one after the other. */
export class DerReader {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next element's tag; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  next(tag?: number): Element {
    const start = this.#at;
    const found = this.#byte();
    if ((found & 0x1f) === 0x1f) throw new DerError('asn1: structure error: tag too large');
    const length = this.#length();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new DerError('asn1: syntax error: data truncated');
    if (tag !== undefined && found !== tag) throw new DerError("asn1: structure error: tags don't match");
    const content = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return { tag: found, content, raw: this.#bytes.subarray(start, end) };
  }

  /** The elements inside the next one. */
  enter(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** What follows must be nothing. */
  end(): void {
    if (!this.done) throw new DerError('asn1: syntax error: trailing data');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new DerError('asn1: syntax error: data truncated');
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerError('asn1: structure error: length too large');
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80) throw new DerError('asn1: structure error: non-minimal length');
    return length;
  }
}

/** `1.2.840.…`. */
export function oidText(content: Bytes): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw new DerError('asn1: structure error: base 128 integer too large');
    if (byte & 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

/** The bits of a BIT STRING of whole bytes. */
export function bitString({ content }: Element): Bytes {
  if (content.length === 0 || content[0]! > 7)
    throw new DerError('asn1: syntax error: invalid padding bits in BIT STRING');
  return content.subarray(1);
}

/** Text of any of the string types. */
export const derText = ({ tag, content }: Element): string =>
  tag === 0x1e ? new TextDecoder('utf-16be').decode(content) : new TextDecoder().decode(content);

/** Milliseconds since 1970. */
export function derTime({ tag, content }: Element): number {
  const text = new TextDecoder().decode(content);
  const [, digits = ''] = /^(\d+)Z$/.exec(text) ?? [];
  const short = tag === TAG.utcTime && digits.length === 12;
  if (!short && !(tag === TAG.generalizedTime && digits.length === 14)) throw new DerError('x509: malformed time');
  const full = short ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits;
  const time = Date.parse(full.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(time)) throw new DerError('x509: malformed time');
  return time;
}
