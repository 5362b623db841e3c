/** What patterns, scripts, comparisons and searches may ask for, on either side of each bound. */
import { expect, it } from 'vitest';
import { changesOf, MAX_COMPARED } from './diff.ts';
import { MAX_DEPTH } from './find.ts';
import { SHORTEST } from './lines.ts';
import { compileRegex, MAX_PATTERN, MAX_REPEAT } from './regex.ts';
import { MAX_COMMANDS, parseScript } from './sed-script.ts';
import { runApplet } from './test-run.ts';

it('repeats so often in a pattern and no more often', () => {
  const text = 'a'.repeat(MAX_REPEAT);
  for (const [pattern, isExtended] of [
    [`^a\\{${MAX_REPEAT}\\}$`, false],
    [`^a{1,${MAX_REPEAT}}$`, true],
  ] as const) {
    expect(compileRegex(pattern, { isExtended }).test(text)).toBe(true);
    expect(compileRegex(pattern, { isExtended }).test(`${text}a`)).toBe(false);
    const beyond = pattern.replace(String(MAX_REPEAT), String(MAX_REPEAT + 1));
    expect(() => compileRegex(beyond, { isExtended })).toThrow('Regular expression too big');
  }
});

it('counts what a pattern repeats as often as it may come', () => {
  const compiles = (pattern: string) => () => compileRegex(pattern, { isExtended: true });
  for (const hundred of ['a{100}', '[)}{]{2,100}', '([)}].{8}){10}', '(a{0,7}|b){10}', '(a\\}\\{{7}){10,}']) {
    const within = hundred.repeat(MAX_PATTERN / 100);
    expect(compiles(within), hundred).not.toThrow();
    expect(compiles(`${within}a`), hundred).toThrow('Regular expression too big');
  }
});

it('takes scripts of sed with so many commands and no more', () => {
  expect(parseScript('p;'.repeat(MAX_COMMANDS), false)).toHaveLength(MAX_COMMANDS);
  expect(() => parseScript('p;'.repeat(MAX_COMMANDS + 1), false)).toThrow('script too long');
});

it('compares files line by line, and those with too many differences as a whole', () => {
  const side = Math.floor(Math.sqrt(MAX_COMPARED));
  /** Of so many lines only the one in the middle is in both. */
  const differing = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => (i === count >> 1 ? 'common' : `${name} ${i}`));
  const [first, second] = [differing(side, 'old'), differing(side, 'new')];
  const half = side >> 1;
  const rest = side - half - 1;
  expect(changesOf(first, second)).toEqual([
    { at: 0, gone: half, to: 0, come: half },
    { at: half + 1, gone: rest, to: half + 1, come: rest },
  ]);
  expect(changesOf([...first, 'old end'], [...second, 'new end'])).toEqual([
    { at: 0, gone: side + 1, to: 0, come: side + 1 },
  ]);
});

it('goes so many folders down, and says where there are more', () => {
  const folders = (depth: number) => `d${'/d'.repeat(depth - 1)}`;
  const found = (depth: number, more = '') =>
    runApplet(['sh', '-c', `mkdir -p ${folders(depth)}; find . ${more} -type d | wc -l`]);
  expect(found(MAX_DEPTH)).toEqual({ stdout: `${MAX_DEPTH + 1}\n`, stderr: '', status: 0 });
  expect(found(MAX_DEPTH + 1)).toEqual({
    stdout: `${MAX_DEPTH + 1}\n`,
    stderr: `find: ./${folders(MAX_DEPTH)}: Filename too long\n`,
    status: 0,
  });
  expect(found(MAX_DEPTH + 1, `-maxdepth ${MAX_DEPTH}`).stderr).toBe('');
});

it('shows by strings only runs that are long enough', () => {
  const run = 'abcdefgh'.slice(0, SHORTEST);
  expect(runApplet(['strings'], { stdin: `\0${run}\0${run.slice(1)}\0` }).stdout).toBe(`${run}\n`);
  expect(runApplet(['strings', '-n', '2'], { stdin: '\0ab\0c\0' }).stdout).toBe('ab\n');
});
