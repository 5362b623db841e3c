import { expect, it } from 'vitest';
import { lineFrom, MAX_QUESTION } from './database-server.ts';

/** What is read of a connection on which these pieces come. */
function read(...pieces: string[]): string | undefined {
  const run = lineFrom({
    *read() {
      if (pieces.length === 0) yield { for: 'condition', ready: () => false };
      return pieces.shift()!;
    },
  });
  const next = run.next();
  if (!next.done) throw new Error('it waits for something');
  return next.value;
}

it('reads a line that is as long as it may be, also in pieces, and none that is longer', () => {
  const most = `${'x'.repeat(MAX_QUESTION - 1)}\n`;
  expect(read(most)).toBe(most);
  expect(read(most.slice(0, 10), most.slice(10))).toBe(most);
  expect(read('x', most)).toBeUndefined();
  expect(read('x'.repeat(MAX_QUESTION + 1), '\n')).toBeUndefined();
  expect(read('x', '')).toBeUndefined();
});
