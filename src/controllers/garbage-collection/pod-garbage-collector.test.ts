import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { FINISHED_PODS_THRESHOLD, podGarbageCollector, QUARANTINE_MS } from './pod-garbage-collector.ts';

const controller = podGarbageCollector();
const ENDING = { deletionTimestamp: '2026-01-05T09:59:00Z' };
const pod = (name: string, metadata: object, spec: object, phase = 'Running'): KubeObject =>
  object('Pod', name, { metadata, spec, status: { phase } });
/** What is done when the wait is over that a first look asks for. */
function later(key: string, objects: KubeObject[], wait: number) {
  expect(reconciled(controller, key, objects)).toEqual({ writes: [], requeueAt: NOW + wait });
  const requeueAt = NOW + wait;
  expect(lines(reconciled(controller, key, objects, { now: requeueAt - 1, requeueAt }))).toEqual([]);
  return reconciled(controller, key, objects, { now: requeueAt, requeueAt });
}

it('ends the pods of a node that is gone for long enough', () => {
  const lost = pod('p', {}, { nodeName: 'n' });
  const [key = ''] = keysOf(controller, { old: object('Node', 'n') });
  const result = later(key, [lost, pod('done', {}, { nodeName: 'n' }, 'Succeeded')], QUARANTINE_MS);
  expect(lines(result)).toEqual(['delete pods done', 'update Pod/status p', 'delete pods p']);
  expect(result.writes.at(-1)).toMatchObject({ gracePeriodSeconds: 0, uid: 'Pod/p' });
  const { status } = written(result, 'update Pod/status p');
  expect(status).toMatchObject({
    phase: 'Failed',
    conditions: [{ type: 'DisruptionTarget', reason: 'DeletionByPodGC' }],
  });
  expect(reconciled(controller, key, [lost, object('Node', 'n')])).toEqual({ writes: [] });
});

it('ends pods that are to go from a node out of service', () => {
  const spec = { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] };
  const node = object('Node', 'n', { spec, status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  const pods = [pod('going', ENDING, { nodeName: 'n' }), pod('staying', {}, { nodeName: 'n' })];
  expect(lines(later('node n', [node, ...pods], 20 * SECOND))).toEqual([
    'update Pod/status going',
    'delete pods going',
  ]);
  const well = { ...node, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  expect(reconciled(controller, 'node n', [well, ...pods])).toEqual({ writes: [] });
});

it('ends pods that are to go and never came to a node', () => {
  const going = pod('p', ENDING, {}, 'Pending');
  expect(keysOf(controller, { new: going })).toEqual(['pod ns/p']);
  expect(lines(later('pod ns/p', [going], 20 * SECOND))).toEqual(['update Pod/status p', 'delete pods p']);
  expect(reconciled(controller, 'pod ns/p', [pod('p', {}, {})])).toEqual({ writes: [] });
});

it('keeps so many finished pods, and deletes evicted ones first, then the oldest', () => {
  const finished = Array.from({ length: FINISHED_PODS_THRESHOLD }, (_, i) => pod(`p${i}`, {}, {}, 'Succeeded'));
  expect(lines(reconciled(controller, 'finished', finished))).toEqual([]);
  const old = pod('old', { creationTimestamp: '2026-01-04T00:00:00Z' }, {}, 'Failed');
  const evicted = object('Pod', 'evicted', { spec: {}, status: { phase: 'Failed', reason: 'Evicted' } });
  expect(lines(reconciled(controller, 'finished', [...finished, old]))).toEqual(['delete pods old']);
  expect(lines(reconciled(controller, 'finished', [...finished, old, evicted]))).toEqual([
    'delete pods evicted',
    'delete pods old',
  ]);
  expect(keysOf(controller, { new: old }, finished)).toEqual([]);
  expect(keysOf(controller, { new: old }, [...finished, old])).toEqual(['finished']);
});
