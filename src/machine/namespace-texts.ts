/** What the kernel tells of a pod's network namespace, in the forms in which programs print it and files of /proc/net have it. */

export interface NetworkDevice {
  name: string;
  isLoopback: boolean;
  mac: string;
  mtu: number;
  queueLength: number;
  isUp: boolean;
  addresses: { address: string; bits: number; family: 4 | 6; broadcast?: string; scope: string }[];
}

export interface DeviceQuery {
  /** Whose program prints. */
  dialect: IpDialect;
  form: 'long' | 'brief' | 'oneline';
  family?: 4 | 6 | undefined;
  device?: string | undefined;
}

export type IpDialect = 'iproute2' | 'busybox';

export interface SocketFacts {
  local: { address: string; port: number };
  remote: { address: string; port: number };
  state: 'ESTABLISHED' | 'LISTEN' | 'CLOSE';
  uid: number;
  inode: number;
}

export type SocketFile = 'tcp' | 'tcp6' | 'udp' | 'udp6';

export interface NamespaceTexts {
  devices: readonly NetworkDevice[];
  /** `ip address`. */
  addresses(query: DeviceQuery): string;
  /** `ip link`. */
  links(query: DeviceQuery): string;
  /** `ip route`. */
  routes(family: 4 | 6, dialect: IpDialect): string;
  /** `ip route get`; undefined: there is no way to it. */
  routeTo(address: string): string | undefined;
  /** `ip neigh`. */
  neighbours(family: 4 | 6 | undefined, dialect: IpDialect): string;
  /** `bridge fdb`. */
  forwarding(): string;
  /** A file of /proc/net. */
  file(name: 'dev' | 'route' | 'arp' | 'if_inet6'): string;
  /** One of its files of sockets. */
  socketFile(name: SocketFile, sockets: readonly SocketFacts[]): string;
}
