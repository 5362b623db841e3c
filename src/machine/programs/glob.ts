/** File name patterns as fnmatch has them: `*`, `?`, `[…]` and `\`. */
import { compileRegex } from './regex.ts';

/** The pattern as an extended regular expression of the whole name. */
export function globToRegex(pattern: string): string {
  let out = '^';
  for (let i = 0; i < pattern.length; i++) {
    const at = pattern[i]!;
    if (at === '*') out += '.*';
    else if (at === '?') out += '.';
    else if (at === '[') {
      const [all, not, members] = /^\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]/.exec(pattern.slice(i)) ?? [];
      if (all === undefined) out += '\\[';
      else {
        out += `[${not === '' ? '' : '^'}${members}]`;
        i += all.length - 1;
      }
    } else {
      const literal = at === '\\' && i + 1 < pattern.length ? pattern[++i]! : at;
      out += literal.replace(/[\\^$.|?*+()[\]{}]/, '\\$&');
    }
  }
  return `${out}$`;
}

export function fileMatcher(pattern: string, ignoresCase = false): (name: string) => boolean {
  const regex = compileRegex(globToRegex(pattern), { isExtended: true, ignoresCase });
  return (name) => regex.test(name);
}
