import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { applied, keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { ENDPOINTS_PER_SLICE, endpointSliceController } from './endpointslice.ts';

const controller = endpointSliceController();
const LABELS = { app: 'web' };
const service = (spec: object = {}): KubeObject =>
  object('Service', 's', {
    metadata: { labels: { team: 'a' } },
    spec: {
      selector: LABELS,
      clusterIP: '10.96.0.9',
      ipFamilies: ['IPv4'],
      ports: [{ name: 'http', port: 80, targetPort: 'web' }],
      ...spec,
    },
  });
const pod = (name: string, ip: string, ready = true, metadata: object = {}): KubeObject =>
  object('Pod', name, {
    metadata: { labels: LABELS, ...metadata },
    spec: { nodeName: 'n', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080 }] }] },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  });
const reconcile = (objects: KubeObject[]) => reconciled(controller, 'ns/s', objects);
const slicesOf = (objects: KubeObject[]): KubeObject[] =>
  applied(objects, reconcile(objects)).filter(({ kind }) => kind === 'EndpointSlice');

it('lists the pods behind a service, with what is known of each', () => {
  const objects = [service(), pod('a', '10.244.0.2'), pod('b', '10.244.0.3', false), object('Node', 'n')];
  const [slice] = slicesOf(objects);
  expect(slice).toMatchObject({
    metadata: {
      generateName: 's-',
      labels: {
        'kubernetes.io/service-name': 's',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        team: 'a',
      },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.244.0.2'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'n',
        targetRef: { kind: 'Pod', name: 'a' },
      },
      { addresses: ['10.244.0.3'], conditions: { ready: false, serving: false } },
    ],
  });
  expect(lines(reconcile(applied(objects, reconcile(objects))))).toEqual([]);
});

it('follows what changes, and empties what nobody is behind any more', () => {
  const before = [service(), pod('a', '10.244.0.2')];
  const objects = applied(before, reconcile(before)).filter(({ kind }) => kind !== 'Pod');
  const [slice] = objects.filter(({ kind }) => kind === 'EndpointSlice');
  const ready = [...objects, pod('b', '10.244.0.4')];
  expect(written(reconcile(ready), `update EndpointSlice ${slice!.metadata.name}`).endpoints).toMatchObject([
    { addresses: ['10.244.0.4'] },
  ]);
  expect(keysOf(controller, { old: slice! })).toEqual(['ns/s']);
});

it('has only so many endpoints in a slice', () => {
  const pods = (count: number) => Array.from({ length: count }, (_, i) => pod(`p${i}`, `10.244.0.${i + 1}`));
  const sizes = (count: number): number[] =>
    slicesOf([service(), ...pods(count)]).map(({ endpoints }) => endpoints.length);
  expect(sizes(ENDPOINTS_PER_SLICE)).toEqual([ENDPOINTS_PER_SLICE]);
  expect(sizes(ENDPOINTS_PER_SLICE + 1).sort((a, b) => a - b)).toEqual([1, ENDPOINTS_PER_SLICE]);
});

it('has a slice for each family', () => {
  const both = pod('a', '10.244.0.2');
  both.status.podIPs.push({ ip: 'fd00::2' });
  const slices = slicesOf([service({ ipFamilies: ['IPv4', 'IPv6'] }), both]);
  expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints[0]?.addresses])).toEqual([
    ['IPv4', ['10.244.0.2']],
    ['IPv6', ['fd00::2']],
  ]);
});

it('lists nothing for a service without a selector', () => {
  const { selector: _, ...spec } = service().spec;
  expect(reconcile([{ ...service(), spec }, pod('a', '10.244.0.2')])).toEqual({ writes: [] });
});

it('says that a slice could not be written', () => {
  const [write] = reconcile([service(), pod('a', '10.244.0.2')]).writes;
  expect(lines({ writes: write!.refused!('no') })).toEqual([
    expect.stringMatching(
      /^event FailedToUpdateEndpointSlices: Error updating Endpoint Slices for Service ns\/s: .*no$/,
    ),
  ]);
});
