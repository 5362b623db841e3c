/** Against what V8 takes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { KeyValue } from '../etcd/types.ts';
import { storedDefinition } from './defined-kinds.ts';

const CHARACTERS = 1_000_000;
const DEFINITIONS = 20;
const READERS = 5;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Made anew each time, as it comes from the store, or by a call to the object. */
const stored = (i: number): KeyValue => {
  const value = Buffer.alloc(CHARACTERS, `${i} `).toString('latin1');
  return { key: `/registry/apiextensions.k8s.io/customresourcedefinitions/${i}`, modRevision: i, value } as KeyValue;
};

it('holds the text of a definition once, however many have read it', () => {
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const read = () => Array.from({ length: DEFINITIONS }, (_, i) => storedDefinition(stored(i)));
  const before = used();
  const kept = Array.from({ length: READERS }, read);
  expect((used() - before) / (DEFINITIONS * CHARACTERS)).toBeLessThan(1.5);
  expect(kept[READERS - 1]![1]!.text).toHaveLength(CHARACTERS);
});
