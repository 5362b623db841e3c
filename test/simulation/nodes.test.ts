import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const PODS = '/api/v1/namespaces/default/pods';
const NODES = '/api/v1/nodes';

const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'app' }], ...spec },
});

const ready = (status: string, at = '2026-01-05T10:00:00Z') => ({
  status: {
    conditions: [
      { type: 'Ready', status, lastHeartbeatTime: at, lastTransitionTime: at, reason: 'KubeletReady', message: 'm' },
    ],
    capacity: { cpu: '4', memory: '8Gi', pods: '10' },
  },
});

async function eventsOf(sandbox: Sandbox, reason: string): Promise<any[]> {
  const { items } = await sandbox.request('GET', '/api/v1/events');
  return items.filter((event: any) => event.reason === reason);
}

const nodeOf = (sandbox: Sandbox, name: string): Promise<any> => sandbox.request('GET', `${NODES}/${name}`);
const taintsOf = (node: any): string[] => (node.spec.taints ?? []).map((t: any) => `${t.key}:${t.effect}`);
const UNREACHABLE = ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'];

describe('a node that somebody registers', () => {
  it('gets a range of the pods’ network, its annotation and its event, and goes with one', async () => {
    const sandbox = createSandbox(3);
    await sandbox.request('POST', NODES, { metadata: { name: 'extra', labels: { 'kubernetes.io/os': 'linux' } } });
    sandbox.advance(1_000);
    const node = await nodeOf(sandbox, 'extra');
    expect(node.spec).toMatchObject({ podCIDR: '10.244.3.0/24', podCIDRs: ['10.244.3.0/24'] });
    expect(node.metadata.annotations).toMatchObject({ 'node.alpha.kubernetes.io/ttl': '0' });
    expect(node.metadata.labels['beta.kubernetes.io/os']).toBe('linux');
    const registered = await eventsOf(sandbox, 'RegisteredNode');
    expect(registered.map((e) => e.involvedObject.name).sort()).toEqual(['extra', 'node-1', 'node-2', 'node-3']);
    expect(registered.find((e) => e.involvedObject.name === 'extra')).toMatchObject({
      type: 'Normal',
      message: 'Node extra event: Registered Node extra in Controller',
      source: { component: 'node-controller' },
      involvedObject: { kind: 'Node', uid: node.metadata.uid },
      metadata: { namespace: 'default' },
    });
    await sandbox.request('DELETE', `${NODES}/extra`);
    sandbox.advance(1_000);
    expect((await eventsOf(sandbox, 'RemovingNode')).map((e) => e.message)).toEqual([
      'Node extra event: Removing Node extra from Controller',
    ]);
    sandbox.evict();
    sandbox.advance(1_000);
    expect(await eventsOf(sandbox, 'RegisteredNode')).toHaveLength(4);
  });

  it('that never says how it is is given up after a minute', async () => {
    const sandbox = createSandbox(2);
    await sandbox.request('POST', NODES, { metadata: { name: 'silent' } });
    sandbox.advance(59_000);
    expect((await nodeOf(sandbox, 'silent')).status.conditions).toBeUndefined();
    sandbox.advance(2_000);
    const silent = await nodeOf(sandbox, 'silent');
    expect(silent.status.conditions.map((c: any) => `${c.type}=${c.status} ${c.reason}`)).toEqual(
      ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((t) => `${t}=Unknown NodeStatusNeverUpdated`),
    );
    expect(taintsOf(silent)).toEqual(UNREACHABLE);
    expect(await eventsOf(sandbox, 'NodeNotReady')).toEqual([]);
  });

  it('is given up 50 seconds after its last heartbeat, with its pods, and comes back with the next', async () => {
    const sandbox = createSandbox(2);
    await sandbox.request('POST', NODES, { metadata: { name: 'theirs' }, ...ready('True') });
    await sandbox.request('POST', PODS, pod('p', { nodeName: 'theirs' }));
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-05T10:00:00Z' }];
    await sandbox.request('PATCH', `${PODS}/p/status`, { status: { phase: 'Running', conditions } });
    sandbox.advance(40_000);
    await sandbox.request('PATCH', `${NODES}/theirs/status`, ready('True', '2026-01-05T10:00:40Z'));
    sandbox.advance(49_000);
    expect(taintsOf(await nodeOf(sandbox, 'theirs'))).toEqual([]);
    sandbox.advance(2_000);
    expect(taintsOf(await nodeOf(sandbox, 'theirs'))).toEqual(UNREACHABLE);
    expect((await sandbox.request('GET', `${PODS}/p`)).status.conditions[0]).toMatchObject({ status: 'False' });
    const told = await eventsOf(sandbox, 'NodeNotReady');
    expect(told.map((e) => [e.involvedObject.kind, e.type, e.message]).sort()).toEqual([
      ['Node', 'Normal', 'Node theirs status is now: NodeNotReady'],
      ['Pod', 'Warning', 'Node is not ready'],
    ]);
    await sandbox.request('PATCH', `${NODES}/theirs/status`, ready('True', '2026-01-05T10:01:31Z'));
    sandbox.advance(0);
    expect(taintsOf(await nodeOf(sandbox, 'theirs'))).toEqual([]);
    expect((await eventsOf(sandbox, 'TaintManagerEviction')).map((e) => e.message)).toEqual([
      'Cancelling deletion of Pod default/p',
    ]);
  });

  it('keeps its pods, which nobody ends, until they are forced', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', NODES, { metadata: { name: 'theirs' }, ...ready('True') });
    await sandbox.request('POST', PODS, pod('p', { nodeName: 'theirs' }));
    sandbox.advance(600_000);
    const left = await sandbox.request('GET', `${PODS}/p`);
    expect(left.status.phase).toBe('Pending');
    expect(left.metadata.deletionTimestamp).toBeDefined();
    expect(left.status.conditions.at(-1)).toMatchObject({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' });
    await sandbox.request('DELETE', `${PODS}/p?gracePeriodSeconds=0`);
    expect((await sandbox.request('GET', `${PODS}/p`)).reason).toBe('NotFound');
  });

  it('gets no range when there is none left, says so, and gets one that another leaves', async () => {
    const sandbox = createSandbox(3, { podCIDR: '10.244.0.0/22' });
    for (const name of ['a', 'b']) await sandbox.request('POST', NODES, { metadata: { name } });
    sandbox.advance(1_000);
    expect((await nodeOf(sandbox, 'a')).spec.podCIDR).toBe('10.244.3.0/24');
    expect((await nodeOf(sandbox, 'b')).spec.podCIDR).toBeUndefined();
    const [event] = await eventsOf(sandbox, 'CIDRNotAvailable');
    expect(event).toMatchObject({
      message: 'Node b status is now: CIDRNotAvailable',
      source: { component: 'cidrAllocator' },
    });
    await sandbox.request('DELETE', `${NODES}/node-2`);
    sandbox.advance(1_000);
    expect((await nodeOf(sandbox, 'b')).spec.podCIDR).toBe('10.244.1.0/24');
  });
});

describe('the cluster’s own nodes', () => {
  it('live without heartbeats, and wake nobody up', async () => {
    const sandbox = createSandbox(3);
    sandbox.advance(3_600_000 * 2);
    for (const name of ['node-1', 'node-2', 'node-3']) expect(taintsOf(await nodeOf(sandbox, name))).toEqual([]);
    expect(sandbox.errors).toEqual([]);
  });

  it('lose no pod while none of them is ready, and some when others are', async () => {
    const sandbox = createSandbox(2);
    const status = (value: string) => ({ status: { conditions: [{ type: 'Ready', status: value }] } });
    await sandbox.request('PATCH', `${NODES}/node-1/status`, status('False'));
    sandbox.advance(1_000);
    expect(taintsOf(await nodeOf(sandbox, 'node-1'))).toContain('node.kubernetes.io/not-ready:NoExecute');
    await sandbox.request('PATCH', `${NODES}/node-2/status`, status('Unknown'));
    sandbox.advance(1_000);
    expect(taintsOf(await nodeOf(sandbox, 'node-1'))).toEqual(['node.kubernetes.io/not-ready:NoSchedule']);
    expect(taintsOf(await nodeOf(sandbox, 'node-2'))).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
    await sandbox.request('PATCH', `${NODES}/node-2/status`, status('True'));
    sandbox.advance(1_000);
    expect(taintsOf(await nodeOf(sandbox, 'node-1'))).toContain('node.kubernetes.io/not-ready:NoExecute');
  });
});

describe('a pod that no kubelet ends', () => {
  it('goes 40 seconds after it came to a node that is not there', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', PODS, pod('lost', { nodeName: 'nowhere' }));
    await sandbox.request('POST', PODS, pod('found', { nodeName: 'late' }));
    sandbox.advance(39_000);
    expect((await sandbox.request('GET', `${PODS}/lost`)).metadata.name).toBe('lost');
    await sandbox.request('POST', NODES, { metadata: { name: 'late' } });
    sandbox.advance(2_000);
    expect((await sandbox.request('GET', `${PODS}/lost`)).reason).toBe('NotFound');
    expect((await sandbox.request('GET', `${PODS}/found`)).metadata.name).toBe('found');
  });

  it('has failed when it is deleted without a node and held by a finalizer', async () => {
    const sandbox = createSandbox(0);
    await sandbox.request('POST', PODS, pod('held', {}, { finalizers: ['example.org/held'] }));
    await sandbox.request('DELETE', `${PODS}/held`);
    sandbox.advance(21_000);
    expect((await sandbox.request('GET', `${PODS}/held`)).status.phase).toBe('Failed');
  });

  it('is forced off a node that is out of service', async () => {
    const sandbox = createSandbox(1);
    const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
    await sandbox.request('POST', NODES, { metadata: { name: 'theirs' }, ...ready('False') });
    await sandbox.request('POST', PODS, pod('p', { nodeName: 'theirs' }));
    await sandbox.request('PATCH', `${NODES}/theirs`, { spec: { taints } });
    sandbox.advance(25_000);
    expect((await sandbox.request('GET', `${PODS}/p`)).reason).toBe('NotFound');
  });
});

