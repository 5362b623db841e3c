/** `npx diorama COMMAND`: the commands, each in a file of its own. They speak only the public API. */
import { bridge } from './bridge.ts';
import { exportCluster } from './export.ts';
import { importCluster } from './import.ts';
import { up } from './up.ts';

const USAGE = `npx diorama up [--port PORT] [--https-port PORT] [--host HOST] [--state FOLDER]
    All of Diorama on this machine.
npx diorama export --server URL --cluster ID --token TOKEN [--revision N] > FILE
    A whole cluster as one file.
npx diorama import --server URL FILE
    A new cluster from such a file; the answer has its id and token.
npx diorama bridge etcd --cluster URL --token TOKEN [--listen 127.0.0.1:2379] [--watch-progress-notify-interval SECONDS]
    etcd's gRPC API for a cluster at http://localhost:8787/clusters/ID, for etcdctl and etcd's client libraries.

Where --token is missing, the variable DIORAMA_TOKEN is taken.`;

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  up,
  bridge,
  export: exportCluster,
  import: importCluster,
};

export async function main([name = '', ...args]: string[]): Promise<void> {
  if (['help', '--help', '-h'].includes(name)) return console.log(USAGE);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (!command)
      throw new Error(`${name === '' ? 'a command is missing' : `there is no command ${name}`}\n\n${USAGE}`);
    await command(args);
  } catch (error) {
    console.error(`diorama: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
