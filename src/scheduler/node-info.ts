/** A node with the pods on it and the sums of what they ask for. */

import type { Node, Taint } from '../objects/generated/core-v1.gen.ts';
import { bare } from '../objects/own.ts';
import { type Amounts, addAmounts, amountOf, readAmounts } from './amounts.ts';
import { hasPodAffinity, type PodInfo } from './pod-info.ts';

/** What pods are counted by; one object for the same, so that a node counts them once. */
export interface PodQuestion {
  counts(pod: PodInfo): boolean;
}

export class NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly labelCount: number;
  readonly taints: Taint[];
  readonly allocatable: Amounts;
  readonly pods: PodInfo[] = [];
  /** Those with any inter-pod affinity rule. */
  readonly podsWithAffinity: PodInfo[] = [];
  readonly requested: Amounts = new Map();
  /** With the defaults that scoring assumes. */
  readonly scoringRequested: Amounts = new Map();
  /** How many of its pods count for what was asked, kept as they come and go. */
  private counted: Map<PodQuestion, number> | undefined;

  constructor(node: Node) {
    this.node = node;
    this.name = node.metadata.name;
    this.labels = bare(node.metadata.labels);
    this.labelCount = Object.keys(this.labels).length;
    this.taints = node.spec?.taints ?? [];
    this.allocatable = readAmounts(node.status?.allocatable);
  }

  get allowedPods(): number {
    return amountOf(this.allocatable, 'pods');
  }

  add(pod: PodInfo): void {
    this.pods.push(pod);
    if (hasPodAffinity(pod)) this.podsWithAffinity.push(pod);
    addAmounts(this.requested, pod.requests);
    addAmounts(this.scoringRequested, pod.scoringRequests);
    this.recount(pod, 1);
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
    drop(this.podsWithAffinity, pod);
    addAmounts(this.requested, pod.requests, -1);
    addAmounts(this.scoringRequested, pod.scoringRequests, -1);
    this.recount(pod, -1);
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
