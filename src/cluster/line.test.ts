import { expect, it } from 'vitest';
import {
  ASKING_MS,
  Lines,
  MAX_CALL_MS,
  MAX_LINE_MS,
  MAX_LINES,
  MAX_PLACE_MS,
  SERVED_ALONE,
  SERVED_BESIDE_OTHERS,
} from './line.ts';

/** Time that stands still until told. */
function sandbox() {
  let now = 1_800_000_000_000;
  let sleeping: { until: number; wake: () => void }[] = [];
  const gone = new Set<string>();
  let entering = '';
  const lines = new Lines(
    () => now,
    (milliseconds, woken) => {
      const name = entering;
      return new Promise((wake) => {
        const unlessGone = (): void => {
          if (!gone.has(name)) wake();
        };
        sleeping.push({ until: now + milliseconds, wake: unlessGone });
        void woken.then(unlessGone);
      });
    },
  );
  const served: string[] = [];
  const leaves = new Map<string, () => void>();
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return {
    served,
    async leave(name: string): Promise<void> {
      leaves.get(name)!();
      await settled();
    },
    /** From here on nothing of what it waits for is heard. */
    goAway: (name: string) => gone.add(name),
    async start(id: string, name: string): Promise<void> {
      entering = name;
      void lines.enter(id).then((leave) => {
        served.push(name);
        leaves.set(name, leave);
      });
      await settled();
    },
    async pass(milliseconds: number): Promise<void> {
      for (const end = now + milliseconds; now < end; ) {
        now++;
        const due = sleeping.filter(({ until }) => until <= now);
        sleeping = sleeping.filter(({ until }) => until > now);
        for (const { wake } of due) wake();
        if (due.length > 0) await settled();
      }
    },
  };
}

const names = Array.from({ length: SERVED_ALONE }, (_, i) => `a${i}`);

it('so many requests of a cluster are served at a time, and those of others beside them', async () => {
  const { served, leave, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  expect(served).toEqual(names);
  await start('a', 'next');
  await start('b', 'b');
  expect(served.slice(names.length)).toEqual(['b']);
  await pass(ASKING_MS);
  expect(served.slice(names.length)).toEqual(['b']);
  await leave('a3');
  await leave('a3');
  expect(served.slice(names.length)).toEqual(['b', 'next']);
});

it('fewer are served at a time while others ask too', async () => {
  const { served, leave, start, pass } = sandbox();
  await start('b', 'b');
  for (const name of names) await start('a', name);
  expect(served).toEqual(['b', ...names.slice(0, SERVED_BESIDE_OTHERS)]);
  await pass(ASKING_MS - 1);
  await leave('a0');
  expect(served).toHaveLength(1 + SERVED_BESIDE_OTHERS + 1);
  await pass(1);
  await leave('a1');
  expect(served).toEqual(['b', ...names]);
});

it('who came first is served first', async () => {
  const { served, leave, start } = sandbox();
  for (const name of names) await start('a', name);
  for (const name of ['first', 'second', 'third']) await start('a', name);
  await leave('a0');
  await start('a', 'late');
  expect(served.slice(names.length)).toEqual(['first']);
  for (const name of ['a1', 'first', 'a2']) await leave(name);
  expect(served.slice(names.length)).toEqual(['first', 'second', 'third', 'late']);
});

it('what takes long holds no place', async () => {
  const { served, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  await start('a', 'next');
  await pass(MAX_PLACE_MS - 1);
  expect(served).toEqual(names);
  await pass(1);
  expect(served).toEqual([...names, 'next']);
});

it('who is gone when it is his turn holds no place', async () => {
  const { served, leave, goAway, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  await start('a', 'goes');
  goAway('goes');
  await pass(MAX_PLACE_MS - MAX_CALL_MS - 1);
  await leave('a0');
  await start('a', 'next');
  await pass(MAX_CALL_MS - 1);
  await start('a', 'looks');
  expect(served).toEqual(names);
  await pass(1);
  await start('a', 'looks again');
  expect(served).toEqual([...names, 'next']);
});

it('nobody waits for ever', async () => {
  const { served, goAway, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  const many = (MAX_LINE_MS / MAX_PLACE_MS + 1) * SERVED_ALONE;
  for (let i = 0; i < many; i++) await start('a', `before-${i}`);
  await start('a', 'next');
  await pass(MAX_LINE_MS - 1);
  expect(served).not.toContain('next');
  await pass(1);
  expect(served).toContain('next');
  goAway('next');
});

it.each([
  [MAX_LINES - 1, 'knows who is served', false],
  [MAX_LINES, 'no longer knows it', true],
])('of a cluster after which %i others have asked, it %s', async (others, _, isServed) => {
  const lines = sandbox();
  for (let i = 0; i < SERVED_ALONE; i++) await lines.start('a', `a${i}`);
  for (let i = 0; i < others; i++) await lines.start(`b${i}`, `b${i}`);
  await lines.start('a', 'late');
  expect(lines.served.includes('late')).toBe(isServed);
});
