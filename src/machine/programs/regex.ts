/**
 * POSIX regular expressions, basic and extended, with the extensions that BusyBox and GNU share (`\+ \? \| \b \w \s`), over bytes.
 * They are turned into those of RE2 and matched leftmost-longest in time linear in the text, whatever the pattern; `\1` within a
 * pattern, which no such engine can have, is refused.
 */
import { RE2JS } from 're2js';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { Failure } from './applet.ts';
import { CHARACTER_CLASSES } from './character-classes.ts';

/** Characters of a pattern, and its size: a repetition counts what it repeats as often as it may. */
export const MAX_PATTERN = 5_000;
/** Compiled patterns that are kept, by the size of all of them. */
const KEPT = 100_000;
const compiled = new BoundedMap<Regex>(KEPT, (regex) => regex.source.length + regex.size + 50);

export interface RegexOptions {
  /** `+ ? | ( ) { }` mean something without a backslash. */
  isExtended?: boolean;
  ignoresCase?: boolean;
  /** `^` and `$` match at each line. */
  isMultiline?: boolean;
}

/** Where a pattern was found; a group that took no part is undefined. */
export interface Match {
  start: number;
  end: number;
  groups: readonly (string | undefined)[];
}

export interface Regex {
  readonly source: string;
  /** Items of the pattern, each as often as it may come. */
  readonly size: number;
  readonly groups: number;
  test(text: string): boolean;
  /** The first from an offset on. */
  find(text: string, from?: number): Match | undefined;
}

/** @throws Failure in regcomp's words */
export function compileRegex(source: string, options: RegexOptions = {}): Regex {
  const flags = `${options.isExtended ? 'E' : 'B'}${options.ignoresCase ? 'i' : ''}${options.isMultiline ? 'm' : ''}`;
  const key = `${flags}:${source}`;
  const known = compiled.get(key);
  if (known) return known;
  const regex = new LinearRegex(source, options);
  compiled.set(key, regex);
  return regex;
}

const badRegex = (source: string, words: string): Failure => new Failure(`bad regex '${source}': ${words}`);

class LinearRegex implements Regex {
  readonly source: string;
  readonly size: number;
  readonly groups: number;
  readonly #pattern: RE2JS;
  /** Of a pattern that is only text: found without an engine. */
  readonly #literal: string | undefined;

  constructor(source: string, options: RegexOptions) {
    this.source = source;
    const isPlain = !options.ignoresCase && /^[A-Za-z0-9 _\-=:/,<>@#%&!"'~`;]*$/.test(source);
    this.#literal = isPlain ? source : undefined;
    const translated = this.#translated(source, options.isExtended ?? false);
    this.size = sizeOf(translated);
    if (this.size > MAX_PATTERN) throw badRegex(source, 'Regular expression too big');
    const flags =
      RE2JS.LONGEST_MATCH |
      (options.isMultiline ? RE2JS.MULTILINE : 0) |
      RE2JS.DOTALL |
      (options.ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
    try {
      this.#pattern = RE2JS.compile(translated, flags);
    } catch (error) {
      throw badRegex(source, wordsOfSyntax((error as Error).message));
    }
    this.groups = this.#pattern.groupCount();
  }

  #translated(source: string, isExtended: boolean): string {
    try {
      return translate(source, isExtended);
    } catch (error) {
      throw error instanceof Failure ? badRegex(source, error.message) : error;
    }
  }

  test(text: string): boolean {
    return this.#literal === undefined ? this.#pattern.test(text) : text.includes(this.#literal);
  }

  find(text: string, from = 0): Match | undefined {
    if (this.#literal !== undefined) {
      const start = text.indexOf(this.#literal, from);
      return start < 0 ? undefined : { start, end: start + this.#literal.length, groups: [this.#literal] };
    }
    const matcher = this.#pattern.matcher(text);
    if (!(from === 0 ? matcher.find() : matcher.find(from))) return undefined;
    const groups: (string | undefined)[] = [];
    for (let group = 0; group <= this.groups; group++) groups.push(matcher.group(group) ?? undefined);
    return { start: matcher.start(), end: matcher.end(), groups };
  }
}

function wordsOfSyntax(message: string): string {
  if (/missing closing \]/.test(message)) return 'Unmatched [, [^, [:, [., or [=';
  if (/missing closing \)/.test(message)) return 'Unmatched ( or \\(';
  if (/unexpected \)/.test(message)) return 'Unmatched ) or \\)';
  if (/range/.test(message)) return 'Invalid range end';
  if (/repetition|repeat/.test(message)) return 'Invalid preceding regular expression';
  return 'Invalid regular expression';
}

const ESCAPES: Readonly<Record<string, string>> = {
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
  s: '[\\t\\n\\v\\f\\r ]',
  S: '[^\\t\\n\\v\\f\\r ]',
  b: '\\b',
  B: '\\B',
  '<': '\\b',
  '>': '\\b',
  '`': '\\A',
  "'": '\\z',
  n: '\\n',
  t: '\\t',
  r: '\\r',
  f: '\\f',
  v: '\\v',
  a: '\\x07',
};

const quote = (character: string): string => (/[\\^$.|?*+()[\]{}]/.test(character) ? `\\${character}` : character);

