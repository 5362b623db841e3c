/** etcd's gateway as a process of its own, on a database file: `node server.ts FILE`. Prints its port. For tests that kill it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { handleGateway } from '../../src/etcd/gateway.ts';
import { createGatewayBackend } from '../../src/etcd/gateway-backend.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';

const sql = nodeSql(process.argv[2]);
// What a killed process wrote is with the system, not with it.
sql.exec('PRAGMA journal_mode = WAL');
sql.exec('PRAGMA synchronous = OFF');
const backend = createGatewayBackend(new Store(sql), 'killed', {
  now: () => Date.now(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
});

const server = createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const request = new Request(`http://etcd${incoming.url}`, { method: 'POST', body: Buffer.concat(chunks) });
  const response = await handleGateway(request, backend, incoming.url!);
  outgoing.writeHead(response.status);
  outgoing.flushHeaders();
  Readable.fromWeb(response.body as WebStream).pipe(outgoing);
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
