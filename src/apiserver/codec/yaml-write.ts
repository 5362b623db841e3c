/**
 * YAML as Go's printer writes it: keys in order, lists not indented, long texts broken at a space, quotes only where they are
 * needed.
 * models go.yaml.in/yaml/v2 (encode.go, emitterc.go)
 */
import { resolvePlain } from './yaml/resolve.ts';

export function printYAML(value: unknown): string {
  const printer = new Printer();
  printer.document(value);
  return printer.text();
}

/** Longer keys stand after a `?`. */
export const MAX_SIMPLE_KEY = 128;

class Printer {
  readonly #parts: string[] = [];

  text(): string {
    return this.#parts.join('');
  }

  document(value: unknown): void {
    if (isCollection(value)) this.#collection(value, 0);
    else this.#parts.push(`${scalar(value, 0, 0)}\n`);
  }

  #collection(value: object, indent: number): void {
    if (Array.isArray(value)) this.#list(value, indent);
    else this.#map(value as Record<string, unknown>, indent);
  }

  #list(items: readonly unknown[], indent: number): void {
    const lead = ' '.repeat(indent);
    for (const [i, item] of items.entries()) {
      this.#parts.push(i === 0 ? '' : lead, '- ');
      this.#inline(item, indent + 2);
    }
  }

  /** What stands behind a `- ` or `: `, on its line; its other lines are indented. */
  #inline(value: unknown, indent: number): void {
    if (isCollection(value)) this.#collection(value, indent);
    else this.#parts.push(scalar(value, indent - 2, indent), '\n');
  }

  #map(map: Record<string, unknown>, indent: number): void {
    const lead = ' '.repeat(indent);
    for (const [i, key] of Object.keys(map).sort(byKey).entries()) {
      this.#parts.push(i === 0 ? '' : lead);
      const written = scalar(key, indent);
      if (key.length > MAX_SIMPLE_KEY || key.includes('\n')) {
        this.#parts.push('? ', written, '\n', lead, ': ');
        this.#inline(map[key], indent + 2);
      } else {
        this.#parts.push(written, ':');
        this.#member(map[key], indent, indent + written.length + 2);
      }
    }
  }

  /** What stands behind a `:`, at a column. */
  #member(value: unknown, indent: number, column: number): void {
    if (!isCollection(value)) this.#parts.push(' ', scalar(value, indent, column), '\n');
    else {
      const inner = Array.isArray(value) ? indent : indent + 2;
      this.#parts.push('\n', ' '.repeat(inner));
      this.#collection(value, inner);
    }
  }
}

/** Lists and maps that take lines of their own: not those without anything in them. */
const isCollection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && (Array.isArray(value) ? value.length > 0 : hasKeys(value));

function hasKeys(map: object): boolean {
  for (const _ in map) return true;
  return false;
}

const LETTER = /\p{L}/u;
const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

/** Numbers within keys count as numbers, and letters come after all other signs. models sorter.go (keyList.Less) */
function byKey(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  if (i >= a.length || i >= b.length) return a.length - b.length;
  const letters = [LETTER.test(a[i]!), LETTER.test(b[i]!)];
  if (letters[0] !== letters[1]) return letters[0] ? 1 : -1;
  const [m, n] = [digitsFrom(a, i), digitsFrom(b, i)];
  if (!letters[0] && (m !== '' || n !== '')) {
    // Zeros count only behind another digit.
    const lead =
      (a[i] === '0' || b[i] === '0') && isDigit(a[i - 1]) && /[1-9]/.test(a.slice(digitsBefore(a, i), i)) ? '1' : '';
    const [x, y] = [Number(lead + m || 0), Number(lead + n || 0)];
    if (x !== y) return x - y;
    if (m.length !== n.length) return m.length - n.length;
  }
  return a[i]! < b[i]! ? -1 : 1;
}

/** Longer runs of digits are no numbers that anybody compares. */
export const MAX_DIGITS = 18;

function digitsFrom(text: string, from: number): string {
  let end = from;
  while (end - from < MAX_DIGITS && isDigit(text[end])) end++;
  return text.slice(from, end);
}

function digitsBefore(text: string, to: number): number {
  let start = to;
  while (to - start < MAX_DIGITS && isDigit(text[start - 1])) start--;
  return start;
}

