/** What a runtime is told of a pod when it attaches it: names, and ports of the host. */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { type Sandbox, sandboxOf } from '../../objects/sandbox.ts';

export interface PortMapping {
  hostPort: number;
  containerPort: number;
  protocol: string;
  hostIP: string;
}

export interface AttachedPod {
  namespace: string;
  name: string;
  uid: string;
  sandbox: Sandbox;
  /** Those that it has, in their order; none before it is attached. */
  addresses: readonly string[];
  portMappings: readonly PortMapping[];
}

type Container = Pod['spec']['containers'][number];

/** Containers and sidecars. */
function* servingContainers({ spec }: Pod): Generator<Container> {
  for (const container of spec.initContainers ?? []) if (container.restartPolicy === 'Always') yield container;
  yield* spec.containers;
}

/** As the kubelet hands them to the runtime; without a port of the host there is nothing to map. */
const portsOf = (pod: Pod): PortMapping[] =>
  [...servingContainers(pod)].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, containerPort, protocol, hostIP }) =>
      hostPort ? [{ hostPort, containerPort, protocol: (protocol ?? 'TCP').toLowerCase(), hostIP: hostIP ?? '' }] : [],
    ),
  );

export function hasHostPorts(pod: Pod): boolean {
  if (pod.spec.hostNetwork) return false;
  for (const { ports } of servingContainers(pod)) if (ports?.some(({ hostPort }) => hostPort)) return true;
  return false;
}

/** Whether a pod holds an address of its node's ranges. */
export const holdsAddress = ({ spec, status }: Pod): boolean =>
  status?.podIP !== undefined && !spec.hostNetwork && status.phase !== 'Succeeded' && status.phase !== 'Failed';

export function attachedPod(pod: Pod): AttachedPod {
  const { namespace = '', name, uid = '' } = pod.metadata;
  const ips: { ip?: string }[] = pod.status?.podIPs ?? [];
  return {
    namespace,
    name,
    uid,
    sandbox: sandboxOf(uid),
    addresses: ips.flatMap(({ ip }) => ip ?? []),
    portMappings: portsOf(pod),
  };
}

/** CNI_ARGS. */
export const argsOf = ({ namespace, name, uid, sandbox }: AttachedPod): string =>
  [
    'IgnoreUnknown=1',
    `K8S_POD_NAMESPACE=${namespace}`,
    `K8S_POD_NAME=${name}`,
    `K8S_POD_INFRA_CONTAINER_ID=${sandbox.id}`,
    `K8S_POD_UID=${uid}`,
  ].join(';');
