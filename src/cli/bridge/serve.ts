/** The bridge's gRPC server: each method of etcd's services, forwarded to the gateway. */
import * as grpc from '@grpc/grpc-js';
import { etcdServices, type Message, type Method } from './definitions.ts';
import type { Gateway, GatewayError } from './gateway.ts';
import { rangeParts } from './range-stream.ts';
import { forwardKeepAlive, userTokenOf } from './streams.ts';
import { forwardWatch } from './watch.ts';

/** As etcd: its largest request, and room for the rest of a message. */
const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024 + 512 * 1024;

const asStatus = ({ code, message }: GatewayError) => ({ code: code ?? grpc.status.INTERNAL, details: message });

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
        call.emit('error', asStatus(error as GatewayError));
      }
    },
    Snapshot: () => (call: grpc.ServerWritableStream<Message, Message>) => {
      const details = 'the bridge makes no snapshots; `npx diorama export` saves a whole cluster';
      call.emit('error', { code: grpc.status.UNIMPLEMENTED, details });
    },
  };
}

/** `listen` is `host:port`; port 0 takes a free one. */
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
      const streaming = method.requestStream || method.responseStream;
      handlers[name] = streaming ? streams[name]!(method) : forwardUnary(gateway, method, () => address);
    }
    server.addService(methods, handlers);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(listen, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  address = listen.replace(/\d+$/, String(port));
  return { address, stop: () => server.forceShutdown() };
}
