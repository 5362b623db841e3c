import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts';

const controller = horizontalPodAutoscalerController(
  () => BUILT_IN,
  () => ({}),
);
const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const autoscaler = (name = 'h', spec: object = {}): KubeObject =>
  object('HorizontalPodAutoscaler', name, {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [CPU],
      ...spec,
    },
    status: {},
  });
const deployment = (replicas: number): KubeObject =>
  object('Deployment', 'web', { spec: { replicas, selector: { matchLabels: { app: 'web' } } } });
const reconcile = (...objects: KubeObject[]) => reconciled(controller, 'ns/h', objects);
const conditions = (...objects: KubeObject[]): string[] =>
  written(reconcile(...objects), 'update HorizontalPodAutoscaler/status h').status.conditions.map(
    (c: Record<string, string>) => `${c.type} ${c.status} ${c.reason}`,
  );

it.each([
  [1, 2, 'below Spec.MinReplicas'],
  [6, 5, 'above Spec.MaxReplicas'],
])('brings a size of %i to %i', (current, desired, why) => {
  const result = reconcile(autoscaler(), deployment(current));
  expect(written(result, 'update Deployment/scale web').spec.replicas).toBe(desired);
  expect(lines(result)).toContain(
    `event SuccessfulRescale: New size: ${desired}; reason: Current number of replicas ${why}`,
  );
  expect(written(result, 'update HorizontalPodAutoscaler/status h').status).toMatchObject({
    currentReplicas: current,
    desiredReplicas: desired,
    lastScaleTime: '2026-01-05T10:00:00Z',
  });
});

it.each([2, 5])('leaves a size of %i as it is, and says that there are no metrics', (current) => {
  const result = reconcile(autoscaler(), deployment(current));
  expect(lines(result)).not.toContain('update Deployment/scale web');
  expect(conditions(autoscaler(), deployment(current))).toEqual([
    'AbleToScale True SucceededGetScale',
    'ScalingActive False FailedGetResourceMetric',
  ]);
  const told = written(result, 'update HorizontalPodAutoscaler/status h');
  expect(lines(reconcile(told, deployment(current)))).toEqual([]);
});

it('leaves a size of nothing to whoever made it so', () => {
  expect(conditions(autoscaler(), deployment(0))).toContain('ScalingActive False ScalingDisabled');
  expect(lines(reconcile(autoscaler(), deployment(0)))).not.toContain('update Deployment/scale web');
});

it('says that its target is not there', () => {
  expect(lines(reconcile(autoscaler()))).toEqual([
    'event FailedGetScale: deployments.apps "web" not found',
    'update HorizontalPodAutoscaler/status h',
  ]);
  expect(conditions(autoscaler())).toEqual(['AbleToScale False FailedGetScale']);
  expect(keysOf(controller, { new: deployment(1) }, [autoscaler()])).toEqual(['ns/h']);
});

it('does not count for pods that two of them scale', () => {
  const pod = object('Pod', 'p', { metadata: { labels: { app: 'web' } } });
  const objects = [autoscaler(), autoscaler('i'), deployment(3), pod];
  expect(conditions(...(objects as [KubeObject]))).toContain('ScalingActive False AmbiguousSelector');
});

it('says that it could not scale', () => {
  const [scale] = reconcile(autoscaler(), deployment(1)).writes;
  const refused = { writes: scale!.refused!('no') };
  expect(lines(refused)[0]).toMatch(/^event FailedRescale: New size: 2; .*; error: no$/);
  expect(written(refused, 'update HorizontalPodAutoscaler/status h').status.conditions).toMatchObject([
    { type: 'AbleToScale', status: 'False', reason: 'FailedUpdateScale' },
  ]);
});
