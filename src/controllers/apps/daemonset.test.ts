import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { applied, lines, NOW, object, reconciled } from '../test-view.ts';
import { daemonSetController, FAILED_BACKOFF_LIMIT_MS } from './daemonset.ts';

const controller = daemonSetController();
const LABELS = { app: 'agent' };
const READY = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-05T09:00:00Z' }];
const set = (image: string, podSpec: object = {}, spec: object = {}): KubeObject =>
  object('DaemonSet', 'agent', {
    metadata: { generation: 1 },
    spec: {
      selector: { matchLabels: LABELS },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image }], ...podSpec } },
      ...spec,
    },
    status: {},
  });
const node = (name: string, labels: Record<string, string> = {}, spec: object = {}) =>
  object('Node', name, { metadata: { labels }, spec });
const step = (objects: KubeObject[]): KubeObject[] => applied(objects, reconciled(controller, 'ns/agent', objects));
const ready = (objects: KubeObject[]): KubeObject[] =>
  objects.map((found) =>
    found.kind === 'Pod' ? { ...found, status: { phase: 'Running', conditions: READY } } : found,
  );
/** The node that a pod is for, and its image. */
const podsOf = (objects: KubeObject[]): string[] =>
  objects
    .filter(({ kind }) => kind === 'Pod')
    .map(({ spec }) => {
      const [term] = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
      return `${term.matchFields[0].values[0]} ${spec.containers[0].image}`;
    })
    .sort();

it('has a pod on each node that suits it, and rests when they are there', () => {
  const nodes = [node('a', { disk: 'ssd' }), node('b', { disk: 'ssd' }), node('c')];
  const objects = ready(step([set('x', { nodeSelector: { disk: 'ssd' } }), ...nodes]));
  expect(podsOf(objects)).toEqual(['a x', 'b x']);
  const settled = ready(step(objects));
  expect(lines(reconciled(controller, 'ns/agent', settled))).toEqual([]);
  expect(settled.find(({ kind }) => kind === 'DaemonSet')!.status).toMatchObject({
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    numberReady: 2,
    numberAvailable: 2,
    numberMisscheduled: 0,
  });
});

it('comes to cordoned nodes, and to tainted ones only where it tolerates that', () => {
  const cordoned = node(
    'a',
    {},
    { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
  );
  const tainted = node('b', {}, { taints: [{ key: 'k', effect: 'NoSchedule' }] });
  expect(podsOf(step([set('x'), cordoned, tainted]))).toEqual(['a x']);
  const tolerations = [{ key: 'k', operator: 'Exists' }];
  expect(podsOf(step([set('x', { tolerations }), cordoned, tainted]))).toEqual(['a x', 'b x']);
});

it('takes its pod from a node that no longer suits it, or is gone', () => {
  const objects = ready(step([set('x'), node('a'), node('b')]));
  const moved = objects.map((o) =>
    o.kind === 'DaemonSet' ? { ...set('x', { nodeSelector: { disk: 'ssd' } }), status: o.status } : o,
  );
  expect(podsOf(step(moved))).toEqual([]);
  expect(podsOf(step(objects.filter(({ metadata }) => metadata.name !== 'a')))).toEqual(['b x']);
});

it('replaces its pods one after the other, or leaves that to whoever deletes them', () => {
  const objects = ready(step(ready(step([set('x'), node('a'), node('b')]))));
  const to = (next: KubeObject) => objects.map((o) => (o.kind === 'DaemonSet' ? { ...next, status: o.status } : o));
  let rolling = step(to(set('y')));
  expect(podsOf(rolling)).toHaveLength(1);
  for (let i = 0; i < 6; i++) rolling = ready(step(rolling));
  expect(podsOf(rolling)).toEqual(['a y', 'b y']);
  let waiting = to(set('y', {}, { updateStrategy: { type: 'OnDelete' } }));
  for (let i = 0; i < 3; i++) waiting = ready(step(waiting));
  expect(podsOf(waiting)).toEqual(['a x', 'b x']);
});

it('replaces a pod that has failed', () => {
  const objects = step([set('x'), node('a')]).map((o) =>
    o.kind === 'Pod' ? { ...o, status: { phase: 'Failed' } } : o,
  );
  const written = lines(reconciled(controller, 'ns/agent', objects)).filter(
    (line) => !line.includes('DaemonSet/status'),
  );
  expect(written).toEqual([
    expect.stringMatching(
      /^event FailedDaemonPod: Found failed daemon pod ns\/agent-\S+ on node a, will try to kill it$/,
    ),
    expect.stringMatching(/^delete pods agent-/),
    expect.stringMatching(/^event SuccessfulDelete: Deleted pod: agent-/),
  ]);
});

it('replaces a pod that fails again and again after ever longer pauses, up to a quarter of an hour', () => {
  const objects = step([set('x'), node('a')]).map((o) =>
    o.kind === 'Pod' ? { ...o, status: { phase: 'Failed' } } : o,
  );
  /** Milliseconds until the next is made, after so many failures before. */
  const pause = (failures: number): number => {
    const events = Array.from({ length: failures }, (_, i) =>
      object('Event', `e${i}`, {
        apiVersion: 'v1',
        involvedObject: { uid: 'DaemonSet/agent' },
        reason: 'FailedDaemonPod',
        message: `Found failed daemon pod ns/p${i} on node a, will try to kill it`,
      }),
    );
    const { requeueAt = NOW } = reconciled(controller, 'ns/agent', [...objects, ...events], { now: NOW });
    return requeueAt - NOW;
  };
  expect([0, 1, 2, 10].map(pause)).toEqual([0, 1000, 2000, 512_000]);
  expect(pause(11)).toBe(FAILED_BACKOFF_LIMIT_MS);
  expect(pause(12)).toBe(FAILED_BACKOFF_LIMIT_MS);
});
