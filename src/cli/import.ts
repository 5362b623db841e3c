/** `kube-diorama import`: a new cluster from an exported file. Prints what the server answers: its id, address and token. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ask } from './ask.ts';
import { defineCommand } from './command.ts';
import { FORCE, KUBECONFIG, makeCluster } from './made-cluster.ts';
import { required, SERVER, serverOption } from './options.ts';

export const importCluster = defineCommand({
  name: 'import',
  about: 'Make a cluster from a file that `export` has printed, `-` for the input.',
  operands: { text: 'FILE', most: 1 },
  options: { server: SERVER, kubeconfig: KUBECONFIG, force: FORCE },
  async run({ server: given, ...destination }, [path]) {
    const server = serverOption(given);
    const from = required(path, 'the FILE to import');
    const file = from === '-' ? undefined : await open(from);
    // Not the file's own `readableWebStream`: its pieces are of a type that the `fetch` of Node 20 refuses.
    const body = Readable.toWeb(file ? file.createReadStream() : process.stdin);
    try {
      await makeCluster(server, destination, () =>
        ask(`${server}/v1/clusters/import`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          // biome-ignore lint/suspicious/noExplicitAny: the platform's streams and Node's have types of their own
          body: body as any,
          duplex: 'half',
        } as RequestInit),
      );
    } finally {
      await file?.close();
    }
  },
});
