/**
 * A process of its own, with as much heap as an object has: a cluster of many definitions wakes, and is asked for all that tells of its
 * kinds, first anew and then warm. Prints what that took, as JSON. `node --expose-gc --max-old-space-size=… read-definitions.ts FILE`
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { createSimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { MADE, SPEC } from './large-cluster.ts';

/** Milliseconds of computing that an answer takes the first time and afterwards, and its bytes. */
interface Told {
  first: number;
  warm: number;
  bytes: number;
}

export interface ReadDefinitions {
  told: Record<string, Told>;
  /** What is held in memory, MB: before anything is asked, after all of it, and the most that was seen. */
  before: number;
  after: number;
  most: number;
}

const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};
let most = 0;
const held = (): number => {
  globalThis.gc!();
  return memory();
};

const computing = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const cluster = createSimulatedCluster({ sql: nodeSql(process.argv[2]), spec: { ...SPEC, nodes: [] }, rootCA: 'PEM' });
const prose = readFile(join(import.meta.dirname, '../../assets/prose.json'), 'utf8').then(JSON.parse);
const server = createApiServer({
  storage: storeStorage(cluster.store, { now: () => MADE, catalog: () => cluster.catalog }),
  config: SPEC,
  timers: { after: () => () => undefined, time: () => 0 },
  prose: () => prose,
});

/** kubectl and all of Go take what is packed. */
async function ask(path: string, accept: string, encoding = 'gzip'): Promise<number> {
  const headers = { accept, 'accept-encoding': encoding };
  const answer = await server.handle(new Request(`http://cluster${path}`, { headers }), ADMIN);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
  let bytes = 0;
  for await (const piece of answer.body!) {
    bytes += piece.length;
    most = Math.max(most, memory());
  }
  return bytes;
}

async function timed(...asked: Parameters<typeof ask>): Promise<[number, number]> {
  const from = computing();
  const bytes = await ask(...asked);
  return [computing() - from, bytes];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const PATHS: Record<string, Parameters<typeof ask>> = {
  discovery: ['/apis', AGGREGATED],
  groups: ['/apis', 'application/json'],
  resources: ['/apis/group3.example.com/v1', 'application/json'],
  'OpenAPI v3 index': ['/openapi/v3', 'application/json'],
  'OpenAPI v3 group': ['/openapi/v3/apis/group3.example.com/v1', 'application/json'],
  'OpenAPI v2': ['/openapi/v2', 'application/json'],
  'OpenAPI v2, not packed': ['/openapi/v2', 'application/json', 'identity'],
  'OpenAPI v2 protobuf': ['/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'],
};
const WARM_TIMES = 5;

await ask('/api/v1/namespaces', 'application/json');
const before = held();
const told: ReadDefinitions['told'] = {};
for (const [name, asked] of Object.entries(PATHS)) {
  const [first, bytes] = await timed(...asked);
  const warm: number[] = [];
  for (let i = 0; i < WARM_TIMES; i++) warm.push((await timed(...asked))[0]);
  told[name] = { first, warm: warm.toSorted((a, b) => a - b)[WARM_TIMES >> 1]!, bytes };
}
for (let i = 0; i < 20; i++) await ask(`/openapi/v3/apis/group${i}.example.com/v1`, 'application/json');
console.log(JSON.stringify({ told, before, after: held(), most } satisfies ReadDefinitions));
process.exit(0);
