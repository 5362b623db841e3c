/**
 * The members of a cluster's etcd, under its store: what is written must be agreed on here first, and so must what is read linearizably.
 * Plain data over the cluster's clock. A request is begun at an instant and ends at a later one, which `advance` comes to; while nothing
 * is wrong `settle` may go ahead of the clock to it, by the few milliseconds that messages take.
 *
 *     const members = foundEtcdMembers({ name, founders, now, seed });
 *     const write = members.begin('write', members.preferred, now);
 *     const ending = members.settle(write);          // { at, index }, or undefined: it waits
 */
import { ETCD_ERRORS, type EtcdError, MEMBER_ERRORS, type MemberErrorName } from '../errors.ts';
import { type Entry, NONE } from '../raft/message.ts';
import { type Node, propose, proposeConfChange, readIndex, transferLeadership } from '../raft/node.ts';
import { connectedSince, updateConnections } from './connections.ts';
import type { EtcdMembersState } from './etcd-members-state.ts';
import type { MemberState } from './member.ts';
import { type Ending, type PendingRequest, READ_RETRY, REQUEST_TIMEOUT, timeoutError } from './pending.ts';
import { areAtRest, putOff, SETTLES_WITHIN } from './quiet.ts';
import { recordRevision, revisionAt } from './revisions.ts';
import { advance, ask, memberOf, type Observer } from './simulation.ts';

/** Requests that wait at one time. */
export const MAX_REQUESTS = 5_000;
/** How far ahead of the clock an answer may be taken from. */
export const MAX_AHEAD = 50;

/** What a request is about, where its kind does not say it all. */
type About = Partial<Pick<PendingRequest, 'change' | 'transferee'>>;

export class EtcdMembers {
  readonly state: EtcdMembersState;
  readonly observer: Observer;
  /** Whether requests have to be looked after. */
  #stirred = false;

  constructor(state: EtcdMembersState) {
    this.state = state;
    this.observer = {
      ready: ({ id }, { softState }) => {
        if (!softState) return;
        this.#stirred = true;
        const { lead } = softState;
        const before = state.leadership[id] ?? { lead: 0, electedAt: 0 };
        const isNew = lead !== 0 && lead !== before.lead;
        if (isNew) this.#leaderChanged(id);
        state.leadership[id] = { lead, electedAt: isNew ? state.simulation.now : before.electedAt };
      },
      applied: (member, entry) => this.#applied(member, entry),
      mayRead: ({ id }, { index, context }) => {
        const request = state.requests.find((one) => one.id === context && one.raftId === id);
        if (request) request.readIndex = index;
        this.#stirred = true;
      },
    };
  }

  get now(): number {
    return this.state.simulation.now;
  }

  /** The process of a member. @throws EtcdError where none runs, as there is nobody to say more */
  at(id: string): MemberState {
    const entry = this.state.roster.find((candidate) => candidate.id === id);
    const member = entry && memberOf(this.state.simulation, entry.raftId);
    if (!member || member.condition === 'down') throw MEMBER_ERRORS.connectionRefused();
    return member;
  }

  idOf(raftId: number): string {
    return this.state.roster.find((entry) => entry.raftId === raftId)?.id ?? '0';
  }

  /** Whom a client with all endpoints ends up at: the leader, or whoever answers. @throws where nobody does */
  get preferred(): string {
    const up = this.state.simulation.members.filter(
      ({ condition, node }) => condition === 'up' && !node!.raft.isLearner,
    );
    const member = up.find(({ node }) => node!.raft.role === 'StateLeader') ?? up[0];
    if (!member) throw MEMBER_ERRORS.connectionRefused();
    return this.idOf(member.id);
  }

  /** At an instant that may be past already: then it begins now. Returns the request's name. @throws EtcdError what is refused at once */
  begin(kind: PendingRequest['kind'], memberId: string, now: number, about: About = {}): string {
    const member = this.at(memberId);
    const { raft } = member.node!;
    if (raft.isLearner) throw MEMBER_ERRORS.notSupportedForLearner();
    if (this.state.requests.length >= MAX_REQUESTS) throw ETCD_ERRORS.tooManyRequests();
    this.advance(now);
    this.disturbed();
    const { state } = this;
    const id = String(++state.requestCount);
    const began = this.now;
    const { id: raftId, life } = member;
    const times = { began, deadline: began + REQUEST_TIMEOUT, askAgain: began };
    const known = { handed: false, change: undefined, transferee: NONE, readIndex: undefined };
    const request: PendingRequest = { id, kind, raftId, life, ...times, ...known, ...about };
    state.requests.push(request);
    this.#lookAfter(request);
    return id;
  }

  /** How a request ended, once; undefined while it waits. */
  take(id: string): Ending | undefined {
    const ending = this.state.endings[id];
    delete this.state.endings[id];
    return ending;
  }

  /** Goes ahead to a request's end, if it is near. */
  settle(id: string, ahead = MAX_AHEAD): Ending | undefined {
    const limit = this.now + ahead;
    for (;;) {
      if (this.state.endings[id]) return this.take(id);
      const next = this.nextAt;
      if (next === undefined || next > limit) return undefined;
      this.#step(next);
    }
  }

  /** Nobody waits for it any more. Returns what it would have been told. */
  abandon(id: string): EtcdError {
    const request = this.state.requests.find((one) => one.id === id);
    this.state.requests = this.state.requests.filter((one) => one !== request);
    return request?.handed === false ? MEMBER_ERRORS.deadlineExceeded() : MEMBER_ERRORS.timeout();
  }

