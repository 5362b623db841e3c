/** `kube-diorama export`: a whole cluster, as it is or was at a revision, to the standard output. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ask, bearer } from './ask.ts';
import { defineCommand } from './command.ts';
import { CLUSTER, CLUSTER_OPERAND, clusterOption, SERVER, serverOption, TOKEN, tokenOption } from './options.ts';

export const exportCluster = defineCommand({
  name: 'export',
  about: 'Print a whole cluster as one file, which `import` takes.',
  operands: CLUSTER_OPERAND,
  options: {
    server: SERVER,
    cluster: CLUSTER,
    token: TOKEN,
    revision: { type: 'string', value: 'N', about: 'As it was at this revision; now by default.' },
  },
  async run({ server, cluster, token, revision }, operands) {
    const id = encodeURIComponent(clusterOption(cluster, operands));
    const query = revision === undefined ? '' : `?revision=${encodeURIComponent(revision)}`;
    const url = `${serverOption(server)}/v1/clusters/${id}/export${query}`;
    const response = await ask(url, { headers: bearer(tokenOption(token)) });
    // biome-ignore lint/suspicious/noExplicitAny: the platform's streams and Node's have types of their own
    await pipeline(Readable.fromWeb(response.body as any), process.stdout);
  },
});
