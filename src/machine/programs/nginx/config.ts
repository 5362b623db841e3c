/** nginx's configuration, read into directives. */
import { Failure } from '../applet.ts';

export interface Directive {
  name: string;
  args: readonly string[];
  /** Undefined: it ends in a semicolon. */
  block: readonly Directive[] | undefined;
  file: string;
  line: number;
}

/** Blocks within one another, files that include others. */
export const MAX_NESTING = 16;
/** Directives of all files. */
export const MAX_DIRECTIVES = 5000;

interface Reading {
  read(path: string): string;
  /** Paths that a pattern stands for, in order. */
  expand(pattern: string): readonly string[];
  left: number;
}

export function parseConfig(path: string, files: Pick<Reading, 'read' | 'expand'>): Directive[] {
  return readFile(path, { ...files, left: MAX_DIRECTIVES }, 0);
}

function readFile(path: string, reading: Reading, depth: number): Directive[] {
  const tokens = tokensOf(reading.read(path), path);
  let at = 0;
  const block = (level: number, isTop: boolean): Directive[] => {
    if (level > MAX_NESTING) throw new Failure(`too deep in ${path}`);
    const found: Directive[] = [];
    for (;;) {
      const first = tokens[at++];
      if (first === undefined) {
        if (isTop) return found;
        throw new Failure(`unexpected end of file, expecting "}" in ${path}:${tokens.at(-1)?.line ?? 1}`);
      }
      if (first.text === '}' && !first.isQuoted) {
        if (isTop) throw new Failure(`unexpected "}" in ${path}:${first.line}`);
        return found;
      }
      if (reading.left-- <= 0) throw new Failure(`too many directives in ${path}`);
      const args: string[] = [];
      let body: Directive[] | undefined;
      for (;;) {
        const next = tokens[at++];
        if (next === undefined || (next.text === '}' && !next.isQuoted))
          throw new Failure(
            `unexpected ${next === undefined ? 'end of file' : '"}"'}, expecting ";" or "}" in ${path}:${next?.line ?? first.line}`,
          );
        if (next.text === ';' && !next.isQuoted) break;
        if (next.text === '{' && !next.isQuoted) {
          body = block(level + 1, false);
          break;
        }
        args.push(next.text);
      }
      if (first.text === 'include') found.push(...included(args[0] ?? '', path, reading, level));
      else found.push({ name: first.text, args, block: body, file: path, line: first.line });
    }
  };
  return block(depth, true);
}

function included(pattern: string, from: string, reading: Reading, depth: number): Directive[] {
  if (depth > MAX_NESTING) throw new Failure(`too deep in ${from}`);
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  return reading.expand(path).flatMap((each) => readFile(each, reading, depth + 1));
}

interface Token {
  text: string;
  isQuoted: boolean;
  line: number;
}

function tokensOf(source: string, path: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  const pattern =
    /(\s+)|#[^\n]*|([{};])|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|((?:\\.|\$\{[^}]*\}|[^\s;{}"'])(?:\\.|\$\{[^}]*\}|[^\s;{}])*)/gsy;
  while (pattern.lastIndex < source.length) {
    const from = pattern.lastIndex;
    const found = pattern.exec(source);
    if (found === null)
      throw new Failure(`unexpected end of file in ${path}:${line + source.slice(from).split('\n').length - 1}`);
    const [all, , mark, double, single, plain] = found;
    const text = mark ?? plain ?? (double ?? single)?.replace(/\\(["'\\])/g, '$1');
    if (text !== undefined) tokens.push({ text, isQuoted: mark === undefined && plain === undefined, line });
    line += all.split('\n').length - 1;
  }
  return tokens;
}

export const directive = (block: readonly Directive[], name: string): Directive | undefined =>
  block.find((each) => each.name === name);

export const directives = (block: readonly Directive[], name: string): readonly Directive[] =>
  block.filter((each) => each.name === name);
