/** What controllers say when they are kept from doing their work: by a quota, or by a webhook that nobody reaches. */
import { describe, expect, it } from 'vitest';
import type { Json } from './pods.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const AUTOSCALING = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

const template = (spec: Json = {}): Json => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], terminationGracePeriodSeconds: 0, ...spec },
});
const workload = (name: string, spec: Json = {}): Json => ({
  metadata: { name },
  spec: { selector: { matchLabels: { app: 'web' } }, template: template(), ...spec },
});

async function refuse(sandbox: Sandbox, operation: string, group: string, resource: string): Promise<void> {
  const rules = [{ apiGroups: [group], apiVersions: ['*'], operations: [operation], resources: [resource] }];
  const clientConfig = { url: 'https://192.0.2.1/' };
  const hook = { name: 'no.example.org', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig, rules };
  const made = await sandbox.request('POST', HOOKS, { metadata: { name: 'no' }, webhooks: [hook] });
  expect(made.kind).toBe('ValidatingWebhookConfiguration');
}

const WHY =
  'Internal error occurred: failed calling webhook "no.example.org": failed to call webhook: Post "https://192.0.2.1/?timeout=10s": dial tcp 192.0.2.1:443: connect: connection refused';

async function limit(sandbox: Sandbox, resource: string): Promise<void> {
  await sandbox.request('POST', `${CORE}/resourcequotas`, {
    metadata: { name: 'q' },
    spec: { hard: { [resource]: '0' } },
  });
  sandbox.advance(1_000);
}

async function told(sandbox: Sandbox, reason: string): Promise<Json[]> {
  const { items } = await sandbox.request('GET', `${CORE}/events`);
  return items.filter((event: Json) => event.reason === reason);
}

describe('a pod that cannot be deleted', () => {
  it.each([
    [
      'ReplicaSet',
      'replicasets',
      'replicaset-controller',
      { replicas: 2 },
      { spec: { replicas: 1 } },
      `Error deleting: ${WHY}`,
    ],
    [
      'DaemonSet',
      'daemonsets',
      'daemonset-controller',
      {},
      { spec: { template: template({ nodeSelector: { a: 'b' } }) } },
      `Error deleting: ${WHY}`,
    ],
    [
      'StatefulSet',
      'statefulsets',
      'statefulset-controller',
      { replicas: 2, serviceName: 'web' },
      { spec: { replicas: 1 } },
      `Delete Pod w-1 in StatefulSet w failed error: ${WHY}`,
    ],
  ])('is told of by its %s', async (kind, resource, component, spec, change, message) => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${APPS}/${resource}`, workload('w', spec));
    sandbox.advance(10_000);
    await refuse(sandbox, 'DELETE', '', 'pods');
    await sandbox.request('PATCH', `${APPS}/${resource}/w`, change);
    sandbox.advance(1_000);
    const [event, more] = await told(sandbox, 'FailedDelete');
    expect(event).toMatchObject({
      type: 'Warning',
      message,
      involvedObject: { kind, name: 'w' },
      source: { component },
    });
    expect([event!.count > 1, more]).toEqual([true, undefined]);
    expect(await told(sandbox, 'SuccessfulDelete')).toEqual([]);
    const { conditions } = (await sandbox.request('GET', `${APPS}/${resource}/w`)).status;
    if (kind === 'ReplicaSet')
      expect(conditions).toEqual([
        expect.objectContaining({
          type: 'ReplicaFailure',
          reason: 'FailedDelete',
          message: `unable to delete pods: ${WHY}`,
        }),
      ]);
    await sandbox.request('DELETE', `${HOOKS}/no`);
    sandbox.advance(60_000);
    expect(await told(sandbox, 'SuccessfulDelete')).toHaveLength(1);
    expect((await sandbox.request('GET', `${APPS}/${resource}/w`)).status.conditions).toBeUndefined();
  });
});

describe('an autoscaler', () => {
  const scaler = {
    metadata: { name: 'h' },
    spec: { minReplicas: 2, maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'w' } },
  };

  it('says that it cannot scale, and scales when it can', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${APPS}/deployments`, workload('w'));
    sandbox.advance(1_000);
    await refuse(sandbox, 'UPDATE', 'apps', 'deployments/scale');
    await sandbox.request('POST', AUTOSCALING, scaler);
    sandbox.advance(1_000);
    const [event] = await told(sandbox, 'FailedRescale');
    expect(event!.message).toBe(
      `New size: 2; reason: Current number of replicas below Spec.MinReplicas; error: ${WHY}`,
    );
    expect((await sandbox.request('GET', `${AUTOSCALING}/h`)).status).toMatchObject({
      currentReplicas: 1,
      desiredReplicas: 0,
      conditions: [
        {
          type: 'AbleToScale',
          status: 'False',
          reason: 'FailedUpdateScale',
          message: `the HPA controller was unable to update the target scale: ${WHY}`,
        },
      ],
    });
    await sandbox.request('DELETE', `${HOOKS}/no`);
    sandbox.advance(60_000);
    expect(await told(sandbox, 'SuccessfulRescale')).toHaveLength(1);
    const { spec, metadata } = await sandbox.request('GET', `${APPS}/deployments/w`);
    expect(spec.replicas).toBe(2);
    expect(metadata.managedFields.filter((f: Json) => f.subresource === 'scale')).toHaveLength(1);
  });

  it('says that it cannot say how it stands', async () => {
    const sandbox = createSandbox(1);
    await refuse(sandbox, 'UPDATE', 'autoscaling', 'horizontalpodautoscalers/status');
    await sandbox.request('POST', AUTOSCALING, scaler);
    sandbox.advance(1_000);
    expect((await told(sandbox, 'FailedUpdateStatus'))[0]!.message).toBe(WHY);
  });
});

