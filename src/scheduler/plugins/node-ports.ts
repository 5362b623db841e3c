import type { NodeInfo } from '../node-info.ts';
import type { Plugin } from '../plugin.ts';
import type { HostPort, PodInfo } from '../pod-info.ts';
import { unschedulable } from '../status.ts';

const ANY = '0.0.0.0';

const conflicts = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY || b.ip === ANY);

/** Whether a pod on the node has one of the host ports that this pod wants. */
export const portsAreTaken = (pod: PodInfo, node: NodeInfo): boolean =>
  node.pods.some((other) => other.hostPorts.some((b) => pod.hostPorts.some((a) => conflicts(a, b))));

/** A host port is one pod's a node. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  preFilter: ({ pod }) => (pod.hostPorts.length === 0 ? { skip: true } : undefined),
  filter({ pod, snapshot }, node) {
    for (const other of node.pods) snapshot.work.spend(1 + other.hostPorts.length * pod.hostPorts.length);
    return portsAreTaken(pod, node)
      ? unschedulable("node(s) didn't have free ports for the requested pod ports")
      : undefined;
  },
};
