/** Strings as Go prints them in quotes. Source: strconv.Quote and encoding/json. */

/** Characters that have an escape of their own. */
export const GO_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const PLAIN = /^[ !#-[\]-~]*$/;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** As `%q`. */
export function quoteGo(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let quoted = '';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (GO_ESCAPES[c] !== undefined) quoted += GO_ESCAPES[c];
    else if (PRINTABLE.test(c)) quoted += c;
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${hex(code, 2)}`;
    else quoted += code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  }
  return `"${quoted}"`;
}

/** JSON whose text can stand in a page. */
export const goJSON = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`);
