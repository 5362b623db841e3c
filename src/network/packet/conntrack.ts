/**
 * Connection tracking of one host: which packets belong together, and how they are translated. Only the first packet of a connection
 * is shown to nat chains; what they make of it holds for all others, and is undone for those that come back.
 */
import { type Ends, endsOf, type Packet, reversed } from './packet.ts';
import type { ConnectionState } from './rule-set.ts';

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

type Known = Pick<Tracked, 'connection' | 'direction'>;

const forward = ({ protocol, source, sourcePort, destination, destinationPort }: Ends): string =>
  `${protocol} ${source.text} ${sourcePort} ${destination.text} ${destinationPort}`;
const backward = (ends: Ends): string => forward(reversed(ends));

const FIRST_FREE_PORT = 1024;
const PORTS = 65_536;

export class Conntrack {
  readonly #connections = new Map<string, Known>();

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

/** What a known connection's translation makes of the ends of a packet that goes one way or the other. */
const translated = ({ connection, direction }: Known): Ends =>
  direction === 'original' ? connection.translated : reversed(connection.original);

/** The packet is changed, here as below. */
export function translateDestination(packet: Packet, known: Known): void {
  const { destination, destinationPort } = translated(known);
  packet.destination = destination;
  packet.destinationPort = destinationPort;
}

export function translateSource(packet: Packet, known: Known): void {
  const { source, sourcePort } = translated(known);
  packet.source = source;
  packet.sourcePort = sourcePort;
}
