/** The text of an expression, places in it, and what is wrong with it, told as cel-go tells it. Models cel-go's common/error.go. */

/** A place: lines from 1, columns from 0 in code points. */
export interface Location {
  line: number;
  column: number;
}

/** What concerns the whole expression and no place in it. */
export const NO_LOCATION: Location = { line: -1, column: -1 };

/** In what has no place at all. */
const EMPTY_LOCATION: Location = { line: 1, column: -1 };

export interface Issue {
  location: Location;
  message: string;
}

/** More are counted, and not told. */
export const MAX_ISSUES = 100;

/** Longer lines are not repeated below the message, in bytes. */
export const MAX_SNIPPET_BYTES = 16_384;

const encoder = new TextEncoder();

export class Source {
  readonly text: string;
  /** How many code points it has. */
  readonly size: number;
  #lineStarts: number[] | undefined;

  constructor(text: string) {
    this.text = text;
    this.size = codePoints(text);
  }

  /** `offset` is in UTF-16 units, as JavaScript counts. */
  location(offset: number): Location {
    if (this.text === '') return EMPTY_LOCATION;
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: codePoints(this.text.slice(starts[low], offset)) };
  }

  /** A line without its end. */
  line(number: number): string | undefined {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return undefined;
    const next = starts[number];
    return this.text.slice(start, next === undefined ? undefined : next - 1);
  }

  #starts(): number[] {
    if (!this.#lineStarts) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1))
        this.#lineStarts.push(at + 1);
    }
    return this.#lineStarts;
  }
}

const SURROGATE = /[\ud800-\udbff][\udc00-\udfff]/;

/** How many code points a text has, which is how CEL counts. */
export function codePoints(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** All issues in the order of their places, each with its line and a caret below it. */
export function renderIssues(source: Source, issues: readonly Issue[]): string {
  const kept = issues.slice(0, MAX_ISSUES);
  kept.sort((a, b) => a.location.line - b.location.line || a.location.column - b.location.column);
  const rendered = kept.map((issue) => renderIssue(source, issue));
  if (issues.length > MAX_ISSUES) rendered.push(`${issues.length - MAX_ISSUES} more errors were truncated`);
  return rendered.join('\n');
}

function renderIssue(source: Source, { location, message }: Issue): string {
  const head = `ERROR: <input>:${location.line}:${location.column + 1}: ${message}`;
  const line = source.line(location.line);
  if (line === undefined || location.column < 0 || encoder.encode(line).length > MAX_SNIPPET_BYTES) return head;
  const snippet = line.replaceAll('\t', ' ');
  return `${head}\n | ${snippet}\n | ${pointer(snippet, location.column)}`;
}

/** Dots up to the column, wide ones below characters of more than one byte, and a caret. */
function pointer(snippet: string, column: number): string {
  const characters = [...snippet.slice(0, 2 * column + 2)];
  const wide = (character: string | undefined): boolean => character !== undefined && character.codePointAt(0)! > 0x7f;
  let dots = '';
  for (let i = 0; i < column && i <= characters.length; i++) {
    if (i === characters.length) break;
    dots += wide(characters[i]) ? '\uff0e' : '.';
  }
  return dots + (wide(characters[column]) ? '\uff3e' : '^');
}
