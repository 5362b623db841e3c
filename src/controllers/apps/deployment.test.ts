import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { applied, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { deploymentController } from './deployment.ts';

const controller = deploymentController();
const LABELS = { app: 'web' };
const deployment = (image: string, spec: object = {}): KubeObject =>
  object('Deployment', 'web', {
    metadata: { generation: 1 },
    spec: {
      replicas: 4,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 600,
      ...spec,
    },
    status: {},
  });
const reconcile = (objects: KubeObject[]) => reconciled(controller, 'ns/web', objects);
const setsOf = (objects: KubeObject[]): KubeObject[] => objects.filter(({ kind }) => kind === 'ReplicaSet');
const sizes = (objects: KubeObject[]): Record<string, number> =>
  Object.fromEntries(setsOf(objects).map(({ spec }) => [spec.template.spec.containers[0].image, spec.replicas]));
/** The ReplicaSets with all their pods available. */
const ready = (objects: KubeObject[]): KubeObject[] =>
  objects.map((found) => {
    if (found.kind !== 'ReplicaSet') return found;
    const { replicas } = found.spec;
    return { ...found, status: { replicas, readyReplicas: replicas, availableReplicas: replicas } };
  });
/** The Deployment in the place of the one that is there. */
const changed = (objects: KubeObject[], to: KubeObject): KubeObject[] =>
  objects.map((found) =>
    found.kind === 'Deployment'
      ? { ...to, metadata: { ...found.metadata, generation: 2 }, status: found.status }
      : found,
  );
const rolled = (image: string): KubeObject[] => {
  let objects: KubeObject[] = [deployment(image)];
  for (let i = 0; i < 3; i++) objects = ready(applied(objects, reconcile(objects)));
  return objects;
};

it('makes a ReplicaSet for its template, of its size, and rests when that is there', () => {
  const result = reconcile([deployment('a')]);
  const [create = ''] = lines(result);
  expect(create).toMatch(/^create ReplicaSet web-[a-z0-9]+$/);
  const set = written(result, create);
  expect(set.metadata.annotations).toEqual({
    'deployment.kubernetes.io/desired-replicas': '4',
    'deployment.kubernetes.io/max-replicas': '5',
    'deployment.kubernetes.io/revision': '1',
  });
  expect(set.spec).toMatchObject({ replicas: 4, selector: { matchLabels: { app: 'web' } } });
  expect(lines(result)).toContain(`event ScalingReplicaSet: Scaled up replica set ${set.metadata.name} from 0 to 4`);
  const objects = rolled('a');
  expect(lines(reconcile(objects))).toEqual([]);
  expect(objects.find(({ kind }) => kind === 'Deployment')!.status).toMatchObject({
    availableReplicas: 4,
    conditions: [
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  });
});

it('rolls to another template a few pods at a time, never fewer nor more than it may have', () => {
  let objects = changed(rolled('a'), deployment('b'));
  const seen: Record<string, number>[] = [];
  for (let i = 0; i < 20 && lines(reconcile(objects)).length > 0; i++) {
    objects = ready(applied(objects, reconcile(objects)));
    seen.push(sizes(objects));
  }
  expect(seen[0]).toEqual({ a: 3, b: 1 });
  expect(seen.at(-1)).toEqual({ a: 0, b: 4 });
  for (const { a = 0, b = 0 } of seen) {
    expect(a + b).toBeGreaterThanOrEqual(3);
    expect(a + b).toBeLessThanOrEqual(5);
  }
});

it('goes no further while new pods are not available, and says when it has taken too long', () => {
  let objects = changed(rolled('a'), deployment('b'));
  for (let i = 0; i < 5; i++) objects = applied(objects, reconcile(objects));
  const stuck = sizes(objects);
  expect(stuck.a).toBe(3);
  expect(sizes(applied(objects, reconcile(objects)))).toEqual(stuck);
  expect(reconcile(objects).requeueAt).toBeGreaterThan(NOW);
  const late = reconciled(controller, 'ns/web', objects, { now: NOW + 601 * SECOND });
  expect(written(late, 'update Deployment/status web').status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
  );
});

it('lets all old pods go before there are new ones, where it is to recreate them', () => {
  const recreate = { strategy: { type: 'Recreate' } };
  let objects = changed(rolled('a'), deployment('b', recreate));
  objects = applied(objects, reconcile(objects));
  expect(sizes(objects)).toEqual({ a: 0 });
  // Their pods are still there.
  expect(sizes(applied(objects, reconcile(objects)))).toEqual({ a: 0 });
  objects = ready(objects);
  expect(sizes(applied(objects, reconcile(objects)))).toEqual({ a: 0, b: 4 });
});

it('rolls nothing while it is paused, and gives each set its share when it is scaled', () => {
  const paused = changed(rolled('a'), deployment('b', { paused: true }));
  expect(sizes(applied(paused, reconcile(paused)))).toEqual({ a: 4 });
  const larger = changed(rolled('a'), deployment('a', { paused: true, replicas: 6 }));
  expect(sizes(applied(larger, reconcile(larger)))).toEqual({ a: 6 });
});

it('keeps as many old sets as it is to', () => {
  let objects = rolled('a');
  for (const image of ['b', 'c']) {
    objects = changed(objects, deployment(image));
    for (let i = 0; i < 20; i++) objects = ready(applied(objects, reconcile(objects)));
  }
  expect(sizes(objects)).toEqual({ b: 0, c: 4 });
});
