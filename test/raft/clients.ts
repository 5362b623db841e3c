/**
 * Clients that write and read one register, and whether what they see is linearizable. Each write has a value of its own, so a value tells
 * which write it is, and the log tells in which order writes took effect. Then it is enough that whatever begins after something else has
 * ended comes no earlier in that order. A write that is never answered may take effect or not.
 */

import type { MemberState } from '../../src/etcd/members/member.ts';
import { ask, type Observer, type Simulation } from '../../src/etcd/members/simulation.ts';
import type { Entry } from '../../src/etcd/raft/message.ts';
import { propose, readIndex } from '../../src/etcd/raft/node.ts';
import type { ReadState } from '../../src/etcd/raft/reads.ts';
import { Violation } from './invariants.ts';

interface Operation {
  member: number;
  life: number;
  /** The place of the latest operation that had ended when it began. */
  floor: number;
  /** When the answer may be given, of a read. */
  readIndex: number;
}

export class Clients {
  readonly #operations = new Map<string, Operation>();
  /** Reads that wait for their index to be applied. */
  #waiting: [string, Operation][] = [];
  readonly #places = new Map<string, number>([['', 0]]);
  #latest = 0;
  #count = 0;
  writes = 0;
  reads = 0;

  #begin(prefix: string, member: MemberState): string {
    const name = `${prefix}${++this.#count}`;
    this.#operations.set(name, { member: member.id, life: member.life, floor: this.#latest, readIndex: 0 });
    return name;
  }

  /** Returns the value; undefined if it was refused at once. */
  write(simulation: Simulation, member: MemberState, observer: Observer): string | undefined {
    const name = this.#begin('w', member);
    const error = ask(simulation, member, (node) => propose(node, name) ?? '', observer);
    return error === '' ? name : undefined;
  }

  read(simulation: Simulation, member: MemberState, observer: Observer): void {
    const name = this.#begin('r', member);
    ask(simulation, member, (node) => readIndex(node, name), observer);
  }

  /** Whether a write was answered. */
  isDone(name: string): boolean {
    return !this.#operations.has(name);
  }

  #end(name: string, operation: Operation, place: number, isWrite: boolean): void {
    this.#operations.delete(name);
    if (place < operation.floor || (isWrite && place === operation.floor))
      throw new Violation(`linearizability: ${name} takes place at ${place}, after ${operation.floor} had ended`);
    this.#latest = Math.max(this.#latest, place);
    if (isWrite) this.writes++;
    else this.reads++;
  }

  applied(member: MemberState, entry: Entry): void {
    if (entry.data !== '') {
      const place = this.#places.get(entry.data);
      if (place !== undefined && place !== entry.index) throw new Violation(`${entry.data} took effect twice`);
      this.#places.set(entry.data, entry.index);
      const operation = this.#operations.get(entry.data);
      if (operation?.member === member.id && operation.life === member.life)
        this.#end(entry.data, operation, entry.index, true);
    }
    this.#answerReads(member);
  }

  mayRead(member: MemberState, { index, context }: ReadState): void {
    const operation = this.#operations.get(context);
    if (operation?.member !== member.id || operation.life !== member.life) return;
    operation.readIndex = index;
    this.#waiting.push([context, operation]);
    this.#answerReads(member);
  }

  #answerReads(member: MemberState): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter(([name, operation]) => {
      if (operation.member !== member.id) return true;
      if (operation.life !== member.life) return false;
      if (operation.readIndex > member.machine.index) return true;
      this.#end(name, operation, this.#places.get(member.machine.value)!, false);
      return false;
    });
  }
}
