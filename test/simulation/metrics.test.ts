/** `metrics.k8s.io` behind a metrics-server, and autoscalers that go by it. */
import { describe, expect, it } from 'vitest';
import type { Behaviour } from '../../src/simulation/behaviours.ts';
import { deployment, installMetricsServer } from './metrics-server.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const METRICS = '/apis/metrics.k8s.io/v1beta1';
const APPS = '/apis/apps/v1/namespaces';
const PODS = '/api/v1/namespaces/default/pods';
const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const BUSY: Behaviour[] = [{ match: { labels: { load: 'high' } }, usage: { cpu: '180m', memory: '100Mi' } }];
const MINUTE = 60_000;

const REQUESTS = { resources: { requests: { cpu: '200m', memory: '64Mi' } } };

async function withWeb(replicas: number, container: object = REQUESTS): Promise<Sandbox> {
  const sandbox = createSandbox(2, { behaviours: BUSY });
  await installMetricsServer(sandbox);
  await sandbox.request('POST', `${APPS}/default/deployments`, deployment('web', replicas, container));
  sandbox.advance(MINUTE);
  return sandbox;
}

async function load(sandbox: Sandbox, value: string | null): Promise<void> {
  const { items } = await sandbox.request('GET', PODS);
  for (const { metadata } of items)
    await sandbox.request('PATCH', `${PODS}/${metadata.name}`, { metadata: { labels: { load: value } } });
  sandbox.advance(1000);
}

