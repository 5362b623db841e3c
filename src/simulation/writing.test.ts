import { expect, it } from 'vitest';
import { type Writer, WriteWaits } from './pump-ports.ts';
import { createRandom } from './random.ts';
import type { Write } from './reconciler.ts';
import { Writing } from './writing.ts';

const writer: Writer = { name: 'r', key: 'k', manager: 'm', now: 0, random: createRandom('seed', 'r') };
const WORK = { reconciler: 'r', key: 'k' };

const create = (object: string, more: Partial<Write<string> & { verb: 'create' }> = {}): Write<string> => ({
  verb: 'create',
  object,
  ...more,
});

/** What has been made, in order; those of `waits` wait once, and those of `refused` are never made. */
function world(waits: string[], refused: string[] = []) {
  const made: string[] = [];
  const apply = (write: Write<string>): string => {
    const { object } = write as { object: string };
    if (waits.includes(object)) {
      waits.splice(waits.indexOf(object), 1);
      throw new WriteWaits();
    }
    if (refused.includes(object)) throw new Error(`no ${object}`);
    made.push(object);
    return object;
  };
  return { made, apply };
}

/** How often it had to be gone on with. */
function finish(writes: Write<string>[], apply: (write: Write<string>) => string): number {
  const writing = new Writing(WORK, writer, { writes });
  for (let stops = 0; ; stops++)
    try {
      while (!writing.isDone) writing.next(apply);
      return stops;
    } catch (error) {
      if (!(error instanceof WriteWaits)) throw error;
    }
}

it('goes on with the write that waited, and makes none of those before it again', () => {
  const { made, apply } = world(['b', 'c']);
  expect(finish([create('a'), create('b'), create('c')], apply)).toBe(2);
  expect(made).toEqual(['a', 'b', 'c']);
});

it('tells of what it has made when that waited, once', () => {
  const { made, apply } = world(['a told 2']);
  const told = (object: string): Write<string>[] => [1, 2, 3].map((i) => create(`${object} told ${i}`));
  expect(finish([create('a', { created: told }), create('b')], apply)).toBe(1);
  expect(made).toEqual(['a', 'a told 1', 'a told 2', 'a told 3', 'b']);
});

it('waits though it is a best effort, and tells of no refusal then', () => {
  const { made, apply } = world(['a'], ['b']);
  const refused = (message: string): Write<string>[] => [create(message)];
  expect(finish([create('a', { bestEffort: true, refused }), create('b', { bestEffort: true, refused })], apply)).toBe(
    1,
  );
  expect(made).toEqual(['a', 'no b']);
});

it('stops at what is refused', () => {
  const { made, apply } = world([], ['b']);
  expect(() => finish([create('a'), create('b'), create('c')], apply)).toThrow('no b');
  expect(made).toEqual(['a']);
});