describe('what a quota leaves no room for', () => {
  it('is told of by a Deployment, whose progress it ends', async () => {
    const sandbox = createSandbox(1);
    await limit(sandbox, 'count/replicasets.apps');
    await sandbox.request('POST', `${APPS}/deployments`, workload('w'));
    sandbox.advance(1_000);
    const [event] = await told(sandbox, 'ReplicaSetCreateError');
    expect(event!.message).toMatch(
      /^Failed to create new replica set "w-.*": replicasets.apps ".*" is forbidden: exceeded/,
    );
    const { status } = await sandbox.request('GET', `${APPS}/deployments/w`);
    expect(status.conditions).toEqual([
      expect.objectContaining({
        type: 'Progressing',
        status: 'False',
        reason: 'ReplicaSetCreateError',
        message: event!.message,
      }),
    ]);
  });

  it('is told of by a StatefulSet: the claim, and the pod that wants it', async () => {
    const sandbox = createSandbox(1);
    await limit(sandbox, 'persistentvolumeclaims');
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const spec = { serviceName: 'web', replicas: 1, volumeClaimTemplates: [claim] };
    await sandbox.request('POST', `${APPS}/statefulsets`, workload('w', spec));
    sandbox.advance(1_000);
    const messages = (await told(sandbox, 'FailedCreate')).map((event) => event.message).sort();
    const why = 'persistentvolumeclaims "data-w-0" is forbidden: exceeded quota';
    expect(messages).toEqual([
      expect.stringContaining(`Create Claim data-w-0 for Pod w-0 in StatefulSet w failed error: ${why}`),
      expect.stringContaining(`Create Pod w-0 in StatefulSet w failed error: failed to create PVC data-w-0: ${why}`),
    ]);
  });

  it.each([
    ['FailedToCreateEndpoint', 'count/endpoints', 'Failed to create endpoint for service default/s: ', 'Endpoints'],
    [
      'FailedToUpdateEndpointSlices',
      'count/endpointslices.discovery.k8s.io',
      'Error updating Endpoint Slices for Service default/s: failed to create EndpointSlice for Service default/s: ',
      'Service',
    ],
  ])('is told of a Service: %s', async (reason, resource, words, kind) => {
    const sandbox = createSandbox(1);
    await limit(sandbox, resource);
    await sandbox.request('POST', `${CORE}/services`, {
      metadata: { name: 's' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    sandbox.advance(1_000);
    const [event] = await told(sandbox, reason);
    expect(event).toMatchObject({ type: 'Warning', involvedObject: { kind, name: 's' } });
    expect(event!.message.startsWith(words)).toBe(true);
    expect(event!.message).toContain('exceeded quota: q');
  });
});

it('a namespace says what of it cannot be deleted, and lets the rest go', async () => {
  const sandbox = createSandbox(1);
  const path = '/api/v1/namespaces/going';
  await sandbox.request('POST', '/api/v1/namespaces', { metadata: { name: 'going' } });
  for (const resource of ['configmaps', 'services', 'secrets'])
    await sandbox.request('POST', `${path}/${resource}`, {
      metadata: { name: 'x' },
      ...(resource === 'services' ? { spec: { ports: [{ port: 80 }] } } : {}),
    });
  await refuse(sandbox, 'DELETE', '', 'secrets');
  await sandbox.request('DELETE', path);
  sandbox.advance(20_000);
  const failure = async (): Promise<Json> =>
    (await sandbox.request('GET', path)).status.conditions.find(
      (c: Json) => c.type === 'NamespaceDeletionContentFailure',
    );
  expect(await failure()).toMatchObject({
    status: 'True',
    reason: 'ContentDeletionFailed',
    message: `Failed to delete all resource types, 1 remaining: ${WHY}`,
  });
  const left = async (resource: string): Promise<number> =>
    (await sandbox.request('GET', `${path}/${resource}`)).items.length;
  expect([await left('services'), await left('configmaps'), await left('secrets')]).toEqual([0, 0, 1]);
  await sandbox.request('DELETE', `${HOOKS}/no`);
  sandbox.advance(60_000);
  expect((await sandbox.request('GET', path)).reason).toBe('NotFound');
});
