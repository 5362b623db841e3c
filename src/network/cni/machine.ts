/** The machine that plugins find and change: files, the kernel's network, and what the library has cached. All of it is JSON. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { fail } from './errors.ts';

export interface LinkAddress {
  /** With its prefix. */
  address: string;
  broadcast?: string;
}

export interface Qdisc {
  kind: string;
  handle: string;
  root?: true;
  parent?: string;
  options: Record<string, number>;
}

export interface Link {
  name: string;
  type: string;
  mtu: number;
  mac: string;
  /** As it was set, whatever its peer or bridge does. */
  up: boolean;
  promisc?: boolean;
  allmulti?: boolean;
  txqlen?: number;
  master?: string;
  /** The other end: in which namespace, by its path or `host`, and its name there. */
  peer?: { netns: string; name: string };
  hairpin?: boolean;
  isolated?: boolean;
  addresses: LinkAddress[];
  qdiscs?: Qdisc[];
}

/** As `ip -j route` tells it: what has the usual value is left out. */
export interface KernelRoute {
  dst: string;
  gateway?: string;
  dev: string;
  table?: string;
  protocol?: string;
  scope?: string;
  prefsrc?: string;
  metric?: number;
}

export interface Namespace {
  links: Link[];
  routes: KernelRoute[];
}

/** Rules as `iptables-save` writes them, by table and chain. */
export type RuleTables = Record<string, Record<string, string[]>>;

export interface Filter {
  iptables?: RuleTables;
  ip6tables?: RuleTables;
  /** Lines of `nft -s list ruleset`. */
  nftables?: string[];
}

export interface Host extends Namespace {
  sysctls: Record<string, string>;
  filter: Filter;
}

export interface Network {
  host: Host;
  /** By path. One that is not here does not exist. */
  containers: Record<string, Namespace>;
}

export interface CachedAttachment {
  result: Record<string, unknown>;
  containerID: string;
  ifname: string;
  netns?: string;
  args?: string;
  capabilityArgs?: Record<string, unknown>;
}

export interface MachineState {
  /** Paths to texts. */
  files?: Record<string, string>;
  network?: Network;
  /** By NETWORK-CONTAINER-IFNAME. */
  cache?: Record<string, CachedAttachment>;
  /** Bridges whose hardware address a plugin has set, so that it is no longer that of a port. */
  pinned?: string[];
  /** How often names and hardware addresses were made up, by what for: none is made twice. */
  draws?: Record<string, number>;
  /** What plugins have written under /proc/sys of containers, by namespace and path. */
  containerSysctls?: Record<string, Record<string, string>>;
  /** What interfaces were before they were tuned, by container and interface: /run/cni/tuning. */
  tuned?: Record<string, Record<string, unknown>>;
}

/** A state under way. */
export interface Machine extends Required<MachineState> {
  work: WorkBudget;
}

export const FORWARDING = { 4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding' } as const;

export const newLoopback = (): Link => ({
  name: 'lo',
  type: 'loopback',
  mtu: 65536,
  mac: NO_MAC,
  up: false,
  addresses: [],
});

export const newNamespace = (): Namespace => ({ links: [newLoopback()], routes: [] });

export const NO_MAC = '00:00:00:00:00:00';

export const newNetwork = (): Network => ({
  host: { links: [], routes: [], sysctls: { [FORWARDING[4]]: '0', [FORWARDING[6]]: '0' }, filter: {} },
  containers: {},
});

/** Paths by which a plugin's process finds the namespace that it runs in itself. */
const OWN_NAMESPACE = /^\/proc\/(?:1|self|thread-self|self\/task\/\d+)\/ns\/net$/;

export const isOwnNamespace = (path: string): boolean => OWN_NAMESPACE.test(path);

/** undefined: there is none. */
export const namespaceAt = ({ network }: Machine, path: string): Namespace | undefined =>
  isOwnNamespace(path) ? network.host : Object.hasOwn(network.containers, path) ? network.containers[path] : undefined;

/** How links refer to a namespace. */
export const namespaceName = (path: string): string => (isOwnNamespace(path) ? 'host' : path);
export const namespaceNamed = ({ network }: Machine, name: string): Namespace | undefined =>
  name === 'host' ? network.host : Object.hasOwn(network.containers, name) ? network.containers[name] : undefined;

/** As `namespaceAt`. Throws `CNIError` where there is none. */
export const existingNamespace = (machine: Machine, path: string): Namespace =>
  namespaceAt(machine, path) ?? fail(`failed to Statfs ${JSON.stringify(path)}: no such file or directory`);
