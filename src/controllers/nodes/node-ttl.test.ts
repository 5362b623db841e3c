import { expect, it } from 'vitest';
import { lines, object, reconciled, written } from '../test-view.ts';
import { LARGEST_SECONDS, nodeTtlController } from './node-ttl.ts';

const TTL = 'node.alpha.kubernetes.io/ttl';
const nodes = (count: number) => Array.from({ length: count }, (_, i) => object('Node', `n${i}`));

it.each([
  [1, '0'],
  [100, '0'],
  [101, '15'],
  [500, '15'],
  [501, '30'],
  [1000, '30'],
  [1001, '60'],
  [2000, '60'],
  [2001, String(LARGEST_SECONDS)],
])('tells the kubelets of %i nodes to remember secrets for %s seconds', (count, seconds) => {
  const result = reconciled(nodeTtlController(), 'n0', nodes(count));
  const told = written(result, 'update Node n0');
  expect(told.metadata.annotations).toEqual({ [TTL]: seconds });
  expect(lines(reconciled(nodeTtlController(), 'n0', [told, ...nodes(count).slice(1)]))).toEqual([]);
});
