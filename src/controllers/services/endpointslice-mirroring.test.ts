import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { applied, lines, object, reconciled, written } from '../test-view.ts';
import { endpointSliceMirroringController, MAX_MIRRORED_ADDRESSES } from './endpointslice-mirroring.ts';

const controller = endpointSliceMirroringController();
const service = (spec: object = {}) => object('Service', 's', { spec });
const endpoints = (addresses: string[], metadata: object = {}): KubeObject =>
  object('Endpoints', 's', {
    metadata,
    subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ port: 80 }] }],
  });
const reconcile = (...objects: KubeObject[]) => reconciled(controller, 'ns/s', objects);

it('mirrors what a user keeps by hand, a slice for each family', () => {
  const objects = [service(), endpoints(['10.1.0.1', 'fd00::1', '10.1.0.2'])];
  const result = reconcile(...objects);
  expect(result.writes).toMatchObject([
    {
      verb: 'create',
      object: { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.1'] }, { addresses: ['10.1.0.2'] }] },
    },
    { verb: 'create', object: { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] } },
  ]);
  const there = applied(objects, result);
  expect(lines(reconcile(...there))).toEqual([]);
  const fewer = [service(), endpoints(['10.1.0.2']), ...there.filter(({ kind }) => kind === 'EndpointSlice')];
  expect(lines(reconcile(...fewer)).map((line) => line.split(' ')[0])).toEqual(['update', 'delete']);
});

it.each([
  ['with a selector', service({ selector: { a: 'b' } }), {}],
  ['that are not to be mirrored', service(), { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }],
  ['that elect a leader', service(), { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }],
])('mirrors none %s', (_, owner, metadata) => {
  expect(lines(reconcile(owner, endpoints(['10.1.0.1'], metadata)))).toEqual([]);
});

it('mirrors a thousand addresses of a subset, and tells of the rest', () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, i) => `10.1.${Math.floor(i / 250)}.${1 + (i % 250)}`);
  const full = reconcile(service(), endpoints(addresses(MAX_MIRRORED_ADDRESSES)));
  expect(lines(full)).toEqual(['create EndpointSlice s-']);
  const over = reconcile(service(), endpoints(addresses(MAX_MIRRORED_ADDRESSES + 1)));
  expect(lines(over)).toEqual([
    expect.stringMatching(/^event TooManyAddressesToMirror: .* 1 addresses were skipped$/),
    'create EndpointSlice s-',
  ]);
  expect(written(over, 'create EndpointSlice s-').endpoints).toHaveLength(MAX_MIRRORED_ADDRESSES);
});
