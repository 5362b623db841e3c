/**
 * The requests that the real server's are compared with, in turns on each server in one run: so that what else the machine does meanwhile
 * meets all of them.
 */
import { type Latencies, load } from './figures.ts';
import { Client, type Reply } from './http.ts';
import { type Asked, PREPARED, REQUESTS, type RequestKind, requestOf } from './requests.ts';

/** A server with an empty cluster; `url` has what names the cluster. */
export interface Target {
  name: string;
  url: string;
  token: string;
}

const ROUNDS = 3;
/** Requests of a row in each round, for one connection; with more there are as many times more, up to so many. */
const COUNTS: Record<RequestKind, number> = {
  'create ConfigMap': 200,
  get: 400,
  'merge patch': 200,
  'server-side apply': 200,
  'list of 500': 20,
  delete: 200,
};
const MOST_TIMES = 4;

function checked(reply: Reply): void {
  if (reply.status >= 300) throw new Error(`answered ${reply.status}: ${reply.body}`);
}

const ask = async (client: Client, { method, path, body, type }: Asked): Promise<void> =>
  checked(await client.send(method, path, body, type));

async function prepare(target: Target): Promise<void> {
  const client = new Client(target.url, target.token, 16);
  await load(PREPARED.length, 16, (i) => ask(client, PREPARED[i]!));
  client.close();
}

/** For each target the best of several rounds: what stands in the way makes it slower, never faster. */
export async function measureRows(
  targets: readonly Target[],
  connections: number,
): Promise<{ row: RequestKind; figures: Latencies[] }[]> {
  const clients = targets.map(({ url, token }) => new Client(url, token, connections));
  const times = Math.min(connections, MOST_TIMES);
  const measured = new Map<RequestKind, (Latencies | undefined)[]>(
    REQUESTS.map((row) => [row, targets.map(() => undefined)]),
  );
  for (let round = 0; round < ROUNDS; round++)
    for (const row of REQUESTS)
      for (const [i, client] of clients.entries()) {
        const series = `r${connections}-${round}`;
        const figures = await load(COUNTS[row] * times, connections, (n) => ask(client, requestOf(row, series, n)));
        const best = measured.get(row)!;
        if (figures.perSecond > (best[i]?.perSecond ?? 0)) best[i] = figures;
      }
  for (const client of clients) client.close();
  return [...measured].map(([row, figures]) => ({ row, figures: figures as Latencies[] }));
}

export async function prepareTargets(targets: readonly Target[]): Promise<void> {
  for (const target of targets) await prepare(target);
}
