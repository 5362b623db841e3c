/** Names of files that a pattern matches, sorted. */
import { Errno } from '../errno.ts';
import type { Process } from '../program.ts';
import { compilePattern, literalOf, matches } from './patterns.ts';

/** Names that one pattern gives at most. */
export const MAX_GLOB_NAMES = 20_000;

function listOf(process: Process, path: string): string[] {
  try {
    return process.files.list(path);
  } catch (error) {
    if (error instanceof Errno) return [];
    throw error;
  }
}

/** @returns the paths; none where nothing matches. */
export function glob(process: Process, pattern: string): string[] {
  const isAbsolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  const mustBeFolder = pattern.endsWith('/');
  let paths = [isAbsolute ? '/' : ''];
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const compiled = compilePattern(part);
    const literal = literalOf(compiled);
    const isHiddenToo = part.startsWith('.') || part.startsWith('\\.');
    const next: string[] = [];
    for (const path of paths) {
      const before = path === '' || path.endsWith('/') ? path : `${path}/`;
      if (literal !== undefined) {
        if (process.files.exists(before + literal, false)) next.push(before + literal);
        continue;
      }
      for (const name of listOf(process, before === '' ? '.' : before).sort()) {
        process.work(1);
        if (name.startsWith('.') && !isHiddenToo) continue;
        if (matches(compiled, name) && (isLast || isFolder(process, before + name))) next.push(before + name);
      }
    }
    paths = next.slice(0, MAX_GLOB_NAMES);
  }
  if (!mustBeFolder) return paths;
  return paths.filter((path) => isFolder(process, path)).map((path) => `${path}/`);
}

function isFolder(process: Process, path: string): boolean {
  try {
    return process.files.stat(path).kind === 'directory';
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}
