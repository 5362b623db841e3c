import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';

const rule = (over: object = {}) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['configmaps'],
  ...over,
});

const hook = (over: object = {}) => ({
  name: 'v.example.org',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { service: { name: 'hook', namespace: 'default' } },
  rules: [rule()],
  ...over,
});

async function withHook(over: object = {}, kind = 'validating'): Promise<Sandbox> {
  const sandbox = createSandbox(1);
  const body = { metadata: { name: 'h' }, webhooks: [hook(over)] };
  const made = await sandbox.request('POST', `${HOOKS}/${kind}webhookconfigurations`, body);
  expect(made.kind).toMatch(/WebhookConfiguration$/);
  return sandbox;
}

const create = (sandbox: Sandbox, name = 'm', labels: object = {}, path = MAPS): Promise<any> =>
  sandbox.request('POST', path, { metadata: { name, labels } });

describe('a webhook that cannot be reached', () => {
  for (const kind of ['validating', 'mutating'])
    it(`fails what it would have been asked about: ${kind}`, async () => {
      const sandbox = await withHook({}, kind);
      const message =
        'failed calling webhook "v.example.org": failed to call webhook: Post "https://hook.default.svc:443/?timeout=10s": service "hook" not found';
      expect(await create(sandbox)).toMatchObject({
        status: 'Failure',
        message: `Internal error occurred: ${message}`,
        reason: 'InternalError',
        details: { causes: [{ message }] },
        code: 500,
      });
      expect((await sandbox.request('GET', `${MAPS}/m`)).reason).toBe('NotFound');
      await sandbox.request('DELETE', `${HOOKS}/${kind}webhookconfigurations/h`);
      expect((await create(sandbox)).kind).toBe('ConfigMap');
    });

  it('is told of by what stands before it', async () => {
    const service = (spec: object) => ({ metadata: { name: 'hook' }, spec: { ports: [{ port: 443 }], ...spec } });
    const said = async (spec: object | undefined, over: object = {}): Promise<string> => {
      const sandbox = await withHook(over);
      if (spec) await sandbox.request('POST', '/api/v1/namespaces/default/services', service(spec));
      return (await create(sandbox)).message.split('failed to call webhook: ')[1];
    };
    const post = 'Post "https://hook.default.svc:443/?timeout=10s": ';
    expect(await said({ clusterIP: '10.96.7.7' })).toBe(`${post}dial tcp 10.96.7.7:443: connect: connection refused`);
    expect(await said({ clusterIP: 'None' })).toBe(`${post}cannot route to service with ClusterIP "None"`);
    expect(await said({ ports: [{ port: 80 }] })).toBe(`${post}no service port 443 found for service "hook"`);
    const path = { clientConfig: { service: { name: 'hook', namespace: 'default', path: '/validate', port: 8443 } } };
    expect(await said(undefined, { ...path, timeoutSeconds: 3 })).toBe(
      'Post "https://hook.default.svc:8443/validate?timeout=3s": service "hook" not found',
    );
    expect(await said(undefined, { clientConfig: { url: 'https://hooks.example.org/v' } })).toBe(
      'Post "https://hooks.example.org/v?timeout=10s": dial tcp: lookup hooks.example.org: no such host',
    );
    expect(await said(undefined, { clientConfig: { url: 'https://192.0.2.1:8443' } })).toBe(
      'Post "https://192.0.2.1:8443/?timeout=10s": dial tcp 192.0.2.1:8443: connect: connection refused',
    );
  });

  it('does not matter where its policy says so, or its rules and selectors mean others', async () => {
    const passing: [string, object][] = [
      ['policy', { failurePolicy: 'Ignore' }],
      ['operation', { rules: [rule({ operations: ['UPDATE', 'DELETE'] })] }],
      ['resource', { rules: [rule({ resources: ['secrets', 'configmaps/status'] })] }],
      ['group', { rules: [rule({ apiGroups: ['apps'] })] }],
      ['version', { rules: [rule({ apiVersions: ['v2'] })] }],
      ['scope', { rules: [rule({ scope: 'Cluster' })] }],
      ['object', { objectSelector: { matchLabels: { checked: 'yes' } } }],
      ['namespace', { namespaceSelector: { matchLabels: { checked: 'yes' } } }],
    ];
    for (const [what, over] of passing)
      expect([what, (await create(await withHook(over))).kind]).toEqual([what, 'ConfigMap']);
    const failing: [string, object][] = [
      [
        'everything',
        { rules: [rule({ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] })] },
      ],
      ['scope', { rules: [rule({ scope: 'Namespaced' })] }],
      ['object', { objectSelector: { matchLabels: { app: 'a' } } }],
      ['namespace', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } }],
    ];
    for (const [what, over] of failing)
      expect([what, (await create(await withHook(over), 'm', { app: 'a' })).code]).toEqual([what, 500]);
  });

  it('is asked about updates, patches, deletions, namespaces and equivalent versions', async () => {
    const sandbox = await withHook({ rules: [rule({ operations: ['UPDATE', 'DELETE'] })] });
    const made = await create(sandbox);
    expect((await sandbox.request('PUT', `${MAPS}/m`, { ...made, data: { a: 'b' } })).code).toBe(500);
    expect((await sandbox.request('PATCH', `${MAPS}/m`, { data: { a: 'b' } })).code).toBe(500);
    expect((await sandbox.request('DELETE', `${MAPS}/m`)).code).toBe(500);
    expect((await sandbox.request('GET', `${MAPS}/m`)).data).toBeUndefined();
    const labelled = {
      namespaceSelector: { matchLabels: { checked: 'yes' } },
      rules: [rule({ resources: ['namespaces'] })],
    };
    const spaces = await withHook(labelled);
    expect((await create(spaces, 'a', {}, '/api/v1/namespaces')).kind).toBe('Namespace');
    expect((await create(spaces, 'b', { checked: 'yes' }, '/api/v1/namespaces')).code).toBe(500);
    const scaler = {
      metadata: { name: 'h' },
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    };
    const versions = { apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] };
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
    expect((await (await withHook({ rules: [rule(versions)] })).request('POST', path, scaler)).code).toBe(500);
    const exact = await withHook({ rules: [rule(versions)], matchPolicy: 'Exact' });
    expect((await exact.request('POST', path, scaler)).kind).toBe('HorizontalPodAutoscaler');
  });

  it('stops the cluster’s own parts too, which say so, and go on without it', async () => {
    const sandbox = await withHook({ rules: [rule({ resources: ['pods'] })] });
    const deployment = {
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    };
    await sandbox.request('POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
    sandbox.advance(5_000);
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
    const failed = items.find((event: any) => event.reason === 'FailedCreate');
    expect(failed.message).toContain('Error creating: Internal error occurred: failed calling webhook "v.example.org"');
    await sandbox.request('DELETE', `${HOOKS}/validatingwebhookconfigurations/h`);
    sandbox.advance(60_000);
    const { status } = await sandbox.request('GET', '/apis/apps/v1/namespaces/default/deployments/web');
    expect(status.readyReplicas).toBe(1);
  });

  it('never stands before its own configuration', async () => {
    const everything = rule({ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] });
    const sandbox = await withHook({ rules: [everything] });
    expect((await create(sandbox)).code).toBe(500);
    await sandbox.request('DELETE', `${HOOKS}/validatingwebhookconfigurations/h`);
    expect((await create(sandbox)).kind).toBe('ConfigMap');
  });
});
