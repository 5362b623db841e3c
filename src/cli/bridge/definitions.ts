/**
 * etcd's gRPC services, by the .proto files that the package etcd3 ships, in a form that the gateway's JSON has too: names as in the
 * .proto file, int64 as text, bytes as base64, enums by number or in capitals.
 */
import type { MethodDefinition } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { etcdProtos } from '../../../scripts/local/installation.ts';
import { CONCURRENCY } from './concurrency-definitions.ts';

// biome-ignore lint/suspicious/noExplicitAny: a message has the shape that its definition says
export type Message = Record<string, any>;

export interface Method extends MethodDefinition<Message, Message> {
  /** The method's path in the JSON gateway. */
  gatewayPath: string;
}

const PACKAGE = 'etcdserverpb';

/** What etcd has got since those files were made. Source: etcd's rpc.proto, 3.5 to 3.7. */
const NEWER: Record<string, Record<string, [id: number, type: string]>> = {
  HashKVResponse: { hash_revision: [4, 'int64'] },
  DowngradeInfo: { enabled: [1, 'bool'], targetVersion: [2, 'string'] },
  StatusResponse: { storageVersion: [11, 'string'], dbSizeQuota: [12, 'int64'], downgradeInfo: [13, 'DowngradeInfo'] },
  SnapshotResponse: { version: [4, 'string'] },
  AuthUserAddRequest: { hashedPassword: [4, 'string'] },
  AuthUserChangePasswordRequest: { hashedPassword: [3, 'string'] },
  RangeStreamResponse: { range_response: [1, 'RangeResponse'] },
};

/** Where the files give the wrong path. */
const PATHS: Record<string, string> = { HashKV: '/v3/maintenance/hashkv' };

/** The packages that have services. */
function readDefinitions(): protobuf.Namespace[] {
  const root = new protobuf.Root().loadSync(etcdProtos(), { keepCase: true });
  const services = root.lookup(PACKAGE) as protobuf.Namespace;
  for (const [name, fields] of Object.entries(NEWER)) {
    const type = (services.get(name) as protobuf.Type | null) ?? new protobuf.Type(name);
    if (!type.parent) services.add(type);
    for (const [field, [id, kind]] of Object.entries(fields)) {
      if (!type.fields[field]) type.add(new protobuf.Field(field, id, kind));
    }
  }
  const kv = services.lookupService('KV');
  if (!kv.methods.RangeStream)
    kv.add(new protobuf.Method('RangeStream', 'rpc', 'RangeRequest', 'RangeStreamResponse', false, true));
  root.addJSON(CONCURRENCY);
  writeEnumsInCapitals(root);
  root.resolveAll();
  return [services, ...Object.keys(CONCURRENCY).map((name) => root.lookup(name) as protobuf.Namespace)];
}

function writeEnumsInCapitals(namespace: protobuf.NamespaceBase): void {
  for (const nested of namespace.nestedArray) {
    if (nested instanceof protobuf.Enum) {
      const names = Object.entries(nested.values).map(([name, number]) => [name.toUpperCase(), number]);
      nested.values = Object.fromEntries(names);
    } else if (nested instanceof protobuf.Namespace) writeEnumsInCapitals(nested);
  }
}

const decodeWith = (type: protobuf.Type) => (bytes: Buffer) =>
  type.toObject(type.decode(bytes), { longs: String, enums: Number, bytes: String });
const encodeWith = (type: protobuf.Type) => (message: Message) =>
  Buffer.from(type.encode(type.fromObject(message)).finish());

/** All services, by name, each a table of its methods. */
export function etcdServices(): Record<string, Record<string, Method>> {
  const services: Record<string, Record<string, Method>> = {};
  for (const service of readDefinitions().flatMap((namespace) => namespace.nestedArray)) {
    if (!(service instanceof protobuf.Service)) continue;
    const methods: Record<string, Method> = {};
    for (const method of service.methodsArray) {
      const [request, response] = [method.resolvedRequestType!, method.resolvedResponseType!];
      methods[method.name] = {
        path: `/${service.fullName.slice(1)}/${method.name}`,
        gatewayPath: PATHS[method.name] ?? String(method.options?.['(google.api.http).post'] ?? ''),
        requestStream: method.requestStream === true,
        responseStream: method.responseStream === true,
        requestSerialize: encodeWith(request),
        requestDeserialize: decodeWith(request),
        responseSerialize: encodeWith(response),
        responseDeserialize: decodeWith(response),
      };
    }
    services[service.name] = methods;
  }
  return services;
}
