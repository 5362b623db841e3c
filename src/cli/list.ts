/** `kube-diorama list`: a server's clusters. */
import { ask, bearer } from './ask.ts';
import { defineCommand } from './command.ts';
import type { MadeCluster } from './made-cluster.ts';
import { SERVER, serverOption, TOKEN } from './options.ts';

export const list = defineCommand({
  name: 'list',
  about: "List a server's clusters, the newest first: a local server's all, or those that a token opens.",
  options: { server: SERVER, token: TOKEN, json: { type: 'boolean', about: "Print the server's own answer." } },
  async run({ server, token = process.env.DIORAMA_TOKEN, json }) {
    const answer = await ask(`${serverOption(server)}/v1/clusters`, token ? { headers: bearer(token) } : {});
    const clusters = (await answer.json()) as { items: Omit<MadeCluster, 'token'>[] };
    if (json) return console.log(JSON.stringify(clusters, null, 2));
    const rows = clusters.items.map(({ id, name, createdAt, expiresAt }) => [id, name, createdAt, expiresAt]);
    console.log(columns([['ID', 'NAME', 'CREATED', 'EXPIRES'], ...rows]));
  },
});

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
