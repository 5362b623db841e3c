import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../test/loose-object.ts';
import { explainSchedule, type ScheduleAnswer } from './explain.ts';
import { MAX_NODE_SCORE } from './plugin.ts';
import { MAX_CONTAINER_THRESHOLD, MIN_THRESHOLD } from './plugins/image-locality.ts';
import { feasibleNodesToFind, MIN_FEASIBLE_NODES, MIN_FEASIBLE_PERCENTAGE } from './schedule.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';

function node(name: string, resources: Record<string, string> = {}, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [HOSTNAME]: name, ...labels } },
    spec: {},
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...resources } },
  };
}

function pod(name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, labels },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  };
}

const asking = (requests: Record<string, string>): Record<string, unknown> => ({
  containers: [{ name: 'c', image: 'nginx', resources: { requests } }],
});

const ask = (
  wanted: KubeObject,
  nodes: KubeObject[],
  pods: KubeObject[] = [],
  objects: KubeObject[] = [],
): ScheduleAnswer => explainSchedule({ pod: wanted, nodes, pods, objects, seed: 's' });

describe('where a pod goes', () => {
  it('has no node to go to', () => {
    expect(ask(pod('p'), [])).toMatchObject({ node: null, message: 'no nodes available to schedule pods' });
  });

  it('keeps within what nodes offer, pods included', () => {
    const full = [1, 2].map((i) => pod(`on-${i}`, { nodeName: 'a' }));
    expect(ask(pod('p'), [node('a', { pods: '2' })], full).message).toBe(
      '0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
    const init = { initContainers: [{ name: 'i', resources: { requests: { cpu: '3' } } }], ...asking({ cpu: '1' }) };
    expect(ask(pod('p', init), [node('small', { cpu: '2' }), node('big')]).node).toBe('big');
  });

  it('counts what finished pods asked for no more', () => {
    const done = { ...pod('done', { nodeName: 'a', ...asking({ cpu: '4' }) }), status: { phase: 'Succeeded' } };
    expect(ask(pod('p', asking({ cpu: '4' })), [node('a')], [done]).node).toBe('a');
  });

  it('spreads the pods of a service', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'default' },
      spec: { selector: { app: 'web' } },
    };
    const there = [pod('w1', { nodeName: 'a' }, { app: 'web' })];
    expect(ask(pod('p', {}, { app: 'web' }), [node('a', { cpu: '400' }), node('b')], there, [service]).node).toBe('b');
  });

  it('stays within a hard spread constraint, whose domains may have to be more', () => {
    const constraint = { maxSkew: 1, topologyKey: ZONE, labelSelector: { matchLabels: { app: 'w' } } };
    const nodes = [node('a', {}, { [ZONE]: '1' }), node('b', {}, { [ZONE]: '2' })];
    const there = [pod('w1', { nodeName: 'a' }, { app: 'w' })];
    const spec = (more: object) => ({
      topologySpreadConstraints: [{ ...constraint, whenUnsatisfiable: 'DoNotSchedule', ...more }],
    });
    expect(ask(pod('p', spec({}), { app: 'w' }), nodes, there).node).toBe('b');
    const both = [...there, pod('w2', { nodeName: 'b' }, { app: 'w' })];
    expect(ask(pod('p', spec({ minDomains: 3 }), { app: 'w' }), nodes, both).message).toContain(
      "2 node(s) didn't match pod topology spread constraints",
    );
    expect(ask(pod('p', spec({}), { app: 'w' }), [node('plain')]).message).toContain('(missing required label)');
  });

  it('keeps apart what must not be together, whichever of them says so', () => {
    const rule = { labelSelector: { matchLabels: { app: 'x' } }, topologyKey: HOSTNAME };
    const apart = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [rule] } } };
    const nodes = [node('a', { cpu: '400' }), node('b')];
    expect(ask(pod('p', apart), nodes, [pod('x', { nodeName: 'a' }, { app: 'x' })]).node).toBe('b');
    expect(ask(pod('p', {}, { app: 'x' }), nodes, [pod('y', { nodeName: 'a', ...apart })]).node).toBe('b');
    expect(ask(pod('p', {}, { app: 'x' }), [nodes[0]!], [pod('y', { nodeName: 'a', ...apart })]).message).toContain(
      "1 node(s) didn't satisfy existing pods anti-affinity rules.",
    );
  });

  it('lets the first pod with affinity to its own kind in', () => {
    const rule = { labelSelector: { matchLabels: { app: 'x' } }, topologyKey: HOSTNAME };
    const together = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [rule] } } };
    expect(ask(pod('p', together, { app: 'x' }), [node('a')]).node).toBe('a');
    expect(ask(pod('p', together), [node('a')]).node).toBeNull();
  });

  it('goes where a bound volume can be used', () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      spec: { volumeName: 'pv' },
    };
    const expression = { key: HOSTNAME, operator: 'In', values: ['b'] };
    const required = { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { nodeAffinity: { required } },
    };
    const using = pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
    expect(ask(using, [node('a', { cpu: '400' }), node('b')], [], [claim, volume]).node).toBe('b');
    expect(ask(using, [node('a')], [], [claim, volume]).message).toContain(
      "1 node(s) didn't match PersistentVolume's node affinity.",
    );
  });

  it('is settled by the seed between equals', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((name) => node(name));
    const chosen = (seed: string) => explainSchedule({ pod: pod('p'), nodes, pods: [], objects: [], seed }).node;
    expect(chosen('1')).toBe(chosen('1'));
    expect(new Set(['1', '2', '3', '4', '5', '6', '7', '8'].map(chosen)).size).toBeGreaterThan(1);
  });
});

