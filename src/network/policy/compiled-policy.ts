/** NetworkPolicies made ready to be asked: whom each selects, and whom each of its rules lets through. */
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../objects/generated/networking-v1.gen.ts';
import type { ObjectMeta, Unchecked } from '../../objects/object.ts';
import { type LabelSelector, type Labels, matchesLabelSelector } from '../../objects/selectors.ts';
import { type AddressRange, addressRange, isInRange } from '../packet/packet.ts';
import type { PolicyPod, Subject } from './subjects.ts';

export type PolicyLike = Pick<Unchecked<NetworkPolicy>, 'spec'> & { metadata: Pick<ObjectMeta, 'name' | 'namespace'> };
export type NamespaceLike = { metadata: Pick<ObjectMeta, 'name' | 'labels'> };

export type Direction = 'ingress' | 'egress';

/** What is asked: `TCP` port 80. */
export interface PolicyPort {
  protocol: string;
  port: number;
}

export interface CompiledRule {
  /** Whether it is about that peer. */
  allowsPeer(peer: Subject): boolean;
  /** Whether it is about the port, on the pod that is sent to. */
  allowsPort(port: PolicyPort, to: Subject): boolean;
}

export interface CompiledPolicy {
  /** `namespace/name`. */
  key: string;
  selects(pod: PolicyPod): boolean;
  /** Absent: it does not isolate in that direction. */
  ingress?: CompiledRule[];
  egress?: CompiledRule[];
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** The labels of each namespace; its name is always among them, as the API server puts it there. */
export function namespaceLabels(namespaces: readonly NamespaceLike[]): Map<string, Labels> {
  return new Map(
    namespaces.map(({ metadata }) => [metadata.name, { [NAME_LABEL]: metadata.name, ...(metadata.labels ?? {}) }]),
  );
}

export function compilePolicy(policy: PolicyLike, namespaces: ReadonlyMap<string, Labels>): CompiledPolicy {
  const namespace = policy.metadata.namespace ?? 'default';
  const spec = policy.spec ?? {};
  const types = spec.policyTypes ?? ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])];
  const peers = (list: Unchecked<NetworkPolicyPeer>[] | null | undefined) =>
    (list ?? []).map((peer) => compilePeer(peer, namespace, namespaces));
  // An absent selector is an empty one: it selects all pods of the namespace.
  const selector = (spec.podSelector ?? {}) as LabelSelector;
  return {
    key: `${namespace}/${policy.metadata.name}`,
    selects: (pod) => pod.namespace === namespace && !pod.hostNetwork && matchesLabelSelector(selector, pod.labels),
    ...(types.includes('Ingress')
      ? { ingress: (spec.ingress ?? []).map((rule) => compileRule(peers(rule.from), rule.ports ?? [])) }
      : {}),
    ...(types.includes('Egress')
      ? { egress: (spec.egress ?? []).map((rule) => compileRule(peers(rule.to), rule.ports ?? [])) }
      : {}),
  };
}

type PeerTest = (peer: Subject) => boolean;

/** No peers or no ports at all: the rule is about every one. */
function compileRule(peers: PeerTest[], ports: Unchecked<NetworkPolicyPort>[]): CompiledRule {
  return {
    allowsPeer: (peer) => peers.length === 0 || peers.some((test) => test(peer)),
    allowsPort: (port, to) => ports.length === 0 || ports.some((allowed) => isPort(allowed, port, to)),
  };
}

function compilePeer(
  peer: Unchecked<NetworkPolicyPeer>,
  namespace: string,
  namespaces: ReadonlyMap<string, Labels>,
): PeerTest {
  if (peer.ipBlock) return compileBlock(peer.ipBlock);
  const podSelector = peer.podSelector as LabelSelector | null | undefined;
  const namespaceSelector = peer.namespaceSelector as LabelSelector | null | undefined;
  return ({ pod }) => {
    if (!pod || pod.hostNetwork) return false;
    const inNamespace = namespaceSelector
      ? matchesLabelSelector(namespaceSelector, namespaces.get(pod.namespace) ?? { [NAME_LABEL]: pod.namespace })
      : pod.namespace === namespace;
    return inNamespace && (!podSelector || matchesLabelSelector(podSelector, pod.labels));
  };
}

/** Pods are known by their addresses too: a block that holds them lets them through. */
function compileBlock({ cidr, except }: NonNullable<Unchecked<NetworkPolicyPeer>['ipBlock']>): PeerTest {
  const ranges = (texts: (string | undefined)[]): AddressRange[] =>
    texts.flatMap((text) => addressRange(text ?? '') ?? []);
  const [block] = ranges([cidr]);
  const excepted = ranges(except ?? []);
  return ({ addresses }) =>
    block !== undefined &&
    addresses.some((address) => isInRange(block, address) && !excepted.some((range) => isInRange(range, address)));
}

/** A name stands for the port of that name on the pod that is sent to. */
function isPort(allowed: Unchecked<NetworkPolicyPort>, asked: PolicyPort, { pod }: Subject): boolean {
  if ((allowed.protocol ?? 'TCP') !== asked.protocol) return false;
  const { port, endPort } = allowed;
  if (port === undefined || port === null) return true;
  if (typeof port === 'string' && !/^\d+$/.test(port))
    return pod?.ports.some((p) => p.name === port && p.protocol === asked.protocol && p.port === asked.port) ?? false;
  const first = Number(port);
  return first <= asked.port && asked.port <= (endPort ?? first);
}
