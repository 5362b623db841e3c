/** What etcd's gateway answers where there are several members, as measured on real clusters. */
import { describe, expect, it } from 'vitest';
import { healMembers, killMember, startMember } from '../../src/etcd/members/faults.ts';
import { HEALTH_INTERVAL, REQUEST_TIMEOUT } from '../../src/etcd/members/pending.ts';
import { EtcdProcess } from './process.ts';

class Cluster {
  readonly process = new EtcdProcess({}, 3);
  readonly members = this.process.consensus!.members;

  /** The answer, its status, and how long the client waited. */
  async call(path: string, body: unknown = {}): Promise<{ status: number; body: any; after: number }> {
    const from = this.process.now;
    const response = await this.process.fetch(`/v3/${path}`, { body: JSON.stringify(body) });
    return { status: response.status, body: await response.json(), after: this.process.now - from };
  }

  async get(path: string): Promise<{ status: number; text: string; after: number }> {
    const from = this.process.now;
    const response = await this.process.fetch(path, { method: 'GET' });
    return { status: response.status, text: await response.text(), after: this.process.now - from };
  }

  put(value = 'v'): Promise<{ status: number; body: any; after: number }> {
    return this.call('kv/put', { key: btoa('k'), value: btoa(value) });
  }

  get leader(): string {
    return this.members.preferred;
  }

  get followers(): string[] {
    return this.members.state.roster.map(({ id }) => id).filter((id) => id !== this.leader);
  }

  pass(milliseconds: number): void {
    this.process.now += milliseconds;
  }

  kill(...ids: string[]): void {
    for (const id of ids) killMember(this.members, this.process.now, id);
  }
}

/** The members may be a few milliseconds ahead of the clock. */
const TIMED_OUT = expect.closeTo(REQUEST_TIMEOUT, -2);

const refused = (status: number, code: number, message: string) => ({ status, body: { code, message } });

describe('healthy members', () => {
  it('write at once, and tell of themselves', async () => {
    const cluster = new Cluster();
    expect(await cluster.put()).toMatchObject({ status: 200, after: 0 });
    const { body: list } = await cluster.call('cluster/member/list');
    expect(list.members.map(({ name }: { name: string }) => name).sort()).toEqual(['etcd-0', 'etcd-1', 'etcd-2']);
    const { body: status } = await cluster.call('maintenance/status');
    expect(status).toMatchObject({ leader: cluster.leader, header: { member_id: cluster.leader, revision: '2' } });
    expect(Number(status.raftAppliedIndex)).toBeGreaterThan(3);
    expect(status).not.toHaveProperty('errors');
    expect(await cluster.get('/health')).toMatchObject({ status: 200 });
    const ready = '[+]non_learner ok\n[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\nok\n';
    expect(await cluster.get('/readyz?verbose')).toMatchObject({ status: 200, text: ready, after: 0 });
  });

  it('each write is an entry that all have', async () => {
    const cluster = new Cluster();
    for (let i = 0; i < 5; i++) await cluster.put(String(i));
    cluster.pass(1_000);
    for (const id of [cluster.leader, ...cluster.followers])
      expect(cluster.process.consensus!.current.revisionOf(id)).toBe(6);
  });

  it('a leader hands over when it is asked to, and the term rises', async () => {
    const cluster = new Cluster();
    const { body: before } = await cluster.call('maintenance/status');
    const [target] = cluster.followers;
    expect(await cluster.call('maintenance/transfer-leadership', { targetID: target })).toMatchObject({ status: 200 });
    const { body: after } = await cluster.call('maintenance/status');
    expect(after).toMatchObject({ leader: target, raftTerm: String(Number(before.raftTerm) + 1) });
    expect(await cluster.call('maintenance/transfer-leadership', { targetID: '7' })).toMatchObject(
      refused(400, 9, 'etcdserver: bad leader transferee'),
    );
  });
});

describe('a leader that is killed', () => {
  it('takes with it what was passed on to it, and has a successor meanwhile', async () => {
    const cluster = new Cluster();
    cluster.kill(cluster.leader);
    const lost = await cluster.put();
    expect(lost).toMatchObject({ status: 503, body: { code: 14 }, after: TIMED_OUT });
    expect(lost.body.message).toMatch(/^etcdserver: request timed out(, possibly due to previous leader failure)?$/);
    expect(await cluster.put()).toMatchObject({ status: 200, after: 0 });
  });

  it('is felt for some two seconds by who tries again and again', async () => {
    const cluster = new Cluster();
    cluster.kill(cluster.leader);
    const from = cluster.process.now;
    while (!cluster.process.consensus!.isHealthy) cluster.pass(150);
    expect(cluster.process.now - from).toBeLessThan(3_000);
    expect(await cluster.put()).toMatchObject({ status: 200, after: 0 });
  });
});

