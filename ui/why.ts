/** Why an object is as it is, in few words: from its conditions, as the components have written them. */
import { type ApiObject, podState } from './model.ts';

const conditionOf = (object: ApiObject, type: string): any =>
  (object.status?.conditions ?? []).find((condition: any) => condition.type === type);

/** A node's reason as the scheduler writes it, and what is said here. */
const REASONS: [RegExp, (...parts: string[]) => string][] = [
  [/^Insufficient (.+)$/, (_, resource) => `not enough ${resource}`],
  [/^Too many pods$/, () => 'full of pods'],
  [/^node\(s\) had untolerated taints?(?:\(s\))?(?: \{([^:}]+).*\})?$/, (_, key) => (key ? `taint ${key}` : 'taint')],
  [/^node\(s\) were unschedulable$/, () => 'cordoned'],
  [/^node\(s\) didn't match Pod's node affinity\/selector$/, () => 'other labels'],
  [/^node\(s\) didn't have free ports/, () => 'port taken'],
  [/^node\(s\) didn't match pod anti-affinity rules$/, () => 'anti-affinity'],
  [/^node\(s\) didn't match pod affinity rules$/, () => 'affinity'],
  [/^node\(s\) didn't match pod topology spread constraints/, () => 'spread'],
];

function shortReason(reason: string): string {
  for (const [pattern, words] of REASONS) {
    const found = pattern.exec(reason);
    if (found) return words(...found);
  }
  return reason.replace(/^node\(s\) /, '');
}

/** `0/3 nodes are available: 2 Insufficient cpu, 1 node(s) had …. preemption: …` as `2 nodes: not enough cpu · 1: taint x`. */
export function shortFitMessage(message: string): string {
  const reasons = /^\d+\/\d+ nodes are available: (.*?)\.(?: preemption:.*)?$/s.exec(message)?.[1];
  if (reasons === undefined) return message;
  // Texts of taints have commas of their own.
  const parts = reasons.split(/, (?=\d+ )/).map((part) => /^(\d+) (.*)$/.exec(part));
  if (parts.some((part) => !part)) return reasons;
  const said = parts.map((part) => ({ count: Number(part![1]), words: shortReason(part![2]!) }));
  said.sort((a, b) => b.count - a.count);
  return said
    .map(({ count, words }, i) => `${count}${i > 0 ? '' : count === 1 ? ' node' : ' nodes'}: ${words}`)
    .join(' · ');
}

/** What keeps a pod from running, or has ended it; empty where all is well. */
export function whyOf(pod: ApiObject): string {
  const { status = {}, spec = {}, metadata } = pod;
  const { state } = podState(pod);
  if (state === 'terminating') {
    if (metadata.finalizers?.length) return `waits for ${metadata.finalizers.join(', ')}`;
    return metadata.deletionGracePeriodSeconds ? `has ${metadata.deletionGracePeriodSeconds} s to end` : 'ending';
  }
  if (state === 'pending') {
    const scheduled = conditionOf(pod, 'PodScheduled');
    if (scheduled?.reason === 'SchedulingGated')
      return `gated by ${(spec.schedulingGates ?? []).map((gate: any) => gate.name).join(', ')}`;
    return scheduled?.message ? shortFitMessage(scheduled.message) : 'no scheduler has looked at it yet';
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  if (state === 'failed') {
    const ended = containers.map((c: any) => c.state?.terminated ?? c.lastState?.terminated).find(Boolean);
    return status.message ?? (ended ? `${ended.reason}, exit ${ended.exitCode}` : (status.reason ?? ''));
  }
  if (state === 'starting') return containers.find((c: any) => c.state?.waiting?.message)?.state.waiting.message ?? '';
  if (state === 'unready') return conditionOf(pod, 'Ready')?.message ?? '';
  return '';
}

/** What keeps a deployment from its replicas: a quota, a deadline. */
export function whyNotAll(deployment: ApiObject): string {
  const failure = conditionOf(deployment, 'ReplicaFailure');
  if (failure?.status === 'True') return failure.message ?? failure.reason ?? '';
  const progressing = conditionOf(deployment, 'Progressing');
  return progressing?.status === 'False' ? (progressing.message ?? '') : '';
}
