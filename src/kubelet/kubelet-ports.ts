/** What the kubelets stand on beside what they read. */
import type { BehaviourOf } from '../resources/core/pod/behaviour.ts';
import type { PodWriter } from './pod-writer.ts';
import type { PodRuntime, Runtime } from './runtime/pod-runtime.ts';
import { Surround } from './runtime/surround.ts';

export interface KubeletPorts {
  /** What the cluster's rules say of a container. */
  behaviourOf: BehaviourOf;
  /** The DNS server's address. */
  clusterDNS: string;
  runtime: Runtime;
}

/** What runs of a pod; `podIP`: the address that it has, or is just being given. */
export function runtimeOf(
  { reader, pod, node, hostIP }: Pick<PodWriter, 'reader' | 'pod' | 'node' | 'hostIP'>,
  { runtime }: KubeletPorts,
  podIP = pod.status?.podIP ?? '',
): PodRuntime {
  return runtime.of(new Surround({ reader, pod, node, podIP, hostIP, signToken: runtime.signToken }));
}