  /** @throws EtcdError the request's, if it failed */
  indexOf(ending: Ending): number {
    if ('error' in ending) throw MEMBER_ERRORS[ending.error]();
    return ending.index;
  }

  /** The store is at a revision with what was written at an index. */
  recorded(index: number, revision: number): void {
    recordRevision(this.state.runs, index, revision);
  }

  /** What a member has of the store: what a serializable read of it sees. Undefined if that is what there was at the making. */
  revisionOf(memberId: string): number | undefined {
    return revisionAt(this.state.runs, this.at(memberId).machine.index);
  }

  /** The instant at which something happens by itself. While requests wait, the owner must come back then. */
  get nextAt(): number | undefined {
    const { requests, simulation } = this.state;
    let least = simulation.events[0]?.at;
    for (const request of requests) least = Math.min(least ?? Number.POSITIVE_INFINITY, wakeAt(request));
    return least;
  }

  get isWaiting(): boolean {
    return this.state.requests.length > 0;
  }

  /** All up to an instant happens. If nobody asks anything for long, it is only put off. */
  advance(to: number): void {
    const { simulation, disturbedAt } = this.state;
    const busyUntil = this.isWaiting ? to : Math.min(to, Math.max(disturbedAt + SETTLES_WITHIN, this.now));
    for (let next = this.nextAt; next !== undefined && next <= busyUntil; next = this.nextAt) {
      if (!this.isWaiting && areAtRest(simulation)) {
        putOff(simulation, to - simulation.now);
        return;
      }
      this.#step(next);
    }
    advance(simulation, busyUntil, this.observer);
    if (to > simulation.now) putOff(simulation, to - simulation.now);
  }

  /** Something was done to the members or their links: they need their time. */
  disturbed(): void {
    const { connections, simulation } = this.state;
    this.state.disturbedAt = simulation.now;
    updateConnections(connections, simulation.network, simulation.members, simulation.now);
    this.#stirred = true;
  }

  #step(to: number): void {
    advance(this.state.simulation, to, this.observer);
    if (this.#stirred || this.state.requests.some((request) => wakeAt(request) <= to)) this.#attend();
  }

  #end(request: PendingRequest, ending: { index: number } | { error: MemberErrorName }): void {
    const { state } = this;
    state.requests = state.requests.filter((other) => other !== request);
    state.endings[request.id] = { at: this.now, ...ending };
  }

  #applied({ id, life }: MemberState, { index, data, change }: Entry): void {
    if (this.state.requests.length === 0) return;
    this.#stirred = true;
    const name = change ? change.context : data;
    const request = this.state.requests.find((one) => one.id === name && one.raftId === id && one.life === life);
    if (request) this.#end(request, { index });
  }

  /** Reads that wait for an answer of a leader who is none any more. */
  #leaderChanged(raftId: number): void {
    for (const request of this.state.requests)
      if (request.kind === 'read' && request.raftId === raftId && request.readIndex === undefined)
        this.#end(request, { error: 'leaderChanged' });
  }

  #attend(): void {
    this.#stirred = false;
    for (const request of this.state.requests) this.#lookAfter(request);
  }

  #lookAfter(request: PendingRequest): void {
    const { simulation, leadership, connections } = this.state;
    const member = memberOf(simulation, request.raftId);
    if (!member || member.life !== request.life || member.condition === 'down') {
      this.#end(request, { error: 'stopped' });
      return;
    }
    if (request.deadline <= this.now) {
      const { lead, electedAt } = leadership[request.raftId] ?? { lead: 0, electedAt: 0 };
      const isConnected = connectedSince(connections, request.raftId, lead, request.began);
      this.#end(request, { error: timeoutError(request, { lead, electedAt }, isConnected) });
    } else if (request.kind === 'read') {
      this.#read(request, member);
    } else if (request.kind === 'transfer') {
      if (leadership[request.raftId]?.lead === request.transferee) this.#end(request, { index: 0 });
    } else if (!request.handed && member.node!.raft.lead !== 0) {
      this.#hand(request, member);
    }
  }

  #read(request: PendingRequest, member: MemberState): void {
    if (request.readIndex !== undefined) {
      if (member.machine.index >= request.readIndex) this.#end(request, { index: request.readIndex });
    } else if (request.askAgain <= this.now) {
      request.askAgain = this.now + READ_RETRY;
      ask(this.state.simulation, member, (node) => readIndex(node, request.id), this.observer);
    }
  }

  #hand(request: PendingRequest, member: MemberState): void {
    const { id, change } = request;
    request.handed = true;
    const proposed = (node: Node): string | undefined =>
      change
        ? proposeConfChange(node, { transition: 'ConfChangeTransitionAuto', changes: [change], context: id }, true)
        : propose(node, id);
    const error = ask(this.state.simulation, member, proposed, this.observer);
    if (error) this.#end(request, { error: 'proposalDropped' });
  }

  /** To a member by its number in Raft; asked of the leader. */
  transfer(memberId: string, to: number, now: number): string {
    const name = this.begin('transfer', memberId, now, { transferee: to });
    ask(this.state.simulation, this.at(memberId), (node) => transferLeadership(node, to), this.observer);
    return name;
  }
}

const wakeAt = ({ kind, readIndex: known, askAgain, deadline }: PendingRequest): number =>
  kind === 'read' && known === undefined ? Math.min(askAgain, deadline) : deadline;
