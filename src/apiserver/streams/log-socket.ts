/**
 * A log, or another text that has no end yet, over a WebSocket: an empty message first, then what comes, then the end.
 * Source: k8s.io/streaming/pkg/httpstream/wsstream (stream.go).
 */
import { encodeBase64 } from '../../simulation/base64.ts';
import { SocketAllowance } from '../watch/socket-allowance.ts';
import { NORMAL, TOO_BIG } from './joined-client.ts';
import { begin, type SessionSocket } from './session-wire.ts';

/** Subprotocols of readers by their names: whether bytes go as base64. */
const PROTOCOLS: ReadonlyMap<string, boolean> = new Map([
  ['', false],
  ['binary.k8s.io', false],
  ['base64.binary.k8s.io', true],
]);

/** The first of those offered that a reader may speak. */
export const readerProtocol = (offered: readonly string[]): string | undefined =>
  offered.find((name) => PROTOCOLS.has(name));

/** Sends a text to its end. `cluster`: whose part of what sockets are sent it takes. */
export async function sendText(
  socket: SessionSocket,
  text: ReadableStream<Uint8Array>,
  protocol: string,
  cluster: string,
): Promise<void> {
  const allowance = new SocketAllowance(cluster);
  const reader = text.getReader();
  const gone = (): void => void reader.cancel();
  socket.addEventListener('close', gone);
  socket.addEventListener('error', gone);
  begin(socket);
  const isBase64 = PROTOCOLS.get(protocol) ?? false;
  const send = (bytes: Uint8Array): boolean => {
    const message = isBase64 ? encodeBase64(bytes) : new Uint8Array(bytes);
    if (!allowance.take(message.length)) return false;
    socket.send(message);
    return true;
  };
  try {
    let hasRoom = send(new Uint8Array());
    while (hasRoom) {
      const { value, done } = await reader.read();
      if (done) break;
      hasRoom = send(value);
    }
    if (hasRoom) socket.close(NORMAL, '');
    else {
      await reader.cancel();
      socket.close(TOO_BIG, 'more was written than may be');
    }
  } finally {
    allowance.close();
  }
}
