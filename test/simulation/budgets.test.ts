import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const PODS = '/api/v1/namespaces/default/pods';

const pod = (name: string, labels: object, owner?: object) => ({
  metadata: { name, labels, ...(owner ? { ownerReferences: [owner] } : {}) },
  spec: { containers: [{ name: 'c', image: 'app' }] },
});
const budget = (name: string, spec: object) => ({ metadata: { name }, spec });

async function eventsOf(sandbox: Sandbox, reason: string): Promise<any[]> {
  const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
  return items.filter((event: any) => event.reason === reason);
}

const statusOf = async (sandbox: Sandbox, name: string): Promise<any> =>
  (await sandbox.request('GET', `${BUDGETS}/${name}`)).status;

describe('a disruption budget', () => {
  it('says that it is about no pods', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', BUDGETS, budget('none', { minAvailable: 1, selector: { matchLabels: { a: 'b' } } }));
    sandbox.advance(0);
    const [event] = await eventsOf(sandbox, 'NoPods');
    expect(event).toMatchObject({
      type: 'Normal',
      message: 'No matching pods found',
      source: { component: 'controllermanager' },
    });
    sandbox.advance(3_000_000);
    expect((await eventsOf(sandbox, 'NoPods'))[0].count).toBe(event.count);
  });

  it('says that it is about pods that nobody manages', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', PODS, pod('bare', { app: 'bare', tier: 'x' }));
    const selector = {
      matchLabels: { tier: 'x', app: 'bare' },
      matchExpressions: [{ key: 'app', operator: 'In', values: ['bare', 'other'] }],
    };
    await sandbox.request('POST', BUDGETS, budget('bare', { maxUnavailable: 1, selector }));
    sandbox.advance(0);
    const [event] = await eventsOf(sandbox, 'UnmanagedPods');
    expect(event.type).toBe('Warning');
    expect(event.message).toContain(
      '(selector: &LabelSelector{MatchLabels:map[string]string{app: bare,tier: x,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:app,Operator:In,Values:[bare other],},},})',
    );
    expect(await statusOf(sandbox, 'bare')).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
  });

  it('lets nothing go when it cannot be reckoned, and says why', async () => {
    const sandbox = createSandbox(1);
    const daemon = {
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { app: 'd' } },
        template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'app' }] } },
      },
    };
    await sandbox.request('POST', '/apis/apps/v1/namespaces/default/daemonsets', daemon);
    await sandbox.request(
      'POST',
      BUDGETS,
      budget('d', { minAvailable: '50%', selector: { matchLabels: { app: 'd' } } }),
    );
    sandbox.advance(1_000);
    const why = 'daemonsets.apps does not implement the scale subresource';
    const [event] = await eventsOf(sandbox, 'CalculateExpectedPodCountFailed');
    expect(event.message).toBe(`Failed to calculate the number of expected pods: ${why}`);
    const { disruptionsAllowed, conditions } = await statusOf(sandbox, 'd');
    expect(disruptionsAllowed).toBe(0);
    expect(conditions).toMatchObject([
      { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: why },
    ]);
  });

  it('forgets an eviction that did not happen, and says so', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', PODS, pod('p', { app: 'p' }));
    await sandbox.request('POST', BUDGETS, budget('p', { minAvailable: 0, selector: { matchLabels: { app: 'p' } } }));
    sandbox.advance(1_000);
    await sandbox.request('PATCH', `${BUDGETS}/p/status`, { status: { disruptedPods: { p: '2026-01-05T10:00:01Z' } } });
    sandbox.advance(100_000);
    expect((await statusOf(sandbox, 'p')).currentHealthy).toBe(0);
    sandbox.advance(30_000);
    expect(await statusOf(sandbox, 'p')).toMatchObject({ currentHealthy: 1 });
    expect((await eventsOf(sandbox, 'NotDeleted')).map((e) => [e.involvedObject.name, e.message])).toEqual([
      ['p', "Pod was expected by PDB default/default to be deleted but it wasn't"],
    ]);
  });

  it('shares no pod with another without a word', async () => {
    const sandbox = createSandbox(1);
    for (const name of ['one', 'two'])
      await sandbox.request(
        'POST',
        BUDGETS,
        budget(name, { minAvailable: 1, selector: { matchLabels: { app: 'p' } } }),
      );
    await sandbox.request('POST', PODS, pod('p', { app: 'p' }));
    sandbox.advance(0);
    expect((await eventsOf(sandbox, 'MultiplePodDisruptionBudgets')).map((e) => e.message)).toEqual([
      'Pod "default"/"p" matches multiple PodDisruptionBudgets.  Chose "one" arbitrarily.',
    ]);
  });
});

describe('a pod that was to be disrupted', () => {
  it('is not to be any more after two minutes', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', PODS, pod('p', { app: 'p' }));
    sandbox.advance(1_000);
    const { status } = await sandbox.request('GET', `${PODS}/p`);
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'X',
      lastTransitionTime: '2026-01-05T10:00:01Z',
    };
    await sandbox.request('PATCH', `${PODS}/p/status`, { status: { conditions: [...status.conditions, target] } });
    sandbox.advance(119_000);
    const found = async (): Promise<any> =>
      (await sandbox.request('GET', `${PODS}/p`)).status.conditions.find((c: any) => c.type === 'DisruptionTarget');
    expect(await found()).toMatchObject({ status: 'True' });
    sandbox.advance(2_000);
    expect(await found()).toMatchObject({ status: 'False' });
  });
});
