import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../test/loose-object.ts';
import { fromStored, toStored } from './conversion.ts';

const hpa: KubeObject = {
  apiVersion: 'autoscaling/v1',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h' },
  spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'd' }, targetCPUUtilizationPercentage: 50 },
};

describe('an autoscaler', () => {
  it('is stored as v2 and comes back as it was', () => {
    const stored: KubeObject = toStored(hpa);
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
    const v2: KubeObject = toStored(hpa);
    const stored = { ...v2, spec: { ...v2.spec, metrics: [memory] } };
    const shown = fromStored(stored, 'autoscaling/v1');
    expect(shown.metadata.annotations).toEqual({
      'autoscaling.alpha.kubernetes.io/metrics':
        '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
    });
    expect(toStored(shown)).toEqual(stored);
  });

  it('keeps what was measured, or could not be, and how it is to behave', () => {
    const measured = [
      { type: '' },
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 7, averageValue: '70m' } } },
      { type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '3' } } },
    ];
    const behavior = { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }], selectPolicy: 'Min' } };
    const plain: KubeObject = toStored(hpa);
    const stored = {
      ...plain,
      spec: { ...plain.spec, behavior },
      status: { currentReplicas: 1, desiredReplicas: 0, currentMetrics: measured },
    };
    const shown = fromStored(stored, 'autoscaling/v1');
    expect(shown.status).toEqual({ currentReplicas: 1, desiredReplicas: 0, currentCPUUtilizationPercentage: 7 });
    expect(shown.metadata.annotations).toEqual({
      'autoscaling.alpha.kubernetes.io/current-metrics':
        '[{"type":""},{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":7,"currentAverageValue":"70m"}},{"type":"Pods","pods":{"metricName":"rps","currentAverageValue":"3"}}]',
      'autoscaling.alpha.kubernetes.io/behavior':
        '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Min","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}],"Tolerance":null}}',
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
    reportingComponent: '',
    reportingInstance: '',
  };
  const shown = fromStored(stored, 'events.k8s.io/v1');
  expect(shown).toMatchObject({ regarding: { kind: 'Pod' }, note: 'hello', deprecatedCount: 2 });
  // Core prints who reports even when nobody does.
  expect(Object.keys(shown).filter((field) => field.startsWith('reporting'))).toEqual([]);
  expect(toStored(shown)).toEqual(stored);
});
