/**
 * The requests that the real server's are compared with, in turns on each server in one run: so that what else the machine does meanwhile
 * meets all of them.
 */
import { type Latencies, load } from './figures.ts';
import { Client, type Reply } from './http.ts';

/** A server with an empty cluster; `url` has what names the cluster. */
export interface Target {
  name: string;
  url: string;
  token: string;
}

export const ROWS = ['create ConfigMap', 'get', 'merge patch', 'server-side apply', 'list of 500', 'delete'] as const;
export type Row = (typeof ROWS)[number];

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const ROUNDS = 3;
/** Requests of a row in each round, for one connection; with more there are as many times more, up to so many. */
const REQUESTS: Record<Row, number> = {
  'create ConfigMap': 200,
  get: 400,
  'merge patch': 200,
  'server-side apply': 200,
  'list of 500': 20,
  delete: 200,
};
const MOST_TIMES = 4;
const LISTED = 500;
const APPLIED = 50;

/** What a row sends for the first time, the second time…; names are of a round's own. */
function requestOf(row: Row, round: string): (client: Client, i: number) => Promise<Reply> {
  const named = (i: number) => ({ metadata: { name: `${round}-${i}` }, data: { k: 'v' } });
  switch (row) {
    case 'create ConfigMap':
      return (client, i) => client.send('POST', CONFIG_MAPS, named(i));
    case 'get':
      return (client, i) => client.send('GET', `${CONFIG_MAPS}/l${i % LISTED}`);
    case 'merge patch':
      return (client, i) =>
        client.send(
          'PATCH',
          `${CONFIG_MAPS}/l${i % LISTED}`,
          { data: { k: `${round}-${i}` } },
          'application/merge-patch+json',
        );
    case 'server-side apply':
      return (client, i) => {
        const name = `applied-${i % APPLIED}`;
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: `${round}-${i}` } };
        return client.send(
          'PATCH',
          `${CONFIG_MAPS}/${name}?fieldManager=bench&force=true`,
          object,
          'application/apply-patch+yaml',
        );
      };
    case 'list of 500':
      return (client) => client.send('GET', `${CONFIG_MAPS}?limit=${LISTED}`);
    case 'delete':
      return (client, i) => client.send('DELETE', `${CONFIG_MAPS}/${round}-${i}`);
    default:
      return row satisfies never;
  }
}

function checked(reply: Reply): void {
  if (reply.status >= 300) throw new Error(`answered ${reply.status}: ${reply.body}`);
}

async function prepare(target: Target): Promise<void> {
  const client = new Client(target.url, target.token, 16);
  await load(LISTED, 16, async (i) =>
    checked(await client.send('POST', CONFIG_MAPS, { metadata: { name: `l${i}` }, data: { k: 'v'.repeat(50) } })),
  );
  client.close();
}

/** For each target the best of several rounds: what stands in the way makes it slower, never faster. */
export async function measureRows(
  targets: readonly Target[],
  connections: number,
): Promise<{ row: Row; figures: Latencies[] }[]> {
  const clients = targets.map(({ url, token }) => new Client(url, token, connections));
  const times = Math.min(connections, MOST_TIMES);
  const measured = new Map<Row, (Latencies | undefined)[]>(ROWS.map((row) => [row, targets.map(() => undefined)]));
  for (let round = 0; round < ROUNDS; round++)
    for (const row of ROWS)
      for (const [i, client] of clients.entries()) {
        const one = requestOf(row, `r${connections}-${round}`);
        const count = REQUESTS[row] * times;
        const figures = await load(count, connections, async (n) => checked(await one(client, n)));
        const best = measured.get(row)!;
        if (figures.perSecond > (best[i]?.perSecond ?? 0)) best[i] = figures;
      }
  for (const client of clients) client.close();
  return [...measured].map(([row, figures]) => ({ row, figures: figures as Latencies[] }));
}

export async function prepareTargets(targets: readonly Target[]): Promise<void> {
  for (const target of targets) await prepare(target);
}
