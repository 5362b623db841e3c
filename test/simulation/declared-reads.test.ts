/** A reconciler says what it reads in full. All other tests of simulations hold them to it; here is shown that one is told who does not. */
import { expect, it } from 'vitest';
import { readInFull } from '../../src/cluster/reconcilers.ts';
import type { KubeObject } from '../../src/objects/object.ts';
import { Pump } from '../../src/simulation/pump.ts';
import type { Reconciler } from '../../src/simulation/reconciler.ts';
import { undeclared } from './undeclared.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'default',
    ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }],
  },
  spec: { nodeName: 'node-1' },
};

const WAYS: [string, (reader: Parameters<Reconciler<KubeObject>['reconcile']>[0]) => unknown][] = [
  ['a list', (reader) => reader.list('pods', 'default')[0]!.spec],
  ['a dependent', (reader) => reader.dependents!('u')[0]!.object.spec],
  ['a copy', (reader) => ({ ...reader.list('pods')[0]! })],
];

/** What was found wrong with a reconcile that looks so at a pod. */
function failures(
  reads: string[],
  look: (typeof WAYS)[number][1],
  keys?: Reconciler<KubeObject>['watches'][0]['keys'],
) {
  const failed: string[] = [];
  const reconciler: Reconciler<KubeObject> = {
    name: 'curious',
    manager: 'test',
    reads,
    watches: [{ resource: 'pods', keys: keys ?? (() => ['key']) }],
    reconcile(reader) {
      look(reader);
      return { writes: [] };
    },
  };
  const none = () => 0;
  const pump = new Pump<KubeObject>({
    seed: '',
    reconcilers: [reconciler],
    storage: {
      load: () => [],
      put: none,
      remove: none,
      watermark: none,
      setWatermark: none,
      reconcilers: none,
      setReconcilers: none,
    },
    load: () => [[{ resource: 'pods', namespace: 'default', name: 'web', revision: 1, new: pod }]].values(),
    revision: () => 1,
    find: () => ({ places: ['u'] }),
    apply: () => undefined,
    transaction: (body) => body(),
    undeclared,
    failed: (_work, error) => failed.push(String(error)),
  });
  pump.turn(0);
  return failed;
}

it.each(WAYS)('that is not said is not read: %s', (_, look) => {
  expect(failures(['pods'], look)).toEqual([]);
  expect(failures(['nodes'], look)).toEqual(['Error: Pod web is read in full, and `reads` does not say so']);
});

it('that is not said is not read of a change', () => {
  const keys = ({ new: object }: { new?: KubeObject }) => [object!.spec.nodeName];
  expect(failures(['pods'], () => 0, keys)).toEqual([]);
  expect(failures([], () => 0, keys)).toEqual(['Error: Pod web is read in full, and `reads` does not say so']);
});

it('names and metadata are there for everybody, and one object by its name', () => {
  const look = (reader: Parameters<(typeof WAYS)[number][1]>[0]) => {
    expect(reader.list('pods')[0]!.metadata.name).toBe('web');
    expect(reader.get('pods', 'default', 'web')!.spec.nodeName).toBe('node-1');
  };
  expect(failures([], look)).toEqual([]);
});

it('what some reconciler reads in full is kept whole', () => {
  const reading = (reads: string[]) => ({ reads }) as unknown as Reconciler<KubeObject>;
  const whole = readInFull([reading(['nodes']), reading(['events'])]);
  for (const resource of ['nodes', 'events', 'limitranges']) expect(whole.has(resource)).toBe(true);
  for (const resource of ['configmaps', 'secrets']) expect(whole.has(resource)).toBe(false);
});
