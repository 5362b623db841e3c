import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const PODS = '/api/v1/namespaces/default/pods';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';

const job = (name: string, spec: object = {}, command?: string[]) => ({
  metadata: { name },
  spec: {
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'app', ...(command ? { command } : {}) }] },
    },
    ...spec,
  },
});

const IGNORES = {
  backoffLimit: 0,
  podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
};

const statusOf = async (sandbox: Sandbox, name: string): Promise<any> =>
  (await sandbox.request('GET', `${JOBS}/${name}`)).status;

const podsOf = async (sandbox: Sandbox): Promise<any[]> => (await sandbox.request('GET', PODS)).items;

const evict = (sandbox: Sandbox, name: string, deleteOptions: object = {}): Promise<any> =>
  sandbox.request('POST', `${PODS}/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
    deleteOptions,
  });

/** The conditions that a pod had at any time. */
async function conditionsEver(sandbox: Sandbox, name: string): Promise<any[]> {
  const { store } = sandbox.cluster;
  const found = new Map<string, any>();
  for (let revision = 2; revision <= store.revision; revision++) {
    const [kv] = store.range({ key: `/registry/pods/default/${name}`, revision }).kvs;
    if (!kv) continue;
    const text = typeof kv.value === 'string' ? kv.value : new TextDecoder().decode(kv.value);
    for (const condition of JSON.parse(text).status?.conditions ?? []) found.set(condition.type, condition);
  }
  return [...found.values()];
}

describe('a pod that is made to go', () => {
  it('says that it was evicted, and not in a dry run', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', PODS, {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'app' }] },
    });
    sandbox.advance(1_000);
    await evict(sandbox, 'p', { dryRun: ['All'] });
    sandbox.advance(1_000);
    expect((await conditionsEver(sandbox, 'p')).map((c) => c.type)).not.toContain('DisruptionTarget');
    expect((await evict(sandbox, 'p', { preconditions: { uid: 'other' } })).code).toBe(409);
    const { resourceVersion } = (await sandbox.request('GET', `${PODS}/p`)).metadata;
    expect(await evict(sandbox, 'p', { preconditions: { resourceVersion } })).toMatchObject({ status: 'Success' });
    expect((await conditionsEver(sandbox, 'p')).find((c) => c.type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    });
  });
});

describe('a Job whose pod is made to go', () => {
  const ways: Record<string, (sandbox: Sandbox, pod: any) => Promise<any>> = {
    'by an eviction': (sandbox, pod) => evict(sandbox, pod.metadata.name),
    'by a taint': (sandbox, pod) =>
      sandbox.request('PATCH', `/api/v1/nodes/${pod.spec.nodeName}`, {
        spec: { taints: [{ key: 'bad', effect: 'NoExecute' }] },
      }),
    'with its node': (sandbox, pod) => sandbox.request('DELETE', `/api/v1/nodes/${pod.spec.nodeName}`),
  };
  for (const [way, end] of Object.entries(ways))
    it(`${way} runs another where its policy ignores that`, async () => {
      const sandbox = createSandbox(2);
      await sandbox.request('POST', JOBS, job('j', IGNORES, ['sleep', '999']));
      sandbox.advance(1_000);
      const [pod] = await podsOf(sandbox);
      await end(sandbox, pod);
      sandbox.advance(120_000);
      const status = await statusOf(sandbox, 'j');
      expect(status.failed).toBeUndefined();
      expect(status.conditions).toBeUndefined();
      expect(status.active).toBe(1);
    });

  it('counts it as a failure without such a policy, and never as a success', async () => {
    const sandbox = createSandbox(1);
    // An image's own program ends in good order when it is asked to.
    await sandbox.request('POST', JOBS, job('j', { backoffLimit: 1 }));
    sandbox.advance(1_000);
    const [first] = await podsOf(sandbox);
    await evict(sandbox, first.metadata.name);
    sandbox.advance(1_000);
    expect(await statusOf(sandbox, 'j')).toMatchObject({ failed: 1 });
    expect((await statusOf(sandbox, 'j')).succeeded).toBeUndefined();
    sandbox.advance(60_000);
    const [second] = (await podsOf(sandbox)).filter((pod) => pod.metadata.name !== first.metadata.name);
    expect(
      Date.parse(second.metadata.creationTimestamp) - Date.parse(first.metadata.creationTimestamp),
    ).toBeGreaterThan(10_000);
    await evict(sandbox, second.metadata.name);
    sandbox.advance(60_000);
    const { failed, conditions } = await statusOf(sandbox, 'j');
    expect(failed).toBe(2);
    expect(conditions.map((c: any) => c.type)).toEqual(['FailureTarget', 'Failed']);
  });

  it('hands an index’s failures on to the pod that follows', async () => {
    const sandbox = createSandbox(1);
    const spec = { completionMode: 'Indexed', completions: 1, backoffLimitPerIndex: 1 };
    await sandbox.request('POST', JOBS, job('j', spec, ['sleep', '99']));
    for (let round = 0; round < 2; round++) {
      sandbox.advance(60_000);
      const [pod] = (await podsOf(sandbox)).filter((p) => p.status.phase === 'Running');
      await evict(sandbox, pod.metadata.name);
    }
    sandbox.advance(60_000);
    expect(await statusOf(sandbox, 'j')).toMatchObject({ failed: 2, failedIndexes: '0' });
  });
});

describe('a Job and its pods', () => {
  it('lets go of one that no longer matches, and adopts one that does', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', JOBS, job('j', { parallelism: 2, completions: 4 }, ['sleep', '99']));
    sandbox.advance(1_000);
    const [first, second] = await podsOf(sandbox);
    await sandbox.request('PATCH', `${PODS}/${first.metadata.name}`, {
      metadata: { ownerReferences: null, finalizers: null },
    });
    sandbox.advance(1_000);
    const adopted = await sandbox.request('GET', `${PODS}/${first.metadata.name}`);
    expect(adopted.metadata.ownerReferences).toMatchObject([{ kind: 'Job', name: 'j', controller: true }]);
    expect(adopted.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    await sandbox.request('PATCH', `${PODS}/${second.metadata.name}`, {
      metadata: { labels: { 'controller-uid': null, 'batch.kubernetes.io/controller-uid': null } },
    });
    sandbox.advance(1_000);
    const released = await sandbox.request('GET', `${PODS}/${second.metadata.name}`);
    expect(released.metadata.ownerReferences).toBeUndefined();
    expect(released.metadata.finalizers).toBeUndefined();
    expect(await statusOf(sandbox, 'j')).toMatchObject({ active: 2 });
    expect(sandbox.errors).toEqual([]);
  });

  it('does not count those that were too many', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', JOBS, job('j', { parallelism: 3, completions: 6, backoffLimit: 0 }, ['sleep', '99']));
    sandbox.advance(1_000);
    await sandbox.request('PATCH', `${JOBS}/j`, { spec: { parallelism: 1 } });
    sandbox.advance(60_000);
    const status = await statusOf(sandbox, 'j');
    expect(status).toMatchObject({ active: 1 });
    expect(status.failed).toBeUndefined();
    await sandbox.request('PATCH', `${JOBS}/j`, { spec: { suspend: true } });
    sandbox.advance(60_000);
    expect((await statusOf(sandbox, 'j')).failed).toBeUndefined();
    expect(await podsOf(sandbox)).toEqual([]);
  });
});
