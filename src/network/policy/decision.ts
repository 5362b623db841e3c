/** Whether policies let a connection through, and why. */
import type { CompiledPolicy, CompiledRule, Direction, PolicyPort } from './compiled-policy.ts';
import type { Subject } from './subjects.ts';

/** A rule by its policy and its place in it, from 1. */
export interface RuleOf {
  policy: string;
  rule: number;
}

export interface DirectionDecision {
  allowed: boolean;
  /** What always passes: a pod to itself, its node to a pod; and what has no policies: host-network pods, what is no pod. */
  exempt?: 'self' | 'node' | 'hostNetwork' | 'notAPod';
  /** The policies that select the pod in this direction. Without one all is allowed. */
  selectedBy: string[];
  allowedBy?: RuleOf;
  /** Where nothing allows it: what each rule of the policies is not about. */
  missed: (RuleOf & { because: 'peer' | 'port' })[];
}

export interface PolicyDecision {
  allowed: boolean;
  egress: DirectionDecision;
  ingress: DirectionDecision;
  /** Both directions in words. */
  reason: string;
}

export interface PolicyQuestion {
  from: Subject;
  to: Subject;
  port: PolicyPort;
}

export function decide(policies: readonly CompiledPolicy[], question: PolicyQuestion): PolicyDecision {
  const egress = decideDirection(policies, question, 'egress');
  const ingress = decideDirection(policies, question, 'ingress');
  return {
    allowed: egress.allowed && ingress.allowed,
    egress,
    ingress,
    reason: `${directionReason('egress', egress)}; ${directionReason('ingress', ingress)}`,
  };
}

/** Why policies are not asked at all; undefined: they are. */
export function exemption(
  { from, to }: Pick<PolicyQuestion, 'from' | 'to'>,
  direction: Direction,
): DirectionDecision['exempt'] {
  const { pod } = direction === 'egress' ? from : to;
  if (!pod) return 'notAPod';
  if (from.pod && from.pod === to.pod) return 'self';
  if (pod.hostNetwork) return 'hostNetwork';
  return direction === 'ingress' && from.node !== undefined && from.node === pod.node ? 'node' : undefined;
}

export function decideDirection(
  policies: readonly CompiledPolicy[],
  question: PolicyQuestion,
  direction: Direction,
): DirectionDecision {
  const exempt = exemption(question, direction);
  if (exempt) return { allowed: true, exempt, selectedBy: [], missed: [] };
  const { from, to, port } = question;
  const pod = (direction === 'egress' ? from : to).pod!;
  const peer = direction === 'egress' ? to : from;
  const selecting = policies.filter((policy) => policy[direction] && policy.selects(pod));
  const selectedBy = selecting.map((policy) => policy.key);
  const missed: DirectionDecision['missed'] = [];
  for (const policy of selecting) {
    for (const [index, rule] of policy[direction]!.entries()) {
      const of = { policy: policy.key, rule: index + 1 };
      const because = missOf(rule, peer, port, to);
      if (!because) return { allowed: true, selectedBy, allowedBy: of, missed: [] };
      missed.push({ ...of, because });
    }
  }
  return { allowed: selecting.length === 0, selectedBy, missed };
}

function missOf(rule: CompiledRule, peer: Subject, port: PolicyPort, to: Subject): 'peer' | 'port' | undefined {
  if (!rule.allowsPeer(peer)) return 'peer';
  return rule.allowsPort(port, to) ? undefined : 'port';
}

const EXEMPT: Record<NonNullable<DirectionDecision['exempt']>, string> = {
  self: 'a pod always reaches itself',
  node: "a pod's own node always reaches it",
  hostNetwork: 'policies do not apply to pods in the network of their node',
  notAPod: 'policies are about pods only',
};

/** In words that name no pod, so that they are the same for many. */
export function directionReason(direction: Direction, decision: DirectionDecision): string {
  const { exempt, allowedBy, selectedBy, missed } = decision;
  if (exempt) return `${direction}: ${EXEMPT[exempt]}`;
  if (selectedBy.length === 0) return `${direction}: allowed, no policy selects the pod`;
  if (allowedBy) return `${direction}: allowed by rule ${allowedBy.rule} of ${allowedBy.policy}`;
  if (missed.length === 0) return `${direction}: denied, ${selectedBy.join(', ')} selects the pod and has no rules`;
  const rules = missed.map(
    ({ policy, rule, because }) =>
      `rule ${rule} of ${policy} is not about this ${because === 'port' ? 'port' : peerWord(direction)}`,
  );
  return `${direction}: denied, ${rules.join(', ')}`;
}

const peerWord = (direction: Direction): string => (direction === 'ingress' ? 'source' : 'destination');
