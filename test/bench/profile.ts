/**
 * `npm run bench -- --profile`: where the time of each kind of request goes. Writes `.state/profile-NAME.cpuprofile`, a flame graph in
 * any Chromium's developer tools, and prints what takes most of each. Worker and object share a thread, and so a profile.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker, ROOT } from '../../scripts/local/bundle.ts';
import { startServer } from '../../scripts/local-server.ts';
import { freePort } from './free-port.ts';
import { Client, type Reply } from './http.ts';

const SECONDS = 3;
const SAMPLE_MICROSECONDS = 200;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LISTED = 500;
const SHOWN = 25;
/** More than are deleted in the time. */
const DELETED = 6000;

interface Node {
  id: number;
  callFrame: { functionName: string; lineNumber: number };
  children?: number[];
}
interface Profile {
  nodes: Node[];
  samples: number[];
  timeDeltas: number[];
}

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

/** Milliseconds a request by function, that of what it calls included or not. */
function sums({ nodes, samples, timeDeltas }: Profile, requests: number): { self: string[]; whole: string[] } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const name = (id: number): string => {
    const { functionName, lineNumber } = byId.get(id)!.callFrame;
    return `${functionName || '(anonymous)'}:${lineNumber + 1}`;
  };
  samples.forEach((sample, i) => {
    const took = timeDeltas[i]! / 1000 / requests;
    self.set(name(sample), (self.get(name(sample)) ?? 0) + took);
    const stack = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) stack.add(name(id));
    for (const one of stack) whole.set(one, (whole.get(one) ?? 0) + took);
  });
  const top = (by: Map<string, number>) =>
    [...by]
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHOWN)
      .map(([what, took]) => `${took.toFixed(4)} ${what}`);
  return { self: top(self), whole: top(whole) };
}

/** `folder`: for the server's state; `only`: the names of what is to be tried, all unless said. */
export async function profileRequests(folder: string, only: string[], connections: number): Promise<void> {
  await bundleWorker(join(ROOT, 'src/worker.ts'), join(folder, 'worker.js'), { minify: false });
  const inspector = `127.0.0.1:${await freePort()}`;
  const server = await startServer({ stateDir: folder, bundled: true, inspector });
  try {
    const platform = new Client(server.url, '');
    const made = JSON.parse((await platform.send('POST', '/v1/clusters', { nodes: 1 })).body);
    const client = new Client(`${server.url}/clusters/${made.id}`, made.token, connections);
    for (let i = 0; i < LISTED; i++)
      await client.send('POST', CONFIG_MAPS, { metadata: { name: `l${i}` }, data: { k: 'v'.repeat(50) } });
    let seq = 0;
    let created = 0;
    let deleted = 0;
    const applied = (name: string, value: number) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { k: `v${value}` },
    });
    const requests: Record<string, () => Promise<Reply>> = {
      get: () => client.send('GET', `${CONFIG_MAPS}/l7`),
      create: () => client.send('POST', CONFIG_MAPS, { metadata: { name: `c${created++}` }, data: { k: 'v' } }),
      patch: () =>
        client.send('PATCH', `${CONFIG_MAPS}/l8`, { data: { k: `x${seq++}` } }, 'application/merge-patch+json'),
      apply: () => {
        const name = `ap${seq++ % 50}`;
        const path = `${CONFIG_MAPS}/${name}?fieldManager=bench&force=true`;
        return client.send('PATCH', path, applied(name, seq), 'application/apply-patch+yaml');
      },
      list: () => client.send('GET', `${CONFIG_MAPS}?limit=${LISTED}`),
      delete: () => client.send('DELETE', `${CONFIG_MAPS}/c${deleted++}`),
    };
    for (const [name, one] of Object.entries(requests)) {
      if (only.length > 0 && !only.includes(name)) continue;
      if (name === 'delete') while (created < DELETED) await requests.create!();
      for (let i = 0; i < 100; i++) await one();
      const targets = await debuggerOf(inspector);
      for (const { send } of targets) {
        await send('Profiler.enable');
        await send('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
        await send('Profiler.start');
      }
      const from = performance.now();
      let count = 0;
      const until = from + SECONDS * 1000;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (performance.now() < until && (name !== 'delete' || deleted < created)) {
            const { status, body } = await one();
            if (status >= 400) throw new Error(body);
            count++;
          }
        }),
      );
      console.log(`\n${name}: ${(count / SECONDS).toFixed(0)} a second under the profiler`);
      const profiles = await Promise.all(
        targets.map(async ({ send }) => (await send('Profiler.stop')).profile as Profile),
      );
      const busiest = profiles.sort((a, b) => b.nodes.length - a.nodes.length)[0]!;
      writeFileSync(`.state/profile-${name}.cpuprofile`, JSON.stringify(busiest));
      const { self, whole } = sums(busiest, count);
      for (let i = 0; i < SHOWN; i++) console.log((self[i] ?? '').padEnd(60), whole[i] ?? '');
      for (const target of targets) target.close();
    }
    client.close();
    platform.close();
  } finally {
    await server.stop();
  }
}
