/** What the cluster's own components write is asked about as what clients write. */
import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';
import { type FakeHook, type FakeHooks, fakeHooks, patching } from './fake-hook.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const deployment = (replicas: number) => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});

const configuration = (over: object = {}) => ({
  metadata: { name: 'h' },
  webhooks: [
    {
      name: 'h.example.org',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: 'https://hooks.example.org/h' },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      ...over,
    },
  ],
});

/** Until nothing waits for a webhook any more. */
async function rest(sandbox: Sandbox, milliseconds: number): Promise<void> {
  for (let i = 0; i < 20; i++) {
    sandbox.advance(milliseconds / 20);
    while (sandbox.cluster.waiting) {
      await sandbox.cluster.settled();
      sandbox.advance(0);
    }
  }
}

async function withHook(kind: string, hook: FakeHook): Promise<{ sandbox: Sandbox; fake: FakeHooks }> {
  const fake = fakeHooks({ '/h': hook });
  const sandbox = createSandbox(1, { callWebhook: fake.call });
  await sandbox.request('POST', `${HOOKS}/${kind}webhookconfigurations`, configuration());
  return { sandbox, fake };
}

const ofReplicaSet = ({ request }: FakeHooks['asked'][number]): boolean =>
  request.userInfo.username.endsWith('replicaset-controller');

describe('pods of a Deployment', () => {
  it('have what a mutating webhook puts into them', async () => {
    const sidecar = { op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 'proxy' } };
    const { sandbox, fake } = await withHook('mutating', () => patching(sidecar));
    await sandbox.request('POST', DEPLOYMENTS, deployment(3));
    await rest(sandbox, 20_000);
    const { items } = await sandbox.request('GET', PODS);
    expect(items.map(({ spec }: any) => spec.containers.map(({ name }: any) => name))).toEqual(
      Array(3).fill(['c', 'sidecar']),
    );
    expect(new Set(items.map(({ metadata }: any) => metadata.name)).size).toBe(3);
    const asked = fake.asked.filter(ofReplicaSet);
    expect(asked).toHaveLength(3);
    expect(asked[0]!.request).toMatchObject({
      operation: 'CREATE',
      namespace: 'default',
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    });
    expect((await sandbox.request('GET', `${DEPLOYMENTS}/web`)).status.readyReplicas).toBe(3);
    expect(sandbox.errors).toEqual([]);
  });

  it('are not made when a validating webhook refuses, and are once it does not', async () => {
    const { sandbox, fake } = await withHook('validating', () => ({ allowed: false, status: { message: 'no' } }));
    await sandbox.request('POST', DEPLOYMENTS, deployment(1));
    await rest(sandbox, 5000);
    expect((await sandbox.request('GET', PODS)).items).toEqual([]);
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
    const failed = items.find((event: any) => event.reason === 'FailedCreate');
    expect(failed.message).toBe('Error creating: admission webhook "h.example.org" denied the request: no');
    fake.hooks['/h'] = () => ({ allowed: true });
    await rest(sandbox, 1_200_000);
    expect((await sandbox.request('GET', `${DEPLOYMENTS}/web`)).status.readyReplicas).toBe(1);
  });

  it('run although everything that is written is asked about, once by each webhook', async () => {
    const fake = fakeHooks({ '/h': () => ({ allowed: true }) });
    const sandbox = createSandbox(1, { callWebhook: fake.call });
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }];
    for (const kind of ['mutating', 'validating'])
      await sandbox.request('POST', `${HOOKS}/${kind}webhookconfigurations`, configuration({ rules }));
    await sandbox.request('POST', DEPLOYMENTS, deployment(2));
    await rest(sandbox, 60_000);
    expect((await sandbox.request('GET', `${DEPLOYMENTS}/web`)).status.readyReplicas).toBe(2);
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
    const scheduled = items.filter(({ reason }: any) => reason === 'Scheduled');
    expect(scheduled.map(({ count }: any) => count ?? 1)).toEqual([1, 1]);
    const bound = fake.asked.filter(({ request }) => request.subResource === 'binding');
    expect(bound).toHaveLength(4);
    const created = fake.asked.filter(({ request }) => request.operation === 'CREATE' && request.kind.kind === 'Event');
    const times = new Map<string, number>();
    for (const { request } of created) times.set(request.name, (times.get(request.name) ?? 0) + 1);
    expect(new Set(times.values())).toEqual(new Set([2]));
    expect(sandbox.errors).toEqual([]);
  });

  it('wait for the answer, also over the end of the process', async () => {
    let answer: () => void = () => undefined;
    const fake = fakeHooks({ '/h': () => ({ allowed: true }) });
    const sandbox = createSandbox(1, {
      callWebhook: async (call) => {
        await new Promise<void>((fulfil) => {
          answer = fulfil;
        });
        return fake.call(call);
      },
    });
    await sandbox.request('POST', `${HOOKS}/validatingwebhookconfigurations`, configuration());
    await sandbox.request('POST', DEPLOYMENTS, deployment(1));
    sandbox.advance(5000);
    expect(sandbox.cluster.waiting).toBe(true);
    sandbox.evict();
    expect(sandbox.cluster.waiting).toBe(false);
    sandbox.advance(120_000);
    expect(sandbox.cluster.waiting).toBe(true);
    answer();
    await sandbox.cluster.settled();
    sandbox.advance(5000);
    expect((await sandbox.request('GET', PODS)).items).toHaveLength(1);
    expect(sandbox.errors).toEqual([]);
  });
});
