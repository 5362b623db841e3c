import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import type { Random } from '../../simulation/random.ts';
import type { Attempt } from '../framework.ts';
import { podInfo } from '../pod-info.ts';
import { Snapshot } from '../snapshot.ts';
import { unschedulable } from '../status.ts';
import { MIN_CANDIDATES, MIN_CANDIDATES_PERCENTAGE, preempt } from './default-preemption.ts';

const name = (i: number): string => `n${String(i).padStart(5, '0')}`;

const pod = (of: string, priority: number, nodeName?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: of, namespace: 'default', uid: of },
  spec: { priority, containers: [{ name: 'c', image: 'i' }], ...(nodeName ? { nodeName } : {}) },
});

/** Where room is made among so many nodes with a pod each, of which the one on `cheapest` is the least important. */
function chosen(count: number, cheapest: number, offset = 0): string | undefined {
  const objects: Record<string, KubeObject[]> = {
    nodes: Array.from({ length: count }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: name(i) },
      spec: {},
      status: { allocatable: {} },
    })),
    pods: Array.from({ length: count }, (_, i) => pod(`on-${i}`, i === cheapest ? 1 : 5, name(i))),
  };
  const snapshot = Snapshot.of({
    revision: 1,
    get: () => undefined,
    list: (resource: string) => objects[resource] ?? [],
  });
  const isFull = {
    name: 'Full',
    filter: (_: unknown, node: { pods: unknown[] }) => (node.pods.length > 0 ? unschedulable('full') : undefined),
  };
  const attempt: Attempt = { pod: podInfo(pod('p', 9)), snapshot, state: new Map(), filters: [isFull], steps: 1 };
  const statuses = new Map(snapshot.nodes.map((node) => [node.name, unschedulable('full')]));
  const random = { integer: () => offset } as unknown as Random;
  return preempt(attempt, statuses, random).nomination?.node;
}

describe('preemption looks at no more nodes than are enough', () => {
  it('so many, from wherever it begins', () => {
    const count = MIN_CANDIDATES + 50;
    expect(chosen(count, MIN_CANDIDATES - 1)).toBe(name(MIN_CANDIDATES - 1));
    expect(chosen(count, MIN_CANDIDATES)).not.toBe(name(MIN_CANDIDATES));
    expect(chosen(count, MIN_CANDIDATES, 1)).toBe(name(MIN_CANDIDATES));
    expect(chosen(MIN_CANDIDATES, MIN_CANDIDATES - 1)).toBe(name(MIN_CANDIDATES - 1));
  });

  it('and of very many a share', () => {
    const count = (MIN_CANDIDATES * 100) / MIN_CANDIDATES_PERCENTAGE + 100;
    const share = (count * MIN_CANDIDATES_PERCENTAGE) / 100;
    expect(share).toBeGreaterThan(MIN_CANDIDATES);
    expect(chosen(count, share - 1)).toBe(name(share - 1));
    expect(chosen(count, share)).not.toBe(name(share));
  });
});
