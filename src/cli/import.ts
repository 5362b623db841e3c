/** `diorama import`: a new cluster from an exported file. Prints what the server answers: its id, address and token. */
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ask, urlOption } from './options.ts';

export async function importCluster(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: { server: { type: 'string' } }, allowPositionals: true });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Error('name one file to import');
  const server = urlOption(values.server, 'server');
  const file = await open(path);
  try {
    const response = await ask(`${server}/v1/clusters/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: file.readableWebStream({ autoClose: false }) as any,
      duplex: 'half',
    } as RequestInit);
    console.log(JSON.stringify(await response.json(), null, 2));
  } finally {
    await file.close();
  }
}
