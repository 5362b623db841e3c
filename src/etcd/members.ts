/** The cluster's members as etcd's Cluster and Maintenance services show them, and the alarms that they raise. */
import { CLUSTER_ERRORS } from './errors.ts';
import type { MembersConsensus } from './members/consensus.ts';
import { hash64 } from './members/ids.ts';
import {
  addMember,
  membersSeenBy,
  moveLeader,
  promoteMember,
  removeMember,
  updateMember,
} from './members/member-changes.ts';
import { type MemberStatus, statusOf } from './members/member-status.ts';
import type { Store } from './store.ts';

export interface Member {
  id: string;
  name: string;
  peerURLs: string[];
  clientURLs: string[];
  isLearner: boolean;
}

export type AlarmType = 'NOSPACE' | 'CORRUPT';

export interface Alarm {
  memberId: string;
  type: AlarmType;
}

interface Saved {
  members: Member[];
  alarms: Alarm[];
  downgradeTarget: string;
}

const META = 'members';

/** The term of a member that is alone, and how many entries of its log are no revisions. */
const ONLY_TERM = 2;
const OWN_ENTRIES = 3;

export class Members {
  readonly clusterId: string;
  readonly #onlyId: string;
  readonly #store: Store;
  readonly #saved: Saved;
  /** Where there are several; the rest is kept by the store. */
  readonly #several: MembersConsensus | undefined;

  /** `cluster` is the name that the ids are made from. */
  constructor(store: Store, cluster: string, several?: MembersConsensus) {
    this.#store = store;
    this.#several = several;
    this.clusterId = hash64(`cluster ${cluster}`);
    const saved = store.meta(META);
    this.#onlyId = hash64(`member ${cluster}`);
    const first: Member = {
      id: this.#onlyId,
      name: 'default',
      peerURLs: ['http://localhost:2380'],
      clientURLs: ['http://localhost:2379'],
      isLearner: false,
    };
    this.#saved =
      typeof saved === 'string' ? (JSON.parse(saved) as Saved) : { members: [first], alarms: [], downgradeTarget: '' };
  }

  #save(): void {
    this.#store.setMeta(META, JSON.stringify(this.#saved));
  }

  /** The one that answers: of several, the leader, or any that runs. @throws EtcdError where none does */
  get memberId(): string {
    return this.#several?.current.preferred ?? this.#onlyId;
  }

  get view(): Omit<MemberStatus, 'revision'> {
    if (this.#several) return statusOf(this.#several.current, this.memberId);
    const index = this.#store.revision + OWN_ENTRIES;
    const { memberId: leader } = this;
    return { leader, term: ONLY_TERM, raftIndex: index, appliedIndex: index, isLearner: false, errors: [] };
  }

  get term(): number {
    return this.#several ? this.view.term : ONLY_TERM;
  }

  list(): Member[] {
    return this.#several ? membersSeenBy(this.#several.current, this.memberId) : this.#saved.members;
  }

  #member(id: string): Member {
    const member = this.#saved.members.find((candidate) => candidate.id === id);
    if (!member) throw CLUSTER_ERRORS.memberNotFound();
    return member;
  }

  async add(peerURLs: string[], isLearner: boolean): Promise<Member> {
    if (this.#several) return addedTo(this.#several, peerURLs, isLearner);
    const urls = checkedURLs(peerURLs);
    const { members } = this.#saved;
    if (members.some((member) => member.peerURLs.some((url) => urls.includes(url))))
      throw CLUSTER_ERRORS.memberExists();
    if (isLearner && members.some((member) => member.isLearner)) throw CLUSTER_ERRORS.tooManyLearners();
    const member: Member = {
      id: hash64(`${this.clusterId} ${urls.join(',')}`),
      name: '',
      peerURLs: urls,
      clientURLs: [],
      isLearner,
    };
    this.#saved.members = [...members, member].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    this.#save();
    return member;
  }

  async remove(id: string): Promise<void> {
    if (this.#several) return this.#several.change((all, at, now) => removeMember(all, at, now, id));
    this.#member(id);
    if (id === this.#onlyId) throw CLUSTER_ERRORS.notEnoughStarted();
    this.#saved.members = this.#saved.members.filter((member) => member.id !== id);
    this.#save();
  }

  /** The URLs are taken as they are. */
  async update(id: string, peerURLs: string[]): Promise<void> {
    if (this.#several) return this.#several.change((all, at, now) => updateMember(all, at, now, id, peerURLs));
    const member = this.#member(id);
    const taken = this.#saved.members.filter((other) => other !== member).flatMap((other) => other.peerURLs);
    if (peerURLs.some((url) => taken.includes(url))) throw CLUSTER_ERRORS.peerURLExists();
    member.peerURLs = peerURLs;
    this.#save();
  }

  async promote(id: string): Promise<void> {
    if (this.#several) return this.#several.change((all, at, now) => promoteMember(all, at, now, id));
    // No member that was added is ever started, so none is in sync.
    if (this.#member(id).isLearner) throw CLUSTER_ERRORS.learnerNotReady();
    throw CLUSTER_ERRORS.memberNotLearner();
  }

  async moveLeader(target: string): Promise<void> {
    if (this.#several) return this.#several.change((all, at, now) => moveLeader(all, at, now, target));
    const member = this.#saved.members.find((candidate) => candidate.id === target);
    if (!member || member.isLearner) throw CLUSTER_ERRORS.badLeaderTransferee();
  }

  alarms(): Alarm[] {
    const { alarms } = this.#saved;
    const known = alarms.some((alarm) => alarm.type === 'NOSPACE');
    return this.#store.noSpace && !known ? [...alarms, { memberId: this.memberId, type: 'NOSPACE' }] : alarms;
  }

  raise(alarm: Alarm): void {
    const others = this.alarms().filter((other) => other.memberId !== alarm.memberId || other.type !== alarm.type);
    this.#setAlarms([...others, alarm]);
  }

  /** False if it was not raised. */
  disarm(alarm: Alarm): boolean {
    const alarms = this.alarms();
    const others = alarms.filter((other) => other.memberId !== alarm.memberId || other.type !== alarm.type);
    this.#setAlarms(others);
    return others.length < alarms.length;
  }

  #setAlarms(alarms: Alarm[]): void {
    this.#saved.alarms = alarms;
    this.#save();
    this.#store.setNoSpace(alarms.some((alarm) => alarm.type === 'NOSPACE'));
  }

  /** While a member is said to be corrupt, nothing is written. */
  requireSound(): void {
    if (this.#saved.alarms.some((alarm) => alarm.type === 'CORRUPT')) throw CLUSTER_ERRORS.corrupt();
  }

  get downgradeTarget(): string {
    return this.#saved.downgradeTarget;
  }

  set downgradeTarget(version: string) {
    this.#saved.downgradeTarget = version;
    this.#save();
  }
}

async function addedTo(several: MembersConsensus, peerURLs: string[], isLearner: boolean): Promise<Member> {
  let added: Member | undefined;
  await several.change((all, at, now) => {
    const { member, request } = addMember(all, at, now, checkedURLs(peerURLs), isLearner);
    added = { ...member, isLearner };
    return request;
  });
  return added!;
}

/** etcd wants scheme, host and port, and nothing else; the answer is sorted. */
function checkedURLs(urls: string[]): string[] {
  const valid = urls.every((url) =>
    /^(https?:\/\/(\[[0-9a-fA-F:.]+\]|[^\s/:?#]+):\d{1,5}|unixs?:\/\/[^\s/]+)$/.test(url),
  );
  if (urls.length === 0 || !valid) throw CLUSTER_ERRORS.badURLs();
  return [...urls].sort();
}
