/** Who reaches whom: every pod to every port of every pod. */
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import {
  type CompiledPolicy,
  type CompiledRule,
  compilePolicy,
  type Direction,
  type NamespaceLike,
  namespaceLabels,
  type PolicyLike,
  type PolicyPort,
} from './compiled-policy.ts';
import { type DirectionDecision, decideDirection, directionReason, exemption } from './decision.ts';
import { type PodLike, type PolicyPod, podSubject, policyPod, type Subject } from './subjects.ts';

export interface MatrixInput {
  pods: readonly PodLike[];
  namespaces: readonly NamespaceLike[];
  policies: readonly PolicyLike[];
  /** Asked of every pod; absent: the ports that its containers name, or any at all where they name none. */
  ports?: readonly PolicyPort[];
}

export interface Verdict {
  allowed: boolean;
  reason: string;
  egress: DirectionDecision;
  ingress: DirectionDecision;
}

export interface MatrixRow {
  /** `namespace/name`. */
  to: string;
  protocol: string;
  port: number;
  /** For each pod of `pods`, in their order, the place of its verdict in `verdicts`. */
  from: number[];
}

export interface Matrix {
  pods: string[];
  verdicts: Verdict[];
  rows: MatrixRow[];
}

/** Asked of a pod that names no port. */
export const ANY_PORT: PolicyPort = { protocol: 'TCP', port: 80 };

/** Policies that isolate a pod in one direction, with what each of their rules says of each pod. */
interface Isolation {
  rules: { rule: CompiledRule; peers: Uint8Array }[];
}

/** Throws `WorkExceeded`: a step is a pod that a rule is asked about, or a cell. */
export function policyMatrix(input: MatrixInput, work: WorkBudget = UNLIMITED_WORK): Matrix {
  const pods = input.pods.map(policyPod);
  const labels = namespaceLabels(input.namespaces);
  const policies = input.policies.map((policy) => compilePolicy(policy, labels));
  const peers = peersOf(pods, work);
  work.spend(pods.length * policies.length);
  const isolations = (direction: Direction): (Isolation | undefined)[] => {
    const known = new Map<string, Isolation>();
    return pods.map((pod) => isolation(pod, policies, direction, peers, known));
  };
  const verdicts = new Verdicts(pods, policies);
  const ingress = isolations('ingress');
  const egress = isolations('egress');
  const rows = pods.flatMap((pod, to) =>
    portsOf(pod, input.ports).map((port) => {
      work.spend(pods.length);
      const portsAllowed = rulePorts(port, pod);
      const into = (from: number) => codeOf(ingress[to], from, portsAllowed);
      const out = (from: number) => codeOf(egress[from], to, portsAllowed);
      const from = pods.map((_, place) =>
        verdicts.placeOf(
          verdicts.directionOf('egress', egress[place], out(place), { from: place, to, port }),
          verdicts.directionOf('ingress', ingress[to], into(place), { from: place, to, port }),
        ),
      );
      return { to: pod.key, protocol: port.protocol, port: port.port, from };
    }),
  );
  return { pods: pods.map((pod) => pod.key), verdicts: verdicts.list, rows };
}

function portsOf(pod: PolicyPod, asked: readonly PolicyPort[] | undefined): readonly PolicyPort[] {
  if (asked && asked.length > 0) return asked;
  return pod.ports.length > 0 ? pod.ports.map(({ protocol, port }) => ({ protocol, port })) : [ANY_PORT];
}

/** What a rule says of each pod, asked once a rule. */
function peersOf(pods: readonly PolicyPod[], work: WorkBudget): (rule: CompiledRule) => Uint8Array {
  const subjects = pods.map(podSubject);
  const known = new Map<CompiledRule, Uint8Array>();
  return (rule) => {
    const found = known.get(rule);
    if (found) return found;
    work.spend(pods.length);
    const peers = Uint8Array.from(subjects, (subject) => (rule.allowsPeer(subject) ? 1 : 0));
    known.set(rule, peers);
    return peers;
  };
}

