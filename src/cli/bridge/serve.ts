/** The bridge's server: each method of etcd's gRPC services, forwarded to the gateway, and the gateway itself beside it. */
import * as grpc from '@grpc/grpc-js';
import { etcdServices, type Message, type Method } from './definitions.ts';
import { asStatus, type Gateway } from './gateway.ts';
import { serveHttp } from './http.ts';
import { listenForBoth } from './port.ts';
import { rangeParts } from './range-stream.ts';
import { forwardAnswers, forwardDownload, forwardKeepAlive, userTokenOf } from './streams.ts';
import { forwardWatch } from './watch.ts';

/** As etcd: its largest request, and room for the rest of a message. */
export const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024 + 512 * 1024;

function forwardUnary(
  gateway: Gateway,
  { gatewayPath }: Method,
  addressOf: () => string,
): grpc.handleUnaryCall<Message, Message> {
  return (call, answer) => {
    gateway.call(gatewayPath, call.request, userTokenOf(call.metadata)).then(
      (message) => {
        nameAddress(message, addressOf);
        answer(null, message);
      },
      (error) => answer(asStatus(error)),
    );
  };
}

/** Methods that answer when it is the caller's turn; a caller that leaves gives up its place. */
const WAITING = new Set(['Lock', 'Campaign']);

function forwardWaiting(gateway: Gateway, { gatewayPath }: Method): grpc.handleUnaryCall<Message, Message> {
  return (call, answer) => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    gateway.callWaiting(gatewayPath, call.request, userTokenOf(call.metadata), gone.signal).then(
      (message) => answer(null, message),
      (error) => answer(asStatus(error)),
    );
  };
}

/** Clients that ask the members where they are find the one that answered at the bridge. */
function nameAddress({ header, members }: Message, addressOf: () => string): void {
  for (const member of (members as Message[] | undefined) ?? [])
    if (member.ID === header?.member_id) member.clientURLs = [`http://${addressOf()}`];
}

type Streaming = grpc.handleBidiStreamingCall<Message, Message> | grpc.handleServerStreamingCall<Message, Message>;

function streamings(gateway: Gateway, progressMilliseconds: number): Record<string, (method: Method) => Streaming> {
  return {
    Watch: ({ gatewayPath }) => {
      return (stream: grpc.ServerDuplexStream<Message, Message>) =>
        forwardWatch(stream, gateway, gatewayPath, progressMilliseconds);
    },
    LeaseKeepAlive: ({ gatewayPath }) => {
      return (stream: grpc.ServerDuplexStream<Message, Message>) => forwardKeepAlive(stream, gateway, gatewayPath);
    },
    RangeStream: () => async (call: grpc.ServerWritableStream<Message, Message>) => {
      try {
        for await (const part of rangeParts(gateway, call.request, userTokenOf(call.metadata))) {
          if (call.cancelled) return;
          call.write({ range_response: part });
        }
        call.end();
      } catch (error) {
        call.emit('error', asStatus(error));
      }
    },
    Snapshot: ({ gatewayPath }) => {
      return (call: grpc.ServerWritableStream<Message, Message>) => forwardDownload(call, gateway, gatewayPath);
    },
    Observe: ({ gatewayPath }) => {
      return (call: grpc.ServerWritableStream<Message, Message>) => forwardAnswers(call, gateway, gatewayPath);
    },
  };
}

/** gRPC and plain HTTP on one port, as etcd's own. `listen` is `host:port`; port 0 takes a free one. */
export async function serveBridge(
  gateway: Gateway,
  listen: string,
  progressMilliseconds: number,
): Promise<{ address: string; stop(): void }> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  let address = listen;
  const streams = streamings(gateway, progressMilliseconds);
  for (const methods of Object.values(etcdServices())) {
    const handlers: Record<string, grpc.UntypedHandleCall> = {};
    for (const [name, method] of Object.entries(methods)) {
      if (method.requestStream || method.responseStream) handlers[name] = streams[name]!(method);
      else if (WAITING.has(name)) handlers[name] = forwardWaiting(gateway, method);
      else handlers[name] = forwardUnary(gateway, method, () => address);
    }
    server.addService(methods, handlers);
  }
  const http = serveHttp(gateway);
  const grpcPort = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const port = await listenForBoth(listen, {
    http2: (socket) => grpcPort.injectConnection(socket),
    http1: (socket) => http.emit('connection', socket),
  });
  address = port.address;
  return {
    address,
    stop() {
      port.close();
      server.forceShutdown();
    },
  };
}
