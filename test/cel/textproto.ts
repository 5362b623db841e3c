/** Protocol buffers' text format, as far as the language's own tests use it: a message is its fields, each with all its values. */

export type Field = string | Uint8Array | bigint | number | Message;
export type Message = Map<string, Field[]>;

const TOKEN = /\s+|#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\[[a-zA-Z0-9_./]+\]|[{}<>[\]:,;]|[^\s{}<>[\]:,;"'#]+/gy;

export function readTextproto(text: string): Message {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !/^\s|^#/.test(token));
  let at = 0;
  const message = (end: string | undefined): Message => {
    const fields: Message = new Map();
    while (at < tokens.length && tokens[at] !== end) {
      const name = tokens[at++]!;
      if (name === ',' || name === ';') continue;
      if (tokens[at] === ':') at++;
      const values = fields.get(name) ?? [];
      fields.set(name, values);
      if (tokens[at] === '[' && !/^\[./.test(tokens[at]!)) {
        at++;
        while (tokens[at] !== ']') {
          values.push(value());
          if (tokens[at] === ',') at++;
        }
        at++;
      } else values.push(value());
    }
    at++;
    return fields;
  };
  const value = (): Field => {
    const token = tokens[at++]!;
    if (token === '{') return message('}');
    if (token === '<') return message('>');
    if (!/^["']/.test(token)) return scalar(token);
    const bytes = [...unquote(token)];
    while (/^["']/.test(tokens[at] ?? '')) bytes.push(...unquote(tokens[at++]!));
    return Uint8Array.from(bytes);
  };
  return message(undefined);
}

function scalar(token: string): Field {
  if (/^-?(?:0x[0-9a-fA-F]+|\d+)$/.test(token)) return token.startsWith('-') ? -BigInt(token.slice(1)) : BigInt(token);
  return /^-?[\d.]/.test(token) ? Number(token) : token;
}

const SHORT: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const PART = /\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)|[^\\]+/gs;

/** What is between quotes, as bytes. */
function unquote(token: string): number[] {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [whole, octal, hex, short, long, other] of token.slice(1, -1).matchAll(PART)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (short !== undefined || long !== undefined)
      bytes.push(...encoder.encode(String.fromCodePoint(Number.parseInt((short ?? long)!, 16))));
    else if (other !== undefined) bytes.push(SHORT[other] ?? other.charCodeAt(0));
    else bytes.push(...encoder.encode(whole));
  }
  return bytes;
}

export const messages = (message: Message | undefined, name: string): Message[] =>
  (message?.get(name) ?? []).filter((value) => value instanceof Map);

export const one = (message: Message | undefined, name: string): Message | undefined => messages(message, name)[0];

export function text(message: Message | undefined, name: string): string | undefined {
  const value = message?.get(name)?.[0];
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : typeof value === 'string' ? value : undefined;
}
