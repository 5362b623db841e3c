/** bash's `{a,b}` and `{1..5}`, before everything else. */
import type { Part, Word } from '../syntax/syntax.ts';
import { wordOf } from '../syntax/words.ts';

/** Words that one word becomes at most. */
export const MAX_BRACE_WORDS = 100_000;

/** A character of the script, or a part that is none. */
type Piece = string | Exclude<Part, { part: 'text'; quoted: false }>;

const piecesOf = (word: Word): Piece[] =>
  word.parts.flatMap((part): Piece[] => (part.part === 'text' && !part.quoted ? part.text.split('') : [part as Piece]));

const partOf = (piece: Piece): Part =>
  typeof piece === 'string' ? { part: 'text', text: piece, quoted: false } : piece;

/** `1..5`, `a..e`, `1..10..2`. */
function sequence(text: string): string[] | undefined {
  const found = /^(-?\d+|[a-zA-Z])\.\.(-?\d+|[a-zA-Z])(?:\.\.(-?\d+))?$/.exec(text);
  if (!found) return undefined;
  const [, first, last] = found as unknown as [string, string, string];
  const areNumbers = /\d/.test(first) && /\d/.test(last);
  if (!areNumbers && (/\d/.test(first) || /\d/.test(last))) return undefined;
  const [from, to] = areNumbers ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)];
  const step = Math.max(1, Math.abs(Number(found[3] ?? 1)));
  const isPadded = areNumbers && [first, last].some((each) => /^-?0\d/.test(each));
  const width = isPadded ? Math.max(first.length, last.length) : 0;
  const values: string[] = [];
  for (let i = from; from <= to ? i <= to : i >= to; i += from <= to ? step : -step) {
    if (values.length >= MAX_BRACE_WORDS) break;
    values.push(areNumbers ? padded(i, width) : String.fromCharCode(i));
  }
  return values;
}

const padded = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0');

/** The choices of the braces that begin at `from`, and where they end; undefined: they are only characters. */
function choices(pieces: Piece[], from: number): { of: Piece[][]; end: number } | undefined {
  const of: Piece[][] = [[]];
  let depth = 0;
  for (let i = from + 1; i < pieces.length; i++) {
    const piece = pieces[i]!;
    if (piece === '}' && depth === 0) {
      if (of.length > 1) return { of, end: i };
      const inner = of[0]!;
      const values = inner.every((each) => typeof each === 'string') ? sequence(inner.join('')) : undefined;
      return values && { of: values.map((value) => [value]), end: i };
    }
    if (piece === ',' && depth === 0) of.push([]);
    else {
      if (piece === '{') depth++;
      if (piece === '}') depth--;
      of.at(-1)!.push(piece);
    }
  }
  return undefined;
}

function expand(pieces: Piece[], from: number): Piece[][] {
  for (let i = from; i < pieces.length; i++) {
    if (pieces[i] !== '{') continue;
    const found = choices(pieces, i);
    if (!found) continue;
    const before = pieces.slice(0, i);
    const rests = expand(pieces.slice(found.end + 1), 0);
    const results: Piece[][] = [];
    for (const choice of found.of) {
      for (const inner of expand(choice, 0)) {
        for (const rest of rests) {
          if (results.length >= MAX_BRACE_WORDS) return results;
          results.push([...before, ...inner, ...rest]);
        }
      }
    }
    return results;
  }
  return [pieces];
}

export function expandBraces(word: Word): Word[] {
  if (!word.parts.some((part) => part.part === 'text' && !part.quoted && part.text.includes('{'))) return [word];
  const words = expand(piecesOf(word), 0);
  return words.length === 1 ? [word] : words.map((pieces) => wordOf(pieces.map(partOf), ''));
}
