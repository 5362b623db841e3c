import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../machine/pod-machine.ts';
import { logPart } from './log-text.ts';

const at = (second: number): number => Date.UTC(2026, 0, 1, 0, 0, second);
const line = (second: number, text: string, more: Partial<LogLine> = {}): LogLine => ({
  at: at(second),
  stream: 'stdout',
  text,
  isPartial: false,
  ...more,
});
const LINES = [line(1, 'a'), line(2, 'b', { stream: 'stderr' }), line(2, 'c'), line(3, 'd')];
const text = (options: Partial<Parameters<typeof logPart>[1]>, lines = LINES): string =>
  logPart(lines, { timestamps: false, ...options }).text;

describe('a log', () => {
  it('is all of its lines', () => {
    expect(text({})).toBe('a\nb\nc\nd\n');
    expect(text({}, [])).toBe('');
  });

  it('has the last of them', () => {
    expect(text({ tail: 2 })).toBe('c\nd\n');
    expect(text({ tail: 0 })).toBe('');
    expect(text({ tail: 9 })).toBe('a\nb\nc\nd\n');
  });

  it('begins at an instant, after the last ones were found', () => {
    expect(text({ since: at(2) })).toBe('b\nc\nd\n');
    expect(text({ since: at(2), tail: 1 })).toBe('d\n');
    expect(text({ since: at(3), tail: 3 })).toBe('d\n');
  });

  it('has one stream only', () => {
    expect(text({ stream: 'stderr' })).toBe('b\n');
    expect(text({ stream: 'stdout', tail: 2 })).toBe('c\nd\n');
  });

  it('says when', () => {
    expect(text({ timestamps: true, tail: 1 })).toBe('2026-01-01T00:00:03.000000000Z d\n');
  });

  it('ends at so many bytes', () => {
    expect(text({ limitBytes: 3 })).toBe('a\nb');
    expect(logPart(LINES, { timestamps: false, limitBytes: 8 })).toMatchObject({ text: 'a\nb\nc\nd\n', isFull: true });
    expect(logPart(LINES, { timestamps: false, limitBytes: 9 }).isFull).toBe(false);
  });

  it('has no end of a line that is not over', () => {
    expect(text({}, [line(1, 'no', { isPartial: true }), line(1, 'w')])).toBe('now\n');
  });

  it('goes on where it was, also when its first lines are forgotten', () => {
    const options = { timestamps: false, tail: 1 };
    const { text: first, cursor } = logPart(LINES, options);
    expect(first).toBe('d\n');
    expect(logPart(LINES, options, cursor).text).toBe('');
    const more = [...LINES.slice(2), line(3, 'e'), line(4, 'f')];
    const next = logPart(more, options, cursor);
    expect(next.text).toBe('e\nf\n');
    expect(logPart([line(4, 'f'), line(4, 'g')], options, next.cursor).text).toBe('g\n');
    expect(logPart([line(9, 'h')], options, next.cursor).text).toBe('h\n');
  });

  it('goes on from nothing, and counts its bytes from the beginning', () => {
    const options = { timestamps: false, limitBytes: 3 };
    const { cursor } = logPart([], options);
    const next = logPart(LINES.slice(0, 1), options, cursor);
    expect(next.text).toBe('a\n');
    expect(logPart(LINES, options, next.cursor)).toMatchObject({ text: 'b', isFull: true });
  });
});
