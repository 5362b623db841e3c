import { expect, it } from 'vitest';
import { seeded } from '../etcd/script.ts';
import { checkLinearizability, type Input, type Operation, type Output } from './linearizability.ts';

type Line = [called: number, returned: number, input: Input, output?: Output];

const history = (...lines: Line[]): Operation[] =>
  lines.map(([called, returned, input, output]) => ({ key: 'k', input, output, called, returned }));
const accepts = (operations: Operation[]): boolean => checkLinearizability(operations).linearizable;

const put = (value: string): Input => ({ type: 'put', value });
const get: Input = { type: 'get' };
const remove: Input = { type: 'delete' };
const swap = (expected: string | undefined, value: string): Input => ({ type: 'compareAndPut', expected, value });
const NEVER = Number.POSITIVE_INFINITY;

it.each<[string, Operation[]]>([
  ['nothing', []],
  ['one after the other', history([0, 1, put('a'), {}], [2, 3, get, { value: 'a' }], [4, 5, remove, { deleted: 1 }])],
  ['a key that was never there', history([0, 1, get, {}], [2, 3, remove, { deleted: 0 }])],
  ['a read during a write that sees it', history([0, 3, put('a'), {}], [1, 2, get, { value: 'a' }])],
  ['a read during a write that does not', history([0, 3, put('a'), {}], [1, 2, get, {}])],
  [
    'two writes at once, seen in either order',
    history([0, 5, put('a'), {}], [1, 4, put('b'), {}], [6, 7, get, { value: 'a' }], [8, 9, get, { value: 'a' }]),
  ],
  [
    'of two comparisons at once, one holds',
    history(
      [0, 4, swap(undefined, 'a'), { succeeded: true }],
      [1, 3, swap(undefined, 'b'), { succeeded: false }],
      [5, 6, get, { value: 'a' }],
    ),
  ],
  ['an unanswered write that was', history([0, NEVER, put('a')], [1, 2, get, { value: 'a' }])],
  ['an unanswered write that was not', history([0, NEVER, put('a')], [1, 2, get, {}])],
  [
    'an unanswered write that comes late',
    history([0, NEVER, put('a')], [1, 2, put('b'), {}], [3, 4, get, { value: 'b' }], [5, 6, get, { value: 'a' }]),
  ],
  [
    'an unanswered deletion between two answers',
    history([0, 1, put('a'), {}], [2, 9, remove], [3, 4, get, { value: 'a' }], [5, 6, get, {}]),
  ],
])('accepts %s', (_name, operations) => {
  expect(checkLinearizability(operations)).toEqual({ linearizable: true });
});

it.each<[string, Operation[]]>([
  ['a lost write', history([0, 1, put('a'), {}], [2, 3, get, {}])],
  ['an old value after a new one', history([0, 1, put('a'), {}], [2, 3, put('b'), {}], [4, 5, get, { value: 'a' }])],
  ['a value from nowhere', history([0, 1, put('a'), {}], [2, 3, get, { value: 'x' }])],
  ['a value before it was written', history([0, 1, get, { value: 'a' }], [2, 3, put('a'), {}])],
  [
    'a read that goes back while a write is on its way',
    history([0, 9, put('a'), {}], [1, 2, get, { value: 'a' }], [3, 4, get, {}]),
  ],
  [
    'two comparisons that both hold',
    history([0, 4, swap(undefined, 'a'), { succeeded: true }], [1, 3, swap(undefined, 'b'), { succeeded: true }]),
  ],
  ['a deletion of what was there that found nothing', history([0, 1, put('a'), {}], [2, 3, remove, { deleted: 0 }])],
  ['an unanswered write that is undone', history([0, NEVER, put('a')], [1, 2, get, { value: 'a' }], [3, 4, get, {}])],
  [
    'an unanswered write that comes after it could',
    history([0, 3, put('a')], [4, 5, get, {}], [6, 7, get, { value: 'a' }]),
  ],
])('refuses %s', (_name, operations) => {
  expect(checkLinearizability(operations)).toMatchObject({ linearizable: false, key: 'k' });
});

it('checks every key alone', () => {
  const of = (key: string, operations: Operation[]) => operations.map((operation) => ({ ...operation, key }));
  const good = of('good', history([0, 1, put('a'), {}], [2, 3, get, { value: 'a' }]));
  const bad = of('bad', history([0, 1, put('a'), {}], [2, 3, get, {}]));
  expect(accepts(good)).toBe(true);
  expect(checkLinearizability([...good, ...bad])).toMatchObject({ linearizable: false, key: 'bad' });
});

/** Histories of a register that is one: each operation takes effect at an instant between its call and its return. */
function randomHistory(seed: number, length: number): Operation[] {
  const random = seeded(seed);
  const CLIENTS = 6;
  const free = Array.from({ length: CLIENTS }, () => 0);
  const planned = Array.from({ length }, (_, i) => {
    const client = i % CLIENTS;
    const called = free[client]! + random();
    const effect = called + random() * 3;
    const returned = effect + random() * 3;
    free[client] = returned;
    const choice = random();
    const input = choice < 0.35 ? put(`v${i}`) : choice < 0.7 ? get : choice < 0.8 ? remove : undefined;
    return { called, effect, returned, input, unanswered: random() < 0.1, lost: random() < 0.5 };
  });
  let state: string | undefined;
  return planned
    .toSorted((a, b) => a.effect - b.effect)
    .map(({ called, returned, input: given, unanswered, lost }, i) => {
      const input = given ?? swap(random() < 0.7 ? state : 'v0', `w${i}`);
      const before = state;
      const output: Output = {
        get: { value: before },
        put: {},
        delete: { deleted: before === undefined ? 0 : 1 },
        compareAndPut: { succeeded: input.type === 'compareAndPut' && input.expected === before },
      }[input.type];
      if (!(unanswered && lost)) {
        if (input.type === 'put' || output.succeeded) state = (input as { value: string }).value;
        else if (input.type === 'delete') state = undefined;
      }
      return { key: 'k', input, output: unanswered ? undefined : output, called, returned };
    });
}

it('accepts what a real register answers, and finds a single wrong read in it', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const operations = randomHistory(seed, 400);
    expect(accepts(operations), `seed ${seed}`).toBe(true);
    const reads = operations.filter(({ input, output }) => input.type === 'get' && output);
    const spoilt = reads[Math.floor(reads.length / 2)]!;
    const wrong = operations.map((o) => (o === spoilt ? { ...o, output: { value: 'never written' } } : o));
    expect(accepts(wrong), `seed ${seed}, spoilt`).toBe(false);
    // A value that had been replaced long before.
    const puts = operations.filter(({ input, output }) => input.type === 'put' && output);
    const old = (puts[2]!.input as { value: string }).value;
    const late = reads.findLast(({ output }) => output!.value !== old)!;
    const stale = operations.map((o) => (o === late ? { ...o, output: { value: old } } : o));
    expect(accepts(stale), `seed ${seed}, stale`).toBe(false);
  }
});
