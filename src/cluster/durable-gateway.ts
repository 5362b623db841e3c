/** What etcd's gateway needs of a Durable Object. */
import { createGatewayBackend, type Digest, type GatewayBackend } from '../etcd/gateway/backend.ts';
import type { MembersConsensus } from '../etcd/members/consensus.ts';
import type { Store } from '../etcd/store.ts';
import { socketPair } from './socket-pair.ts';

/** `cluster` names the cluster; `now` is its own time, milliseconds since 1970. */
export function durableGateway(
  store: Store,
  cluster: string,
  ports: { now(): number; leasesChanged(): void; gone: AbortSignal; consensus?: MembersConsensus },
): GatewayBackend {
  return createGatewayBackend(store, cluster, {
    ...ports,
    realNow: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    newDigest,
    acceptWebSocket,
  });
}

/** The same for a request whose streams also end by a signal. */
export const endedBy = (backend: GatewayBackend, signal: AbortSignal): GatewayBackend => ({
  ...backend,
  gone: backend.gone ? AbortSignal.any([backend.gone, signal]) : signal,
});

/** A socket of the gateway's; unlike a watch's it does not hibernate. */
function acceptWebSocket(): { socket: WebSocket; response: Response } {
  const [client, socket] = socketPair();
  socket.accept();
  return { socket, response: new Response(null, { status: 101, webSocket: client }) };
}

/** The platform's own, which takes a stream. */
function newDigest(): Digest {
  const stream = new crypto.DigestStream('SHA-256');
  const writer = stream.getWriter();
  return {
    update: (bytes) => writer.write(bytes),
    async finish() {
      await writer.close();
      return new Uint8Array(await stream.digest);
    },
  };
}
