/**
 * Port-forwarding by channels: of each port that was named at the beginning two, its bytes and its error; the port stands first on both.
 * Source: k8s.io/cri-streaming/pkg/streaming/portforward/websocket.go.
 */
import { type ChannelProtocol, channelMessage, readChannelMessage } from './channel-protocol.ts';
import { type PortActions, type PortProtocol, portNumber } from './port-events.ts';

/** Ports that one request may name. */
export const MAX_NAMED_PORTS = 32;

/** The ports that a request's query names, or why it may not. */
export function namedPorts(query: URLSearchParams): readonly number[] | string {
  const given = query.getAll('ports');
  if (given.length === 0) return 'query parameter "port" is required';
  const ports = given.flatMap((text) => text.split(',')).map(portNumber);
  if (ports.includes(undefined)) return `unable to parse ${JSON.stringify(given.join(','))} as a port`;
  return ports.length > MAX_NAMED_PORTS ? `more than ${MAX_NAMED_PORTS} ports` : (ports as number[]);
}

type Send = (message: string | Uint8Array<ArrayBuffer>) => void;

export class PortChannels implements PortProtocol {
  readonly #protocol: ChannelProtocol;
  readonly #ports: readonly number[];
  readonly #actions: PortActions;
  readonly #send: Send;
  readonly #open = new Set<number>();
  readonly #over: () => void;

  /** `over` is told when none of the connections is left. */
  constructor(protocol: ChannelProtocol, ports: readonly number[], actions: PortActions, send: Send, over: () => void) {
    this.#protocol = protocol;
    this.#actions = actions;
    this.#send = send;
    this.#over = over;
    this.#ports = ports;
  }

  begin(): void {
    const ports = this.#ports;
    for (const [i, port] of ports.entries()) {
      this.#open.add(i);
      const littleEndian = Uint8Array.from([port & 0xff, port >> 8]);
      this.#tell(2 * i, littleEndian);
      this.#tell(2 * i + 1, littleEndian);
    }
    for (const [i, port] of ports.entries()) this.#actions.open(i, port);
  }

  received(message: string | ArrayBuffer): void {
    const read = readChannelMessage(this.#protocol, message);
    if (!read || 'closed' in read || read.channel % 2 === 1) return;
    const connection = read.channel / 2;
    if (this.#open.has(connection) && read.bytes.length > 0) this.#actions.write(connection, read.bytes);
  }

  data(connection: number, bytes: Uint8Array): void {
    this.#tell(2 * connection, bytes);
  }

  ended(connection: number): void {
    if (this.#open.delete(connection) && this.#open.size === 0) this.#over();
  }

  refused(connection: number, why: string): void {
    this.#tell(2 * connection + 1, new TextEncoder().encode(why));
    this.ended(connection);
  }

  #tell(channel: number, bytes: Uint8Array): void {
    this.#send(channelMessage(this.#protocol, channel, bytes));
  }
}
