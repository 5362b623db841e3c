/**
 * How a cluster's object answers: for one life of it, with errors as values, and with what the answer cost. Whoever has asked more than the
 * object's budget is told with the answer for how long it is to be let alone.
 */
import type { Outcome, Proposal, ReadResult } from '../apiserver/storage/storage.ts';
import { readIfRoom } from '../etcd/bounded-read.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { RangeRequest } from '../etcd/types.ts';
import { podSandbox } from '../kubelet/runtime/pod-sandbox.ts';
import { UnknownEnd } from '../network/packet/ends.ts';
import { EndlessChains } from '../network/packet/run-chain.ts';
import type { TraceQuestion } from '../network/world/trace.ts';
import type { View } from '../objects/object.ts';
import type { SandboxView } from '../objects/sandbox-view.ts';
import type { PodView, TraceAnswer } from '../platform/bindings.ts';
import { type PageAnswer, pageOf, pageRange, type Spent } from '../platform/copies/cluster-state.ts';
import type { StoryAnswer, StoryQuestion } from '../platform/story/question.ts';
import { type LimitedWork, limitedWork, WorkExceeded } from '../simulation/work-budget.ts';
import { podAttachment } from './pod-attachment.ts';
import { resultOf } from './read-result.ts';
import type { Answer } from './rpc.ts';
import type { Running } from './running.ts';
import { answerStory } from './story-answers.ts';
import {
  logUnits,
  MAX_RULE_STEPS,
  proposalUnits,
  readUnits,
  resetUnits,
  rulesUnits,
  STORY_UNITS,
  type WorkBudget,
} from './work.ts';

/** What `work` makes of the cluster, if its life is still the one that is asked. */
export function answerOf<T>(
  running: Running | undefined,
  epoch: string,
  work: (running: Running, now: number) => T,
): Answer<T> {
  if (!running || running.life.epoch !== epoch) return { gone: true };
  try {
    return { value: work(running, running.cluster.now(Date.now())) };
  } catch (error) {
    if (error instanceof EtcdError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

function sandboxOf(reader: View, namespace: string, name: string): SandboxView | undefined {
  const pod = reader.get('pods', namespace, name);
  return pod && podSandbox(pod, reader.get('nodes', undefined, pod.spec.nodeName ?? ''));
}

/** Answers that cost what they took of the object's budget. */
export class Answering {
  readonly #work: WorkBudget;

  constructor(work: WorkBudget) {
    this.#work = work;
  }

  read(
    running: Running | undefined,
    epoch: string,
    ranges: RangeRequest[],
    allowed: number,
  ): Answer<ReadResult | { heavy: number }> {
    const answer = answerOf(running, epoch, ({ cluster }) => {
      const read = readIfRoom((range) => cluster.store.range(range), ranges, allowed);
      return 'heavy' in read ? read : resultOf(cluster, read);
    });
    const isRead = 'value' in answer && 'responses' in answer.value;
    return this.#spent(answer, isRead ? readUnits((answer.value as ReadResult).responses) : ranges.length);
  }

  /** What comes of a proposal that was handed over in this very turn of the event loop. */
  outcome(
    running: Running | undefined,
    proposed: Answer<Promise<Outcome | undefined> | Outcome>,
    proposal: Proposal,
  ): Promise<Answer<Outcome>> {
    return this.#outcome(proposed, proposalUnits(proposal, running?.hub.size ?? 0));
  }

  /** Apart, so that nobody who waits for a turn holds on to what was proposed. */
  async #outcome(answer: Answer<Promise<Outcome | undefined> | Outcome>, units: number): Promise<Answer<Outcome>> {
    if (!('value' in answer)) return this.#spent(answer, units);
    const value = await answer.value;
    if (!value) return { gone: true };
    return this.#spent({ value }, 'again' in value ? readUnits(value.again.responses) : units);
  }

  /** `epoch`: the life of which it is to be; another one has another state. */
  statePage(
    running: Running | undefined,
    { revision, from, limit, epoch }: { revision: number; from: string; limit: number; epoch: string },
  ): PageAnswer {
    const answer = answerOf(running, epoch, ({ cluster: { store } }, now) => ({
      epoch,
      ...pageOf(store.range(pageRange(revision, from, limit)), revision, now),
    }));
    if ('gone' in answer) return { ended: true };
    const page = 'value' in answer ? answer.value : { error: answer.error.message };
    return this.#withBusy(page, 'kvs' in page ? readUnits([page]) : 1);
  }

  /** `revisions`: how many were taken back. */
  reset(revisions: number): Spent<{ isDone: boolean }> {
    return this.#withBusy({ isDone: true }, resetUnits(revisions));
  }

  /** The rules that kube-proxy has on a node. */
  rules(running: Running | undefined, node: string): Spent<{ rules: string } | { error: string } | { unknown: true }> {
    const work = limitedWork(MAX_RULE_STEPS);
    const answer = rulesOf(running, node, work);
    return this.#withBusy(answer, rulesUnits(work.spent));
  }

  /** The calls of CNI for a pod, or what its node's container runtime holds of it, as JSON. */
  podView(
    running: Running | undefined,
    view: PodView,
    namespace: string,
    name: string,
  ): Spent<{ json: string } | { unknown: true }> {
    const reader = running?.cluster.reader();
    const found = reader && (view === 'calls' ? podAttachment : sandboxOf)(reader, namespace, name);
    return this.#withBusy(found ? { json: JSON.stringify(found) } : { unknown: true }, 1);
  }

  /** What of its past it is asked for. */
  story(running: Running | undefined, question: StoryQuestion): Spent<StoryAnswer> {
    const answer: StoryAnswer = running
      ? answerStory(running.cluster, question)
      : { unknown: 'there is no such cluster' };
    return this.#withBusy(answer, STORY_UNITS + logUnits('text' in answer ? answer.text.length : 0));
  }

  /** A connection that is tried out; why it cannot be. */
  trace(running: Running | undefined, question: TraceQuestion): Spent<TraceAnswer> {
    const work = limitedWork(MAX_RULE_STEPS);
    return this.#withBusy(traceOf(running, question, work), rulesUnits(work.spent));
  }

  #spent<T>(answer: Answer<T>, units: number): Answer<T> {
    return 'gone' in answer ? answer : this.#withBusy(answer, units);
  }

  #withBusy<T extends object>(answer: T, units: number): Spent<T> {
    const busyMs = this.#work.spend(units, Date.now());
    return busyMs > 0 ? { ...answer, busyMs } : answer;
  }
}

function rulesOf(
  running: Running | undefined,
  node: string,
  work: LimitedWork,
): { rules: string } | { error: string } | { unknown: true } {
  try {
    const rules = running?.cluster.network.iptables(node, work);
    return rules === undefined ? { unknown: true } : { rules };
  } catch (error) {
    if (error instanceof WorkExceeded) return { error: error.message };
    throw error;
  }
}

function traceOf(running: Running | undefined, question: TraceQuestion, work: LimitedWork): TraceAnswer {
  if (!running) return { error: 'there is no such cluster' };
  try {
    const { network } = running.cluster;
    return { trace: network.trace(question, running.cluster.now(Date.now()), work) };
  } catch (error) {
    if (error instanceof WorkExceeded || error instanceof UnknownEnd || error instanceof EndlessChains)
      return { error: error.message };
    throw error;
  }
}
