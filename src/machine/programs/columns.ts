/** cut and tr. */
import { type Applet, Failure, UsageError } from './applet.ts';
import { CHARACTER_CLASSES } from './character-classes.ts';
import { CHUNK, eachInput, eachLine, plainWords, writeAll } from './input.ts';
import { parseOptions } from './options.ts';
import { resolveEscapes } from './printf.ts';

/** Ranges of positions from 1 on, in the order of their starts. */
function parseRanges(text: string): [number, number][] {
  return text
    .split(',')
    .map((part): [number, number] => {
      const found = /^(\d*)(-?)(\d*)$/.exec(part);
      if (found === null || part === '' || part === '-') throw new Failure(`invalid range '${part}'`);
      const from = found[1] === '' ? 1 : Number(found[1]);
      const to = found[2] === '' ? from : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
      if (from === 0 || to < from) throw new Failure(`invalid range ${part}`);
      return [from, to];
    })
    .sort(([left], [right]) => left - right);
}

export const cut: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'b:c:f:d:sn',
    long: {
      'bytes=': 'b',
      'characters=': 'c',
      'fields=': 'f',
      'delimiter=': 'd',
      'only-delimited': 's',
      'output-delimiter=': 'o',
      complement: 'C',
    },
  });
  const unit = ['b', 'c', 'f'].filter((letter) => options.has(letter));
  if (unit.length > 1) throw dialect === 'gnu' ? new Failure('only one list may be specified') : new UsageError('');
  if (unit.length === 0) {
    if (dialect === 'gnu') throw new UsageError('you must specify a list of bytes, characters, or fields');
    throw new Failure('expected a list of bytes, characters, or fields');
  }
  const ranges = parseRanges(options.value(unit[0]!)!);
  const given = options.value('d') ?? '\t';
  const delimiter = dialect === 'gnu' ? given : given.slice(0, 1);
  if (delimiter.length !== 1) throw new Failure('the delimiter must be a single character');
  const isIn = (position: number): boolean =>
    ranges.some(([from, to]) => position >= from && position <= to) !== options.has('C');
  const byField = (line: string): string | undefined => {
    if (!line.includes(delimiter)) return options.has('s') ? undefined : line;
    return line
      .split(delimiter)
      .filter((_, i) => isIn(i + 1))
      .join(options.value('o') ?? delimiter);
  };
  const byCharacter = (line: string): string => {
    let out = '';
    for (let i = 0; i < line.length; i++) if (isIn(i + 1)) out += line[i];
    return out;
  };
  return yield* eachInput(process, options.operands, { dialect, words: plainWords }, ({ descriptor }) =>
    eachLine(process, descriptor, (line) => {
      const kept = unit[0] === 'f' ? byField(line) : byCharacter(line);
      return kept === undefined ? undefined : `${kept}\n`;
    }),
  );
};

const allCharacters = (): string[] => Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** A set of tr, written out. */
function expandSet(source: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < source.length; ) {
    const [all, name] = /^\[:(\w+):\]/.exec(source.slice(i)) ?? [];
    const members = CHARACTER_CLASSES[name ?? ''];
    if (all !== undefined && members !== undefined) {
      const pattern = new RegExp(`[${members}]`);
      out.push(...allCharacters().filter((character) => pattern.test(character)));
      i += all.length;
      continue;
    }
    const [text, character] = single(source, i);
    i += text.length;
    if (source[i] === '-' && i + 1 < source.length) {
      const [endText, end] = single(source, i + 1);
      i += 1 + endText.length;
      if (end < character)
        throw new Failure(`range-endpoints of '${character}-${end}' are in reverse collating sequence order`);
      for (let code = character.charCodeAt(0); code <= end.charCodeAt(0); code++) out.push(String.fromCharCode(code));
    } else out.push(character);
  }
  return out;
}

/** One character of a set, as it is written and as it is. */
function single(source: string, at: number): [string, string] {
  const text = /^\\(?:[0-7]{1,3}|.)/s.exec(source.slice(at))?.[0];
  if (text === undefined) return [source[at]!, source[at]!];
  const { text: resolved } = resolveEscapes(text);
  return [text, resolved.length > 1 ? resolved.slice(1) : resolved];
}

export const tr: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: '+cCdst',
    long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' },
  });
  const [first, second] = options.operands;
  const deletes = options.has('d');
  if (first === undefined) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  if (second === undefined && !deletes && !options.has('s') && dialect === 'gnu')
    throw new UsageError(`missing operand after '${first}'\nTwo strings must be given when translating.`);
  const given = new Set(expandSet(first));
  const isComplement = options.has('c') || options.has('C');
  const from = isComplement ? allCharacters().filter((character) => !given.has(character)) : expandSet(first);
  const to = second === undefined ? [] : expandSet(second);
  const map = new Map<string, string>();
  if (!deletes && to.length > 0) for (const [i, character] of from.entries()) map.set(character, to[i] ?? to.at(-1)!);
  const gone = new Set(deletes ? from : []);
  const squeezed = new Set(options.has('s') ? (to.length > 0 ? to : from) : []);
  let last = '';
  for (;;) {
    const chunk = yield* process.read(0, CHUNK);
    if (chunk === '') return 0;
    process.work(1 + chunk.length / 64);
    let out = '';
    for (const character of chunk) {
      if (gone.has(character)) continue;
      const shown = map.get(character) ?? character;
      if (shown === last && squeezed.has(shown)) continue;
      last = shown;
      out += shown;
    }
    yield* writeAll(process, out);
  }
};
