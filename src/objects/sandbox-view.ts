/** A pod as its node's container runtime holds it. */

export type NamespaceKind = 'net' | 'pid' | 'ipc' | 'uts' | 'mnt' | 'user';

export interface NamespaceView {
  kind: NamespaceKind;
  /** As `ls -l /proc/self/ns` shows it: `net:[4026532210]`. */
  id: string;
  /** Whose it is: the node's, the pod's, or one container's. */
  of: 'node' | 'pod' | 'container';
  /** The containers in it, `pause` too. */
  sharedBy: string[];
}

export interface ContainerView {
  name: string;
  kind: 'init' | 'sidecar' | 'container' | 'ephemeral';
  id?: string;
  image: string;
  state: 'waiting' | 'running' | 'terminated';
  attempt: number;
  startedAt?: string;
  finishedAt?: string;
  exitCode?: number;
}

export interface SandboxView {
  sandbox?: {
    id: string;
    image: string;
    state: 'ready' | 'notReady';
    createdAt: string;
    /** The path of its network namespace on the node; the node's own network has none. */
    netns?: string;
    ip?: string;
    runtime: string;
  };
  node: string;
  namespaces: NamespaceView[];
  /** In the order in which they are started. */
  containers: ContainerView[];
}
