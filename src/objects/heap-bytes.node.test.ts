/** Against what V8 takes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { heapBytes } from './heap-bytes.ts';

const SHAPES: [string, () => unknown][] = [
  ['long texts', () => ({ a: 'x'.repeat(5000), b: 'y'.repeat(5000) })],
  ['many short texts', () => Array.from({ length: 500 }, (_, i) => `item ${i}, and more`)],
  ['small objects', () => Array.from({ length: 500 }, (_, i) => ({ name: `variable-${i}`, value: `${i}` }))],
  ['a map', () => Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key-number-${i}`, `v${i}`]))],
  ['numbers', () => Array.from({ length: 2000 }, (_, i) => i)],
];
const COPIES = 500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it.each(SHAPES)('is not told to be much less than it is: %s', (_, make) => {
  const text = JSON.stringify(make());
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  const kept = Array.from({ length: COPIES }, () => JSON.parse(text));
  const took = (used() - before) / COPIES;
  expect(heapBytes(kept[0]) / took).toBeGreaterThan(0.8);
  expect(heapBytes(kept[0]) / took).toBeLessThan(2.5);
});
