/** printf and echo: formats, escapes and conversions as POSIX has them, and `%q`-less as BusyBox. */
import type { Bytes } from '../bytes.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain, UsageError } from './applet.ts';

/** The width and precision that are taken; a wider field is as wide as this. */
export const MAX_FIELD = 10_000;

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  e: '\x1b',
  '\\': '\\',
};

/** Text with its backslashes resolved. `isOver`: a `\c` was met, after which nothing more is printed. */
export function resolveEscapes(text: string, octal: 'bare' | 'with-zero' = 'bare'): { text: string; isOver: boolean } {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const at = text[i]!;
    const next = text[i + 1];
    if (at !== '\\' || next === undefined) {
      out += at;
      continue;
    }
    if (next === 'c') return { text: out, isOver: true };
    const pattern = octal === 'bare' ? /^[0-7]{1,3}/ : /^0[0-7]{0,3}/;
    const digits = pattern.exec(text.slice(i + 1, i + 5))?.[0];
    const hex = next === 'x' ? /^[0-9a-fA-F]{1,2}/.exec(text.slice(i + 2, i + 4))?.[0] : undefined;
    if (digits !== undefined) {
      out += String.fromCharCode(Number.parseInt(digits, 8) & 255);
      i += digits.length;
    } else if (hex !== undefined) {
      out += String.fromCharCode(Number.parseInt(hex, 16));
      i += 1 + hex.length;
    } else {
      out += SIMPLE[next] ?? `\\${next}`;
      i++;
    }
  }
  return { text: out, isOver: false };
}

/** One conversion of a format, between its percent and its letter. */
export interface Conversion {
  flags: string;
  width: number;
  precision: number | undefined;
}

function pad(text: string, { flags, width }: Conversion): string {
  if (text.length >= width) return text;
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

/** A whole number as `%d %i %u %o %x %X` print it. */
export function formatInteger(value: bigint, letter: string, conversion: Conversion): string {
  const { flags, width, precision } = conversion;
  const isSigned = letter === 'd' || letter === 'i';
  const magnitude = isSigned ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const radix = letter === 'o' ? 8 : letter === 'x' || letter === 'X' ? 16 : 10;
  let digits = precision === 0 && magnitude === 0n ? '' : magnitude.toString(radix);
  if (letter === 'X') digits = digits.toUpperCase();
  digits = digits.padStart(precision ?? 1, '0');
  let prefix = '';
  if (isSigned) prefix = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  else if (flags.includes('#') && magnitude !== 0n)
    prefix = radix === 16 ? `0${letter}` : radix === 8 && !digits.startsWith('0') ? '0' : '';
  if (flags.includes('0') && !flags.includes('-') && precision === undefined)
    digits = digits.padStart(width - prefix.length, '0');
  return pad(prefix + digits, conversion);
}

function exponent(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
}

function general(value: number, precision: number, keepsZeros: boolean): string {
  const digits = precision === 0 ? 1 : precision;
  const power = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]);
  const isFixed = power >= -4 && power < digits;
  const text = isFixed ? value.toFixed(Math.max(0, digits - 1 - power)) : exponent(value, digits - 1);
  if (keepsZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(e|$)/, '$1');
}

/** A number as `%f %e %g` and their capitals print it. */
export function formatFloat(value: number, letter: string, conversion: Conversion): string {
  const { flags, width } = conversion;
  const precision = Math.min(conversion.precision ?? 6, 100);
  const magnitude = Math.abs(value);
  const isNegative = value < 0 || Object.is(value, -0);
  let digits: string;
  if (!Number.isFinite(magnitude)) digits = Number.isNaN(value) ? 'nan' : 'inf';
  else if (/f/i.test(letter)) digits = fixed(magnitude, precision);
  else if (/e/i.test(letter)) digits = exponent(magnitude, precision);
  else digits = general(magnitude, precision, flags.includes('#'));
  if (/[EFG]/.test(letter)) digits = digits.toUpperCase();
  const sign = isNegative && !Number.isNaN(value) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (flags.includes('0') && !flags.includes('-') && Number.isFinite(magnitude))
    digits = digits.padStart(width - sign.length, '0');
  return pad(sign + digits, conversion);
}

/** toFixed of any size: JavaScript's own turns to exponents from 1e21 on. */
const fixed = (value: number, precision: number): string =>
  value < 1e21
    ? value.toFixed(precision)
    : BigInt(value).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');

export const formatString = (text: string, conversion: Conversion): string =>
  pad(conversion.precision === undefined ? text : text.slice(0, conversion.precision), conversion);

