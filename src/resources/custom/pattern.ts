/** Regular expressions of schemas, in Go's syntax. */
import { BoundedMap } from '../../simulation/bounded-map.ts';

/** `error`: what Go says of a text that is none. */
export type Pattern = { test(text: string): boolean } | { error: string };

export const MAX_REMEMBERED_PATTERNS = 500;
const remembered = new BoundedMap<Pattern>(MAX_REMEMBERED_PATTERNS);

export function patternOf(source: string): Pattern {
  let pattern = remembered.get(source);
  if (!pattern) {
    pattern = compile(source);
    remembered.set(source, pattern);
  }
  return pattern;
}

/** What JavaScript knows and Go does not. */
const FOREIGN = /\(\?(?:=|!|<=|<!)|\\[1-9]/g;

function compile(source: string): Pattern {
  const foreign = source.match(FOREIGN)?.[0];
  if (foreign?.startsWith('(?')) {
    const shown = foreign.startsWith('(?<') ? foreign.slice(0, 3) : foreign;
    return { error: `error parsing regexp: invalid or unsupported Perl syntax: \`${shown}\`` };
  }
  if (foreign) return { error: `error parsing regexp: invalid escape sequence: \`${foreign}\`` };
  try {
    const flags = /^\(\?([ims]+)\)/.exec(source);
    const body = (flags ? source.slice(flags[0].length) : source)
      .replaceAll('(?P<', '(?<')
      .replace(/\\([pP])([A-Z])/g, '\\$1{$2}')
      .replaceAll('\\z', '$')
      .replaceAll('\\A', '^');
    return new RegExp(body, `u${flags?.[1] ?? ''}`);
  } catch {
    return withoutUnicode(source);
  }
}

/** Go lets characters be escaped that need not be. */
function withoutUnicode(source: string): Pattern {
  try {
    return new RegExp(source);
  } catch (error) {
    return { error: `error parsing regexp: ${(error as Error).message}` };
  }
}
