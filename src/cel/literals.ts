/** What is written in an expression for a number, a text or bytes. Models cel-go's parser/unescape.go. */
import { CelBytes, CelUint, MAX_INT, MAX_UINT, MIN_INT } from './value.ts';

/** Undefined: it is beyond what there is. */
export function intLiteral(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const digits = BigInt(negative ? text.slice(1) : text);
  const value = negative ? -digits : digits;
  return value < MIN_INT || value > MAX_INT ? undefined : value;
}

export function uintLiteral(text: string): CelUint | undefined {
  const value = BigInt(text.slice(0, -1));
  return value > MAX_UINT ? undefined : new CelUint(value);
}

export function doubleLiteral(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const SHORT: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs;
const LAST_CODE_POINT = 0x10ffff;

/** Both readings of what is between quotes; the one that is meant counts. */
export interface Unescaped {
  text: string;
  bytes: CelBytes;
  error?: string;
}

/** What is written between quotes, prefix and quotes included; the lexer has seen to it that it is well-formed. */
export function unescapeLiteral(written: string): Unescaped {
  const quoteAt = written.search(/["']/);
  const raw = /r/i.test(written.slice(0, quoteAt));
  const isBytes = /b/i.test(written.slice(0, quoteAt));
  const quotes = /^("""|''')[\s\S]*\1$/.test(written.slice(quoteAt)) ? 3 : 1;
  const inner = written
    .slice(quoteAt + quotes, -quotes)
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n');
  if (raw || !inner.includes('\\')) return { text: inner, bytes: CelBytes.ofText(inner) };
  if (isBytes) return { text: '', ...bytesOf(inner) };
  let error: string | undefined;
  const text = inner.replace(ESCAPE, (_, octal, hex, short, long, other) => {
    if (other !== undefined) return SHORT[other] ?? other;
    const code = Number.parseInt(octal ?? hex ?? short ?? long, octal === undefined ? 16 : 8);
    if (code <= LAST_CODE_POINT && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
    error = 'invalid unicode code point';
    return '';
  });
  return { text, bytes: CelBytes.ofText(''), ...(error ? { error } : {}) };
}

/** Numbers are bytes here, not characters. */
function bytesOf(inner: string): { bytes: CelBytes; error?: string } {
  const parts: number[] = [];
  const encoder = new TextEncoder();
  let from = 0;
  for (const match of inner.matchAll(ESCAPE)) {
    const [whole, octal, hex, short, long, other] = match;
    for (const byte of encoder.encode(inner.slice(from, match.index))) parts.push(byte);
    from = match.index + whole.length;
    if (short !== undefined || long !== undefined)
      return { bytes: CelBytes.ofText(''), error: 'unable to unescape string' };
    if (other !== undefined) parts.push(...encoder.encode(SHORT[other] ?? other));
    else parts.push(Number.parseInt((octal ?? hex)!, octal === undefined ? 16 : 8));
  }
  for (const byte of encoder.encode(inner.slice(from))) parts.push(byte);
  return { bytes: new CelBytes(Uint8Array.from(parts)) };
}
