/** exec and attach: what a client says over its channels, and what it is told. */
import type { Timers } from '../exchange.ts';
import { SocketAllowance } from '../watch/socket-allowance.ts';
import { type ChannelProtocol, channelMessage, readChannelMessage } from './channel-protocol.ts';
import { endText } from './exit-status.ts';
import { SessionClient } from './session-client.ts';
import { begin, type SessionSocket } from './session-wire.ts';

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
const NORMAL = 1000;
const TOO_BIG = 1009;

/** Joins a client's socket and a session's. `cluster`: whose part of what sockets are sent it takes. */
export function joinCommand(
  client: SessionSocket,
  session: SessionSocket,
  protocol: ChannelProtocol,
  streams: CommandStreams,
  { cluster, timers }: { cluster: string; timers: Timers },
): void {
  const allowance = new SocketAllowance(cluster);
  const send = (channel: number, bytes: Uint8Array): void => {
    const message = channelMessage(protocol, channel, bytes);
    if (allowance.take(message.length)) client.send(message);
    else leave(TOO_BIG, 'more was written than may be');
  };
  const leave = (code: number, reason: string): void => {
    machine.close();
    client.close(code, reason);
  };
  const machine = new SessionClient(session, timers);
  let input = 0;
  client.addEventListener('message', ({ data }) => {
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
      if (input > MAX_INPUT_BYTES) leave(TOO_BIG, 'more was sent than may be');
      else machine.write(STDIN, bytes);
    }
  });
  const gone = (): void => {
    allowance.close();
    machine.close();
  };
  client.addEventListener('close', gone);
  client.addEventListener('error', gone);
  begin(client);
  // By an empty message the client sees that it is connected.
  send(streams.stdout ? STDOUT : streams.stderr ? STDERR : ERROR, new Uint8Array());
  machine.listen({
    data(channel, bytes) {
      if (channel === STDOUT ? streams.stdout : streams.stderr) send(channel, bytes);
    },
    over(end) {
      const text = end && endText(protocol, end, streams.command);
      if (text) send(ERROR, new TextEncoder().encode(text));
      leave(NORMAL, '');
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
