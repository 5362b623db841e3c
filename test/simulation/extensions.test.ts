import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

const apiService = (group: string, version: string, priority = 100) => ({
  metadata: { name: `${version}.${group}` },
  spec: {
    group,
    version,
    groupPriorityMinimum: priority,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { namespace: 'default', name: 'extension' },
  },
});

const conditionOf = async (sandbox: Sandbox, name: string): Promise<any> =>
  (await sandbox.request('GET', `${API_SERVICES}/${name}`)).status.conditions[0];

const namespace = (name: string) => ({ metadata: { name } });
const typed = (object: any, type: string): any => object.status.conditions?.find((c: any) => c.type === type);

describe('an APIService whose server is away', () => {
  it('says what is missing, step by step', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', API_SERVICES, apiService('metrics.k8s.io', 'v1beta1'));
    sandbox.advance(0);
    expect(await conditionOf(sandbox, 'v1beta1.metrics.k8s.io')).toMatchObject({
      type: 'Available',
      status: 'False',
      reason: 'ServiceNotFound',
      message: 'service/extension in "default" is not present',
    });
    const service = (port: number) => ({
      metadata: { name: 'extension' },
      spec: { selector: { app: 'extension' }, ports: [{ name: 'https', port }] },
    });
    await sandbox.request('POST', '/api/v1/namespaces/default/services', service(8443));
    sandbox.advance(0);
    expect(await conditionOf(sandbox, 'v1beta1.metrics.k8s.io')).toMatchObject({
      reason: 'ServicePortError',
      message: 'service/extension in "default" is not listening on port 443',
    });
    await sandbox.request('DELETE', '/api/v1/namespaces/default/services/extension');
    const { spec } = await sandbox.request('POST', '/api/v1/namespaces/default/services', service(443));
    sandbox.advance(0);
    expect(await conditionOf(sandbox, 'v1beta1.metrics.k8s.io')).toMatchObject({
      reason: 'MissingEndpoints',
      message: 'endpointslices for service/extension in "default" have no addresses with port name "https"',
    });
    const pod = {
      metadata: { name: 'p', labels: { app: 'extension' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    await sandbox.request('POST', '/api/v1/namespaces/default/pods', pod);
    sandbox.advance(1_000);
    const url = `https://${spec.clusterIP}:443/apis/metrics.k8s.io/v1beta1`;
    expect(await conditionOf(sandbox, 'v1beta1.metrics.k8s.io')).toMatchObject({
      reason: 'FailedDiscoveryCheck',
      message: `failing or missing response from ${url}: Get "${url}": dial tcp ${spec.clusterIP}:443: connect: connection refused`,
    });
    expect(sandbox.errors).toEqual([]);
  });

  it('is listed by discovery as far as it is known, and answers nothing', async () => {
    const sandbox = createSandbox(1);
    for (const body of [apiService('metrics.k8s.io', 'v1beta1'), apiService('first.example.org', 'v1', 20_000)])
      await sandbox.request('POST', API_SERVICES, body);
    const { groups } = await sandbox.request('GET', '/apis');
    const names = groups.map((group: any) => group.name);
    expect(names.slice(0, 2)).toEqual(['apiregistration.k8s.io', 'first.example.org']);
    expect(names.at(-1)).toBe('metrics.k8s.io');
    expect(groups.at(-1)).toEqual({
      name: 'metrics.k8s.io',
      versions: [{ groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' }],
      preferredVersion: { groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' },
    });
    const aggregated = await sandbox.respond('GET', '/apis', {
      accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    });
    expect(((await aggregated.json()) as any).items.at(-1)).toEqual({
      metadata: { name: 'metrics.k8s.io' },
      versions: [{ version: 'v1beta1', freshness: 'Stale' }],
    });
    for (const path of ['', '/nodes', '/namespaces/default/pods/p']) {
      const answer = await sandbox.respond('GET', `/apis/metrics.k8s.io/v1beta1${path}`);
      expect([answer.status, await answer.text()]).toEqual([503, 'service unavailable\n']);
    }
    expect((await sandbox.request('GET', '/apis/metrics.k8s.io')).kind).toBe('APIGroup');
    expect((await sandbox.respond('GET', '/apis/metrics.k8s.io/v9')).status).toBe(404);
  });

  it('keeps a namespace from its end, which says why', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', API_SERVICES, apiService('metrics.k8s.io', 'v1beta1'));
    await sandbox.request('POST', '/api/v1/namespaces', namespace('n'));
    sandbox.advance(1_000);
    await sandbox.request('DELETE', '/api/v1/namespaces/n');
    sandbox.advance(60_000);
    const held = await sandbox.request('GET', '/api/v1/namespaces/n');
    expect(typed(held, 'NamespaceDeletionDiscoveryFailure')).toMatchObject({
      status: 'True',
      reason: 'DiscoveryFailed',
      message:
        'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1',
    });
    expect((await sandbox.request('GET', '/api/v1/namespaces/n/serviceaccounts')).items).toEqual([]);
    await sandbox.request('DELETE', `${API_SERVICES}/v1beta1.metrics.k8s.io`);
    sandbox.advance(1_000);
    expect((await sandbox.request('GET', '/api/v1/namespaces/n')).reason).toBe('NotFound');
  });
});

describe('a namespace that ends', () => {
  it('loses its pods before anything else', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/api/v1/namespaces', namespace('n'));
    sandbox.advance(0);
    const pod = {
      metadata: { name: 'p', finalizers: ['example.org/held'] },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    await sandbox.request('POST', '/api/v1/namespaces/n/pods', pod);
    await sandbox.request('POST', '/api/v1/namespaces/n/configmaps', { metadata: { name: 'm' } });
    sandbox.advance(1_000);
    await sandbox.request('DELETE', '/api/v1/namespaces/n');
    sandbox.advance(120_000);
    const ending = await sandbox.request('GET', '/api/v1/namespaces/n');
    expect(typed(ending, 'NamespaceDeletionContentFailure')).toMatchObject({ status: 'False' });
    expect((await sandbox.request('GET', '/api/v1/namespaces/n/configmaps/m')).kind).toBe('ConfigMap');
    expect((await sandbox.request('GET', '/api/v1/namespaces/n/pods/p')).metadata.deletionTimestamp).toBeDefined();
    await sandbox.request('PATCH', '/api/v1/namespaces/n/pods/p', { metadata: { finalizers: null } });
    sandbox.advance(1_000);
    expect((await sandbox.request('GET', '/api/v1/namespaces/n')).reason).toBe('NotFound');
  });

  it('says that a pod does not end when nobody ends it', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/api/v1/namespaces', namespace('n'));
    await sandbox.request('POST', '/api/v1/nodes', { metadata: { name: 'theirs' } });
    sandbox.advance(0);
    const pod = { metadata: { name: 'p' }, spec: { nodeName: 'theirs', containers: [{ name: 'c', image: 'i' }] } };
    await sandbox.request('POST', '/api/v1/namespaces/n/pods', pod);
    await sandbox.request('DELETE', '/api/v1/namespaces/n');
    sandbox.advance(29_000);
    const failure = async (): Promise<any> =>
      typed(await sandbox.request('GET', '/api/v1/namespaces/n'), 'NamespaceDeletionContentFailure');
    expect((await failure()).status).toBe('False');
    sandbox.advance(5_000);
    expect(await failure()).toMatchObject({
      status: 'True',
      reason: 'ContentDeletionFailed',
      message:
        'Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: n for gvr: /v1, Resource=pods',
    });
  });
});
