/**
 * What must hold of Raft whatever happens (Ongaro's figure 3.2): one leader a term, logs that agree where they have the same entry, leaders
 * that have all that is committed, state machines that apply the same. Throws where one does not.
 */

import type { MemberState } from '../../src/etcd/members/member.ts';
import { type EntryId, firstIndex, termAt } from '../../src/etcd/raft/log.ts';
import type { Entry } from '../../src/etcd/raft/message.ts';
import type { Ready } from '../../src/etcd/raft/node.ts';

export class Violation extends Error {}

const fail = (invariant: string, detail: string): never => {
  throw new Violation(`${invariant}: ${detail}`);
};

/** Terms and indexes of one schedule are far below. */
const MANY_TERMS = 2 ** 20;
const keyOf = ({ term, index }: EntryId): number => index * MANY_TERMS + term;

const textOf = ({ type, data, change }: Entry): string => (change ? `${type} ${JSON.stringify(change)}` : data);

export class Invariants {
  readonly #leaders = new Map<number, number>();
  /** By index and term of an entry: what is in it, and the term of the one before. */
  readonly #entries = new Map<number, { previous: number | undefined; text: string }>();
  /** By index: the term of what is committed there, and what was applied. */
  readonly #committed: (number | undefined)[] = [];
  /** By index: a term in which it was committed already. */
  readonly #committedIn: number[] = [];
  readonly #applied: (string | undefined)[] = [];
  /** By member and life: how far it was looked at. */
  readonly #seen = new Map<number, { life: number; commit: number; applied: number }>();

  /** How many terms had a leader. */
  get elections(): number {
    return this.#leaders.size;
  }

  #of(member: MemberState): { life: number; commit: number; applied: number } {
    let seen = this.#seen.get(member.id);
    if (!seen || seen.life !== member.life) {
      seen = { life: member.life, commit: 0, applied: member.storage.snapshot.index };
      this.#seen.set(member.id, seen);
    }
    return seen;
  }

  ready(member: MemberState, ready: Ready): void {
    if (ready.entries.length > 0) this.#logMatching(member, ready.entries);
    const { raft } = member.node!;
    if (raft.role === 'StateLeader' && (ready.softState || ready.hardState)) this.#leads(member);
    this.#commits(member);
  }

  #logMatching(member: MemberState, entries: readonly Entry[]): void {
    const { log } = member.node!.raft;
    for (const entry of entries) {
      const previous = entry.index === 1 ? 0 : termAt(log, entry.index - 1);
      const text = textOf(entry);
      const known = this.#entries.get(keyOf(entry));
      if (!known) {
        this.#entries.set(keyOf(entry), { previous, text });
        continue;
      }
      if (known.text !== text) fail('log matching', `${entry.term}/${entry.index} is ${known.text} and ${text}`);
      known.previous ??= previous;
      if (previous !== undefined && known.previous !== previous)
        fail('log matching', `before ${entry.term}/${entry.index} are the terms ${known.previous} and ${previous}`);
    }
  }

  #leads(member: MemberState): void {
    const { term, log } = member.node!.raft;
    const known = this.#leaders.get(term);
    if (known === member.id) return;
    if (known !== undefined) fail('election safety', `${known} and ${member.id} lead at term ${term}`);
    this.#leaders.set(term, member.id);
    for (let index = firstIndex(log); index < this.#committed.length; index++) {
      const committed = this.#committed[index];
      if (committed === undefined || this.#committedIn[index]! >= term) continue;
      if (termAt(log, index) !== committed)
        fail('leader completeness', `${member.id} leads at term ${term} without ${committed}/${index}`);
    }
  }

  #commits(member: MemberState): void {
    const { log, term: now } = member.node!.raft;
    const seen = this.#of(member);
    for (let index = Math.max(seen.commit + 1, firstIndex(log)); index <= log.committed; index++) {
      const term = termAt(log, index);
      const known = this.#committed[index];
      if (known !== undefined && known !== term)
        fail('state machine safety', `${known}/${index} and ${term}/${index} are committed`);
      this.#committed[index] = term;
      this.#committedIn[index] ??= now;
    }
    seen.commit = Math.max(seen.commit, log.committed);
  }

  applied(member: MemberState, entry: Entry): void {
    const seen = this.#of(member);
    if (entry.index !== seen.applied + 1) fail('order', `${member.id} applies ${entry.index} after ${seen.applied}`);
    seen.applied = entry.index;
    const text = `${entry.term} ${textOf(entry)}`;
    this.#applied[entry.index] ??= text;
    if (this.#applied[entry.index] !== text)
      fail('state machine safety', `at ${entry.index} are applied ${this.#applied[entry.index]} and ${text}`);
  }

  restored(member: MemberState): void {
    this.#of(member).applied = member.machine.index;
  }
}
