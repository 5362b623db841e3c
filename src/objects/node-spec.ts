/** A node that a cluster is made with. */
export interface NodeSpec {
  name: string;
  /** Quantities by resource name, e.g. `{cpu: '16', memory: '64Gi', pods: '500'}`. */
  capacity: Record<string, string>;
  labels: Record<string, string>;
  taints: { key: string; value?: string | undefined; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[];
}
