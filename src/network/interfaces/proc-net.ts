/** Files below /proc/net, as the kernel prints them. */

import { dstOfRoute, familyOfRoute } from '../cni/kernel/routes.ts';
import type { KernelRoute } from '../cni/machine.ts';
import { FAMILY_BITS, type IP, readIP } from '../ip-addresses.ts';
import { lines } from './lines.ts';
import { isOfFamily, type NamespaceView } from './namespace-view.ts';

const right = (value: string | number, width: number): string => String(value).padStart(width);

const hexWord = (value: number): string => (value >>> 0).toString(16).toUpperCase().padStart(8, '0');
/** An address of IPv4 as the machine keeps it, whose first byte is the last. */
function hexAddress(value: bigint): string {
  const bytes = [0n, 8n, 16n, 24n].map((shift) => Number((value >> shift) & 255n));
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

export interface Traffic {
  bytes: number;
  packets: number;
}

/** What went over a device since it was made. */
export interface Counters {
  received: Traffic;
  sent: Traffic;
}

const DEV_HEAD = [
  'Inter-|   Receive                                                |  Transmit',
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
];
const RECEIVE_WIDTHS = [4, 4, 4, 5, 10, 9];
const SEND_WIDTHS = [4, 4, 4, 5, 7, 10];
const NO_TRAFFIC: Traffic = { bytes: 0, packets: 0 };

const half = ({ bytes, packets }: Traffic, first: number, widths: readonly number[]): string =>
  [right(bytes, first), right(packets, 7), ...widths.map((width) => right(0, width))].join(' ');

/** /proc/net/dev. `counters`: by the device's name. */
export function procDev({ interfaces }: NamespaceView, counters: Readonly<Record<string, Counters>> = {}): string {
  const told = interfaces.map(({ name }) => {
    const { received = NO_TRAFFIC, sent = NO_TRAFFIC } = counters[name] ?? {};
    return `${right(name, 6)}: ${half(received, 7, RECEIVE_WIDTHS)} ${half(sent, 8, SEND_WIDTHS)}`;
  });
  return lines([...DEV_HEAD, ...told]);
}

/** Lines of the routing table are filled up to this. */
const ROUTE_WIDTH = 127;
const ROUTE_HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const ROUTE_UP = 1;
const ROUTE_GATEWAY = 2;
const ROUTE_HOST = 4;

function routeLine(route: KernelRoute): string {
  const { ip, bits } = dstOfRoute(route);
  const host = BigInt(FAMILY_BITS[4] - bits);
  const mask = ((1n << 32n) - 1n) ^ ((1n << host) - 1n);
  const gateway: IP | undefined = route.gateway === undefined ? undefined : readIP(route.gateway);
  const flags = ROUTE_UP | (gateway ? ROUTE_GATEWAY : 0) | (bits === FAMILY_BITS[4] ? ROUTE_HOST : 0);
  const fields = [
    route.dev,
    hexAddress(ip.value),
    hexAddress(gateway?.value ?? 0n),
    flags.toString(16).toUpperCase().padStart(4, '0'),
    '0',
    '0',
    String(route.metric ?? 0),
    hexAddress(mask),
    '0',
    '0',
    '0',
  ];
  return fields.join('\t').padEnd(ROUTE_WIDTH);
}

/** /proc/net/route. */
export const procRoute = ({ routes }: NamespaceView): string =>
  lines([ROUTE_HEAD.padEnd(ROUTE_WIDTH), ...routes.filter((route) => familyOfRoute(route) === 4).map(routeLine)]);

const ARP_HEAD = 'IP address       HW type     Flags       HW address            Mask     Device';
const ARP_FLAGS = { REACHABLE: '0x2', STALE: '0x2', PERMANENT: '0x6' } as const;

/** /proc/net/arp. */
export const procArp = ({ neighbours }: NamespaceView): string =>
  lines([
    ARP_HEAD,
    ...neighbours
      .filter(({ address }) => isOfFamily(address, 4))
      .map(
        ({ address, mac, state, device }) =>
          `${address.padEnd(16)} 0x1         ${ARP_FLAGS[state].padEnd(12)}${mac}     *        ${device}`,
      ),
  ]);

const INET6_SCOPE = { host: '10', link: '20', global: '00' } as const;
const INET6_PERMANENT = '80';

/** /proc/net/if_inet6. */
export const procInet6 = ({ interfaces }: NamespaceView): string =>
  lines(
    interfaces.flatMap(({ name, index, addresses }) =>
      addresses
        .filter(({ net }) => net.ip.family === 6)
        .map(({ net, scope }) => {
          const number = [index, net.bits].map((value) => value.toString(16).padStart(2, '0'));
          const address = net.ip.value.toString(16).padStart(32, '0');
          return `${address} ${number.join(' ')} ${INET6_SCOPE[scope]} ${INET6_PERMANENT} ${right(name, 8)}`;
        }),
    ),
  );

/** States of a connection, by the kernel's numbers. */
export const TCP_STATES = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
} as const;

