import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { NODE_MONITOR_GRACE_MS, NODE_STARTUP_GRACE_MS, nodeLifecycleController } from './node-lifecycle.ts';

const controller = nodeLifecycleController();
const OLD = { creationTimestamp: '2026-01-05T08:00:00Z' };
const ready = (status: string, type = 'Ready') => ({ type, status, lastTransitionTime: '2026-01-05T09:00:00Z' });
const node = (name: string, conditions: object[], spec: object = {}, metadata: object = OLD): KubeObject =>
  object('Node', name, { metadata, spec, status: { conditions } });
const taintsOf = (...nodes: KubeObject[]): string[] => {
  const { spec } = written(reconciled(controller, 'a', nodes), 'update Node a');
  return (spec.taints ?? []).map(({ key, effect }: Record<string, string>) => `${key}:${effect}`);
};

it.each([
  [ready('False'), ['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute']],
  [ready('Unknown'), ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']],
  [ready('True', 'MemoryPressure'), ['node.kubernetes.io/memory-pressure:NoSchedule']],
  [ready('True', 'DiskPressure'), ['node.kubernetes.io/disk-pressure:NoSchedule']],
  [ready('True', 'PIDPressure'), ['node.kubernetes.io/pid-pressure:NoSchedule']],
  [ready('True', 'NetworkUnavailable'), ['node.kubernetes.io/network-unavailable:NoSchedule']],
])('taints a node by its condition: %j', (condition, taints) => {
  expect(taintsOf(node('a', [condition]), node('b', [ready('True')]))).toEqual(taints);
});

it('evicts from no node when none is ready', () => {
  expect(taintsOf(node('a', [ready('False')]), node('b', [ready('False')]))).toEqual([
    'node.kubernetes.io/not-ready:NoSchedule',
  ]);
});

it('taints what is cordoned, and takes its own taints back, and nobody else’s', () => {
  expect(taintsOf(node('a', [ready('True')], { unschedulable: true }))).toEqual([
    'node.kubernetes.io/unschedulable:NoSchedule',
  ]);
  const taints = [
    { key: 'mine', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
  ];
  expect(taintsOf(node('a', [ready('True')], { taints }))).toEqual(['mine:NoSchedule']);
});

it('greets a node that is new, and tells of one that is gone', () => {
  const fresh = node('a', [ready('True')], {}, { creationTimestamp: '2026-01-05T09:59:30Z' });
  expect(lines(reconciled(controller, 'a', [fresh]))).toEqual([
    'event RegisteredNode: Node a event: Registered Node a in Controller',
  ]);
  const [key = ''] = keysOf(controller, { old: fresh });
  expect(lines(reconciled(controller, key, []))).toEqual([
    'event RemovingNode: Node a event: Removing Node a from Controller',
  ]);
});

it('gives up a node whose kubelet is silent, and says of its pods that they are not ready', () => {
  const pod = object('Pod', 'p', { spec: { nodeName: 'a' }, status: { conditions: [ready('True')] } });
  const objects = [node('a', [ready('True')]), pod];
  const { requeueAt } = reconciled(controller, 'heartbeat a', objects);
  expect(requeueAt).toBe(NOW + NODE_MONITOR_GRACE_MS + 1);
  const at = (now: number) => reconciled(controller, 'heartbeat a', objects, { now, requeueAt: requeueAt! });
  expect(lines(at(requeueAt! - 1))).toEqual([]);
  const result = at(requeueAt!);
  expect(lines(result)).toEqual([
    'update Node/status a',
    'event NodeNotReady: Node a status is now: NodeNotReady',
    'update Pod/status p',
    'event NodeNotReady: Node is not ready',
  ]);
  expect(written(result, 'update Node/status a').status.conditions).toMatchObject([
    { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' },
    { type: 'MemoryPressure', status: 'Unknown', reason: 'NodeStatusNeverUpdated' },
    { type: 'DiskPressure', status: 'Unknown' },
    { type: 'PIDPressure', status: 'Unknown' },
  ]);
});

it('waits longer for one that never said how it is', () => {
  const silent = node('a', [], {}, { creationTimestamp: '2026-01-05T10:00:00Z' });
  expect(reconciled(controller, 'heartbeat a', [silent]).requeueAt).toBe(NOW + NODE_STARTUP_GRACE_MS);
  expect(reconciled(controller, 'heartbeat a', [silent], { now: NOW + 10 * SECOND }).requeueAt).toBe(
    NOW + NODE_STARTUP_GRACE_MS,
  );
});
