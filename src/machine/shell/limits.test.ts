/** What scripts may take, on either side of each bound. */
import { expect, it } from 'vitest';
import { MAX_SCRIPT_BYTES, MAX_SYNTAX_DEPTH } from '../syntax/syntax.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../test-machine.ts';
import { MAX_LEADS } from './arithmetic.ts';
import { MAX_ARITHMETIC_DEPTH } from './arithmetic-syntax.ts';
import { MAX_BRACE_WORDS } from './braces.ts';
import { MAX_DEPTH } from './execute.ts';
import { MAX_GLOB_NAMES } from './glob.ts';
import { ash, bash } from './main.ts';
import { MAX_TEXT_DEPTH } from './run-text.ts';
import { MAX_ELEMENTS, MAX_VARIABLE_BYTES } from './variables.ts';

const IMAGE = imageOf({ '/bin/sh': { program: ash }, '/bin/bash': { program: bash } });

/** Runs a script. @returns its status and what it has printed, cut. */
function outcomeOf(script: string, shell = 'sh') {
  const volumes = {
    v: {
      kind: 'files' as const,
      files: { script: { bytes: script, mode: 0o644 } },
      defaultMode: 0o644,
      isAtomic: false,
    },
  };
  const machine = machineOf(IMAGE, { volumes });
  machine.start(containerOf([shell, '/v/script'], { mounts: [{ path: '/v', volume: 'v', readOnly: true }] }));
  while (!machine.advance(TEST_START + 100_000_000));
  const lines = machine.log('c').map(({ text }) => text.slice(0, 200));
  return { code: machine.end('c')?.exitCode, last: lines.at(-1) };
}

const nested = (open: string, middle: string, close: string, depth: number): string =>
  open.repeat(depth) + middle + close.repeat(depth);

it('reads scripts of so many bytes', () => {
  const script = (bytes: number) => `echo ok\n#${'x'.repeat(bytes - 9)}`;
  expect(outcomeOf(script(MAX_SCRIPT_BYTES))).toEqual({ code: 0, last: 'ok' });
  expect(outcomeOf(script(MAX_SCRIPT_BYTES + 1)).code).toBe(2);
});

it('reads commands within one another so deep', () => {
  const braces = (depth: number) => nested('{ ', 'echo ok; ', '}; ', depth);
  expect(outcomeOf(braces(MAX_SYNTAX_DEPTH - 1))).toEqual({ code: 0, last: 'ok' });
  expect(outcomeOf(braces(MAX_SYNTAX_DEPTH)).code).toBe(2);
});

it('calls functions within one another so deep', () => {
  // Each call is a command in a condition in a function.
  const calls = (depth: number) => `f() { if [ $1 -gt 0 ]; then f $(($1 - 1)); else echo ok; fi; }; f ${depth}`;
  const own = 2;
  expect(outcomeOf(calls(Math.floor(MAX_DEPTH / 4)))).toEqual({ code: 0, last: 'ok' });
  expect(outcomeOf(calls(Math.ceil(MAX_DEPTH / own))).code).toBe(139);
});

it('runs scripts within one another so deep', () => {
  const evals = (depth: number) => `f='[ $n -ge ${depth} ] && echo ok || { n=$((n+1)); eval "$f"; }'; n=1; eval "$f"`;
  expect(outcomeOf(evals(MAX_TEXT_DEPTH - 1))).toEqual({ code: 0, last: 'ok' });
  expect(outcomeOf(evals(MAX_TEXT_DEPTH)).code).toBe(139);
});

it('has variables of so many bytes, and arrays of so many elements', () => {
  // Doubled: a power of two.
  const bytes = Math.log2(MAX_VARIABLE_BYTES);
  const doubled = (times: number) => `x=a; i=0; while [ $i -lt ${times} ]; do x=$x$x; i=$((i+1)); done; echo ok`;
  expect(outcomeOf(doubled(bytes))).toEqual({ code: 0, last: 'ok' });
  expect(outcomeOf(doubled(bytes + 1)).code).toBe(139);
  const elements = (count: number) => `a=({1..${count - 1}}); a[${count - 1}]=x; echo \${#a[@]}`;
  expect(outcomeOf(elements(MAX_ELEMENTS), 'bash').last).toBe(String(MAX_ELEMENTS));
  expect(outcomeOf(elements(MAX_ELEMENTS + 1), 'bash').code).toBe(139);
});

it('makes so many words of braces', () => {
  const words = (count: number) => `for i in {1..${count}}; do :; done; echo $i`;
  expect(outcomeOf(words(MAX_BRACE_WORDS), 'bash').last).toBe(String(MAX_BRACE_WORDS));
  expect(outcomeOf(words(MAX_BRACE_WORDS + 5), 'bash').last).toBe(String(MAX_BRACE_WORDS));
});

it('finds so many names of files', () => {
  const files = Object.fromEntries(Array.from({ length: MAX_GLOB_NAMES + 1 }, (_, i) => [`/many/f${i}`, { text: '' }]));
  const count = (pattern: string): string | undefined => {
    const machine = machineOf(imageOf({ ...files, '/bin/sh': { program: ash } }));
    machine.start(containerOf(['sh', '-c', `set -- ${pattern}; echo $#`]));
    while (!machine.advance(TEST_START + 100_000_000));
    return machine.log('c')[0]?.text;
  };
  expect(count('/many/f1*')).toBe('11111');
  expect(count('/many/*')).toBe(String(MAX_GLOB_NAMES));
});

it('works out arithmetic so deep', () => {
  const parentheses = (depth: number) => `echo $((${nested('(', '1', ')', depth)}))`;
  expect(outcomeOf(parentheses(Math.floor(MAX_ARITHMETIC_DEPTH / 2) - 1)).last).toBe('1');
  expect(outcomeOf(parentheses(MAX_ARITHMETIC_DEPTH)).code).toBe(2);
  const leads = (count: number) =>
    `${Array.from({ length: count }, (_, i) => `v${i}=${i === count - 1 ? 7 : `v${i + 1}`}`).join('; ')}; echo $((v0))`;
  expect(outcomeOf(leads(MAX_LEADS + 1)).last).toBe('7');
  expect(outcomeOf(leads(MAX_LEADS + 2)).code).toBe(2);
});
