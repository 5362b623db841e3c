/** workerd on a Worker of the benchmark's own, with state in a folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker } from '../../scripts/local/bundle.ts';
import { workerdBinary } from '../../scripts/local/platform.ts';
import { freePort } from './free-port.ts';

export interface WorkerServer {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts on what is in the folder already, if anything. `objects`: the classes of the Worker's objects by their bindings. */
export async function startWorkerServer(
  folder: string,
  { entry, objects }: { entry: string; objects: Record<string, string> },
): Promise<WorkerServer> {
  mkdirSync(join(folder, 'objects'), { recursive: true });
  await bundleWorker(join(import.meta.dirname, entry), join(folder, 'worker.js'));
  const port = await freePort();
  const namespace = (className: string): string =>
    `(className = "${className}", uniqueKey = "bench-${className}", enableSql = true)`;
  const bindings = Object.entries(objects).map(
    ([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`,
  );
  writeFileSync(
    join(folder, 'worker.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "bench", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-10-28",
      bindings = [${bindings.join(', ')}],
      durableObjectNamespaces = [${Object.values(objects).map(namespace).join(', ')}],
      durableObjectStorage = (localDisk = "objects"))),
    (name = "objects", disk = (path = "${join(folder, 'objects')}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "bench")],
);
`,
  );
  const child = spawn(workerdBinary(), ['serve', join(folder, 'worker.capnp')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const START_ATTEMPTS = 200;

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < START_ATTEMPTS && child.exitCode === null; attempt++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('workerd did not start');
}
