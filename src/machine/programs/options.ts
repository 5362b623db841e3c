/** Options as getopt_long reads them: short ones joined, values apart or attached, operands between them, `--` at their end. */
import { UsageError } from './applet.ts';

export interface OptionSpec {
  /** As getopt's: `ab:c::` is a, b with a value, c with a value that may be missing. A `+` in front ends the options at the first operand. */
  short: string;
  /** Long names and the letter (or longer name) that they stand for; `=` behind the name: it takes a value, `?`: it may. */
  long?: Readonly<Record<string, string>>;
  /** In whose words wrong ones are refused; absent: getopt's. */
  words?: OptionWords;
}

/** What a command says of a word that it can't take, such as `-x` or `--colour`. `option`: the word as it was given, without a value. */
export interface OptionWords {
  unknown(option: string): Error;
  needsValue(option: string): Error;
}

const isLong = (option: string): boolean => option.startsWith('--');

const GETOPT_WORDS: OptionWords = {
  unknown: (option) =>
    new UsageError(isLong(option) ? `unrecognized option '${option}'` : `invalid option -- '${option.slice(1)}'`),
  needsValue: (option) =>
    new UsageError(
      isLong(option)
        ? `option '${option}' requires an argument`
        : `option requires an argument -- '${option.slice(1)}'`,
    ),
};

export class Options {
  readonly operands: string[] = [];
  readonly #values = new Map<string, string[]>();
  /** Letters in the order in which they came. */
  readonly order: string[] = [];

  add(letter: string, value: string | undefined): void {
    this.order.push(letter);
    const values = this.#values.get(letter) ?? [];
    values.push(value ?? '');
    this.#values.set(letter, values);
  }

  has(letter: string): boolean {
    return this.#values.has(letter);
  }

  /** How often it was given. */
  count(letter: string): number {
    return this.#values.get(letter)?.length ?? 0;
  }

  /** The last one given. */
  value(letter: string): string | undefined {
    return this.#values.get(letter)?.at(-1);
  }

  values(letter: string): readonly string[] {
    return this.#values.get(letter) ?? [];
  }

  /** Of some letters, the one that came last. */
  last(letters: string): string | undefined {
    return this.order.findLast((letter) => letters.includes(letter));
  }
}

type Takes = 'nothing' | 'value' | 'maybe';

function shortTakes(spec: string, letter: string): Takes | undefined {
  const at = letter === ':' || letter === '+' ? -1 : spec.indexOf(letter);
  if (at < 0) return undefined;
  if (spec[at + 1] !== ':') return 'nothing';
  return spec[at + 2] === ':' ? 'maybe' : 'value';
}

function longTakes(
  long: Readonly<Record<string, string>>,
  given: string,
): { name: string; letter: string; takes: Takes }[] {
  const found = Object.entries(long).map(([key, letter]) => {
    const takes: Takes = key.endsWith('=') ? 'value' : key.endsWith('?') ? 'maybe' : 'nothing';
    return { name: key.replace(/[=?]$/, ''), letter, takes };
  });
  const exact = found.filter(({ name }) => name === given);
  return exact.length > 0 ? exact : found.filter(({ name }) => name.startsWith(given));
}

/** @throws UsageError in getopt's words, or what the command's own say */
export function parseOptions(args: readonly string[], { short, long = {}, words = GETOPT_WORDS }: OptionSpec): Options {
  const options = new Options();
  let i = 1;
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      i++;
      break;
    }
    if (arg.length < 2 || !arg.startsWith('-')) {
      if (short.startsWith('+')) break;
      options.operands.push(arg);
    } else if (arg.startsWith('--')) i += longOption(options, { long, words }, arg, args[i + 1]);
    else i += shortOptions(options, { short, words }, arg, args[i + 1]);
  }
  options.operands.push(...args.slice(i));
  return options;
}

/** @returns how many of the words behind it belong to it */
function longOption(
  options: Options,
  { long, words }: { long: OptionSpec['long'] & {}; words: OptionWords },
  arg: string,
  next: string | undefined,
): number {
  const equals = arg.indexOf('=');
  const given = arg.slice(2, equals < 0 ? undefined : equals);
  const attached = equals < 0 ? undefined : arg.slice(equals + 1);
  const [found, other] = longTakes(long, given);
  if (found === undefined) throw words.unknown(`--${given}`);
  if (other !== undefined && other.letter !== found.letter) throw new UsageError(`option '--${given}' is ambiguous`);
  if (found.takes === 'nothing' && attached !== undefined)
    throw new UsageError(`option '--${found.name}' doesn't allow an argument`);
  if (found.takes !== 'value' || attached !== undefined) {
    options.add(found.letter, attached);
    return 0;
  }
  if (next === undefined) throw words.needsValue(`--${found.name}`);
  options.add(found.letter, next);
  return 1;
}

function shortOptions(
  options: Options,
  { short, words }: { short: string; words: OptionWords },
  arg: string,
  next: string | undefined,
): number {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at]!;
    const takes = shortTakes(short, letter);
    if (takes === undefined) throw words.unknown(`-${letter}`);
    const rest = arg.slice(at + 1);
    if (takes === 'nothing') {
      options.add(letter, undefined);
      continue;
    }
    if (rest !== '' || takes === 'maybe') {
      options.add(letter, rest);
      return 0;
    }
    if (next === undefined) throw words.needsValue(`-${letter}`);
    options.add(letter, next);
    return 1;
  }
  return 0;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  b: 512,
  k: 1024,
  K: 1024,
  M: 1024 ** 2,
  m: 1024 ** 2,
  G: 1024 ** 3,
  g: 1024 ** 3,
  T: 1024 ** 4,
  kB: 1000,
  KB: 1000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  c: 1,
  w: 2,
};

/** A whole number with an optional suffix of size: `1M`. Undefined: it is none. */
export function parseSize(text: string): number | undefined {
  const [, digits, suffix] = /^([+-]?\d+)([A-Za-z]*)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const unit = suffix === '' ? 1 : SUFFIXES[suffix!];
  return unit === undefined ? undefined : Number(digits) * unit;
}
