/** The functions of awk that only work out something. */
import { Failure } from '../applet.ts';
import { formatDate } from '../date-format.ts';
import { formatFloat, formatInteger, formatString, MAX_FIELD } from '../printf.ts';
import type { Regex } from '../regex.ts';
import { checkLength, joinTexts, toNumber, toText, type Value } from './values.ts';

const CONVERSION = /%([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlLq]*([a-zA-Z%])/g;

/** sprintf of awk: as C's, with values instead of words. */
export function sprintf(format: string, args: readonly Value[]): string {
  let next = 0;
  const size = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = text === '*' ? toNumber(args[next++]) : Number(text || 0);
    return Math.max(-MAX_FIELD, Math.min(value, MAX_FIELD));
  };
  const convert = (all: string, flags: string, wide: string, precise: string | undefined, letter: string): string => {
    if (letter === '%') return '%';
    const width = size(wide)!;
    const conversion = { flags: width < 0 ? `${flags}-` : flags, width: Math.abs(width), precision: size(precise) };
    if ('diouxX'.includes(letter)) {
      const value = toNumber(args[next++]);
      if (!Number.isFinite(value)) return formatFloat(value, 'f', conversion);
      return formatInteger(BigInt(Math.trunc(value)), letter, conversion);
    }
    if ('feEgGF'.includes(letter)) return formatFloat(toNumber(args[next++]), letter, conversion);
    if (letter === 's') return formatString(toText(args[next++]), conversion);
    if (letter !== 'c') return all;
    const value = args[next++];
    const character = typeof value === 'number' ? String.fromCharCode(value & 255) : toText(value).slice(0, 1);
    return formatString(character, { ...conversion, precision: undefined });
  };
  let length = format.length;
  return format.replace(CONVERSION, (all, flags, wide, precise, letter) => {
    const text = convert(all, flags, wide, precise, letter);
    length += text.length - all.length;
    checkLength(length);
    return text;
  });
}

/** substr() as BusyBox has it: a start before the first character is the first. */
export function substring(text: string, from: number, length: number): string {
  const start = Math.max(0, Math.trunc(from) - 1);
  return text.slice(start, start + Math.max(0, Math.trunc(length)));
}

/** sub, gsub and gensub: the text after it and how often something was replaced. */
export function substitute(
  text: string,
  regex: Regex,
  replacement: (groups: readonly (string | undefined)[]) => string,
  which: 'all' | number,
): { text: string; count: number } {
  let out = '';
  let at = 0;
  let seen = 0;
  let count = 0;
  for (let from = 0; from <= text.length; ) {
    const match = regex.find(text, from);
    if (match === undefined) break;
    const isEmpty = match.start === match.end;
    if (!(isEmpty && match.start === at && seen > 0)) {
      seen++;
      if (which === 'all' || seen === which) {
        out += text.slice(at, match.start) + replacement(match.groups);
        checkLength(out.length);
        at = match.end;
        count++;
        if (which !== 'all') break;
      } else if (!isEmpty) {
        out += text.slice(at, match.end);
        at = match.end;
      }
    }
    from = isEmpty ? match.end + 1 : match.end;
  }
  checkLength(out.length + text.length - at);
  return { text: out + text.slice(at), count };
}

/** The replacement of sub and gsub: `&` is what was found, `\&` itself; gensub knows groups too. */
export function replacementOf(source: string, hasGroups: boolean): (groups: readonly (string | undefined)[]) => string {
  const parts = source.match(/\\\\&|\\.|&|[^\\&]+|\\/gs) ?? [];
  return (groups) =>
    joinTexts(
      parts.map((part) => {
        if (part === '&') return groups[0]!;
        if (part === '\\&') return '&';
        if (hasGroups && /^\\\d$/.test(part)) return groups[Number(part[1])] ?? '';
        return part === '\\\\&' ? `\\${groups[0]}` : part === '\\\\' ? '\\' : part;
      }),
      '',
    );
}

const bits = (value: Value): bigint => BigInt(Math.max(0, Math.trunc(toNumber(value))));

const MATH: Readonly<Record<string, (...args: Value[]) => Value>> = {
  sin: (x) => Math.sin(toNumber(x)),
  cos: (x) => Math.cos(toNumber(x)),
  atan2: (y, x) => Math.atan2(toNumber(y), toNumber(x)),
  exp: (x) => Math.exp(toNumber(x)),
  log: (x) => Math.log(toNumber(x)),
  sqrt: (x) => Math.sqrt(toNumber(x)),
  int: (x) => Math.trunc(toNumber(x)),
  tolower: (x) => toText(x).replace(/[A-Z]+/g, (run) => run.toLowerCase()),
  toupper: (x) => toText(x).replace(/[a-z]+/g, (run) => run.toUpperCase()),
  index: (text, part) => (toText(part) === '' ? 0 : toText(text).indexOf(toText(part)) + 1),
  substr: (text, from, length) =>
    substring(toText(text), toNumber(from), length === undefined ? Number.POSITIVE_INFINITY : toNumber(length)),
  sprintf: (format, ...args) => sprintf(toText(format), args),
  and: (x, y) => Number(bits(x) & bits(y)),
  or: (x, y) => Number(bits(x) | bits(y)),
  xor: (x, y) => Number(bits(x) ^ bits(y)),
  lshift: (x, y) => Number(BigInt.asUintN(64, bits(x) << (bits(y) & 63n))),
  rshift: (x, y) => Number(bits(x) >> (bits(y) & 63n)),
  compl: (x) => Number(BigInt.asUintN(53, ~bits(x))),
  mktime: (text) => {
    const [year, month, day, hours, minutes, seconds] = toText(text).split(/\s+/).map(Number);
    const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hours, minutes, seconds);
    return Number.isNaN(at) ? -1 : at / 1000;
  },
};

/** Undefined: none of those that only work out something. */
export const mathFunction = (name: string): ((...args: Value[]) => Value) | undefined =>
  Object.hasOwn(MATH, name) ? MATH[name] : undefined;

export const strftime = (now: number, format: Value, at: Value): string =>
  formatDate(
    at === undefined ? now : toNumber(at) * 1000,
    format === undefined ? '%a %b %e %H:%M:%S %Z %Y' : toText(format),
  );

export const needsPlace = (name: string): Failure => new Failure(`${name}: not a variable`, 2);
