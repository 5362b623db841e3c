/**
 * `npm run bench -- --profile`: where the time of each kind of request goes. Writes `.state/profile-NAME.cpuprofile`, a flame graph in
 * any Chromium's developer tools, and prints what takes most of each. Worker and object share a thread, and so a profile.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker, ROOT } from '../../scripts/local/bundle.ts';
import { startServer } from '../../scripts/local-server.ts';
import { freePort } from './free-port.ts';
import { Client } from './http.ts';
import { type Profile, printSums } from './profile-sums.ts';
import { type Asked, PREPARED, REQUESTS, type RequestKind, requestOf } from './requests.ts';

const SECONDS = 3;
const SAMPLE_MICROSECONDS = 200;
const WARM_UP = 100;
/** More than are deleted in the time. */
const DELETED = 6000;

/** Over the inspector's protocol, on the one isolate that computes. */
async function debuggerOf(inspector: string) {
  const targets = (await (await fetch(`http://${inspector}/json`)).json()) as { webSocketDebuggerUrl: string }[];
  return Promise.all(
    targets.map(async ({ webSocketDebuggerUrl }) => {
      const socket = new WebSocket(webSocketDebuggerUrl);
      await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
      const waiting = new Map<number, (result: any) => void>();
      socket.addEventListener('message', ({ data }) => {
        const { id, result } = JSON.parse(data);
        waiting.get(id)?.(result);
      });
      let id = 0;
      const send = (method: string, params = {}): Promise<any> =>
        new Promise((resolve) => {
          waiting.set(++id, resolve);
          socket.send(JSON.stringify({ id, method, params }));
        });
      return { send, close: () => socket.close() };
    }),
  );
}

const seriesOf = (kind: RequestKind): string => kind.replaceAll(' ', '-').toLowerCase();

/** `folder`: for the server's state; `only`: how the kinds that are to be tried begin, all unless said. */
export async function profileRequests(folder: string, only: string[], connections: number): Promise<void> {
  await bundleWorker(join(ROOT, 'src/worker.ts'), join(folder, 'worker.js'), { minify: false });
  const inspector = `127.0.0.1:${await freePort()}`;
  const server = await startServer({ stateDir: folder, bundled: true, inspector });
  try {
    const platform = new Client(server.url, '');
    const made = JSON.parse((await platform.send('POST', '/v1/clusters', { nodes: 1 })).body);
    const client = new Client(`${server.url}/clusters/${made.id}`, made.token, connections);
    const ask = async ({ method, path, body, type }: Asked): Promise<void> => {
      const reply = await client.send(method, path, body, type);
      if (reply.status >= 400) throw new Error(reply.body);
    };
    for (const asked of PREPARED) await ask(asked);
    for (const kind of REQUESTS) {
      if (only.length > 0 && !only.some((begun) => kind.startsWith(begun))) continue;
      if (kind === 'delete')
        for (let i = 0; i < DELETED; i++) await ask(requestOf('create ConfigMap', seriesOf(kind), i));
      let sent = 0;
      const one = (): Promise<void> => ask(requestOf(kind, seriesOf(kind), sent++));
      for (let i = 0; i < WARM_UP; i++) await one();
      const targets = await debuggerOf(inspector);
      for (const { send } of targets) {
        await send('Profiler.enable');
        await send('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
        await send('Profiler.start');
      }
      const from = performance.now();
      const warm = sent;
      const until = from + SECONDS * 1000;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (performance.now() < until && (kind !== 'delete' || sent < DELETED)) await one();
        }),
      );
      const count = sent - warm;
      console.log(`\n${kind}: ${(count / SECONDS).toFixed(0)} a second under the profiler`);
      const profiles = await Promise.all(
        targets.map(async ({ send }) => (await send('Profiler.stop')).profile as Profile),
      );
      const busiest = profiles.sort((a, b) => b.nodes.length - a.nodes.length)[0]!;
      writeFileSync(`.state/profile-${seriesOf(kind)}.cpuprofile`, JSON.stringify(busiest));
      printSums(busiest, count);
      for (const target of targets) target.close();
    }
    client.close();
    platform.close();
  } finally {
    await server.stop();
  }
}