describe('metrics.k8s.io', () => {
  it('is documented where its server answers, with its types and what may be asked', async () => {
    const sandbox = createSandbox(1);
    const documents = async (): Promise<string[]> =>
      Object.keys((await sandbox.request('GET', '/openapi/v3')).paths).filter((name) => name.includes('metrics'));
    expect(await documents()).toEqual([]);
    const before = (await sandbox.respond('GET', '/openapi/v2')).headers.get('etag');
    await installMetricsServer(sandbox);
    expect(await documents()).toEqual(['apis/metrics.k8s.io', 'apis/metrics.k8s.io/v1beta1']);
    const { info, paths, components } = await sandbox.request('GET', '/openapi/v3/apis/metrics.k8s.io/v1beta1');
    expect(info.title).toBe('Kubernetes metrics-server');
    const operations = Object.entries<any>(paths).map(([path, { parameters: _, ...methods }]) => [
      path,
      Object.entries<any>(methods).map(([method, { operationId }]) => `${method} ${operationId}`),
    ]);
    expect(Object.fromEntries(operations)).toEqual({
      [`${METRICS}/`]: ['get getMetricsV1beta1APIResources'],
      [`${METRICS}/namespaces/{namespace}/pods`]: ['get listMetricsV1beta1NamespacedPodMetrics'],
      [`${METRICS}/namespaces/{namespace}/pods/{name}`]: ['get readMetricsV1beta1NamespacedPodMetrics'],
      [`${METRICS}/nodes`]: ['get listMetricsV1beta1NodeMetrics'],
      [`${METRICS}/nodes/{name}`]: ['get readMetricsV1beta1NodeMetrics'],
      [`${METRICS}/pods`]: ['get listMetricsV1beta1PodMetricsForAllNamespaces'],
    });
    const type = 'io.k8s.metrics.pkg.apis.metrics.v1beta1.';
    const { properties, required, ...rest } = components.schemas[`${type}PodMetrics`];
    expect([Object.keys(properties), required]).toEqual([
      ['apiVersion', 'containers', 'kind', 'metadata', 'timestamp', 'window'],
      ['timestamp', 'window', 'containers'],
    ]);
    expect(rest['x-kubernetes-group-version-kind']).toEqual([
      { group: 'metrics.k8s.io', kind: 'PodMetrics', version: 'v1beta1' },
    ]);
    const list = paths[`${METRICS}/nodes`].get.responses[200].content['application/json'].schema;
    expect(list).toEqual({ $ref: `#/components/schemas/${type}NodeMetricsList` });
    const { definitions, paths: swagger } = await sandbox.request('GET', '/openapi/v2');
    expect(definitions[`${type}ContainerMetrics`].properties.usage).toEqual({
      additionalProperties: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
      type: 'object',
    });
    expect([Object.keys(swagger).length > 100, `${METRICS}/nodes` in swagger]).toEqual([true, true]);
    expect((await sandbox.respond('GET', '/openapi/v2')).headers.get('etag')).not.toBe(before);
    // What nobody answers for is not told of.
    await sandbox.request('DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io');
    expect(await documents()).toEqual([]);
  });

  it('is not there in a cluster without a metrics-server, and unavailable behind any other program', async () => {
    const sandbox = createSandbox(1);
    expect((await sandbox.respond('GET', `${METRICS}/nodes`)).status).toBe(404);
    await installMetricsServer(sandbox, 'nginx');
    expect((await sandbox.respond('GET', `${METRICS}/nodes`)).status).toBe(503);
    const { status } = await sandbox.request(
      'GET',
      '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io',
    );
    expect(status.conditions[0]).toMatchObject({ status: 'False', reason: 'FailedDiscoveryCheck' });
  });

  it('tells what pods use: a share of their requests, or what the cluster’s behaviours say', async () => {
    const sandbox = await withWeb(1);
    const usage = async () => (await sandbox.request('GET', `${METRICS}/namespaces/default/pods`)).items[0];
    expect(await usage()).toMatchObject({
      metadata: { namespace: 'default', labels: { app: 'web' } },
      timestamp: '2026-01-05T10:02:00Z',
      window: '15s',
      containers: [{ name: 'c', usage: { cpu: '20m', memory: '32768Ki' } }],
    });
    await load(sandbox, 'high');
    expect((await usage()).containers[0].usage).toEqual({ cpu: '180m', memory: '102400Ki' });
  });

  it('tells of a pod once it was running when its node was asked', async () => {
    const sandbox = await withWeb(0);
    await sandbox.request('POST', PODS, {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'web' }] },
    });
    sandbox.advance(1000);
    const missing = await sandbox.request('GET', `${METRICS}/namespaces/default/pods/p`);
    expect(missing.message).toBe('podmetrics.metrics.k8s.io "default/p" not found');
    sandbox.advance(15_000);
    const found = await sandbox.request('GET', `${METRICS}/namespaces/default/pods/p`);
    expect(found).toMatchObject({ kind: 'PodMetrics', containers: [{ usage: { cpu: '1m', memory: '4096Ki' } }] });
  });

  it('tells what nodes use: their pods and what is their own', async () => {
    const sandbox = await withWeb(2);
    const { kind, items } = await sandbox.request('GET', `${METRICS}/nodes`);
    expect([kind, items.length]).toEqual(['NodeMetricsList', 2]);
    const millis = items.map(({ usage }: any) => Number.parseInt(usage.cpu, 10));
    expect(millis[0] + millis[1]).toBe(2 * 60 + 2 * 20 + 1);
  });

  it('can be selected, and be a table', async () => {
    const sandbox = await withWeb(2);
    const select = async (query: string) => (await sandbox.request('GET', `${METRICS}/pods?${query}`)).items;
    expect(await select('labelSelector=app%3Dweb')).toHaveLength(2);
    expect(await select('fieldSelector=metadata.namespace%3Dkube-system')).toHaveLength(1);
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const table: any = await (await sandbox.respond('GET', `${METRICS}/namespaces/default/pods`, { accept })).json();
    expect(table).toMatchObject({
      kind: 'Table',
      rows: [{ cells: [/^web-/, '20m', '32768Ki', '15s'] }, {}].map(() => ({})),
    });
  });

  it('is in discovery', async () => {
    const sandbox = await withWeb(0);
    const { resources } = await sandbox.request('GET', METRICS);
    expect(resources.map(({ name, kind }: any) => `${name} ${kind}`)).toEqual(['nodes NodeMetrics', 'pods PodMetrics']);
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const groups: any = await (await sandbox.respond('GET', '/apis', { accept })).json();
    const [version] = groups.items.find(({ metadata }: any) => metadata.name === 'metrics.k8s.io').versions;
    expect(version).toMatchObject({ freshness: 'Current', resources: [{ resource: 'nodes' }, { resource: 'pods' }] });
  });
});

