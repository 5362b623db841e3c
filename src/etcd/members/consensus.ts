/**
 * The members as the store and its clients meet them. The store asks at once, and goes ahead of the clock for it; whoever can wait does so
 * before, as long as etcd lets a client wait.
 */
import type { Consensus } from '../consensus.ts';
import { isConnectedTo } from './connections.ts';
import type { EtcdMembers } from './etcd-members.ts';
import type { Ending } from './pending.ts';
import { type RestingMembers, restOf } from './resting.ts';
import { memberOf } from './simulation.ts';

export interface ConsensusPorts {
  /** The cluster's time, milliseconds since 1970. */
  now(): number;
  /** Resolves when about so much of the cluster's time may have passed; sooner does no harm. */
  wait(milliseconds: number): Promise<void>;
  /** How often somebody waits at most: the cluster's time may stand still. */
  maxWaits?: number;
  /** Told what is worth keeping, when that has changed; within the transaction of a write. */
  keep?(rest: RestingMembers): void;
}

export class MembersConsensus implements Consensus {
  readonly members: EtcdMembers;
  readonly #ports: ConsensusPorts;
  #agreed = 0;
  #ahead = 0;
  /** Requests beside writes that ended well. */
  #changes = 0;
  #kept = '';

  /** `ahead`: how much further the members' log is than the store's revisions, where that is known. */
  constructor(members: EtcdMembers, ports: ConsensusPorts, ahead = 0) {
    this.members = members;
    this.#ports = ports;
    this.#ahead = ahead;
  }

  get now(): number {
    return this.#ports.now();
  }

  /** The members as they are now. */
  get current(): EtcdMembers {
    this.members.advance(this.now);
    return this.members;
  }

  agree(): void {
    const { members } = this;
    const request = members.begin('write', members.preferred, this.now);
    const ending = members.settle(request);
    if (!ending) throw members.abandon(request);
    this.#agreed = members.indexOf(ending);
  }

  written(revision: number): void {
    this.members.recorded(this.#agreed, revision);
    this.#ahead = this.#agreed - revision;
    this.#keepChanged();
  }

  /** Most writes change nothing of it. */
  #keepChanged(): void {
    const { keep } = this.#ports;
    if (!keep) return;
    const { leadership, roster, simulation, runs } = this.members.state;
    const { length } = simulation.members.filter(({ condition }) => condition !== 'down');
    const leaders = Object.values(leadership).map(({ lead, electedAt }) => `${lead}@${electedAt}`);
    const mark = [this.#ahead, runs.length, roster.length, length, this.#changes, ...leaders].join(' ');
    if (mark === this.#kept) return;
    keep(restOf(this.members, this.#ahead));
    this.#kept = mark;
  }

  /** Whether a leader has a quorum with it: what is asked now is agreed on in a moment. */
  get isHealthy(): boolean {
    const { simulation, connections } = this.current.state;
    return simulation.members.some(({ id, condition, node }) => {
      if (condition !== 'up' || node!.raft.role !== 'StateLeader' || node!.raft.leadTransferee !== 0) return false;
      const { voters } = node!.raft.tracker.configuration;
      const here = voters.filter(
        (voter) => memberOf(simulation, voter)?.condition === 'up' && isConnectedTo(connections, id, voter),
      );
      return here.length > voters.length / 2;
    });
  }

  /** Before something is written, or read linearizably: until the members can agree. @throws EtcdError when a client has waited enough */
  async admit(kind: 'write' | 'read'): Promise<void> {
    if (this.isHealthy) return;
    await this.#ended(this.members.begin(kind, this.members.preferred, this.now));
  }

  /** Begins a request at the member that a client ends up at. Resolves when it has ended well. @throws EtcdError if it has not */
  change(begin: (members: EtcdMembers, at: string, now: number) => string): Promise<void> {
    return this.#ended(begin(this.members, this.current.preferred, this.now));
  }

  /** Until a request has ended well. @throws EtcdError if it has not */
  async #ended(request: string): Promise<void> {
    const { members } = this;
    let ending: Ending | undefined = members.settle(request);
    for (let waits = 0; !ending; waits++) {
      if (waits >= (this.#ports.maxWaits ?? Number.POSITIVE_INFINITY)) throw members.abandon(request);
      await this.#ports.wait(Math.max(1, (members.nextAt ?? this.now) - this.now));
      members.advance(this.now);
      ending = members.take(request);
    }
    members.indexOf(ending);
    this.#changes++;
    this.#keepChanged();
  }
}