export interface TcpSocket {
  local: { address: string; port: number };
  remote: { address: string; port: number };
  state: keyof typeof TCP_STATES;
  uid: number;
  inode: number;
}

const UDP_WIDTH = 127;
const UDP_HEAD =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             ';
const UDP6_HEAD =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';

function datagramLine({ local, remote, state, uid, inode }: TcpSocket, slot: number, family: 4 | 6): string {
  const number = TCP_STATES[state].toString(16).toUpperCase().padStart(2, '0');
  const zero = hexWord(0);
  const ends = `${socketAddress(local, family)} ${socketAddress(remote, family)} ${number}`;
  return `${right(slot, 5)}: ${ends} ${zero}:${zero} 00:${zero} ${zero} ${right(uid, 5)} ${right(0, 8)} ${inode} 2 0000000000000000 0`.padEnd(
    UDP_WIDTH,
  );
}

/** /proc/net/udp, or with family 6 /proc/net/udp6. */
export const procUdp = (sockets: readonly TcpSocket[], family: 4 | 6 = 4): string =>
  lines([
    family === 4 ? UDP_HEAD : UDP6_HEAD,
    ...sockets
      .filter(({ local }) => isOfFamily(local.address, family))
      .map((socket, slot) => datagramLine(socket, slot, family)),
  ]);

const TCP_WIDTH = 149;
const TCP_HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const TCP6_HEAD =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

function socketAddress({ address, port }: TcpSocket['local'], family: 4 | 6): string {
  const value = readIP(address)?.value ?? 0n;
  const words = family === 4 ? [value] : [96n, 64n, 32n, 0n].map((shift) => (value >> shift) & 0xffffffffn);
  return `${words.map(hexAddress).join('')}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function socketLine({ local, remote, state, uid, inode }: TcpSocket, slot: number, family: 4 | 6): string {
  const number = TCP_STATES[state].toString(16).toUpperCase().padStart(2, '0');
  const zero = hexWord(0);
  const ends = `${socketAddress(local, family)} ${socketAddress(remote, family)} ${number}`;
  const tail = state === 'LISTEN' ? '100 0 0 10 0' : '20 4 30 10 -1';
  const rest = `${zero}:${zero} 00:${zero} ${zero} ${right(uid, 5)} ${right(0, 8)} ${inode} 1 0000000000000000 ${tail}`;
  return `${right(slot, 4)}: ${ends} ${rest}`.padEnd(TCP_WIDTH);
}

/** /proc/net/tcp, or with family 6 /proc/net/tcp6. */
export const procTcp = (sockets: readonly TcpSocket[], family: 4 | 6 = 4): string =>
  lines([
    (family === 4 ? TCP_HEAD : TCP6_HEAD).padEnd(family === 4 ? TCP_WIDTH : 0),
    ...sockets
      .filter(({ local }) => isOfFamily(local.address, family))
      .map((socket, slot) => socketLine(socket, slot, family)),
  ]);