describe('without a quorum', () => {
  async function lost(): Promise<Cluster> {
    const cluster = new Cluster();
    await cluster.put();
    cluster.kill(...cluster.followers);
    return cluster;
  }

  it('the first write and read time out, and later writes are not taken', async () => {
    const cluster = await lost();
    const timeout = refused(503, 14, 'etcdserver: request timed out');
    expect(await cluster.put()).toMatchObject({ ...timeout, after: TIMED_OUT });
    expect(await cluster.call('kv/range', { key: btoa('k') })).toMatchObject({ ...timeout, after: TIMED_OUT });
    const deadline = { ...refused(504, 4, 'context deadline exceeded'), after: TIMED_OUT };
    expect(await cluster.put()).toMatchObject(deadline);
    expect(await cluster.call('lease/grant', { TTL: 60 })).toMatchObject(deadline);
    expect(await cluster.call('kv/compaction', { revision: 2 })).toMatchObject(deadline);
    expect(await cluster.call('maintenance/alarm', { action: 'GET' })).toMatchObject(deadline);
    expect(cluster.process.store.revision).toBe(2);
  });

  it('what one member knows is told at once', async () => {
    const cluster = await lost();
    cluster.pass(5_000);
    const range = await cluster.call('kv/range', { key: btoa('k'), serializable: true });
    expect(range).toMatchObject({ status: 200, after: 0, body: { count: '1' } });
    expect(await cluster.call('cluster/member/list')).toMatchObject({ status: 200, after: 0 });
    const listed = await cluster.call('cluster/member/list', { linearizable: true });
    expect(listed).toMatchObject({ ...refused(503, 14, 'etcdserver: request timed out'), after: TIMED_OUT });
    const { body: status } = await cluster.call('maintenance/status');
    expect(status).not.toHaveProperty('leader');
    expect(status.errors).toEqual(['etcdserver: no leader']);
    expect(await cluster.get('/health')).toEqual({
      status: 503,
      text: '{"health":"false","reason":"RAFT NO LEADER"}',
      after: 0,
    });
    expect(await cluster.get('/health?serializable=true')).toMatchObject({ status: 200 });
    expect(await cluster.get('/livez')).toMatchObject({ status: 200, after: 0 });
    const ready = await cluster.get('/readyz?verbose');
    expect(ready).toMatchObject({ status: 503, after: TIMED_OUT });
    expect(ready.text).toContain(
      '[+]serializable_read ok\n[-]linearizable_read failed: etcdserver: request timed out\n',
    );
    const moved = await cluster.call('maintenance/transfer-leadership', { targetID: cluster.followers[0] });
    expect(moved).toMatchObject(refused(400, 9, 'etcdserver: not leader'));
  });

  it('nobody else writes to the store either, until a member is back', async () => {
    const cluster = await lost();
    const put = () => cluster.process.store.sendPut({ key: 'k', value: 'w' });
    expect(put).toThrow('etcdserver: request timed out');
    cluster.pass(5_000);
    expect(put).toThrow('context deadline exceeded');
    expect(cluster.process.store.revision).toBe(2);
    healMembers(cluster.members, cluster.process.now);
    cluster.pass(5_000);
    expect(put()).toBe(3);
    expect(await cluster.put()).toMatchObject({ status: 200, after: 0 });
  });
});

describe('members that come and go', () => {
  it('a learner joins, learns, is promoted and removed', async () => {
    const cluster = new Cluster();
    cluster.pass(HEALTH_INTERVAL);
    const joining = { peerURLs: ['http://10.0.0.9:2380'], isLearner: true };
    const added = await cluster.call('cluster/member/add', joining);
    expect(added).toMatchObject({ status: 200, body: { member: { isLearner: true } } });
    expect(added.body.members).toHaveLength(4);
    const { ID } = added.body.member;
    expect(
      await cluster.call('cluster/member/add', { peerURLs: ['http://10.0.0.8:2380'], isLearner: true }),
    ).toMatchObject(refused(400, 9, 'etcdserver: too many learner members in cluster'));
    expect(await cluster.call('cluster/member/promote', { ID })).toMatchObject(
      refused(400, 9, 'etcdserver: can only promote a learner member which is in sync with leader'),
    );
    startMember(cluster.members, cluster.process.now, ID, 'etcd-9', ['http://10.0.0.9:2379']);
    cluster.pass(2_000);
    const promoted = await cluster.call('cluster/member/promote', { ID });
    expect(promoted.status).toBe(200);
    expect(promoted.body.members.some((member: object) => 'isLearner' in member)).toBe(false);
    expect(await cluster.call('cluster/member/promote', { ID })).toMatchObject(
      refused(400, 9, 'etcdserver: can only promote a learner member'),
    );
    cluster.pass(HEALTH_INTERVAL);
    const removed = await cluster.call('cluster/member/remove', { ID });
    expect(removed).toMatchObject({ status: 200 });
    expect(removed.body.members).toHaveLength(3);
    expect(await cluster.call('cluster/member/remove', { ID })).toMatchObject(
      refused(404, 5, 'etcdserver: member not found'),
    );
  });

  it('a member moves to where no other is', async () => {
    const cluster = new Cluster();
    const [ID] = cluster.followers;
    const moved = await cluster.call('cluster/member/update', { ID, peerURLs: ['http://10.0.0.7:2380'] });
    const { peerURLs } = moved.body.members.find((member: { ID: string }) => member.ID === ID);
    expect(peerURLs).toEqual(['http://10.0.0.7:2380']);
    const other = { ID: cluster.leader, peerURLs };
    expect(await cluster.call('cluster/member/update', other)).toMatchObject(
      refused(400, 9, 'etcdserver: Peer URLs already exists'),
    );
  });

  it('one that was away a moment ago makes the cluster unhealthy to join', async () => {
    const cluster = new Cluster();
    cluster.pass(HEALTH_INTERVAL);
    cluster.kill(cluster.followers[0]!);
    expect(await cluster.call('cluster/member/add', { peerURLs: ['http://10.0.0.9:2380'] })).toMatchObject(
      refused(503, 14, 'etcdserver: unhealthy cluster'),
    );
    expect(await cluster.call('cluster/member/add', { peerURLs: ['http://10.0.0.1:2380'] })).toMatchObject(
      refused(400, 9, 'etcdserver: member ID already exist'),
    );
  });
});
