/** `kube-diorama list`: a server's clusters. */
import { ask, bearer } from './ask.ts';
import { defineCommand } from './command.ts';
import type { MadeCluster } from './made-cluster.ts';
import { SERVER, serverOption, TOKEN } from './options.ts';

export const list = defineCommand({
  name: 'list',
  about: "List a server's clusters, the newest first: a local server's all, or those that a token opens.",
  options: {
    server: SERVER,
    token: TOKEN,
    json: { type: 'boolean', about: "Print them as the server's API has them." },
  },
  async run({ server, token = process.env.DIORAMA_TOKEN, json }) {
    const items = await listed(`${serverOption(server)}/v1/clusters`, token ? { headers: bearer(token) } : {});
    if (json) return console.log(JSON.stringify({ items }, null, 2));
    const rows = items.map(({ id, name, createdAt, expiresAt }) => [id, name, createdAt, expiresAt]);
    console.log(columns([['ID', 'NAME', 'CREATED', 'EXPIRES'], ...rows]));
  },
});

type Listed = Omit<MadeCluster, 'token'>;

/** All pages of the list. */
async function listed(url: string, init: RequestInit): Promise<Listed[]> {
  const items: Listed[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page = (await (await ask(url + query, init)).json()) as { items: Listed[]; next?: string };
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

function columns(rows: string[][]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)) + 3);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
