/**
 * Connection tracking of one host: which packets belong together, and how they are translated. Only the first packet of a connection
 * is shown to nat chains; what they make of it holds for all others, and is undone for those that come back.
 */
import type { Packet, PacketAddress } from './packet.ts';
import type { ConnectionState } from './rule-set.ts';

type Ends = Pick<Packet, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

export interface Connection {
  /** As its first packet came. */
  original: Ends;
  /** As its first packet left: an answer has these ends the other way round. */
  translated: Ends;
  dnat: boolean;
  snat: boolean;
  /** Whether a packet came back. */
  answered: boolean;
}

export interface Tracked {
  connection: Connection;
  direction: 'original' | 'reply';
  state: ConnectionState;
  /** Whether a packet of it has passed before: it is translated as that was. */
  known: boolean;
}

const key = (
  source: PacketAddress,
  sourcePort: number,
  destination: PacketAddress,
  port: number,
  protocol: string,
): string => `${protocol} ${source.text} ${sourcePort} ${destination.text} ${port}`;

const forward = (e: Ends): string => key(e.source, e.sourcePort, e.destination, e.destinationPort, e.protocol);
const backward = (e: Ends): string => key(e.destination, e.destinationPort, e.source, e.sourcePort, e.protocol);

const endsOf = ({ protocol, source, sourcePort, destination, destinationPort }: Packet): Ends => ({
  protocol,
  source,
  sourcePort,
  destination,
  destinationPort,
});

const FIRST_FREE_PORT = 1024;
const PORTS = 65_536;

export class Conntrack {
  readonly #connections = new Map<string, Pick<Tracked, 'connection' | 'direction'>>();

  get size(): number {
    return this.#connections.size / 2;
  }

  /** The connection of a packet, which is a new one where none is known. */
  track(packet: Packet): Tracked {
    const known = this.#connections.get(forward(packet));
    if (!known) {
      const ends = endsOf(packet);
      const connection = { original: ends, translated: ends, dnat: false, snat: false, answered: false };
      return { connection, direction: 'original', state: 'new', known: false };
    }
    if (known.direction === 'reply') known.connection.answered = true;
    return { ...known, state: known.connection.answered ? 'established' : 'new', known: true };
  }

  /** Keeps a connection whose first packet has passed all hooks. */
  confirm(connection: Connection): void {
    this.#connections.set(forward(connection.original), { connection, direction: 'original' });
    this.#connections.set(backward(connection.translated), { connection, direction: 'reply' });
  }

  /** Source ports stay as they are unless another connection has the same ends. */
  freeSourcePort(packet: Packet): number {
    let port = packet.sourcePort;
    for (let tries = 0; tries < PORTS; tries++) {
      if (!this.#connections.has(backward({ ...endsOf(packet), sourcePort: port }))) return port;
      port = port + 1 < PORTS ? port + 1 : FIRST_FREE_PORT;
    }
    return port;
  }
}

/** What a known connection's translation makes of a packet's ends, at both manipulations; the packet is changed. */
export function translateDestination(
  packet: Packet,
  { connection, direction }: Pick<Tracked, 'connection' | 'direction'>,
): void {
  const ends = direction === 'original' ? connection.translated : connection.original;
  const [address, port] =
    direction === 'original' ? [ends.destination, ends.destinationPort] : [ends.source, ends.sourcePort];
  packet.destination = address;
  packet.destinationPort = port;
}

export function translateSource(
  packet: Packet,
  { connection, direction }: Pick<Tracked, 'connection' | 'direction'>,
): void {
  const ends = direction === 'original' ? connection.translated : connection.original;
  const [address, port] =
    direction === 'original' ? [ends.source, ends.sourcePort] : [ends.destination, ends.destinationPort];
  packet.source = address;
  packet.sourcePort = port;
}