/** A bracket expression from its `[` on, as RE2 has it, and where it ends. */
function bracket(source: string, from: number): { text: string; end: number } {
  let i = from + 1;
  let text = '[';
  if (source[i] === '^') {
    text += '^';
    i++;
  }
  const first = i;
  for (; ; i++) {
    const at = source[i];
    if (at === undefined) throw new Failure('Unmatched [, [^, [:, [., or [=');
    if (at === ']' && i > first) return { text: `${text}]`, end: i + 1 };
    const kind = at === '[' ? source[i + 1] : undefined;
    const close = kind === ':' || kind === '.' || kind === '=' ? source.indexOf(`${kind}]`, i + 2) : -1;
    if (close > 0) {
      const name = source.slice(i + 2, close);
      if (kind === ':' && CHARACTER_CLASSES[name] === undefined) throw new Failure('Invalid character class name');
      text += kind === ':' ? CHARACTER_CLASSES[name] : name.replace(/[\\\]^-]/g, '\\$&');
      i = close + 1;
    } else if (at === '\\' && /[ntrfv]/.test(source[i + 1] ?? '')) {
      text += at + source[++i];
    } else if (at === '\\' && /[\\\]/]/.test(source[i + 1] ?? '') && source.indexOf(']', i + 2) > 0) {
      // Not POSIX, where a backslash is itself here; but what people write, and what awk has.
      text += `\\${source[++i]}`;
    } else if (at === '-' && i > first && source[i + 1] !== ']') text += '-';
    else text += /[\\\][^&~-]/.test(at) ? `\\${at}` : at;
  }
}

/** Whether a pattern starts anew at the end of what is translated: a `*` there is itself, a `^` an anchor. */
const startsHere = (out: string): boolean => out === '' || /(^|[^\\])(\(|\(\?:|\||\^)$/.test(out);

const INTERVAL = /(\d*)(,?)(\d*)(\\?\})/y;
/** Times that a pattern may say that something comes. */
export const MAX_REPEAT = 1000;

function interval(source: string, from: number, isExtended: boolean): { text: string; end: number } | undefined {
  INTERVAL.lastIndex = from;
  const [all, least, comma, most, close] = INTERVAL.exec(source) ?? [];
  if (all === undefined || (least === '' && most === '') || close !== (isExtended ? '}' : '\\}')) return undefined;
  if (Number(least) > MAX_REPEAT || Number(most) > MAX_REPEAT) throw new Failure('Regular expression too big');
  return { text: `{${least === '' ? 0 : least}${comma}${most}}`, end: from + all.length };
}

/** The pattern in RE2's syntax. */
export function translate(source: string, isExtended: boolean): string {
  if (source.length > MAX_PATTERN) throw new Failure('Regular expression too big');
  let out = '';
  let i = 0;
  let depth = 0;
  const special = (what: string): boolean => {
    if (what === '(') depth++;
    if (what === ')' && depth-- === 0) {
      if (isExtended) {
        depth = 0;
        out += '\\)';
        return true;
      }
      throw new Failure('Unmatched ) or \\)');
    }
    if (what === '{') {
      const found = startsHere(out) ? undefined : interval(source, i, isExtended);
      if (found === undefined) {
        if (!isExtended) throw new Failure('Invalid preceding regular expression');
        out += '\\{';
        return true;
      }
      i = found.end;
      out = repeated(out, found.text);
      return true;
    }
    if (what === '+' || what === '?') {
      out = startsHere(out) ? `${out}\\${what}` : repeated(out, what);
      return true;
    }
    out += what;
    return true;
  };
  while (i < source.length) {
    const at = source[i++]!;
    if (at === '[') {
      const found = bracket(source, i - 1);
      out += found.text;
      i = found.end;
    } else if (at === '\\') {
      const next = source[i++];
      if (next === undefined) throw new Failure('Trailing backslash');
      if (!isExtended && '(){+?|'.includes(next)) special(next);
      else if (/[1-9]/.test(next)) throw new Failure('Invalid back reference');
      else out += ESCAPES[next] ?? quote(next);
    } else if (at === '*') out = startsHere(out) ? `${out}\\*` : repeated(out, '*');
    else if (isExtended && '(){+?|'.includes(at)) special(at);
    else if (at === '^') out += isExtended || startsHere(out) ? '^' : '\\^';
    else if (at === '$') out += isExtended || /^($|\\\)|\\\|)/.test(source.slice(i, i + 2)) ? '$' : '\\$';
    else out += at === '.' ? '.' : quote(at);
  }
  return out;
}

const TOKEN = /\[(?:\\.|[^\\\]])*\]|\\.|\(\?:|\{(\d+),?(\d*)\}|./gs;

/** How many items a pattern in RE2's syntax has when each stands there as often as it may come at most, or must where that is open. */
function sizeOf(translated: string): number {
  const outer: number[] = [];
  let total = 0;
  let last = 0;
  for (const [token, least, most] of translated.matchAll(TOKEN)) {
    if (least !== undefined) last *= Math.max(1, Number(least), Number(most));
    else if (token === '(' || token === '(?:') {
      outer.push(total + last);
      total = 0;
      last = 0;
    } else if (token === ')') {
      last = total + last + 1;
      total = outer.pop() ?? 0;
    } else if (!'*+?'.includes(token)) {
      total += last;
      last = 1;
    }
  }
  return total + last;
}

/** With a repetition behind it. A repetition of a repetition is the wider of the two, which RE2 has no way to write. */
function repeated(out: string, times: string): string {
  if (/(^|[^\\])(\\\\)*[*+?]$/.test(out)) {
    if (times === out.at(-1)) return out;
    return times.startsWith('{') ? `${wrapLast(out)}${times}` : `${out.slice(0, -1)}*`;
  }
  if (/(^|[^\\])\}$/.test(out)) return `${wrapLast(out)}${times}`;
  return out + times;
}

/** The last item as a group of its own. Only single characters and classes come here; a group is left as it is. */
function wrapLast(out: string): string {
  const found = /(\[(?:\\.|[^\]])*\]|\\.|[^)\\])(\{[^}]*\}|[*+?])$/.exec(out);
  return found === null ? out : `${out.slice(0, found.index)}(?:${found[0]})`;
}
