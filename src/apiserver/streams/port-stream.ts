/** Port-forwarding: a client's protocol on one side, connections into the pod's machine on the other. */
import type { Timers } from '../exchange.ts';
import type { ChannelProtocol } from './channel-protocol.ts';
import { JoinedClient, NORMAL, PROTOCOL_ERROR } from './joined-client.ts';
import { PortChannels } from './port-channels.ts';
import type { PortActions, PortProtocol } from './port-events.ts';
import { PortSpdy } from './port-spdy.ts';
import { SessionClient, type SessionEvents } from './session-client.ts';
import type { SessionSocket } from './session-wire.ts';
import { SpdyError } from './spdy/frames.ts';

/** SPDY's bytes in binary messages, however they are cut. */
export const SPDY_TUNNEL = 'SPDY/3.1+portforward.k8s.io';

export interface ForwardedPod {
  /** What the kubelet says of a port at which nobody listens. */
  why(port: number): string;
}

/** `ports`: of the channel protocols alone. */
type How = { protocol: ChannelProtocol; ports: readonly number[] } | typeof SPDY_TUNNEL;

export function joinPorts(
  socket: SessionSocket,
  session: SessionSocket,
  how: How,
  pod: ForwardedPod,
  { cluster, timers }: { cluster: string; timers: Timers },
): void {
  const machine = new SessionClient(session, timers);
  const client = new JoinedClient(socket, machine, cluster);
  const over = (): void => client.leave(NORMAL, '');
  const ports = new Map<number, number>();
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
    over,
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
  const send = (message: string | Uint8Array<ArrayBuffer>): void => client.send(message);
  const protocol: PortProtocol =
    how === SPDY_TUNNEL
      ? new PortSpdy(actions, send, over)
      : new PortChannels(how.protocol, how.ports, actions, send, over);
  client.listen((data) => {
    try {
      protocol.received(data);
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      client.leave(PROTOCOL_ERROR, error.message);
    }
  });
  machine.listen(events);
  protocol.begin();
}
