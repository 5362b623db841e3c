/** Who sends and who is sent to, as network policies look at them: pods, nodes, and addresses of neither. */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { ObjectMeta, Unchecked } from '../../objects/object.ts';
import { type PacketAddress, packetAddress } from '../packet/packet.ts';

/** Of a pod as much as is looked at; what comes in a body may lack anything. */
export type PodLike = Pick<Unchecked<Pod>, 'spec' | 'status'> & {
  metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'labels'>;
};

export interface PolicyPod {
  /** `namespace/name`. */
  key: string;
  namespace: string;
  labels: Readonly<Record<string, string>>;
  addresses: PacketAddress[];
  /** The ports that its containers name. */
  ports: { name: string; port: number; protocol: string }[];
  /** Where it runs. */
  node: string;
  /** It has its node's addresses, so policies cannot tell it from the node: they do not apply to it. */
  hostNetwork: boolean;
}

/** One end of a connection: a pod, a node, or an address that is of neither. */
export interface Subject {
  pod?: PolicyPod;
  node?: string;
  addresses: readonly PacketAddress[];
}

const DEFAULT_NAMESPACE = 'default';

export function policyPod(pod: PodLike): PolicyPod {
  const { spec, status } = pod;
  const namespace = pod.metadata.namespace ?? DEFAULT_NAMESPACE;
  const texts = [...(status?.podIPs ?? []).map((ip) => ip.ip), status?.podIP];
  const addresses = [...new Set(texts)].flatMap((text) => (text ? (packetAddress(text) ?? []) : []));
  const containers = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always'),
  ];
  return {
    key: `${namespace}/${pod.metadata.name}`,
    namespace,
    labels: pod.metadata.labels ?? {},
    addresses,
    ports: containers.flatMap((container) =>
      (container.ports ?? []).flatMap(({ name, containerPort, protocol }) =>
        containerPort ? [{ name: name ?? '', port: containerPort, protocol: protocol ?? 'TCP' }] : [],
      ),
    ),
    node: spec?.nodeName ?? '',
    hostNetwork: spec?.hostNetwork ?? false,
  };
}

export const podSubject = (pod: PolicyPod): Subject => ({ pod, addresses: pod.addresses });
