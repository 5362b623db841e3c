import { describe, expect, it } from 'vitest';
import { Errands, MAX_ERRANDS, MAX_REFUSED } from './errands.ts';

const work = { reconciler: 'r', key: 'k' };

/** Promises that are kept when the test says so. */
function later<T>(): { promise: Promise<T>; keep: (value: T) => void; fail: (error: Error) => void } {
  let keep!: (value: T) => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<T>((resolve, reject) => {
    keep = resolve;
    fail = reject;
  });
  return { promise, keep, fail };
}

describe('an errand', () => {
  it('is run once however often it is asked for, and its outcome is there once', async () => {
    const arrived: string[] = [];
    const errands = new Errands(({ key }) => arrived.push(key));
    const { promise, keep } = later<number>();
    let runs = 0;
    const run = () => {
      runs++;
      return promise;
    };
    const ask = () => errands.ask('a', work, run);
    expect([ask(), ask()]).toEqual([undefined, undefined]);
    keep(7);
    await errands.settled();
    expect([runs, arrived]).toEqual([1, ['k']]);
    expect(ask()).toEqual({ value: 7 });
    expect(ask()).toBeUndefined();
    expect(runs).toBe(2);
  });

  it('that fails says so', async () => {
    const errands = new Errands(() => undefined);
    const ask = () => errands.ask('a', work, () => Promise.reject(new Error('no')));
    ask();
    await errands.settled();
    expect(ask()).toEqual({ error: 'no' });
  });

  it(`is one of ${MAX_ERRANDS} at a time, and what nobody comes for makes room`, async () => {
    const errands = new Errands(() => undefined);
    const open: ReturnType<typeof later<number>>[] = [];
    const ask = (id: number) =>
      errands.ask(String(id), work, () => {
        const one = later<number>();
        open.push(one);
        return one.promise;
      });
    for (let id = 0; id < MAX_ERRANDS + 1; id++) ask(id);
    expect(open).toHaveLength(MAX_ERRANDS);
    for (const { keep } of open) keep(1);
    await errands.settled();
    for (let id = 100; id < 110; id++) ask(id);
    for (const { keep } of open) keep(1);
    await errands.settled();
    expect(ask(109)).toEqual({ value: 1 });
    expect(ask(0)).toBeUndefined();
  });

  it('that found no room is told when there is some, and all are when nothing is under way', async () => {
    const arrived: string[] = [];
    const errands = new Errands(({ key }) => arrived.push(key));
    const open: ReturnType<typeof later<number>>[] = [];
    const ask = (key: string) =>
      errands.ask(key, { reconciler: 'r', key }, () => {
        open.push(later<number>());
        return open.at(-1)!.promise;
      });
    for (let i = 0; i < MAX_ERRANDS; i++) ask(`u${i}`);
    for (let i = 0; i <= MAX_REFUSED; i++) ask(`r${i}`);
    ask('r0');
    expect(errands.busy).toBe(true);
    open[0]!.keep(1);
    await new Promise((resolve) => setTimeout(resolve));
    expect(arrived).toEqual(['u0', 'r0']);
    ask('r0');
    for (const { keep } of open) keep(1);
    await errands.settled();
    expect(errands.busy).toBe(false);
    expect(arrived.filter((key) => key.startsWith('r')).length).toBe(MAX_REFUSED + 1);
    expect(arrived).not.toContain(`r${MAX_REFUSED}`);
  });
});
