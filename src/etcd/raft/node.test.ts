import { describe, expect, it } from 'vitest';
import { type ConfChange, changesFromText, emptyConfState } from './conf-change.ts';
import type { Message } from './message.ts';
import {
  advance,
  applyChange,
  campaign,
  hasReady,
  type Node,
  propose,
  proposeConfChange,
  readIndex,
  receive,
  takeReady,
} from './node.ts';
import { startNode } from './node-start.ts';
import type { ReadState } from './reads.ts';
import { type Settings, settingsWith } from './settings.ts';
import { appendStored, newStorage, type Storage } from './storage.ts';
import { tick } from './tick.ts';

interface Member {
  node: Node;
  storage: Storage;
  reads: ReadState[];
  applied: string[];
}

/** Nodes whose messages arrive at once, but for those that are said to be away. */
class Nodes {
  readonly members: Member[];
  away: number[] = [];

  constructor(count: number, given: Partial<Settings> = {}) {
    const voters = Array.from({ length: count }, (_, i) => i + 1);
    this.members = voters.map((id) => {
      const storage = newStorage({ index: 5, term: 1, confState: { ...emptyConfState(), voters }, data: '' });
      const node = startNode({ settings: settingsWith({ ...given, id }), storage, applied: 5, seed: id });
      return { node, storage, reads: [], applied: [] };
    });
  }

  of(id: number): Member {
    return this.members[id - 1]!;
  }

  settle(): void {
    const waiting: Message[] = [];
    do {
      for (const { node } of this.members) while (hasReady(node)) waiting.push(...this.handle(node));
      const message = waiting.shift();
      if (message && !this.away.includes(message.to) && !this.away.includes(message.from))
        receive(this.of(message.to).node, message);
    } while (waiting.length > 0 || this.members.some(({ node }) => hasReady(node)));
  }

  handle(node: Node): Message[] {
    const member = this.of(node.raft.id);
    const ready = takeReady(node);
    if (ready.hardState) member.storage.hardState = ready.hardState;
    appendStored(member.storage, ready.entries);
    for (const { change, data } of ready.committedEntries) {
      if (change) applyChange(node, change);
      else if (data) member.applied.push(data);
    }
    member.reads.push(...ready.readStates);
    advance(node);
    return ready.messages;
  }

  elect(id: number): Node {
    const { node } = this.of(id);
    campaign(node);
    this.settle();
    expect(node.raft.role).toBe('StateLeader');
    return node;
  }
}

describe('a node', () => {
  it('is plain data: it goes on from JSON as if nothing had been', () => {
    const one = new Nodes(3);
    const leader = one.elect(1);
    propose(leader, 'a');
    const copy: Node = JSON.parse(JSON.stringify(leader));
    for (const node of [leader, copy]) {
      for (let i = 0; i < 25; i++) tick(node.raft);
      propose(node, 'b');
    }
    expect(JSON.stringify(takeReady(copy))).toBe(JSON.stringify(takeReady(leader)));
  });

  it('takes proposals up to a size, and one of any size when it has none', () => {
    const nodes = new Nodes(3, { maxUncommittedSize: 10 });
    const leader = nodes.elect(1);
    expect(propose(leader, 'x'.repeat(1_000))).toBeUndefined();
    nodes.settle();
    expect(propose(leader, 'x'.repeat(5))).toBeUndefined();
    expect(propose(leader, 'x'.repeat(5))).toBeUndefined();
    expect(propose(leader, 'x')).toBe('raft proposal dropped');
    nodes.settle();
    expect(propose(leader, 'x')).toBeUndefined();
  });

  it('drops proposals while nobody leads', () => {
    expect(propose(new Nodes(3).of(1).node, 'a')).toBe('raft proposal dropped');
  });

  it('passes proposals on to the leader', () => {
    const nodes = new Nodes(3);
    nodes.elect(1);
    propose(nodes.of(2).node, 'a');
    nodes.settle();
    expect(nodes.members.map(({ applied }) => applied)).toEqual([['a'], ['a'], ['a']]);
  });

  it('steps down without a quorum, if it checks, and not otherwise', () => {
    for (const checkQuorum of [true, false]) {
      const nodes = new Nodes(3, { checkQuorum });
      const leader = nodes.elect(1);
      nodes.away = [2, 3];
      for (let i = 0; i < 20; i++) {
        tick(leader.raft);
        nodes.settle();
      }
      expect(leader.raft.role).toBe(checkQuorum ? 'StateFollower' : 'StateLeader');
    }
  });

  it('refuses what its configuration does not allow, and makes one change at a time', () => {
    const nodes = new Nodes(3);
    const leader = nodes.elect(1);
    const change = (text: string): ConfChange => ({
      transition: 'ConfChangeTransitionAuto',
      changes: changesFromText(text),
      context: '',
    });
    proposeConfChange(leader, change('r3'));
    proposeConfChange(leader, change('r2'));
    nodes.settle();
    expect(leader.raft.tracker.configuration.voters).toEqual([1, 2]);
    expect(() => applyChange(leader, change('r1 r2'))).toThrow('removed all voters');
  });
});

describe('a linearizable read', () => {
  it('is answered when a quorum has said that the leader is one, wherever it is asked', () => {
    const nodes = new Nodes(3);
    const leader = nodes.elect(1);
    propose(leader, 'a');
    nodes.settle();
    readIndex(leader, 'here');
    readIndex(nodes.of(2).node, 'there');
    nodes.settle();
    const { committed } = leader.raft.log;
    expect(nodes.of(1).reads).toEqual([{ index: committed, context: 'here' }]);
    expect(nodes.of(2).reads).toEqual([{ index: committed, context: 'there' }]);
  });

  it('is not answered by a leader who may be none any more', () => {
    const nodes = new Nodes(3);
    const leader = nodes.elect(1);
    nodes.away = [1];
    readIndex(leader, 'stale');
    nodes.settle();
    nodes.elect(2);
    expect(nodes.of(1).reads).toEqual([]);
  });

  it('by lease is answered at once, right or wrong', () => {
    const nodes = new Nodes(3, { readOnly: 'ReadOnlyLeaseBased', checkQuorum: true });
    const leader = nodes.elect(1);
    nodes.away = [2, 3];
    readIndex(leader, 'fast');
    nodes.settle();
    expect(nodes.of(1).reads).toEqual([{ index: leader.raft.log.committed, context: 'fast' }]);
  });

  it('by lease needs leaders who check their quorum', () => {
    expect(() => new Nodes(1, { readOnly: 'ReadOnlyLeaseBased' })).toThrow('CheckQuorum must be enabled');
  });
});
