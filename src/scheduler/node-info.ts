/** A node with the pods on it and the sums of what they ask for. */

import type { Node, Taint } from '../objects/generated/core-v1.gen.ts';
import { bare } from '../objects/own.ts';
import { Amounts, amountOf, readAmounts } from './amounts.ts';
import type { PodInfo } from './pod-info.ts';
import type { Place, PodQuestion, Tallies } from './tallies.ts';

export class NodeInfo implements Place {
  readonly node: Node;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly taints: Taint[];
  readonly allocatable: Amounts;
  readonly allowedPods: number;
  readonly pods: PodInfo[];
  readonly requested: Amounts;
  /** With the defaults that scoring assumes. */
  readonly scoringRequested: Amounts;
  /** How many of its pods count for what was asked, kept as they come and go. */
  private counted: Map<PodQuestion, number> | undefined;
  /** What it counts by together with the others of its snapshot. */
  private tallies: Tallies | undefined;

  /** `like`: another state of the same node, of which it has the pods. */
  constructor(node: Node, like?: NodeInfo) {
    this.node = node;
    this.name = node.metadata.name;
    this.labels = like?.labels ?? bare(node.metadata.labels);
    this.taints = like?.taints ?? node.spec?.taints ?? [];
    this.allocatable = like?.allocatable ?? readAmounts(node.status?.allocatable);
    this.allowedPods = like?.allowedPods ?? amountOf(this.allocatable, 'pods');
    this.pods = like ? [...like.pods] : [];
    this.requested = like?.requested.copy() ?? new Amounts();
    this.scoringRequested = like?.scoringRequested.copy() ?? new Amounts();
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

  add(pod: PodInfo): void {
    this.pods.push(pod);
    this.requested.add(pod.requests);
    this.scoringRequested.add(pod.scoringRequests);
    this.recount(pod, 1);
    this.tallies?.changed(this, pod, 1);
  }

  /** How many of its pods count. What is asked in passing is not kept: it would be counted on for good. */
  count(question: PodQuestion): number {
    const known = this.counted?.get(question);
    if (known !== undefined) return known;
    let count = 0;
    for (const pod of this.pods) if (question.counts(pod)) count++;
    if (question.isPassing) return count;
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
    this.requested.add(pod.requests, -1);
    this.scoringRequested.add(pod.scoringRequests, -1);
    this.recount(pod, -1);
    this.tallies?.changed(this, pod, -1);
  }

  clone(): NodeInfo {
    return new NodeInfo(this.node, this);
  }
}

function drop(pods: PodInfo[], pod: PodInfo): boolean {
  const at = pods.indexOf(pod);
  if (at >= 0) pods.splice(at, 1);
  return at >= 0;
}
