/**
 * Whether a node takes a pod that is bound to it: what the scheduler looked at may have changed since, and a pod that names its node
 * never met the scheduler. A pod that is not taken is Failed for good. Models pkg/kubelet/lifecycle/predicate.go.
 */

import { isFinished } from '../../controllers/pods.ts';
import type { Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import { isExtendedResource } from '../../objects/resource-names.ts';
import { Amounts, amountOf } from '../../scheduler/amounts.ts';
import { NodeInfo } from '../../scheduler/node-info.ts';
import { matchesRequiredNodeAffinity } from '../../scheduler/plugins/node-affinity.ts';
import { portsAreTaken } from '../../scheduler/plugins/node-ports.ts';
import { lackedResources } from '../../scheduler/plugins/node-resources-fit.ts';
import { toleratesTaint } from '../../scheduler/plugins/taint-toleration.ts';
import { podInfo } from '../../scheduler/pod-info.ts';
import { isCritical, type Lack } from './preemption.ts';
import { sysctlFault } from './sysctls.ts';

export interface Rejection {
  reason: string;
  message: string;
  /** What is missing, if that is all that is wrong: room could be made. */
  lack?: Lack;
}

const OS = 'linux';
const OS_LABEL = 'kubernetes.io/os';

/** Pods that the node has taken and that are not over. `pods`: all that are bound to it. */
export const admitted = (pods: Pod[]): Pod[] => pods.filter((pod) => pod.status?.startTime && !isFinished(pod));

/** Why the node does not take the pod; undefined: it does. `others`: the pods that it has already. */
export function rejection(pod: Pod, node: Node, others: Pod[]): Rejection | undefined {
  const sysctl = sysctlFault(pod);
  if (sysctl) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${sysctl}` };
  return platformFault(pod, node) ?? predicateFault(pod, node, others);
}

function platformFault(pod: Pod, node: Node): Rejection | undefined {
  const wanted = pod.metadata.labels?.[OS_LABEL];
  if (wanted !== undefined && wanted !== OS)
    return {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    };
  if (pod.spec.os && pod.spec.os.name !== OS)
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  const strict = pod.spec.securityContext?.supplementalGroupsPolicy === 'Strict';
  if (strict && !node.status?.features?.supplementalGroupsPolicy)
    return {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    };
  return undefined;
}

/** Of all that is wrong the first is told, but for a critical pod, for which room is made if room is all that it lacks. */
function predicateFault(pod: Pod, node: Node, others: Pod[]): Rejection | undefined {
  const info = new NodeInfo(node);
  for (const other of others) info.add(podInfo(other));
  const wanted = podInfo(pod);
  const requests = new Amounts();
  for (const [name, amount] of wanted.requests)
    if (!isExtendedResource(name) || info.allocatable.has(name)) requests.set(name, amount);
  const lack: Lack = new Map();
  const faults: Rejection[] = lackedResources({ ...wanted, requests }, info).map((name) => {
    const isPods = name === 'pods';
    const requested = isPods ? 1 : amountOf(requests, name);
    const used = isPods ? info.pods.length : amountOf(info.requested, name);
    const capacity = amountOf(info.allocatable, name);
    lack.set(name, requested - (capacity - used));
    return {
      reason: `OutOf${name}`,
      message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
    };
  });
  const predicate = (reason: string, words: string): void => {
    faults.push({ reason, message: `Predicate ${reason} failed: ${words}` });
  };
  if (!matchesRequiredNodeAffinity(pod, info))
    predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (portsAreTaken(wanted, info)) predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  if (info.taints.some((taint) => taint.effect === 'NoExecute' && !toleratesTaint(pod, taint)))
    predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  if (!isCritical(pod) || lack.size === 0) return faults[0];
  return faults[lack.size] ?? { ...faults[0]!, lack };
}