/** Pods that the same policies select share what is known of them. */
function isolation(
  pod: PolicyPod,
  policies: readonly CompiledPolicy[],
  direction: Direction,
  peers: (rule: CompiledRule) => Uint8Array,
  known: Map<string, Isolation>,
): Isolation | undefined {
  const selecting = policies.filter((policy) => policy[direction] && policy.selects(pod));
  if (selecting.length === 0) return undefined;
  const key = selecting.map((policy) => policy.key).join(' ');
  const found = known.get(key) ?? {
    rules: selecting.flatMap((policy) => policy[direction]!.map((rule) => ({ rule, peers: peers(rule) }))),
  };
  known.set(key, found);
  return found;
}

/** Which rules are about a port of a pod, asked once for all who might send there. */
function rulePorts(port: PolicyPort, pod: PolicyPod): (isolation: Isolation) => boolean[] {
  const known = new Map<Isolation, boolean[]>();
  const to = podSubject(pod);
  return (isolation) => {
    const found = known.get(isolation) ?? isolation.rules.map(({ rule }) => rule.allowsPort(port, to));
    known.set(isolation, found);
    return found;
  };
}

/** What tells decisions of one isolation apart: the rule that allows, or which of the rules are about the peer. */
type Code = number | string;

const OPEN: Code = 'open';
/** So many rules fit into the bits of a number that is told from a rule's place by being negative. */
const RULES_IN_BITS = 30;

function codeOf(
  isolation: Isolation | undefined,
  peer: number,
  portsAllowed: (isolation: Isolation) => boolean[],
): Code {
  if (!isolation) return OPEN;
  const { rules } = isolation;
  const ports = portsAllowed(isolation);
  let mask = 0;
  for (let i = 0; i < rules.length; i++) {
    if (rules[i]!.peers[peer] === 0) continue;
    if (ports[i]) return i;
    mask |= 1 << i;
  }
  return rules.length <= RULES_IN_BITS ? -1 - mask : rules.map((rule) => rule.peers[peer]).join('');
}

interface Cell {
  from: number;
  to: number;
  port: PolicyPort;
}

/** Each verdict once, however many cells have it. It is made by the same decision that a single connection is. */
class Verdicts {
  readonly list: Verdict[] = [];
  readonly #senders: readonly Subject[];
  readonly #receivers: readonly Subject[];
  readonly #policies: readonly CompiledPolicy[];
  readonly #directions: { direction: Direction; decision: DirectionDecision }[] = [];
  readonly #known = new Map<Isolation | string, Map<Code, number>>();
  readonly #places = new Map<number, number>();

  constructor(pods: readonly PolicyPod[], policies: readonly CompiledPolicy[]) {
    this.#senders = pods.map(senderOf);
    this.#receivers = pods.map(podSubject);
    this.#policies = policies;
  }

  directionOf(direction: Direction, isolation: Isolation | undefined, code: Code, { from, to, port }: Cell): number {
    const ends = { from: this.#senders[from]!, to: this.#receivers[to]! };
    const exempt = exemption(ends, direction);
    const group = exempt ?? isolation ?? direction;
    const known = this.#known.get(group) ?? new Map<Code, number>();
    this.#known.set(group, known);
    const codeHere = exempt ? direction : code;
    const found = known.get(codeHere);
    if (found !== undefined) return found;
    const decision = decideDirection(this.#policies, { ...ends, port }, direction);
    known.set(codeHere, this.#directions.push({ direction, decision }) - 1);
    return this.#directions.length - 1;
  }

  placeOf(egressPlace: number, ingressPlace: number): number {
    const key = egressPlace * DIRECTIONS + ingressPlace;
    const found = this.#places.get(key);
    if (found !== undefined) return found;
    const egress = this.#directions[egressPlace]!.decision;
    const ingress = this.#directions[ingressPlace]!.decision;
    const reason = `${directionReason('egress', egress)}; ${directionReason('ingress', ingress)}`;
    this.list.push({ allowed: egress.allowed && ingress.allowed, reason, egress, ingress });
    this.#places.set(key, this.list.length - 1);
    return this.list.length - 1;
  }
}

/** More than there can be decisions of one direction. */
const DIRECTIONS = 2 ** 26;

/** A pod in the network of its node sends as the node. */
const senderOf = (pod: PolicyPod): Subject =>
  pod.hostNetwork ? { ...podSubject(pod), node: pod.node } : podSubject(pod);
