/** A node with the pods on it and the sums of what they ask for. */

import type { Node, Taint } from '../objects/generated/core-v1.gen.ts';
import { bare } from '../objects/own.ts';
import { type Amounts, addAmounts, amountOf, readAmounts } from './amounts.ts';
import type { PodInfo } from './pod-info.ts';
import type { Place, PodQuestion, Tallies } from './tallies.ts';

export class NodeInfo implements Place {
  readonly node: Node;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly labelCount: number;
  readonly taints: Taint[];
  readonly allocatable: Amounts;
  readonly pods: PodInfo[] = [];
  readonly requested: Amounts = new Map();
  /** With the defaults that scoring assumes. */
  readonly scoringRequested: Amounts = new Map();
  /** How many of its pods count for what was asked, kept as they come and go. */
  private counted: Map<PodQuestion, number> | undefined;
  /** What it counts by together with the others of its snapshot. */
  private tallies: Tallies | undefined;

  constructor(node: Node) {
    this.node = node;
    this.name = node.metadata.name;
    this.labels = bare(node.metadata.labels);
    this.labelCount = Object.keys(this.labels).length;
    this.taints = node.spec?.taints ?? [];
    this.allocatable = readAmounts(node.status?.allocatable);
  }

  /** From now on its pods are counted with those of others. */
  join(tallies: Tallies): void {
    if (this.tallies === tallies) return;
    this.tallies = tallies;
    for (const pod of this.pods) tallies.changed(this, pod, 1);
  }

  /** It is none of a snapshot any more. */
  leave(): void {
    for (const pod of this.pods) this.tallies?.changed(this, pod, -1);
    this.tallies = undefined;
  }

  get allowedPods(): number {
    return amountOf(this.allocatable, 'pods');
  }

  add(pod: PodInfo): void {
    this.pods.push(pod);
    addAmounts(this.requested, pod.requests);
    addAmounts(this.scoringRequested, pod.scoringRequests);
    this.recount(pod, 1);
    this.tallies?.changed(this, pod, 1);
  }

  /** How many of its pods count. */
  count(question: PodQuestion): number {
    const known = this.counted?.get(question);
    if (known !== undefined) return known;
    let count = 0;
    for (const pod of this.pods) if (question.counts(pod)) count++;
    this.counted ??= new Map();
    this.counted.set(question, count);
    return count;
  }

  private recount(pod: PodInfo, by: number): void {
    if (!this.counted) return;
    for (const [question, count] of this.counted) if (question.counts(pod)) this.counted.set(question, count + by);
  }

  remove(pod: PodInfo): void {
    if (!drop(this.pods, pod)) return;
    addAmounts(this.requested, pod.requests, -1);
    addAmounts(this.scoringRequested, pod.scoringRequests, -1);
    this.recount(pod, -1);
    this.tallies?.changed(this, pod, -1);
  }

  clone(): NodeInfo {
    const copy = new NodeInfo(this.node);
    for (const pod of this.pods) copy.add(pod);
    return copy;
  }
}

function drop(pods: PodInfo[], pod: PodInfo): boolean {
  const at = pods.indexOf(pod);
  if (at >= 0) pods.splice(at, 1);
  return at >= 0;
}
