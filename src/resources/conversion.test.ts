import { describe, expect, it } from 'vitest';
import { fromStored, toStored } from './conversion.ts';
import type { KubeObject } from './object.ts';

const hpa: KubeObject = {
  apiVersion: 'autoscaling/v1',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h' },
  spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'd' }, targetCPUUtilizationPercentage: 50 },
};

describe('an autoscaler', () => {
  it('is stored as v2 and comes back as it was', () => {
    const stored = toStored(hpa);
    expect(stored.spec.metrics).toEqual([
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
    ]);
    expect(fromStored(stored, 'autoscaling/v1')).toEqual(hpa);
  });

  it('keeps in annotations what v1 has no fields for', () => {
    const memory = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
    };
    const stored = { ...toStored(hpa), spec: { ...toStored(hpa).spec, metrics: [memory] } };
    const shown = fromStored(stored, 'autoscaling/v1');
    expect(shown.metadata.annotations).toEqual({
      'autoscaling.alpha.kubernetes.io/metrics':
        '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
    });
    expect(toStored(shown)).toEqual(stored);
  });
});

it('shows an event by the names of its group', () => {
  const stored: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod' },
    message: 'hello',
    count: 2,
  };
  const shown = fromStored(stored, 'events.k8s.io/v1');
  expect(shown).toMatchObject({ regarding: { kind: 'Pod' }, note: 'hello', deprecatedCount: 2 });
  expect(toStored(shown)).toEqual(stored);
});
