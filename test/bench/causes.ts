/**
 * What keeping causes costs, in one run and by this process's processor time: the same work on clusters that keep them and on others that
 * do not, by turns. `npm run bench -- --causes`
 */
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createSimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { processMs } from './figures.ts';
import { benchPump, serverOf, specOf } from './pump.ts';

const ROUNDS = 9;
const PODS = 200;
const REQUESTS = 1000;
const USER_AGENT = 'kubectl/v1.37.2 (linux/amd64) kubernetes/7a6b5c4';

/** Milliseconds of processor time that so many pods take until they are Ready. */
const pods = async (causes: boolean): Promise<number> => (await benchPump(PODS, false, causes)).ready;

/** The same of as many requests, each of which makes an object. */
async function requests(causes: boolean): Promise<number> {
  const spec = specOf(0, causes);
  const sql = nodeSql();
  const cluster = createSimulatedCluster({ sql, spec, rootCA: 'PEM' });
  cluster.initialize(spec.createdAt);
  const server = serverOf(cluster, spec, () => spec.createdAt);
  const from = processMs();
  for (let i = 0; i < REQUESTS; i++) {
    const headers = { 'content-type': 'application/json', 'user-agent': USER_AGENT };
    const body = JSON.stringify({ metadata: { name: `made-${i}` }, data: { a: 'b' } });
    const path = '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-create&fieldValidation=Strict';
    const answer = await server.handle(new Request(`http://cluster${path}`, { method: 'POST', headers, body }), ADMIN);
    if (answer.status !== 201) throw new Error(await answer.text());
  }
  const took = processMs() - from;
  sql.close();
  return took;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Whoever goes first in a pair has the warmer or the colder heap, so they take turns. */
async function compare(name: string, work: (causes: boolean) => Promise<number>): Promise<void> {
  const took = { with: [] as number[], without: [] as number[] };
  await work(true);
  await work(false);
  for (let round = 0; round < ROUNDS; round++)
    for (const causes of round % 2 === 0 ? [true, false] : [false, true])
      took[causes ? 'with' : 'without'].push(await work(causes));
  const [on, off] = [median(took.with), median(took.without)];
  const shares = took.with.map((ms, i) => ms / took.without[i]!);
  console.log(
    `${name}: ${on.toFixed(1)} ms with causes, ${off.toFixed(1)} ms without: ${percent(on / off)}; median of pairs ${percent(median(shares))}`,
  );
}

const percent = (share: number): string => `${share < 1 ? '' : '+'}${((share - 1) * 100).toFixed(1)} %`;

export async function benchCauses(): Promise<void> {
  await compare(`${PODS} pods until they are Ready`, pods);
  await compare(`${REQUESTS} requests that make an object`, requests);
}
