/**
 * What a start costs: from the start of workerd to the first answer, and of that the processor's time for what the Worker does before any
 * request (its global scope, of which Cloudflare allows one second), as what is more than an empty Worker takes.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleWorker, ROOT } from '../../scripts/local/bundle.ts';
import { listening, spawnWorkerd } from '../../scripts/local/workerd-process.ts';
import { freePort } from './free-port.ts';

const STARTS = 15;
const EMPTY = `export default { fetch: () => new Response('') };`;

/** Milliseconds of processor time of all threads, from /proc; 0 where there is none. */
const processorMs = (pid: number): number =>
  globSync(`/proc/${pid}/task/*/schedstat`)
    .map((file) => Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, one) => sum + one, 0);

const config = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "worker", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-10-28"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")]);
`;

/** One start of the Worker in `folder`. */
async function start(folder: string): Promise<{ elapsed: number; processor: number }> {
  const port = await freePort();
  writeFileSync(join(folder, 'start.capnp'), config(port));
  const from = performance.now();
  const child = spawnWorkerd(folder, 'start.capnp');
  await listening(child, ['http']);
  await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer();
  const figures = { elapsed: performance.now() - from, processor: processorMs(child.pid!) };
  child.kill('SIGKILL');
  await new Promise((fulfil) => child.once('exit', fulfil));
  return figures;
}

async function median(folder: string): Promise<{ elapsed: number; processor: number }> {
  const starts: { elapsed: number; processor: number }[] = [];
  for (let i = 0; i < STARTS; i++) starts.push(await start(folder));
  const middle = (of: 'elapsed' | 'processor') => starts.map((s) => s[of]).sort((a, b) => a - b)[STARTS >> 1]!;
  return { elapsed: middle('elapsed'), processor: middle('processor') };
}

export async function benchStartUp(
  folder: string,
  record: (name: string, figure: unknown, shown: string) => void,
): Promise<void> {
  const [ours, empty] = ['bundle', 'empty'].map((name) => join(folder, name)) as [string, string];
  for (const made of [ours, empty]) mkdirSync(made);
  await bundleWorker(join(ROOT, 'src/worker.ts'), join(ours, 'worker.js'));
  writeFileSync(join(empty, 'worker.js'), EMPTY);
  const code = readFileSync(join(ours, 'worker.js'));
  const packed = gzipSync(code).length;
  record('bundle', { bytes: code.length, packed }, `${Math.round(packed / 1000)} KB packed, of ${code.length} bytes`);
  const [least, whole] = [await median(empty), await median(ours)];
  record(
    'first answer of a new process',
    whole.elapsed,
    `${whole.elapsed.toFixed(0)} ms (empty: ${least.elapsed.toFixed(0)})`,
  );
  const scope = whole.processor - least.processor;
  record('processor time of a start', scope, `${scope.toFixed(0)} ms more than an empty Worker`);
}
