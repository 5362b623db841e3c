/** What `ip address` and `ip link` print of a namespace, as iproute2 and busybox have it. */
import { printNet } from '../ip-addresses.ts';
import { lines } from './lines.ts';
import type { InterfaceAddress, NamespaceView, NetworkInterface } from './namespace-view.ts';

/** Whose program is asked. */
export type Dialect = 'iproute2' | 'busybox';

export interface AddressQuery {
  dialect?: Dialect;
  /** Of addresses: only of this family. */
  family?: 4 | 6;
  /** `ip addr show eth0`. */
  device?: string;
}

const NAME_WIDTH = 16;
const STATE_WIDTH = 14;
const LOOPBACK_BROADCAST = '00:00:00:00:00:00';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

const shown = ({ interfaces }: NamespaceView, device?: string): NetworkInterface[] =>
  device === undefined ? interfaces : interfaces.filter(({ name }) => name === device);

const peerName = ({ peer }: NetworkInterface): string => (peer ? `@if${peer.index}` : '');

function flagsOf({ kind, isUp, isPromiscuous, state }: NetworkInterface, hasUnknownPeer = false): string {
  const flags = kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST'];
  if (isPromiscuous) flags.push('PROMISC');
  if (isUp) flags.push('UP', ...(state === 'DOWN' ? [] : ['LOWER_UP']));
  if (hasUnknownPeer) flags.push('M-DOWN');
  return `<${flags.join(',')}>`;
}

/** The first line of a device. `mode`: of `ip link`, which tells it. */
function headLine(one: NetworkInterface, dialect: Dialect, mode: string): string {
  const { index, name, mtu, qdisc, master, state, queueLength } = one;
  const isBusybox = dialect === 'busybox';
  const of = master === undefined ? '' : ` master ${master}`;
  const what = `${index}: ${name}${peerName(one)}: ${flagsOf(one, isBusybox && one.peer !== undefined)} mtu ${mtu}`;
  if (isBusybox) return `${what} qdisc ${qdisc}${of} ${queueLength > 0 ? `qlen ${queueLength}` : ''}`;
  return `${what} qdisc ${qdisc}${of} state ${state}${mode} group default qlen ${queueLength}`;
}

const peerNamespace = ({ peer }: NetworkInterface): string =>
  peer ? (peer.netns === undefined ? ' link-netnsid 0' : ` link-netns ${peer.netns}`) : '';

function linkLine(one: NetworkInterface, dialect: Dialect): string {
  const { kind, mac } = one;
  const isLoopback = kind === 'loopback';
  const type = isLoopback ? 'loopback' : 'ether';
  const broadcast = isLoopback ? LOOPBACK_BROADCAST : BROADCAST;
  return `    link/${type} ${mac} brd ${broadcast}${dialect === 'busybox' ? '' : peerNamespace(one)}`;
}

function addressLines({ net, broadcast, scope }: InterfaceAddress, { name }: NetworkInterface): string[] {
  const isV4 = net.ip.family === 4;
  const of = broadcast === undefined ? '' : ` brd ${broadcast}`;
  // An address of IPv6 has no label, but the space before it.
  const words = `    ${isV4 ? 'inet' : 'inet6'} ${printNet(net)}${of} scope ${scope} ${isV4 ? name : ''}`;
  return [words, '       valid_lft forever preferred_lft forever'];
}

const ofFamily = (one: NetworkInterface, family?: 4 | 6): InterfaceAddress[] =>
  one.addresses.filter(({ net }) => family === undefined || net.ip.family === family);

/** `ip addr`. */
export function ipAddress(view: NamespaceView, { dialect = 'iproute2', family, device }: AddressQuery = {}): string {
  return lines(
    shown(view, device).flatMap((one) => {
      const addresses = ofFamily(one, family);
      if (family === undefined)
        return [
          headLine(one, dialect, ''),
          linkLine(one, dialect),
          ...addresses.flatMap((address) => addressLines(address, one)),
        ];
      if (addresses.length === 0) return [];
      const head = `${headLine(one, dialect, '')}${dialect === 'busybox' ? '' : peerNamespace(one)}`;
      return [head, ...addresses.flatMap((address) => addressLines(address, one))];
    }),
  );
}

/** `ip link`. */
export const ipLink = (view: NamespaceView, { dialect = 'iproute2', device }: AddressQuery = {}): string =>
  lines(shown(view, device).flatMap((one) => [headLine(one, dialect, ' mode DEFAULT'), linkLine(one, dialect)]));

/** `ip -o addr`: each address on a line, whose backslash stands for where one would end. */
export function ipOneLineAddress(view: NamespaceView, { family, device }: AddressQuery = {}): string {
  return lines(
    shown(view, device).flatMap((one) =>
      ofFamily(one, family).map((address) => `${one.index}: ${one.name}${addressLines(address, one).join('\\')}`),
    ),
  );
}

/** `ip -o link`. */
export const ipOneLineLink = (view: NamespaceView, { device }: AddressQuery = {}): string =>
  lines(
    shown(view, device).map((one) => `${headLine(one, 'iproute2', ' mode DEFAULT')}\\${linkLine(one, 'iproute2')}`),
  );

const briefHead = (one: NetworkInterface): string =>
  `${`${one.name}${peerName(one)}`.padEnd(NAME_WIDTH)} ${one.state.padEnd(STATE_WIDTH)} `;

/** `ip -br addr`. */
export function ipBriefAddress(view: NamespaceView, { family, device }: AddressQuery = {}): string {
  const told = shown(view, device).filter((one) => family === undefined || ofFamily(one, family).length > 0);
  return lines(
    told.map(
      (one) =>
        `${briefHead(one)}${ofFamily(one, family)
          .map(({ net }) => `${printNet(net)} `)
          .join('')}`,
    ),
  );
}

/** `ip -br link`. */
export const ipBriefLink = (view: NamespaceView, { device }: AddressQuery = {}): string =>
  lines(shown(view, device).map((one) => `${briefHead(one)}${one.mac} ${flagsOf(one)} `));
