/** `diorama export`: a whole cluster, as it is or was at a revision, to the standard output. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { ask, required, tokenOption, urlOption } from './options.ts';

export async function exportCluster(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { server: text, cluster: text, token: text, revision: text } });
  const cluster = encodeURIComponent(required(values.cluster, 'cluster'));
  const query = values.revision === undefined ? '' : `?revision=${encodeURIComponent(values.revision)}`;
  const response = await ask(`${urlOption(values.server, 'server')}/v1/clusters/${cluster}/export${query}`, {
    headers: { authorization: `Bearer ${tokenOption(values.token)}` },
  });
  await pipeline(Readable.fromWeb(response.body as any), process.stdout);
}
