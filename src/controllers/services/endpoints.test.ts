import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { applied, lines, object, reconciled, written } from '../test-view.ts';
import { endpointsController, MAX_ADDRESSES } from './endpoints.ts';

const controller = endpointsController();
const LABELS = { app: 'web' };
const service = (spec: object = {}): KubeObject =>
  object('Service', 's', { spec: { selector: LABELS, clusterIP: '10.96.0.9', ports: [{ port: 80 }], ...spec } });
const pod = (name: string, podIP: string, ready = true): KubeObject =>
  object('Pod', name, {
    metadata: { labels: LABELS },
    spec: { containers: [] },
    status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
const reconcile = (...objects: KubeObject[]) => reconciled(controller, 'ns/s', objects);
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

it('lists the pods behind a service, ready ones and others', () => {
  const objects = [service(), pod('a', '10.244.0.2'), pod('b', '10.244.0.3', false)];
  const result = reconcile(...objects);
  expect(written(result, 'create Endpoints s').subsets).toMatchObject([
    {
      addresses: [{ ip: '10.244.0.2', targetRef: { kind: 'Pod', name: 'a', namespace: 'ns' } }],
      notReadyAddresses: [{ ip: '10.244.0.3' }],
      ports: [{ port: 80, protocol: 'TCP' }],
    },
  ]);
  const there = applied(objects, result);
  expect(lines(reconcile(...there))).toEqual([]);
  const gone = there.filter(({ metadata }) => metadata.name !== 'a');
  expect(written(reconcile(...gone), 'update Endpoints s').subsets[0].addresses).toBeUndefined();
});

it('counts all as ready where the service says so', () => {
  const [subset] = written(
    reconcile(service({ publishNotReadyAddresses: true }), pod('b', '10.244.0.3', false)),
    'create Endpoints s',
  ).subsets;
  expect(subset.addresses).toMatchObject([{ ip: '10.244.0.3' }]);
});

it('goes with its service', () => {
  const [, made] = applied([service()], reconcile(service()));
  expect(lines(reconcile(made!))).toEqual(['delete endpoints s']);
  // Nobody's own.
  expect(lines(reconcile(object('Endpoints', 's')))).toEqual([]);
});

it('lists only so many addresses, and says that there are more', () => {
  const pods = (count: number) =>
    Array.from({ length: count }, (_, i) => pod(`p${i}`, `10.244.${Math.floor(i / 250)}.${i % 250}`));
  const full = written(reconcile(service(), ...pods(MAX_ADDRESSES)), 'create Endpoints s');
  expect([full.subsets[0].addresses.length, full.metadata.annotations?.[OVER_CAPACITY]]).toEqual([
    MAX_ADDRESSES,
    undefined,
  ]);
  const over = written(reconcile(service(), ...pods(MAX_ADDRESSES + 1)), 'create Endpoints s');
  expect([over.subsets[0].addresses.length, over.metadata.annotations?.[OVER_CAPACITY]]).toEqual([
    MAX_ADDRESSES,
    'truncated',
  ]);
});
