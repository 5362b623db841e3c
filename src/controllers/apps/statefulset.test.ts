import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { applied, lines, object, reconciled } from '../test-view.ts';
import { MAX_PREFIX } from './revisions.ts';
import { statefulSetController } from './statefulset.ts';

const controller = statefulSetController();
const LABELS = { app: 'db' };
const READY = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-05T09:00:00Z' }];
const set = (image: string, spec: object = {}): KubeObject =>
  object('StatefulSet', 'db', {
    metadata: { generation: 1 },
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: LABELS },
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image }] } },
      ...spec,
    },
    status: {},
  });
const step = (objects: KubeObject[]): KubeObject[] => applied(objects, reconciled(controller, 'ns/db', objects));
const ready = (objects: KubeObject[]): KubeObject[] =>
  objects.map((found) =>
    found.kind === 'Pod' ? { ...found, status: { phase: 'Running', conditions: READY } } : found,
  );
const podsOf = (objects: KubeObject[]): string[] =>
  objects
    .filter(({ kind }) => kind === 'Pod')
    .map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0].image}`);
const changed = (objects: KubeObject[], to: KubeObject): KubeObject[] =>
  objects.map((found) => (found.kind === 'StatefulSet' ? { ...to, status: found.status } : found));
function full(to: KubeObject): KubeObject[] {
  let objects = [to];
  for (let i = 0; i < 8; i++) objects = ready(step(objects));
  return objects;
}

it('makes its pods one after the other, each when the one before is ready', () => {
  let objects = step([set('a')]);
  expect(podsOf(objects)).toEqual(['db-0 a']);
  expect(podsOf(step(objects))).toEqual(['db-0 a']);
  objects = step(ready(objects));
  expect(podsOf(objects)).toEqual(['db-0 a', 'db-1 a']);
  objects = step(ready(objects));
  expect(podsOf(objects)).toEqual(['db-0 a', 'db-1 a', 'db-2 a']);
  const done = full(set('a'));
  expect(lines(reconciled(controller, 'ns/db', done)).filter((line) => !line.startsWith('event'))).toEqual([]);
  expect(done.find(({ kind }) => kind === 'StatefulSet')!.status).toMatchObject({
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
  });
});

it('makes all at once where it may', () => {
  expect(podsOf(step([set('a', { podManagementPolicy: 'Parallel' })]))).toHaveLength(3);
});

it('takes away the highest first', () => {
  let objects = changed(full(set('a')), set('a', { replicas: 1 }));
  objects = step(objects);
  expect(podsOf(objects)).toEqual(['db-0 a', 'db-1 a']);
  expect(podsOf(step(objects))).toEqual(['db-0 a']);
});

it('replaces its pods from the highest on, down to its partition', () => {
  const rollingUpdate = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
  let objects = changed(full(set('a')), set('b', { updateStrategy: rollingUpdate }));
  objects = step(objects);
  expect(podsOf(objects)).toEqual(['db-0 a', 'db-1 a']);
  for (let i = 0; i < 8; i++) objects = ready(step(objects));
  expect(podsOf(objects).sort()).toEqual(['db-0 a', 'db-1 b', 'db-2 b']);
});

it('makes the claims of its pods', () => {
  const claims = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }] };
  const objects = step([set('a', claims)]);
  expect(objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)).toEqual([
    'data-db-0',
  ]);
  const [pod] = objects.filter(({ kind }) => kind === 'Pod');
  expect(pod!.spec.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }]);
});

it('names its revision after itself, as far as there is room', () => {
  const revisionOf = (length: number): string => {
    const named = { ...set('a'), metadata: { ...set('a').metadata, name: 's'.repeat(length) } };
    const made = applied([named], reconciled(controller, `ns/${named.metadata.name}`, [named]));
    return made.find(({ kind }) => kind === 'ControllerRevision')!.metadata.name;
  };
  expect(revisionOf(MAX_PREFIX)).toMatch(new RegExp(`^s{${MAX_PREFIX}}-`));
  expect(revisionOf(MAX_PREFIX + 1)).toMatch(new RegExp(`^s{${MAX_PREFIX}}-`));
});
