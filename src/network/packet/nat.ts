/** Translating the first packet of a connection, by which all its others are translated. */
import { endsOf, LOOPBACK, type PacketAddress } from './packet.ts';
import type { Statement, Translation } from './rule-set.ts';
import type { Walk } from './walk.ts';

type Nat = Extract<Statement, { statement: 'dnat' | 'snat' | 'masquerade' | 'redirect' }>;

/** Changes the packet and notes it in its connection. */
export function translate(walk: Walk, nat: Nat): void {
  const { packet, tracked } = walk;
  const { connection } = tracked;
  walk.translated = true;
  if (nat.statement === 'dnat' || nat.statement === 'redirect') {
    const to = nat.statement === 'dnat' ? nat.to : { ...redirection(walk), ...(nat.ports ? { ports: nat.ports } : {}) };
    packet.destination = chosen(to, packet.destination);
    if (to.ports) packet.destinationPort = portIn(to, packet.destinationPort);
    connection.dnat = true;
  } else {
    const to = nat.statement === 'snat' ? nat.to : masqueraded(walk);
    packet.source = chosen(to, packet.source);
    packet.sourcePort = to.ports ? portIn(to, packet.sourcePort) : walk.conntrack.freeSourcePort(packet);
    connection.snat = true;
  }
  connection.translated = endsOf(packet);
}

const toAddress = (address: PacketAddress): Translation => ({ addresses: { first: address, last: address } });

/** A host's own packets are redirected to loopback, others to the address that they came in by. */
function redirection({ packet, host, hook }: Walk): Translation {
  const own = hook === 'output' ? undefined : host.sourceAddress(packet.inInterface, packet.source);
  return toAddress(own ?? LOOPBACK[packet.destination.family]);
}

/** Without an address on the interface the kernel drops the packet; here it stays as it is, which no host of ours comes to. */
function masqueraded({ packet, host }: Walk): Translation {
  return toAddress(host.sourceAddress(packet.outInterface, packet.destination) ?? packet.source);
}

/** The address that the packet has where it is in the range, or else the first. */
function chosen({ addresses }: Translation, present: PacketAddress): PacketAddress {
  if (!addresses) return present;
  const { first, last } = addresses;
  return first.value <= present.value && present.value <= last.value ? present : first;
}

function portIn({ ports }: Translation, present: number): number {
  if (!ports) return present;
  return ports.first <= present && present <= ports.last ? present : ports.first;
}