describe('preemption', () => {
  const busy = (name: string, on: string, priority: number, cpu: string) =>
    pod(name, { nodeName: on, priority, ...asking({ cpu }) });

  it('takes the fewest and least important, and spares whom it can', () => {
    const there = [busy('low-1', 'a', 1, '2'), busy('low-2', 'a', 1, '2'), busy('mid', 'b', 5, '4')];
    const answer = ask(pod('p', { priority: 9, ...asking({ cpu: '1' }) }), [node('a'), node('b')], there);
    expect(answer.nominatedNode).toBe('a');
    expect(answer.victims).toHaveLength(1);
    expect(answer.message).toContain('found a potential placement for pod on node a, preempting 1 victims');
  });

  it('would rather not break a disruption budget', () => {
    const guarded = {
      ...busy('low', 'a', 1, '4'),
      metadata: { name: 'low', namespace: 'default', labels: { app: 'x' } },
    };
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'x' } } },
      status: { disruptionsAllowed: 0 },
    };
    const wanted = pod('p', { priority: 9, ...asking({ cpu: '1' }) });
    expect(ask(wanted, [node('a'), node('b')], [guarded, busy('mid', 'b', 5, '4')], [budget]).nominatedNode).toBe('b');
  });

  it('keeps the room that a pod has been promised', () => {
    const promised = {
      ...pod('first', { priority: 9, ...asking({ cpu: '3' }) }),
      status: { nominatedNodeName: 'a' },
    };
    expect(ask(pod('p', asking({ cpu: '2' })), [node('a')], [promised]).node).toBeNull();
  });
});

describe('many nodes', () => {
  it('looks for a share of them', () => {
    expect([50, 99, 100, 1000, 5000, 10000].map(feasibleNodesToFind)).toEqual([50, 99, 100, 420, 500, 500]);
  });
});

it('looks at all nodes below a number of them, and at a share of more that has an end', () => {
  for (const nodes of [1, MIN_FEASIBLE_NODES - 1, MIN_FEASIBLE_NODES]) expect(feasibleNodesToFind(nodes)).toBe(nodes);
  expect(feasibleNodesToFind(MIN_FEASIBLE_NODES + 1)).toBe(MIN_FEASIBLE_NODES);
  // 50 % less one for each 125 nodes.
  const least = (50 - MIN_FEASIBLE_PERCENTAGE) * 125;
  expect(feasibleNodesToFind(least - 125)).toBe(Math.trunc(((least - 125) * (MIN_FEASIBLE_PERCENTAGE + 1)) / 100));
  expect(feasibleNodesToFind(least)).toBe(Math.trunc((least * MIN_FEASIBLE_PERCENTAGE) / 100));
  expect(feasibleNodesToFind(2 * least)).toBe(Math.trunc((2 * least * MIN_FEASIBLE_PERCENTAGE) / 100));
});

it('prefers a node for its images from one size on, and by no more than for another', () => {
  const score = (sizeBytes: number): number => {
    const images = [{ names: ['nginx:latest'], sizeBytes }];
    // It is on both, so that how far it has spread takes nothing from it.
    const nodes = ['a', 'b'].map((name) => ({ ...node(name), status: { ...node(name).status, images } }));
    const scores = (ask(pod('p'), nodes) as LooseObject).nodes[0].scores;
    return scores.find(({ plugin }: LooseObject) => plugin === 'ImageLocality').raw;
  };
  const step = Math.ceil((MAX_CONTAINER_THRESHOLD - MIN_THRESHOLD) / MAX_NODE_SCORE);
  expect([0, MIN_THRESHOLD, MIN_THRESHOLD + step].map(score)).toEqual([0, 0, 1]);
  expect([MAX_CONTAINER_THRESHOLD - 1, MAX_CONTAINER_THRESHOLD, 2 * MAX_CONTAINER_THRESHOLD].map(score)).toEqual([
    MAX_NODE_SCORE - 1,
    MAX_NODE_SCORE,
    MAX_NODE_SCORE,
  ]);
});