/** `column`: where it begins; a text is broken only if that is said. */
function scalar(value: unknown, indent: number, column?: number): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return text(value, indent, column);
  if (typeof value === 'object') return Array.isArray(value) ? '[]' : '{}';
  return String(value);
}

/** Base 60: YAML 1.1 reads a number, which Go doesn't, but quotes. */
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][-0-9:.Zz+]{1,40})?$/;

const isText = (value: string): boolean =>
  typeof resolvePlain(value) === 'string' && value !== '<<' && !BASE_60.test(value) && !TIMESTAMP.test(value);

function text(value: string, indent: number, column?: number): string {
  const looks = analyze(value);
  const place = { lead: `\n${' '.repeat(indent + 2)}`, column };
  if (!isText(value)) return doubleQuoted(value, place);
  if (value.includes('\n')) return looks.block ? literal(value, indent) : doubleQuoted(value, place);
  if (looks.plain) return fold(value, place, 'plain');
  return looks.singleQuoted ? `'${fold(value.replaceAll("'", "''"), place, 'single')}'` : doubleQuoted(value, place);
}

interface Place {
  /** What a new line begins with. */
  lead: string;
  column: number | undefined;
}

/** From here on a line ends with the next space. */
const BEST_WIDTH = 80;

/** Breaks a written text at the first single space after the width. models emitterc.go (yaml_emitter_write_…_scalar) */
function fold(written: string, { lead, column }: Place, style: 'plain' | 'single' | 'double'): string {
  if (column === undefined || column + written.length < BEST_WIDTH || !written.includes(' ')) return written;
  const parts: string[] = [];
  let at = column + (style === 'plain' ? 0 : 1);
  let from = 0;
  let position = 0;
  let previous = '';
  for (const c of written) {
    const next = written[position + c.length];
    const inside = style === 'plain' || (position > 0 && next !== undefined);
    if (c === ' ' && previous !== ' ' && at > BEST_WIDTH && inside && (next !== ' ' || style === 'double')) {
      parts.push(written.slice(from, position), lead, next === ' ' ? '\\' : '');
      from = position + 1;
      at = lead.length - (next === ' ' ? 0 : 1);
    } else at++;
    previous = c;
    position += c.length;
  }
  parts.push(written.slice(from));
  return parts.join('');
}

const INDICATORS = /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:](?:[ \t\n]|$))/;
const WITHIN = /:(?:[ \t\n]|$)|[ \t\n]#/;
/** What only escapes can write. */
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const BREAKS = /[\x85\u2028\u2029]/;

/** In which styles the text stays what it is. */
function analyze(value: string): { plain: boolean; singleQuoted: boolean; block: boolean } {
  const special = SPECIAL.test(value) || BREAKS.test(value) || value.includes(' \n');
  const spaceAround = /^[ \n]/.test(value) || value.endsWith(' ') || value.endsWith('\n');
  return {
    plain: !special && !spaceAround && !value.includes('\n') && !INDICATORS.test(value) && !WITHIN.test(value),
    singleQuoted: !special && !value.includes('\n '),
    block: !special && !value.endsWith(' '),
  };
}

function literal(value: string, indent: number): string {
  const lead = ' '.repeat(indent + 2);
  let end = value.length;
  while (value[end - 1] === '\n') end--;
  const breaks = value.length - end;
  const chomping = breaks === 0 ? '-' : breaks === 1 && end > 0 ? '' : '+';
  const hint = /^[ \n]/.test(value) ? '2' : '';
  const lines = value.split('\n').map((line) => (line === '' ? '' : lead + line));
  if (breaks > 0) lines.pop();
  return `|${hint}${chomping}\n${lines.join('\n')}`;
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
  '\ufeff': '\\uFEFF',
};

function doubleQuoted(value: string, place: Place): string {
  const escaped = value
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
    .replace(/["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|[\u{10000}-\u{10ffff}]/gu, escapeCode);
  return `"${fold(escaped, place, 'double')}"`;
}

function escapeCode(c: string): string {
  const known = ESCAPES[c];
  if (known) return known;
  const code = c.codePointAt(0)!;
  if (code > 0xffff) return `\\U${hex(code, 8)}`;
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0');
