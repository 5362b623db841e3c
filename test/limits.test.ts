/** Every named limit is tried: a test imports it, and so goes to both of its sides whatever it is changed to. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

const CONSTANT = /^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: [^=]+)? = (.*)/gm;
/** A bound by its name; `NO_LIMIT` is none. */
const LIMIT = /^(?!NO_)(?:.*_)?(?:MAX|MIN|LIMIT|LONGEST|SHORTEST|LARGEST|LEAST|MOST|THRESHOLD|BURST)(?:_|$)/;
const IMPORT = /^import\s+\{([^}]*)\}\s+from\s+'(\.[^']*)'/gm;

/** Not a bound but a word: an annotation's key. */
const isText = (value: string): boolean => /^['"`]/.test(value);

const sources = (): string[] =>
  globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !/\.(test|gen)\.ts$|\/test-[^/]*$/.test(file));

/** `FILE NAME` of each. */
function limits(): string[] {
  return sources()
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(CONSTANT)]
        .filter(([, name = '', value = '']) => LIMIT.test(name) && !isText(value))
        .map(([, name]) => `${file.slice('src/'.length)} ${name}`),
    )
    .sort();
}

/** The same of what tests import and then name once more. */
function tried(): Set<string> {
  const found = new Set<string>();
  for (const file of globSync(['src/**/*.test.ts', 'test/**/*.ts'], { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, names = '', from = ''] of text.matchAll(IMPORT)) {
      const source = join(file, '..', from).replaceAll('\\', '/');
      if (!source.startsWith('src/')) continue;
      for (const part of names.split(',')) {
        const [name = '', local = name] = part.trim().split(' as ');
        if (text.split(new RegExp(`\\b${local}\\b`)).length > 2) found.add(`${source.slice('src/'.length)} ${name}`);
      }
    }
  }
  return found;
}

it('tries every named limit', () => {
  const isTried = tried();
  expect(limits().filter((limit) => !isTried.has(limit))).toEqual([]);
});
