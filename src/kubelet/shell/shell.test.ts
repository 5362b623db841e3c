import { describe, expect, it } from 'vitest';
import { execWords, MAX_SCRIPT, scriptOf, termTrap } from './shell.ts';

describe('a shell', () => {
  it.each([
    ['its option', ['sh', '-c', 'x'], 'x'],
    ['options together', ['/bin/bash', '-euxc', 'x', 'arg'], 'x'],
    ['an option without a script', ['ash', '-c'], ''],
    ['a file', ['sh', 'x.sh'], undefined],
    ['another program', ['cat', '-c', 'x'], undefined],
    ['a script of the greatest length', ['sh', '-c', 'x'.repeat(MAX_SCRIPT)], 'x'.repeat(MAX_SCRIPT)],
    ['a longer one', ['sh', '-c', 'x'.repeat(MAX_SCRIPT + 1)], undefined],
  ])('is given %s', (_, words, script) => {
    expect(scriptOf(words)).toBe(script);
  });

  it.each([
    ["trap 'exit 0; x' INT TERM; wait", 'exit 0; x'],
    ['trap "a" SIGTERM', 'a'],
    ['trap f 15', 'f'],
    ["trap 'a' INT; trap 'b' TERM", 'b'],
    ["trap '' TERM", ''],
    ["trap 'a", undefined],
    ["trap 'a' EXIT; echo TERM", undefined],
    ['strap a TERM', undefined],
  ])('traps the signal in %s', (script, handler) => {
    expect(termTrap(script)?.handler).toBe(handler);
  });

  it.each([
    ['exec a b', ['a', 'b']],
    ['x; exec a\n', ['a']],
    ['x && exec a', ['a']],
    ['exec', undefined],
    ['exec a; x', undefined],
    ['exec a | x', undefined],
    ['executes a', undefined],
  ])('becomes a program in %s', (script, words) => {
    expect(execWords(script)).toEqual(words);
  });
});
