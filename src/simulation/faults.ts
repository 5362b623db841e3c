/** What is broken in a cluster, on purpose: plain data, that says of each part what has become of it. */

/** A process that is killed is not there until it is healed; a paused one keeps its memory and its connections, and does nothing. */
export type Break = 'killed' | 'paused';

export interface Broken {
  how: Break;
  /** The cluster's time when it broke, milliseconds since 1970. */
  since: number;
}

/** Of all links of a member, or of those between two. */
export interface BadLink {
  between: string[];
  /** Milliseconds that a message takes longer, and how many of a hundred are lost. */
  delay?: number;
  loss?: number;
}

export interface BadDisk {
  /** Milliseconds that a write takes. */
  slow?: number;
  full?: boolean;
}

export interface Faults {
  nodes: Record<string, Broken>;
  /** etcd's members, by name. */
  members: Record<string, Broken>;
  /** Parts of a control plane, by their static pods: `kube-scheduler-cp-1`. */
  components: Record<string, Broken>;
  /** Members of different groups do not hear of each other; empty: all do. */
  partition: string[][];
  links: BadLink[];
  disks: Record<string, BadDisk>;
  /** How many times as fast as it should a member's clock goes. */
  clocks: Record<string, number>;
}

export const noFaults = (): Faults => ({
  nodes: {},
  members: {},
  components: {},
  partition: [],
  links: [],
  disks: {},
  clocks: {},
});

export const isWell = ({ nodes, members, components, partition, links, disks, clocks }: Faults): boolean =>
  [nodes, members, components, disks, clocks].every((broken) => Object.keys(broken).length === 0) &&
  partition.length === 0 &&
  links.length === 0;
