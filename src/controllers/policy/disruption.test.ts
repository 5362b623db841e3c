import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { keysOf, lines, NOW, object, ownedBy, reconciled, SECOND, written } from '../test-view.ts';
import { disruptionController } from './disruption.ts';

const controller = disruptionController(() => BUILT_IN);
const LABELS = { app: 'web' };
const set = object('ReplicaSet', 'web', { spec: { replicas: 4 } });
const budget = (spec: object, status: object = {}): KubeObject =>
  object('PodDisruptionBudget', 'b', {
    metadata: { generation: 2 },
    spec: { selector: { matchLabels: LABELS }, ...spec },
    status,
  });
const pod = (name: string, ready = true, metadata: object = {}): KubeObject =>
  object('Pod', name, {
    metadata: { labels: LABELS, ownerReferences: ownedBy(set), ...metadata },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
const pods = (count: number): KubeObject[] => Array.from({ length: count }, (_, i) => pod(`p${i}`));
const statusOf = (...objects: KubeObject[]) =>
  written(reconciled(controller, 'ns/b', objects), 'update PodDisruptionBudget/status b').status;

it.each([
  [{ minAvailable: 3 }, 1, 3],
  [{ minAvailable: '50%' }, 2, 2],
  [{ maxUnavailable: 1 }, 1, 3],
  [{ maxUnavailable: '25%' }, 1, 3],
  [{ minAvailable: 9 }, 0, 9],
])('reckons how many of four pods may go by %j', (spec, disruptionsAllowed, desiredHealthy) => {
  const status = statusOf(budget(spec), set, ...pods(4));
  expect(status).toMatchObject({
    disruptionsAllowed,
    desiredHealthy,
    currentHealthy: 4,
    expectedPods: 4,
    observedGeneration: 2,
  });
  expect(status.conditions).toMatchObject([
    { type: 'DisruptionAllowed', status: disruptionsAllowed > 0 ? 'True' : 'False' },
  ]);
  expect(lines(reconciled(controller, 'ns/b', [budget(spec, status), set, ...pods(4)]))).toEqual([]);
});

it('counts neither what is not ready nor what is about to go', () => {
  const spec = { minAvailable: 1 };
  const ending = { deletionTimestamp: '2026-01-05T10:00:00Z' };
  expect(statusOf(budget(spec), set, pod('a'), pod('b', false), pod('c', true, ending)).currentHealthy).toBe(1);
  const evicted = { disruptedPods: { a: '2026-01-05T10:00:00Z', gone: '2026-01-05T10:00:00Z' } };
  const result = reconciled(controller, 'ns/b', [budget(spec, evicted), set, pod('a'), pod('b')]);
  expect(written(result, 'update PodDisruptionBudget/status b').status).toMatchObject({
    currentHealthy: 1,
    disruptedPods: { a: '2026-01-05T10:00:00Z' },
  });
  expect(result.requeueAt).toBe(NOW + 120 * SECOND + 1);
});

it('forgets an eviction that did not happen, and says so', () => {
  const evicted = { disruptedPods: { a: '2026-01-05T09:57:59Z' } };
  const result = reconciled(controller, 'ns/b', [budget({ minAvailable: 1 }, evicted), set, pod('a')]);
  expect(lines(result)).toEqual([
    "event NotDeleted: Pod was expected by PDB ns/ns to be deleted but it wasn't",
    'update PodDisruptionBudget/status b',
  ]);
  expect(written(result, 'update PodDisruptionBudget/status b').status.disruptedPods).toBeUndefined();
});

it('lets nothing go where it cannot reckon, and says why', () => {
  expect(lines(reconciled(controller, 'ns/b', [budget({ minAvailable: 1 })]))[0]).toBe(
    'event NoPods: No matching pods found',
  );
  const result = reconciled(controller, 'ns/b', [budget({ maxUnavailable: 1 }), pod('a')]);
  expect(lines(result)[0]).toMatch(/^event CalculateExpectedPodCountFailed: .*found no controllers for pod "a"$/);
  expect(written(result, 'update PodDisruptionBudget/status b').status).toMatchObject({
    disruptionsAllowed: 0,
    conditions: [{ status: 'False', reason: 'SyncFailed' }],
  });
});

it('tells of a pod that two budgets are about', () => {
  const other = { ...budget({}), metadata: { ...budget({}).metadata, name: 'c' } };
  expect(keysOf(controller, { new: pod('a') }, [budget({}), other])).toEqual(['ns/b', 'ns/c', 'shared ns/a']);
  const [told] = lines(reconciled(controller, 'shared ns/a', [budget({}), other, pod('a')]));
  expect(told).toMatch(/^event MultiplePodDisruptionBudgets: .*Chose "b" arbitrarily\.$/);
});

it('takes back what was announced of a pod that is still there', () => {
  const condition = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-01-05T10:00:00Z' };
  const announced = { ...pod('a'), status: { phase: 'Running', conditions: [condition] } };
  const at = (now: number) => reconciled(controller, 'stale ns/a', [announced], { now });
  expect(at(NOW + 120 * SECOND - 1)).toEqual({ writes: [], requeueAt: NOW + 120 * SECOND });
  expect(written(at(NOW + 120 * SECOND), 'update Pod/status a').status.conditions).toMatchObject([
    { type: 'DisruptionTarget', status: 'False' },
  ]);
});
