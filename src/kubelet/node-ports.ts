/** What the kubelets stand on beside what they read. */
import type { BehaviourOf } from '../resources/core/pod/behaviour.ts';
import type { Runtime } from './runtime/pod-runtime.ts';

export interface NodePorts {
  /** What the cluster's rules say of a container. */
  behaviourOf: BehaviourOf;
  /** The DNS server's address. */
  clusterDNS: string;
  runtime: Runtime;
}
