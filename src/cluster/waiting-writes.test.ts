import { expect, it } from 'vitest';
import type { KubeObject } from '../objects/object.ts';
import { Errands } from '../simulation/errands.ts';
import { HeldBytes, type Holding } from '../simulation/held-bytes.ts';
import { WriteWaits } from '../simulation/pump-ports.ts';
import { createRandom } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';
import { MAX_WAITING_WRITES, WaitingWrites } from './waiting-writes.ts';

const writeOf = (name: string): Write<KubeObject> => ({
  verb: 'create',
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } },
});

const writer = (key: string, now: number) => ({
  name: 'replicaset-controller',
  key,
  manager: 'kube-controller-manager',
  now,
  random: createRandom('seed', `${key}/${now}`),
});

/** Asks what it has drawn, once; answers with all that it goes by. */
function attempts(hold?: () => Holding) {
  const questions: string[] = [];
  const waiting = new WaitingWrites(new Errands(() => undefined), hold);
  const apply = (key: string, now: number) =>
    waiting.apply(writeOf(key), writer(key, now), now, (write, { now: at, random, answers }) => {
      const uid = random.uid();
      answers.of({
        whom: 'somebody',
        text: `${uid} ${at}`,
        ask: async () => {
          questions.push(uid);
          return 'an answer';
        },
      });
      return { ...(write as { object: KubeObject }).object, uid, at };
    });
  return { apply, questions };
}

const settled = (): Promise<void> => new Promise((fulfil) => setTimeout(fulfil, 0));

it('makes a write as it was when it was first tried, once its question is answered', async () => {
  const { apply, questions } = attempts();
  expect(() => apply('a', 1)).toThrow(WriteWaits);
  expect(() => apply('a', 2)).toThrow(WriteWaits);
  await settled();
  expect(questions).toHaveLength(1);
  expect(apply('a', 3)).toMatchObject({ uid: questions[0], at: 1 });
  expect(() => apply('a', 4)).toThrow(WriteWaits);
});

it('keeps so many aside, and asks anew about what was put aside before them', async () => {
  const { apply, questions } = attempts();
  const askAll = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      expect(() => apply(`w${i}`, 1)).toThrow(WriteWaits);
      await settled();
    }
  };
  await askAll(MAX_WAITING_WRITES);
  expect(apply('w0', 2)).toMatchObject({ uid: questions[0], at: 1 });
  const more = attempts();
  for (let i = 0; i <= MAX_WAITING_WRITES; i++) {
    expect(() => more.apply(`w${i}`, 1)).toThrow(WriteWaits);
    await settled();
  }
  expect(() => more.apply('w0', 2)).toThrow(WriteWaits);
});

it('counts what was answered until the write is made, or is asked about anew', async () => {
  const pool = new HeldBytes(1_000_000);
  const { apply } = attempts(() => pool.open('cluster', () => 0));
  const ask = async (key: string): Promise<void> => {
    expect(() => apply(key, 1)).toThrow(WriteWaits);
    await settled();
  };
  await ask('made');
  const one = pool.total;
  expect(one).toBeGreaterThan(0);
  expect(apply('made', 2)).toMatchObject({ at: 1 });
  expect(pool.total).toBe(0);
  for (let i = 0; i <= MAX_WAITING_WRITES; i++) await ask(`w${i}`);
  expect(pool.total).toBe(MAX_WAITING_WRITES * one);
});
