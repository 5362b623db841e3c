/** The Node objects that kubelets would register: complete and Ready, so that a cluster's first reader finds them so. */

import { type EventText, newEvent, recordEvent } from '../controllers/events.ts';
import { nodePodCIDR } from '../network/attachment/node-addresses.ts';
import { eventName } from '../objects/events.ts';
import type { Node, NodeCondition } from '../objects/generated/core-v1.gen.ts';
import type { NodeSpec } from '../objects/node-spec.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { microTimestamp, timestamp } from '../objects/time.ts';
import type { Random } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';

interface NodesConfig {
  podCIDR: string;
  /** The cluster's time, milliseconds. */
  now: number;
  random: Random;
  /** Host numbers that other machines have. */
  taken?: ReadonlySet<number>;
}

const KUBELET_VERSION = 'v1.37.2';
/** What a node's system says of itself. */
export const NODE_FACTS = { kernelVersion: '6.12.48' };
const LEASE_SECONDS = 40;
const OS = 'linux';
const ARCHITECTURE = 'amd64';
/** The hosts' network; the first address is the router's. */
const HOST_NETWORK = '172.18';
const FIRST_HOST = 2;

export function initialNodes(nodes: NodeSpec[], config: NodesConfig): Node[] {
  let host = FIRST_HOST - 1;
  return nodes.map((spec, index) => {
    do host++;
    while (config.taken?.has(host));
    return nodeObject(spec, { index, host }, { ...config, nodes: nodes.length });
  });
}

/** The lease of each node, as its kubelet first took it. */
export const initialLeases = (nodes: Node[], config: NodesConfig): KubeObject[] =>
  nodes.map(({ apiVersion, kind, metadata }) => ({
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: {
      name: metadata.name,
      namespace: 'kube-node-lease',
      uid: config.random.uid(),
      creationTimestamp: timestamp(config.now),
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid as string }],
    },
    spec: {
      holderIdentity: metadata.name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTimestamp(config.now),
    },
  }));

/** What the kubelet of each node tells when it starts and finds all well. Models pkg/kubelet/kubelet_node_status.go and recordings. */
export const initialEvents = (nodes: Node[], config: NodesConfig): KubeObject[] =>
  nodes.flatMap((node) => {
    const { name } = node.metadata;
    const source = { component: 'kubelet', host: name };
    const now = (reason: string) => ({ reason, message: `Node ${name} status is now: ${reason}` });
    const unregistered = { ...node, metadata: { name } };
    const told: [KubeObject, EventText][] = [
      [unregistered, { reason: 'Starting', message: 'Starting kubelet.' }],
      [
        unregistered,
        { type: 'Warning', reason: 'InvalidDiskCapacity', message: 'invalid capacity 0 on image filesystem' },
      ],
      [unregistered, { reason: 'NodeAllocatableEnforced', message: 'Updated Node Allocatable limit across pods' }],
      [unregistered, now('NodeHasSufficientMemory')],
      [unregistered, now('NodeHasNoDiskPressure')],
      [unregistered, now('NodeHasSufficientPID')],
      [node, now('NodeReady')],
    ];
    return told.map(([about, text], i) => {
      const event = newEvent(about, source, text, config.now);
      const metadata = {
        // A millisecond before, so that it is none of the names of what follows at this instant.
        name: eventName(`${name}.`, config.now - 1, i),
        namespace: 'default',
        uid: config.random.uid(),
        creationTimestamp: timestamp(config.now),
      };
      return { ...event, metadata };
    });
  });

/** Whether pods may be scheduled to it, told when that has changed. */
export function schedulableEvent(reader: View, node: Node, now: number): Write<KubeObject> {
  const { name } = node.metadata;
  const reason = node.spec?.unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable';
  const text = { reason, message: `Node ${name} status is now: ${reason}` };
  return recordEvent(reader, node, { component: 'kubelet', host: name }, text, now);
}

function nodeObject(
  spec: NodeSpec,
  { index, host }: { index: number; host: number },
  config: NodesConfig & { nodes: number },
): Node {
  const at = timestamp(config.now);
  const podCIDR = nodePodCIDR(config.podCIDR, index, config.nodes);
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name: spec.name,
      uid: config.random.uid(),
      creationTimestamp: at,
      labels: {
        'beta.kubernetes.io/arch': ARCHITECTURE,
        'beta.kubernetes.io/os': OS,
        'kubernetes.io/arch': ARCHITECTURE,
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': OS,
        ...spec.labels,
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      ...(podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] }),
      ...(spec.taints.length > 0 ? { taints: spec.taints } : {}),
    },
    status: {
      capacity: spec.capacity,
      allocatable: spec.capacity,
      conditions: healthyConditions(at),
      addresses: [
        { type: 'InternalIP', address: `${HOST_NETWORK}.${host >> 8}.${host & 255}` },
        { type: 'Hostname', address: spec.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: config.random.uid().replaceAll('-', ''),
        systemUUID: config.random.uid(),
        bootID: config.random.uid(),
        kernelVersion: NODE_FACTS.kernelVersion,
        osImage: 'Debian GNU/Linux 13 (trixie)',
        containerRuntimeVersion: 'containerd://2.2.0',
        kubeletVersion: KUBELET_VERSION,
        kubeProxyVersion: '',
        operatingSystem: OS,
        architecture: ARCHITECTURE,
        swap: { capacity: 0 },
      },
      runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: true } }],
      features: { supplementalGroupsPolicy: true },
    },
  };
}

/** What a kubelet says of a node on which all is well. */
export function healthyConditions(at: string): NodeCondition[] {
  const made = (type: string, status: string, reason: string, message: string): NodeCondition => ({
    type,
    status,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
    reason,
    message,
  });
  return [
    made('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    made('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    made('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    made('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}
