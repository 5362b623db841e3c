import { describe, expect, it } from 'vitest';
import { MAX_DIFF_STEPS, unifiedDiff } from './unified-diff.ts';

const lines = (...list: string[]): string => list.join('\n');

describe('a unified diff', () => {
  it('is empty for the same text', () => {
    expect(unifiedDiff('a\nb', 'a\nb')).toBe('');
  });

  it('shows three lines around a change, and where it is', () => {
    const before = lines('1', '2', '3', '4', '5', '6', '7', '8', '9');
    const after = lines('1', '2', '3', '4', 'five', '6', '7', '8', '9');
    expect(unifiedDiff(before, after)).toBe(
      lines('@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8', ''),
    );
  });

  it('makes two hunks of changes that are far apart', () => {
    const before = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    const after = before.with(1, 'x').with(28, 'y');
    expect(unifiedDiff(before.join('\n'), after.join('\n')).match(/^@@/gm)).toHaveLength(2);
  });
});

describe('a unified diff of long texts', () => {
  it('stops looking for what is alike when that takes too long', () => {
    // Each other line is another one: more steps than are taken.
    const count = MAX_DIFF_STEPS / 50;
    const before = Array.from({ length: count }, (_, i) => `line ${i}`);
    const after = before.map((line, i) => (i % 2 === 0 ? line : `other ${i}`));
    const diff = unifiedDiff(before.join('\n'), after.join('\n'));
    expect(diff.startsWith('@@ -1')).toBe(true);
    expect(diff).toContain(`+other ${count - 1}`);
    const short = before.slice(0, 100).join('\n');
    expect(unifiedDiff(short, `${short}\nx`)).toContain('+x');
  });
});
