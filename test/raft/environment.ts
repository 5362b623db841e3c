/**
 * Nodes in one process, driven command by command, that print what they log, send and store, as go.etcd.io/raft/v3/rafttest does.
 * The state machine appends each entry's data to a text, and has a snapshot of every index.
 */

import type { Note } from '../../src/etcd/raft/journal.ts';
import {
  type Entry,
  type HardState,
  isStorageThread,
  type Message,
  type Snapshot,
} from '../../src/etcd/raft/message.ts';
import { advance, applyChange, hasReady, type Node, type Ready, receive, takeReady } from '../../src/etcd/raft/node.ts';
import { startNode } from '../../src/etcd/raft/node-start.ts';
import type { Settings } from '../../src/etcd/raft/settings.ts';
import {
  appendStored,
  applySnapshot,
  compactStored,
  newStorage,
  type Storage,
  storedFirst,
  storedLast,
} from '../../src/etcd/raft/storage.ts';
import { describeEntries, describeMessage, describeReady } from './describe.ts';
import { Output } from './output.ts';

export interface Runner {
  node: Node;
  storage: Storage;
  notes: Note[];
  appendWork: Message[];
  applyWork: Message[];
}

type Work = 'appendWork' | 'applyWork';

const isInside = ({ from, to }: Message): boolean => from === to || isStorageThread(from) || isStorageThread(to);

export class Environment {
  readonly output = new Output();
  readonly runners: Runner[] = [];
  messages: Message[] = [];

  /** By id. */
  runner(id: number): Runner {
    const runner = this.runners[id - 1];
    if (!runner) throw new Error(`there is no node ${id}`);
    return runner;
  }

  addNode(settings: Settings, snapshot: Snapshot): void {
    const storage = newStorage(snapshot);
    const notes: Note[] = [];
    const node = startNode({ settings, storage, applied: snapshot.index, seed: settings.id, notes });
    this.runners.push({ node, storage, notes, appendWork: [], applyWork: [] });
    this.output.drain(notes);
  }

  /** Something happens to a node; an error is returned. */
  do(id: number, act: (node: Node) => unknown): string | undefined {
    const { node, notes } = this.runner(id);
    const error = act(node);
    this.output.drain(notes);
    return typeof error === 'string' ? error : undefined;
  }

  processReady(id: number): string | undefined {
    const runner = this.runner(id);
    const { node, notes } = runner;
    const ready = takeReady(node);
    this.output.drain(notes);
    this.output.write(describeReady(ready));
    const { asyncStorageWrites } = node.raft.settings;
    if (!asyncStorageWrites) {
      const error = this.#store(runner, ready.hardState, ready);
      if (error) return error;
      this.#apply(runner, ready.committedEntries);
    }
    for (const message of ready.messages) {
      if (message.type === 'MsgStorageAppend') runner.appendWork.push(message);
      else if (message.type === 'MsgStorageApply') runner.applyWork.push(message);
      else this.messages.push(message);
    }
    if (!asyncStorageWrites) advance(node);
    this.output.drain(notes);
    return undefined;
  }

  #store(
    { storage }: Runner,
    hardState: HardState | undefined,
    { snapshot, entries }: Pick<Ready, 'snapshot' | 'entries'>,
  ): string | undefined {
    if (hardState) storage.hardState = hardState;
    if (!snapshot) appendStored(storage, entries);
    else if (entries.length > 0) return "can't apply snapshot and entries at the same time";
    else if (!applySnapshot(storage, snapshot)) return 'requested index is older than the existing snapshot';
    return undefined;
  }

  #apply({ node, storage, notes }: Runner, entries: readonly Entry[]): void {
    for (const { index, term, change, data } of entries) {
      const before = storage.snapshot;
      const confState = change ? applyChange(node, change) : before.confState;
      this.output.drain(notes);
      storage.snapshot = { index, term, confState, data: before.data + (change ? change.context : data) };
    }
  }

  processThread(id: number, work: Work): string | undefined {
    const runner = this.runner(id);
    const message = runner[work].shift();
    if (!message) {
      this.output.write(`no ${work === 'appendWork' ? 'append' : 'apply'} work to perform`);
      return undefined;
    }
    this.output.write(`Processing:\n${describeMessage({ ...message, responses: [] })}\n`);
    if (work === 'appendWork') {
      const { term, vote, commit } = message;
      const error = this.#store(runner, term || vote || commit ? { term, vote, commit } : undefined, message);
      if (error) return error;
    } else {
      this.#apply(runner, message.entries);
    }
    this.output.write(`Responses:\n${message.responses.map((response) => `${describeMessage(response)}\n`).join('')}`);
    this.messages.push(...message.responses);
    return undefined;
  }

  #waiting(id: number, type?: string, drop = false): Message[] {
    return this.messages.filter(
      (message) => message.to === id && !(drop && isInside(message)) && (!type || message.type === type),
    );
  }

  /** Delivers or loses what waits for a node; returns how many that were. */
  deliver(id: number, type?: string, drop = false): number {
    const waiting = this.#waiting(id, type, drop);
    this.messages = this.messages.filter((message) => !waiting.includes(message));
    for (const message of waiting) {
      this.output.write(`${drop ? 'dropped: ' : ''}${describeMessage(message)}\n`);
      if (drop) continue;
      const error = this.do(id, (node) => receive(node, message));
      if (error) this.output.write(`${error}\n`);
    }
    return waiting.length;
  }

  /** Until nothing is left to do. */
  stabilize(ids: number[]): string | undefined {
    for (let busy = true; busy; ) {
      busy = false;
      const during = (title: string, print: () => string | undefined): string | undefined => {
        busy = true;
        this.output.write(title);
        return this.output.indented(print);
      };
      for (const id of ids) {
        if (!hasReady(this.runner(id).node)) continue;
        const error = during(`> ${id} handling Ready\n`, () => this.processReady(id));
        if (error) return error;
      }
      for (const id of ids) {
        if (this.#waiting(id).length === 0) continue;
        during(`> ${id} receiving messages\n`, () => void this.deliver(id));
      }
      for (const work of ['appendWork', 'applyWork'] as const) {
        for (const id of ids) {
          const thread = work === 'appendWork' ? 'append' : 'apply';
          if (this.runner(id)[work].length > 0) this.output.write(`> ${id} processing ${thread} thread\n`);
          while (this.runner(id)[work].length > 0) {
            const error = during('', () => this.processThread(id, work));
            if (error) return error;
          }
        }
      }
    }
    return undefined;
  }

  printLog(id: number): void {
    const { storage } = this.runner(id);
    if (storage.entries.length > 0) this.output.write(describeEntries(storage.entries));
    else this.output.write(`log is empty: first index=${storedFirst(storage)}, last index=${storedLast(storage)}`);
  }

  compact(id: number, index: number): string | undefined {
    if (!compactStored(this.runner(id).storage, index)) return 'requested index is unavailable due to compaction';
    this.printLog(id);
    return undefined;
  }

  sendSnapshot(from: number, to: number, message: Message): void {
    const { storage, node } = this.runner(from);
    Object.assign(message, { from, to, term: node.raft.term, snapshot: storage.snapshot });
    this.messages.push(message);
    this.output.write(describeMessage(message));
  }
}
