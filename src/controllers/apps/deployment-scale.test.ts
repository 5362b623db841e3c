import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { maxUnavailable, newReplicas, proportionalSizes, scaleDownTargets } from './deployment-scale.ts';

const deployment = (replicas: number, maxSurge: number | string, unavailable: number | string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: unavailable } } },
});

const set = (name: string, replicas: number, available = replicas, maxReplicas?: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name,
    creationTimestamp: '2026-01-05T10:00:00Z',
    ...(maxReplicas ? { annotations: { 'deployment.kubernetes.io/max-replicas': String(maxReplicas) } } : {}),
  },
  spec: { replicas },
  status: { availableReplicas: available },
});

describe('the steps of a rollout', () => {
  it('makes room for one pod when rounding would leave none', () => {
    expect(maxUnavailable(deployment(3, 0, '25%'))).toBe(1);
    expect(maxUnavailable(deployment(8, '25%', '25%'))).toBe(2);
  });

  it('grows the new set as far as the surge allows', () => {
    const fresh = set('new', 0);
    expect(newReplicas(deployment(4, '25%', '25%'), [set('old', 4), fresh], fresh)).toBe(1);
    expect(newReplicas(deployment(4, 0, 2), [set('old', 4), fresh], fresh)).toBe(0);
  });

  it('takes unhealthy old pods first, and only then available ones', () => {
    const targets = scaleDownTargets([set('a', 3, 1), set('b', 3, 3)], 3, 2);
    expect([...targets]).toEqual([
      ['a', 0],
      ['b', 2],
    ]);
  });

  it('shares a change of size between the sets in proportion', () => {
    const sizes = proportionalSizes([set('old', 8, 8, 13), set('new', 5, 5, 13)], deployment(20, 3, 2));
    expect([...sizes].map(([s, size]) => [s.metadata.name, size])).toEqual([
      ['old', 14],
      ['new', 9],
    ]);
  });
});
