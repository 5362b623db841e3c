/** Whether a match holds for a packet. */
import { isInRange, type Packet, type PacketAddress, type PortRange } from './packet.ts';
import type { AddressSet, Field, Match, Recent } from './rule-set.ts';
import type { Walk } from './walk.ts';

export const holds = (match: Match, walk: Walk): boolean => isTrue(match, walk) !== (match.not ?? false);

function isTrue(match: Match, walk: Walk): boolean {
  const { packet } = walk;
  switch (match.match) {
    case 'address': {
      const address = packet[match.side];
      return match.ranges.some((range) => isInRange(range, address));
    }
    case 'protocol':
      return match.protocols.includes(packet.protocol);
    case 'family':
      return packet.destination.family === match.family;
    case 'port':
      return hasPorts(packet) && portsOf(packet, match.side).some((port) => match.ranges.some(isPortIn(port)));
    case 'interface': {
      const name = match.side === 'in' ? packet.inInterface : packet.outInterface;
      return match.names.some((n) => (n.prefix ? name.startsWith(n.name) : name === n.name));
    }
    case 'mark':
      return match.values.includes((packet.mark & match.mask) >>> 0);
    case 'state':
      return match.states.some((state) => hasState(state, walk));
    case 'addressType':
      return match.types.includes(walk.host.addressType(packet[match.side]));
    case 'random':
      return walk.chance.happens(match.probability);
    case 'recent':
      return wasSeen(match.recent, walk);
    case 'set':
      return isMember(match.fields, match.set, walk);
    case 'always':
      return true;
  }
}

const isPortIn =
  (port: number) =>
  ({ first, last }: PortRange): boolean =>
    first <= port && port <= last;

const hasPorts = ({ protocol }: Packet): boolean => protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp';

function portsOf(packet: Packet, side: 'source' | 'destination' | 'either'): number[] {
  if (side === 'source') return [packet.sourcePort];
  return side === 'destination' ? [packet.destinationPort] : [packet.sourcePort, packet.destinationPort];
}

function hasState(state: string, { tracked }: Walk): boolean {
  if (tracked.state === 'untracked') return state === 'untracked';
  if (state === 'dnat') return tracked.connection.dnat;
  if (state === 'snat') return tracked.connection.snat;
  return tracked.state === state;
}

/** `recent` looks an address up and, but for `rcheck`, changes its list. */
function wasSeen(recent: Recent, { packet, notes, now }: Walk): boolean {
  const list = `recent ${recent.name}`;
  const address = packet[recent.side].text;
  const seen = recent.command === 'set' || notes.has(list, address, now, recent.seconds);
  if (recent.command === 'set' || (recent.command === 'update' && seen)) notes.note(list, address, now);
  if (recent.command === 'remove' && seen) notes.forget(list, address);
  return seen;
}

export const setList = (set: AddressSet): string => `set ${set.name}`;

export function fieldKey(fields: readonly Field[], packet: Packet): string {
  return fields.length === 1
    ? fieldText(fields[0]!, packet)
    : fields.map((field) => fieldText(field, packet)).join(' . ');
}

function fieldText(field: Field, packet: Packet): string {
  switch (field.of) {
    case 'address':
      return packet[field.side].text;
    case 'port':
      return String(field.side === 'source' ? packet.sourcePort : packet.destinationPort);
    case 'protocol':
      return packet.protocol;
    case 'mark':
      return String(packet.mark);
    case 'interface':
      return field.side === 'in' ? packet.inInterface : packet.outInterface;
  }
}

function isMember(fields: readonly Field[], set: AddressSet, { packet, notes, now }: Walk): boolean {
  const key = fieldKey(fields, packet);
  if (set.keys.has(key)) return true;
  if (set.dynamic && notes.has(setList(set), key, now, set.dynamic.seconds)) return true;
  const [field] = fields;
  if (field?.of === 'address') return set.ranges.some((range) => isInRange(range, packet[field.side] as PacketAddress));
  return field?.of === 'port' && set.ports.some(isPortIn(Number(key)));
}