const autoscaler = (spec: object = {}) => ({
  metadata: { name: 'h' },
  spec: {
    maxReplicas: 10,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    ...spec,
  },
});

const size = async (sandbox: Sandbox): Promise<number> =>
  (await sandbox.request('GET', `${APPS}/default/deployments/web`)).spec.replicas;
const statusOf = async (sandbox: Sandbox): Promise<any> => (await sandbox.request('GET', `${AUTOSCALERS}/h`)).status;
const said = (status: any, type: string): any => status.conditions.find((c: any) => c.type === type);

describe('an autoscaler with metrics', () => {
  it('adds pods while they use more than they should, and rests when they do not', async () => {
    const sandbox = await withWeb(1);
    await sandbox.request('POST', AUTOSCALERS, autoscaler());
    sandbox.advance(MINUTE);
    expect(await statusOf(sandbox)).toMatchObject({
      currentReplicas: 1,
      desiredReplicas: 1,
      currentMetrics: [{ resource: { name: 'cpu', current: { averageUtilization: 10, averageValue: '20m' } } }],
    });
    await load(sandbox, 'high');
    sandbox.advance(10 * MINUTE);
    expect(await size(sandbox)).toBe(2);
    const status = await statusOf(sandbox);
    expect(status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
    expect(said(status, 'ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' });
    expect(said(status, 'AbleToScale')).toMatchObject({ status: 'True', reason: 'ReadyForNewScale' });
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
    expect(items.map(({ message }: any) => message)).toContain(
      'New size: 2; reason: cpu resource utilization (percentage of request) above target',
    );
    // Nothing more is due before the first events are forgotten.
    expect(sandbox.cluster.nextDue(Date.parse('2026-01-05T10:20:00Z'))).toBe(Date.parse('2026-01-05T11:00:00Z'));
  });

  it('takes pods away when the load has been low for five minutes, also over a sleep', async () => {
    const sandbox = await withWeb(4);
    await sandbox.request('POST', AUTOSCALERS, autoscaler({ minReplicas: 2 }));
    sandbox.advance(4 * MINUTE);
    expect(await size(sandbox)).toBe(4);
    expect(said(await statusOf(sandbox), 'AbleToScale')).toMatchObject({ reason: 'ScaleDownStabilized' });
    sandbox.evict();
    sandbox.advance(2 * MINUTE);
    expect(await size(sandbox)).toBe(2);
    expect(said(await statusOf(sandbox), 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooFewReplicas' });
  });

  it('starts to wait anew when the load comes back meanwhile', async () => {
    const sandbox = await withWeb(2);
    await load(sandbox, 'high');
    await sandbox.request('POST', AUTOSCALERS, autoscaler({ maxReplicas: 2 }));
    sandbox.advance(MINUTE);
    await load(sandbox, null);
    sandbox.advance(4 * MINUTE);
    await load(sandbox, 'high');
    sandbox.advance(1000);
    await load(sandbox, null);
    sandbox.advance(4 * MINUTE);
    expect(await size(sandbox)).toBe(2);
    sandbox.advance(2 * MINUTE);
    expect(await size(sandbox)).toBe(1);
  });

  it('keeps to its policies', async () => {
    const sandbox = await withWeb(6);
    const scaleDown = { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] };
    await sandbox.request('POST', AUTOSCALERS, autoscaler({ behavior: { scaleDown } }));
    const sizes: number[] = [];
    for (let i = 0; i < 4; i++) {
      sandbox.advance(i === 0 ? 1000 : MINUTE);
      sizes.push(await size(sandbox));
    }
    expect(sizes).toEqual([5, 4, 3, 2]);
  });

  it('says what it lacks', async () => {
    const sandbox = await withWeb(1, {});
    await sandbox.request('POST', AUTOSCALERS, autoscaler());
    sandbox.advance(1000);
    const { message } = said(await statusOf(sandbox), 'ScalingActive');
    expect(message).toMatch(/failed to get cpu utilization: missing request for cpu in container c of Pod web-/);
  });
});
