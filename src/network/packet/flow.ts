/** What one node's rules do to the first packet of a connection, whatever chance decides. */
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import { isLoopback } from '../ip-addresses.ts';
import { everyOutcome, type Outcome } from './chance.ts';
import { Conntrack } from './conntrack.ts';
import { Notes } from './notes.ts';
import { endpointText, type Packet, type PacketAddress, type Protocol, packetAddress } from './packet.ts';
import { hooksOf, type Passage, passHost, type RoutedHost } from './pass-host.ts';
import type { RuleSet } from './rule-set.ts';

/** A packet as flows are recorded. */
export interface FlowPacket {
  /** Who sends it; `node`: the node whose rules they are. */
  from?: string | undefined;
  src: string;
  to?: string | undefined;
  dst: string;
  dport: number;
  proto: Protocol;
}

export interface Flow<P extends FlowPacket = FlowPacket> {
  packet: P;
  /** `DNAT`: it goes on to one of the candidates; `ACCEPT`: it goes on as it is. */
  verdict: 'ACCEPT' | 'DNAT' | 'REJECT' | 'DROP';
  /** `address:port` that chance may choose, by their text. */
  candidates: string[];
  /** Whether its source becomes the node's; null: for some candidates only. */
  snat: boolean | null;
  snatCandidates?: string[];
}

/** An address that cannot be read. */
export class BadAddress extends Error {}

const SOURCE_PORT = 40_000;

export function readAddress(text: string): PacketAddress {
  const address = packetAddress(text);
  if (!address) throw new BadAddress(`"${text}" is not an address`);
  return address;
}

export function flowPacket(flow: FlowPacket): Packet {
  const source = readAddress(flow.src);
  const destination = readAddress(flow.dst);
  if (source.family !== destination.family) throw new BadAddress('src and dst are not of one family');
  return {
    protocol: flow.proto,
    source,
    sourcePort: SOURCE_PORT,
    destination,
    destinationPort: flow.dport,
    mark: 0,
    inInterface: '',
    outInterface: '',
  };
}

/** A node of which only its own addresses are known: all else is sent on, as in recorded flows. */
export function bareHost(ruleSets: readonly RuleSet[], addresses: readonly string[]): RoutedHost {
  const own = addresses.flatMap((text) => packetAddress(text) ?? []);
  const texts = new Set(own.map((address) => address.text));
  const isLocal = (address: PacketAddress): boolean => texts.has(address.text) || isLoopback(address);
  return {
    hooks: hooksOf(ruleSets),
    allLeave: true,
    addressType: (address) => (isLocal(address) ? 'local' : 'unicast'),
    sourceAddress: (_, destination) => own.find((address) => address.family === destination.family),
    route: ({ destination }) =>
      isLocal(destination) ? { to: 'local', outInterface: 'lo' } : { to: 'forward', outInterface: 'eth0' },
  };
}

/** Each way that chance can go with a fresh connection, with every rule that was met if `met`. */
export function passages(
  host: RoutedHost,
  packet: Packet,
  fromItself: boolean,
  work: WorkBudget = UNLIMITED_WORK,
  met = false,
): Outcome<Passage>[] {
  return everyOutcome(
    (chance) =>
      passHost(host, fromItself ? 'itself' : 'elsewhere', {
        packet: { ...packet },
        conntrack: new Conntrack(),
        notes: new Notes(),
        now: 0,
        chance,
        work,
        ...(met ? { met: [] } : {}),
      }),
    work,
  );
}

/** What the outcomes come to together. */
export function flowOf<P extends FlowPacket>(packet: P, outcomes: readonly Outcome<Passage>[]): Flow<P> {
  const through = outcomes.map(({ value }) => value).filter(({ verdict }) => verdict === 'accept');
  const translated = through.filter(({ translations }) => translations.dnat);
  if (through.length === 0) {
    const rejected = outcomes.some(({ value }) => value.verdict === 'reject');
    return { packet, verdict: rejected ? 'REJECT' : 'DROP', candidates: [], snat: false };
  }
  const reached = translated.length > 0 ? translated : through;
  const targetOf = (p: Passage): string => endpointText(p.packet.destination, p.packet.destinationPort);
  const targets = (of: Passage[]): string[] => [...new Set(of.map(targetOf))].sort();
  const masqueraded = reached.filter(({ translations }) => translations.snat);
  const flow: Flow<P> = {
    packet,
    verdict: translated.length > 0 ? 'DNAT' : 'ACCEPT',
    candidates: translated.length > 0 ? targets(translated) : [],
    snat: masqueraded.length === reached.length ? true : masqueraded.length === 0 ? false : null,
  };
  return flow.snat === null ? { ...flow, snatCandidates: targets(masqueraded) } : flow;
}
