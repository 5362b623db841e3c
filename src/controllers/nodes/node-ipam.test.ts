import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { nextPodCIDR, nodeIpamController } from './node-ipam.ts';

const NETWORK = { podCIDR: '10.244.0.0/23', serviceCIDR: '10.96.0.0/16' };
const controller = nodeIpamController(NETWORK);
const node = (name: string, podCIDR?: string) => object('Node', name, { spec: podCIDR ? { podCIDR } : {} });

it('gives a node the next free share', () => {
  const given = written(reconciled(controller, 'b', [node('a', '10.244.0.0/24'), node('b')]), 'update Node b');
  expect(given.spec).toEqual({ podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] });
  expect(lines(reconciled(controller, 'b', [given]))).toEqual([]);
});

it('says when there is none left, and goes on when a node with one goes', () => {
  const full = [node('a', '10.244.0.0/24'), node('b', '10.244.1.0/24'), node('c')];
  const result = reconciled(controller, 'c', full);
  expect(lines(result)).toEqual(['event CIDRNotAvailable: Node c status is now: CIDRNotAvailable']);
  expect(result.error).toMatch(/no remaining CIDRs/);
  expect(keysOf(controller, { old: full[0]! }, [full[1]!, full[2]!])).toEqual(['c']);
});

it('leaves out what the services have', () => {
  const network = { podCIDR: '10.0.0.0/22', serviceCIDR: '10.0.1.0/24' };
  expect(nextPodCIDR([node('a', '10.0.0.0/24')], network)).toBe('10.0.2.0/24');
  expect(nextPodCIDR([], { podCIDR: '10.0.0.0/24', serviceCIDR: '10.0.0.0/16' })).toBeUndefined();
});
