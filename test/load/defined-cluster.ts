/** A cluster's database with many definitions of large schemas, as operators bring them. */
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { createSimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { MADE, SPEC, START } from './large-cluster.ts';

const FIELDS = 20;
const WORDS =
  'the name of a resource that is selected by labels must match all of its requirements unless it is empty'.split(' ');

/** A schema with so many characters, about: fields in fields, each described in words of its own. */
function schemaOf(characters: number, seed: number): object {
  let drawn = seed + 1;
  const word = (): string => {
    drawn = (drawn * 48_271) % 2_147_483_647;
    return WORDS[drawn % WORDS.length]!;
  };
  const text = (): string => Array.from({ length: 16 }, word).join(' ');
  const properties: Record<string, object> = {};
  for (let length = 0, i = 0; length < characters; i++) {
    const inside = Array.from({ length: FIELDS }, (_, j) => [
      `${word()}${j}`,
      { type: 'string', description: text(), maxLength: 100 + j },
    ]);
    const group = { type: 'object', description: text(), properties: Object.fromEntries(inside) };
    properties[`${word()}${i}`] = group;
    length += JSON.stringify(group).length;
  }
  return { type: 'object', properties: { spec: { type: 'object', properties } } };
}

const definitionOf = (i: number, characters: number): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things${i}.group${i % 20}.example.com` },
  spec: {
    group: `group${i % 20}.example.com`,
    scope: 'Namespaced',
    names: { plural: `things${i}`, singular: `thing${i}`, kind: `Thing${i}`, listKind: `Thing${i}List` },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schemaOf(characters, i) } }],
  },
});

/** `characters`: of the schema of each. */
export async function makeDefinedCluster(file: string, count: number, characters: number): Promise<void> {
  const sql = nodeSql(file);
  sql.exec('PRAGMA synchronous = OFF');
  const cluster = createSimulatedCluster({ sql, spec: { ...SPEC, nodes: [] }, rootCA: 'PEM' });
  cluster.initialize(START);
  let now = MADE;
  const server = createApiServer({
    storage: storeStorage(cluster.store, { now: () => now, catalog: () => cluster.catalog }),
    config: SPEC,
    timers: { after: () => () => undefined, time: () => 0 },
  });
  for (let i = 0; i < count; i++) {
    const body = JSON.stringify(definitionOf(i, characters));
    const headers = { 'content-type': 'application/json' };
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const answer = await server.handle(new Request(`http://cluster${path}`, { method: 'POST', headers, body }), ADMIN);
    if (answer.status !== 201) throw new Error(await answer.text());
  }
  for (let turns = 0; turns < 20; turns++, now += 1000) while (!cluster.idle(now)) cluster.pumpTurn(now);
  sql.close();
}
