/** workerd on the benchmark's own Worker, with state in a folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { bundleWorker } from '../../scripts/local/bundle.ts';
import { workerdBinary } from '../../scripts/local/platform.ts';

export interface StoreServer {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/** Starts on what is in the folder already, if anything. */
export async function startStoreServer(folder: string): Promise<StoreServer> {
  mkdirSync(join(folder, 'objects'), { recursive: true });
  await bundleWorker(join(import.meta.dirname, 'store-worker.ts'), join(folder, 'store.js'));
  const port = await freePort();
  const namespace = (className: string): string =>
    `(className = "${className}", uniqueKey = "bench-${className}", enableSql = true)`;
  writeFileSync(
    join(folder, 'store.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "bench", worker = (
      modules = [(name = "store.js", esModule = embed "store.js")],
      compatibilityDate = "2026-10-28",
      bindings = [(name = "STORE", durableObjectNamespace = "StoreObject"), (name = "BARE", durableObjectNamespace = "BareObject")],
      durableObjectNamespaces = [${namespace('StoreObject')}, ${namespace('BareObject')}],
      durableObjectStorage = (localDisk = "objects"))),
    (name = "objects", disk = (path = "${join(folder, 'objects')}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "bench")],
);
`,
  );
  const child = spawn(workerdBinary(), ['serve', join(folder, 'store.capnp')], {
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