describe('a NoExecute taint', () => {
  const taint = { key: 'k', effect: 'NoExecute' };
  const patience = { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 };

  it('takes finished pods too', async () => {
    const sandbox = createSandbox(1);
    const done = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'app', command: ['true'] }] };
    await sandbox.request('POST', PODS, pod('done', done));
    sandbox.advance(1_000);
    expect((await sandbox.request('GET', `${PODS}/done`)).status.phase).toBe('Succeeded');
    await sandbox.request('PATCH', `${NODES}/node-1`, { spec: { taints: [taint] } });
    sandbox.advance(60_000);
    expect((await sandbox.request('GET', `${PODS}/done`)).reason).toBe('NotFound');
  });

  it('is waited for, and what was planned is called off when it goes', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', PODS, pod('p', { tolerations: [patience] }));
    sandbox.advance(1_000);
    await sandbox.request('PATCH', `${NODES}/node-1`, { spec: { taints: [taint] } });
    sandbox.advance(20_000);
    await sandbox.request('PATCH', `${NODES}/node-1`, { spec: { taints: [] } });
    sandbox.advance(60_000);
    expect((await sandbox.request('GET', `${PODS}/p`)).status.phase).toBe('Running');
    const events = await eventsOf(sandbox, 'TaintManagerEviction');
    expect(events.map((e) => [e.message, e.involvedObject.uid])).toEqual([
      ['Cancelling deletion of Pod default/p', undefined],
    ]);
  });
});
