import { expect, it } from 'vitest';
import { Lines, MAX_LINE_MS, MAX_PLACE_MS, SERVED_AT_A_TIME } from './line.ts';

/** Time that stands still until told. */
function sandbox() {
  let now = 1_800_000_000_000;
  let sleeping: { until: number; wake: () => void }[] = [];
  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => {
      sleeping.push({ until: now + milliseconds, wake });
    });
  const lines = new Lines(() => now, sleep);
  const served: string[] = [];
  const leaves = new Map<string, () => void>();
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return {
    served,
    leave: (name: string) => leaves.get(name)!(),
    async start(id: string, name: string): Promise<void> {
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

const names = Array.from({ length: SERVED_AT_A_TIME }, (_, i) => `a${i}`);

it('so many requests of a cluster are served at a time, and those of others beside them', async () => {
  const { served, leave, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  expect(served).toEqual(names);
  await start('a', 'next');
  await start('b', 'b');
  expect(served.slice(names.length)).toEqual(['b']);
  await pass(100);
  expect(served.slice(names.length)).toEqual(['b']);
  leave('a3');
  leave('a3');
  await start('a', 'quick');
  await pass(100);
  expect(served.slice(names.length)).toEqual(['b', 'quick']);
  leave('quick');
  await pass(100);
  expect(served.slice(names.length)).toEqual(['b', 'quick', 'next']);
});

it('what takes long holds no place', async () => {
  const { served, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  await start('a', 'next');
  await pass(MAX_PLACE_MS - 1);
  expect(served).toEqual(names);
  await pass(100);
  expect(served).toEqual([...names, 'next']);
});

it('nobody waits for ever', async () => {
  const { served, leave, start, pass } = sandbox();
  for (const name of names) await start('a', name);
  await start('a', 'next');
  for (let passed = 0; passed < MAX_LINE_MS - 1; passed++) {
    // Others come and go, each a moment before it is looked for a place.
    leave(names[passed % names.length]!);
    await start('a', names[passed % names.length]!);
    await pass(1);
  }
  expect(served).not.toContain('next');
  await pass(100);
  expect(served).toContain('next');
});
