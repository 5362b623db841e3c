/** -printf of find. */
import type { Names } from './accounts.ts';
import { formatDate } from './date-format.ts';
import type { Visit } from './find-tests.ts';
import { modeText } from './modes.ts';
import { resolveEscapes } from './printf.ts';

/** The text that a format makes of a file. */
export function findText(format: string, { path, name, facts, depth }: Visit, names: Names): string {
  const fields: Readonly<Record<string, () => string | number>> = {
    p: () => path,
    f: () => name,
    h: () => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'),
    P: () => path.replace(/^\.?\/?/, ''),
    s: () => facts.size,
    k: () => Math.ceil(facts.size / 1024),
    m: () => facts.mode.toString(8),
    M: () => modeText(facts),
    u: () => names.user(facts.uid),
    g: () => names.group(facts.gid),
    U: () => facts.uid,
    G: () => facts.gid,
    i: () => facts.inode,
    n: () => facts.links,
    d: () => depth,
    y: () => modeText(facts)[0]!.replace('-', 'f'),
    l: () => facts.target ?? '',
    t: () => formatDate(facts.modifiedAt, '%a %b %e %H:%M:%S.%N %Y'),
  };
  const filled = format.replace(/%(T[a-zA-Z@]|-?\d*[a-zA-Z]|%)/g, (all, what: string) => {
    if (what === '%') return '%';
    if (what.startsWith('T'))
      return what === 'T@' ? (facts.modifiedAt / 1000).toFixed(10) : formatDate(facts.modifiedAt, `%${what[1]}`);
    const text = fields[what.at(-1)!]?.();
    if (text === undefined) return all;
    const width = Number(what.slice(0, -1));
    return width < 0 ? String(text).padEnd(-width) : String(text).padStart(width);
  });
  return resolveEscapes(filled).text;
}
