/** Port-forwarding: a client's protocol on one side, connections into the pod's machine on the other. */
import type { Timers } from '../exchange.ts';
import { SocketAllowance } from '../watch/socket-allowance.ts';
import type { ChannelProtocol } from './channel-protocol.ts';
import { PortChannels } from './port-channels.ts';
import type { PortActions, PortProtocol } from './port-events.ts';
import { PortSpdy } from './port-spdy.ts';
import { SessionClient, type SessionEvents } from './session-client.ts';
import { begin, type SessionSocket } from './session-wire.ts';
import { SpdyError } from './spdy/frames.ts';

/** SPDY's bytes in binary messages, however they are cut. */
export const SPDY_TUNNEL = 'SPDY/3.1+portforward.k8s.io';

const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;

/** `ports`: of the channel protocols alone. `why`: what the kubelet says of a port at which nobody listens. */
export interface ForwardedPod {
  why(port: number): string;
}

type How = { protocol: ChannelProtocol; ports: readonly number[] } | typeof SPDY_TUNNEL;

export function joinPorts(
  client: SessionSocket,
  session: SessionSocket,
  how: How,
  pod: ForwardedPod,
  { cluster, timers }: { cluster: string; timers: Timers },
): void {
  const allowance = new SocketAllowance(cluster);
  const leave = (code: number, reason: string): void => {
    machine.close();
    client.close(code, reason);
  };
  const send = (message: string | Uint8Array<ArrayBuffer>): void => {
    if (allowance.take(message.length)) client.send(message);
    else leave(TOO_BIG, 'more was sent than may be');
  };
  const ports = new Map<number, number>();
  const machine = new SessionClient(session, timers);
  const events: SessionEvents = {
    data: (connection, bytes) => protocol.data(connection, bytes),
    ended: (connection) => {
      ports.delete(connection);
      protocol.ended(connection);
    },
    refused: (connection) => {
      const port = ports.get(connection) ?? 0;
      ports.delete(connection);
      protocol.refused(connection, pod.why(port));
    },
    over: () => leave(NORMAL, ''),
  };
  const actions: PortActions = {
    open: (connection, port) => {
      ports.set(connection, port);
      machine.ask({ open: connection, port });
    },
    write: (connection, bytes) => machine.write(connection, bytes),
    end: (connection) => machine.ask({ end: connection }),
    close: (connection) => {
      ports.delete(connection);
      machine.ask({ close: connection });
    },
  };
  const over = (): void => leave(NORMAL, '');
  const protocol: PortProtocol =
    how === SPDY_TUNNEL
      ? new PortSpdy(actions, send, over)
      : new PortChannels(how.protocol, how.ports, actions, send, over);
  client.addEventListener('message', ({ data }) => {
    try {
      protocol.received(data);
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      leave(PROTOCOL_ERROR, error.message);
    }
  });
  const gone = (): void => {
    allowance.close();
    machine.close();
  };
  client.addEventListener('close', gone);
  client.addEventListener('error', gone);
  begin(client);
  machine.listen(events);
  protocol.begin();
}
