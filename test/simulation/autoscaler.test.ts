import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const APPS = '/apis/apps/v1/namespaces/default';
const NO_METRICS =
  'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';

const autoscaler = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: {
    minReplicas: 2,
    maxReplicas: 4,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
    ...spec,
  },
});

async function withDeployment(replicas: number): Promise<Sandbox> {
  const sandbox = createSandbox(1);
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template };
  await sandbox.request('POST', `${APPS}/deployments`, { metadata: { name: 'web' }, spec });
  sandbox.advance(1_000);
  return sandbox;
}

async function eventsOf(sandbox: Sandbox): Promise<string[]> {
  const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
  return items
    .filter((event: any) => event.involvedObject.kind === 'HorizontalPodAutoscaler')
    .map((event: any) => `${event.reason}: ${event.message}`);
}

const statusOf = async (sandbox: Sandbox, name: string): Promise<any> =>
  (await sandbox.request('GET', `${AUTOSCALERS}/${name}`)).status;
const said = (status: any, type: string): any => status.conditions.find((c: any) => c.type === type);

describe('an autoscaler without metrics', () => {
  it('says that it has none, and lets the size be', async () => {
    const sandbox = await withDeployment(3);
    await sandbox.request('POST', AUTOSCALERS, autoscaler('h'));
    sandbox.advance(60_000);
    const status = await statusOf(sandbox, 'h');
    expect(status).toMatchObject({
      observedGeneration: 1,
      currentReplicas: 3,
      desiredReplicas: 0,
      currentMetrics: [{ type: '' }],
    });
    expect(said(status, 'AbleToScale')).toMatchObject({ status: 'True', reason: 'SucceededGetScale' });
    expect(said(status, 'ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message: `the HPA was unable to compute the replica count: ${NO_METRICS}`,
    });
    expect(await eventsOf(sandbox)).toEqual([
      `FailedGetResourceMetric: ${NO_METRICS}`,
      `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${NO_METRICS}`,
    ]);
    expect((await sandbox.request('GET', `${APPS}/deployments/web`)).spec.replicas).toBe(3);
  });

  it('keeps the size within its bounds', async () => {
    const sandbox = await withDeployment(1);
    await sandbox.request('POST', AUTOSCALERS, autoscaler('h'));
    sandbox.advance(60_000);
    expect((await sandbox.request('GET', `${APPS}/deployments/web`)).spec.replicas).toBe(2);
    expect(await eventsOf(sandbox)).toContain(
      'SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas',
    );
    const status = await statusOf(sandbox, 'h');
    expect(status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
    expect(said(status, 'ScaledToZero')).toMatchObject({ status: 'False', reason: 'NotScaledToZero' });
    await sandbox.request('PATCH', `${APPS}/deployments/web`, { spec: { replicas: 0 } });
    sandbox.advance(60_000);
    expect(said(await statusOf(sandbox, 'h'), 'ScalingActive')).toMatchObject({ reason: 'ScalingDisabled' });
  });

  it('says of each kind of metric what it lacks', async () => {
    const sandbox = await withDeployment(3);
    const metric = { name: 'hits' };
    const target = { type: 'AverageValue', averageValue: '5' };
    const metrics = [
      { type: 'Pods', pods: { metric, target } },
      { type: 'External', external: { metric, target } },
      { type: 'Object', object: { metric, target, describedObject: { apiVersion: 'v1', kind: 'Service', name: 's' } } },
    ];
    await sandbox.request('POST', AUTOSCALERS, autoscaler('h', { metrics }));
    sandbox.advance(1_000);
    const events = await eventsOf(sandbox);
    const custom =
      'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
    expect(events).toContain(`FailedGetPodsMetric: unable to get metric hits: ${custom}`);
    expect(events).toContain(`FailedGetObjectMetric: unable to get metric hits on Service default/s: ${custom}`);
    expect(events).toContain(
      'FailedGetExternalMetric: unable to get external metric default/hits/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get hits.external.metrics.k8s.io)',
    );
    expect((await statusOf(sandbox, 'h')).currentMetrics).toHaveLength(3);
  });

  it('says that its target is not there, cannot be scaled, or is another’s too', async () => {
    const sandbox = await withDeployment(3);
    const of = (kind: string, name: string) => ({ scaleTargetRef: { apiVersion: 'apps/v1', kind, name } });
    await sandbox.request('POST', AUTOSCALERS, autoscaler('gone', of('Deployment', 'gone')));
    await sandbox.request('POST', AUTOSCALERS, autoscaler('odd', of('Thing', 'odd')));
    sandbox.advance(1_000);
    const why = "the HPA controller was unable to get the target's current scale: ";
    expect(said(await statusOf(sandbox, 'gone'), 'AbleToScale').message).toBe(
      `${why}deployments.apps "gone" not found`,
    );
    expect(said(await statusOf(sandbox, 'odd'), 'AbleToScale').message).toBe(
      `${why}no matches for kind "Thing" in group "apps"`,
    );
    await sandbox.request('POST', AUTOSCALERS, autoscaler('a'));
    await sandbox.request('POST', AUTOSCALERS, autoscaler('b'));
    sandbox.advance(1_000);
    expect(said(await statusOf(sandbox, 'b'), 'ScalingActive')).toMatchObject({
      reason: 'AmbiguousSelector',
      message: 'pods by selector app=web are controlled by more than one HPA (e.g. [default/a default/b])',
    });
  });
});