const CONVERSION = /%([-+ #0]*)(\*|\d*)(?:\.(\*|-?\d*))?(?:hh|h|ll|l|L|q|j|z|t)?([a-zA-Z%])/y;

/** A number as the shell's printf takes it: decimal, octal, hexadecimal, or the code of a character behind a quote. */
function parseInteger(text: string): bigint | undefined {
  if (/^['"]/.test(text)) return BigInt(text.charCodeAt(1) || 0);
  const [, sign, digits] = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const isOctal = /^0\d/.test(digits);
  if (isOctal && /[89]/.test(digits)) return undefined;
  const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  return sign === '-' ? -value : value;
}

/** What has been printed and what went wrong, of one run of printf. */
class Formatter {
  out = '';
  isOver = false;
  readonly errors: string[] = [];
  #next = 0;
  readonly #args: readonly string[];

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#args.length;
  }

  #take(): string | undefined {
    return this.#args[this.#next++];
  }

  #integer(): bigint {
    const text = this.#take() ?? '0';
    const value = parseInteger(text);
    if (value !== undefined) return value;
    this.errors.push(`invalid number '${text}'`);
    return 0n;
  }

  #float(): number {
    const text = this.#take() ?? '0';
    const quoted = parseInteger(text);
    const value = quoted === undefined ? Number(text.trim() === '' ? Number.NaN : text) : Number(quoted);
    if (!Number.isNaN(value)) return value;
    this.errors.push(`invalid number '${text}'`);
    return Number.parseFloat(text) || 0;
  }

  #size(text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const value = text === '*' ? Number(this.#integer()) : Number(text || 0);
    return Math.max(-MAX_FIELD, Math.min(value, MAX_FIELD));
  }

  /** Prints the format once. */
  run(format: string): void {
    for (let i = 0; i < format.length && !this.isOver; ) {
      const percent = format.indexOf('%', i);
      const text = resolveEscapes(format.slice(i, percent < 0 ? undefined : percent));
      this.out += text.text;
      this.isOver = text.isOver;
      if (percent < 0 || this.isOver) return;
      CONVERSION.lastIndex = percent;
      const found = CONVERSION.exec(format);
      if (found === null) {
        this.errors.push(`${format.slice(percent)}: invalid format`);
        this.isOver = true;
        return;
      }
      i = CONVERSION.lastIndex;
      this.#convert(found);
    }
  }

  #convert([all, flags, width, precision, letter]: RegExpExecArray): void {
    if (letter === '%') {
      this.out += '%';
      return;
    }
    let wide = this.#size(width)!;
    const conversion: Conversion = { flags: flags!, width: wide, precision: this.#size(precision) };
    if (wide < 0) {
      wide = -wide;
      Object.assign(conversion, { width: wide, flags: `${flags}-` });
    }
    if ((conversion.precision ?? 0) < 0) conversion.precision = undefined;
    if ('diouxX'.includes(letter!)) this.out += formatInteger(this.#integer(), letter!, conversion);
    else if ('feEgGF'.includes(letter!)) this.out += formatFloat(this.#float(), letter!, conversion);
    else if (letter === 'c') this.out += formatString((this.#take() ?? '').slice(0, 1), conversion);
    else if (letter === 's') this.out += formatString(this.#take() ?? '', conversion);
    else if (letter === 'q') this.out += formatString(quoted(this.#take() ?? ''), conversion);
    else if (letter === 'b') {
      const { text, isOver } = resolveEscapes((this.#take() ?? '').replace(/\\0([0-7]{1,3})/g, '\\$1'));
      this.out += formatString(text, conversion);
      this.isOver = isOver;
    } else {
      this.errors.push(`${all}: invalid format`);
      this.isOver = true;
    }
  }
}

const quoted = (text: string): string =>
  text === ''
    ? "''"
    : text.replace(/[^A-Za-z0-9_@%+=:,./-]/g, (character) => (character === '\n' ? "$'\\n'" : `\\${character}`));

/** What printf prints of a format and its arguments; the format is used again as long as some are left. */
export function printfText(format: string, args: readonly string[]): { out: Bytes; errors: readonly string[] } {
  const formatter = new Formatter(args);
  const hasConversion = /%[^%]/.test(format.replaceAll('%%', ''));
  do formatter.run(format);
  while (!formatter.isOver && !formatter.isAtEnd && hasConversion);
  return formatter;
}

export const printf: Applet = function* (process) {
  const [, ...given] = process.args;
  if (given[0] === '--') given.shift();
  const [format, ...args] = given;
  if (format === undefined) throw new UsageError('');
  const { out, errors } = printfText(format, args);
  yield* process.write(1, out);
  for (const error of errors) yield* complain(process, error);
  return errors.length > 0 ? 1 : 0;
};

/** What echo prints of its words. */
export function echoText(words: readonly string[]): Bytes {
  let i = 0;
  let isEscaped = false;
  let hasEnd = true;
  for (; i < words.length && /^-[neE]+$/.test(words[i]!); i++) {
    for (const letter of words[i]!.slice(1)) {
      if (letter === 'n') hasEnd = false;
      else isEscaped = letter === 'e';
    }
  }
  const text = words.slice(i).join(' ');
  if (!isEscaped) return hasEnd ? `${text}\n` : text;
  const resolved = resolveEscapes(text, 'with-zero');
  return resolved.text + (hasEnd && !resolved.isOver ? '\n' : '');
}

export const echo: Applet = function* (process: Process): Run<number> {
  yield* process.write(1, echoText(process.args.slice(1)));
  return 0;
};
