/** exec and attach: what a client says over its channels, and what it is told. */
import type { Timers } from '../exchange.ts';
import { type ChannelProtocol, channelMessage, readChannelMessage } from './channel-protocol.ts';
import { endText } from './exit-status.ts';
import { JoinedClient, NORMAL, TOO_BIG } from './joined-client.ts';
import { SessionClient } from './session-client.ts';
import type { SessionSocket } from './session-wire.ts';

export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;

export interface CommandStreams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  command: readonly string[];
}

/** What a client may send of input to one command, bytes. */
export const MAX_INPUT_BYTES = 8 * 1024 * 1024;

/** Joins a client's socket and a session's. `cluster`: whose part of what sockets are sent it takes. */
export function joinCommand(
  socket: SessionSocket,
  session: SessionSocket,
  protocol: ChannelProtocol,
  streams: CommandStreams,
  { cluster, timers }: { cluster: string; timers: Timers },
): void {
  const machine = new SessionClient(session, timers);
  const client = new JoinedClient(socket, machine, cluster);
  const send = (channel: number, bytes: Uint8Array): void => client.send(channelMessage(protocol, channel, bytes));
  let input = 0;
  client.listen((data) => {
    const message = readChannelMessage(protocol, data);
    if (!message) return;
    if ('closed' in message) {
      if (message.closed === STDIN) machine.ask({ end: STDIN });
      return;
    }
    const { channel, bytes } = message;
    if (channel === RESIZE) resize(machine, bytes);
    else if (channel === STDIN && streams.stdin && bytes.length > 0) {
      input += bytes.length;
      if (input > MAX_INPUT_BYTES) client.leave(TOO_BIG, 'more was sent than may be');
      else machine.write(STDIN, bytes);
    }
  });
  // By an empty message the client sees that it is connected.
  send(streams.stdout ? STDOUT : streams.stderr ? STDERR : ERROR, new Uint8Array());
  machine.listen({
    data(channel, bytes) {
      if (channel === STDOUT ? streams.stdout : streams.stderr) send(channel, bytes);
    },
    over(end) {
      const text = end && endText(protocol, end, streams.command);
      if (text) send(ERROR, new TextEncoder().encode(text));
      client.leave(NORMAL, '');
    },
  });
}

/** Rows, and columns, of a terminal. */
export const MAX_SIZE = 65535;

function resize(machine: SessionClient, bytes: Uint8Array): void {
  let size: { Width?: unknown; Height?: unknown } | null;
  try {
    size = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return;
  }
  const isSize = (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SIZE;
  if (isSize(size?.Height) && isSize(size.Width)) machine.ask({ resize: { rows: size.Height, columns: size.Width } });
}
