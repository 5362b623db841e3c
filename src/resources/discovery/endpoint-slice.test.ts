import { expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { builtIn } from '../built-in.ts';
import { TOPOLOGY_MAX } from './endpoint-slice.ts';

/** What is said of a slice whose one endpoint tells so much of where it is, as slices of older versions do. */
const errorsWith = (labels: number): string[] => {
  const deprecatedTopology = Object.fromEntries(Array.from({ length: labels }, (_, i) => [`k${i}`, 'v']));
  const slice: LooseObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', namespace: 'default' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology }],
    ports: [],
  };
  const { strategy } = builtIn('endpointslices.discovery.k8s.io');
  return strategy.validate!(slice, {} as LooseObject).map(({ field, message }) => `${field}: ${message}`);
};

it('tells of so many places of an endpoint', () => {
  expect(errorsWith(TOPOLOGY_MAX)).toEqual([]);
  expect(errorsWith(TOPOLOGY_MAX + 1)).toEqual([
    `endpoints[0].deprecatedTopology: Too many: ${TOPOLOGY_MAX + 1}: must have at most ${TOPOLOGY_MAX} items`,
  ]);
});
