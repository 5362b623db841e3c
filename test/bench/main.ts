/**
 * `npm run bench`: the built bundle on workerd, state on a RAM disk where there is one. Prints a table and writes
 * `.state/bench.json` with the machine's details.
 *
 *     --compare    only the requests that are compared with other servers
 *     --check      fails where a share of another server is worse by 15 % than in `test/bench/baseline.json`
 *     --write      writes the baseline, and `docs/performance.md`
 *     --profile [NAME…]   where the time of each kind of request goes; see profile.ts
 *     --bill       what sandboxes would cost in a month on the hosted platform; see bill.ts
 *     --scheduling [CASE…]  pods a second that the scheduler places on 5,000 nodes; see scheduling.ts
 *     --causes            what it costs to keep what each write was made for; see causes.ts
 *     --pump [PODS…]      what pods cost of computing in this process, with `--profile` where it goes; see pump.ts
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../../scripts/local-server.ts';
import { worseThanBaseline, writeBaseline } from './baseline.ts';
import { bills } from './bill.ts';
import { benchCauses } from './causes.ts';
import { benchCel } from './cel.ts';
import { type Compared, compareRows } from './comparison.ts';
import { type Latencies, load, percentile, processFigures } from './figures.ts';
import { Client } from './http.ts';
import { benchInProcess } from './in-process.ts';
import { writePage } from './page.ts';
import { deploymentUntilReady } from './pods.ts';
import { profileRequests } from './profile.ts';
import { benchPumps } from './pump.ts';
import { benchScheduling } from './scheduling.ts';
import { benchStartUp } from './start-up.ts';
import { benchStore } from './store.ts';

const RAM_DISK = '/dev/shm';
const root = statSync(RAM_DISK, { throwIfNoEntry: false })?.isDirectory() ? RAM_DISK : tmpdir();
const folder = mkdtempSync(join(root, 'diorama-bench-'));
const { values: flags, positionals } = parseArgs({
  options: {
    compare: { type: 'boolean' },
    check: { type: 'boolean' },
    write: { type: 'boolean' },
    profile: { type: 'boolean' },
    causes: { type: 'boolean' },
    pump: { type: 'boolean' },
    scheduling: { type: 'boolean' },
    bill: { type: 'boolean' },
    connections: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
mkdirSync('.state', { recursive: true, mode: 0o700 });
if (flags.causes) {
  await benchCauses();
  process.exit();
}
if (flags.pump) {
  rmSync(folder, { recursive: true, force: true });
  await benchPumps(positionals.map(Number), flags.profile ?? false);
  process.exit();
}
if (flags.scheduling) {
  rmSync(folder, { recursive: true, force: true });
  benchScheduling(positionals);
  process.exit();
}
if (flags.bill) {
  rmSync(folder, { recursive: true, force: true });
  console.log((await bills()).join('\n'));
  process.exit();
}
if (flags.profile) {
  try {
    await profileRequests(folder, positionals, Number(flags.connections));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}

const server = await startServer({ stateDir: folder });
const results: Record<string, unknown> = {};
const rows: string[][] = [];

function record(name: string, figure: unknown, shown: string): void {
  results[name] = figure;
  rows.push([name, shown]);
  console.log(`${name.padEnd(44)} ${shown}`);
}
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
const show = (l: Latencies): string => `p50 ${ms(l.p50)}  p99 ${ms(l.p99)}  ${l.perSecond.toFixed(0)}/s`;

async function compare(): Promise<Compared[]> {
  const compared = await compareRows(server.url, folder);
  for (const one of compared) {
    const { row, connections, diorama, ofBare, ofReal } = one;
    const shares = `${ofBare.toFixed(2)} of the bare platform${ofReal === undefined ? '' : `, ${ofReal.toFixed(2)} of the real server`}`;
    record(
      `${row}, ${connections} connection${connections > 1 ? 's' : ''}, compared`,
      one,
      `${show(diorama)}  ${shares}`,
    );
  }
  if (flags.check)
    for (const line of worseThanBaseline(compared)) {
      console.error(line);
      process.exitCode = 1;
    }
  if (flags.write) writeBaseline(compared);
  return compared;
}

async function createCluster(spec: unknown): Promise<{ id: string; server: string; token: string }> {
  const platform = new Client(server.url, '');
  const reply = await platform.send('POST', '/v1/clusters', spec);
  platform.close();
  if (reply.status !== 201) throw new Error(`creation answered ${reply.status}: ${reply.body}`);
  return JSON.parse(reply.body);
}

async function issueToken({ id, token }: { id: string; token: string }, wanted: unknown): Promise<string> {
  const platform = new Client(server.url, token);
  const reply = await platform.send('POST', `/v1/clusters/${id}/tokens`, wanted);
  platform.close();
  if (reply.status !== 201) throw new Error(`a token answered ${reply.status}: ${reply.body}`);
  return JSON.parse(reply.body).token;
}

async function everything(): Promise<void> {
  for (let i = 0; i < 5; i++) await createCluster({ nodes: 3 });
  const creations: number[] = [];
  let nodesReady = true;
  for (let i = 0; i < 30; i++) {
    const from = performance.now();
    const made = await createCluster({ nodes: 3 });
    creations.push(performance.now() - from);
    const client = new Client(`${server.url}/clusters/${made.id}`, made.token);
    const { items } = JSON.parse((await client.send('GET', '/api/v1/nodes')).body);
    nodesReady &&=
      items.length === 3 &&
      items.every((n: any) => n.status.conditions.some((c: any) => c.type === 'Ready' && c.status === 'True'));
    client.close();
  }
  creations.sort((a, b) => a - b);
  record(
    'cluster creation',
    creations,
    `p50 ${ms(percentile(creations, 0.5))}  p99 ${ms(percentile(creations, 0.99))}  first get nodes Ready: ${nodesReady}`,
  );

  for (const replicas of [50, 50, 200, 200]) {
    const made = await createCluster({
      nodes: [1, 2, 3].map((n) => ({ name: `node-${n}`, capacity: { cpu: '64', memory: '256Gi', pods: '500' } })),
    });
    const took = await deploymentUntilReady(`${server.url}/clusters/${made.id}`, made.token, replicas);
    record(`${replicas} pods until Running and Ready`, took, ms(took));
  }

  const made = await createCluster({ nodes: 0, profile: 'api' });
  const base = `${server.url}/clusters/${made.id}`;
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const viewer = await issueToken(made, { role: 'view', namespaces: ['default'] });
  for (const connections of [1, 16]) {
    const client = new Client(base, made.token, connections);
    const count = connections === 1 ? 500 : 2000;
    const name = (i: number) => `c${connections}-${i}`;
    const check = (status: number, reply: { status: number; body: string }) => {
      if (reply.status !== status) throw new Error(`answered ${reply.status}: ${reply.body}`);
    };
    await load(100, connections, async (i) =>
      check(201, await client.send('POST', configMaps, { metadata: { name: `warm${connections}-${i}` } })),
    );
    const at = `${connections} connection${connections > 1 ? 's' : ''}`;
    const measure = async (what: string, n: number, one: (i: number) => Promise<void>) => {
      const figures = await load(n, connections, one);
      record(`${what}, ${at}`, figures, show(figures));
    };
    await measure('create ConfigMap', count, async (i) =>
      check(201, await client.send('POST', configMaps, { metadata: { name: name(i) }, data: { k: 'v' } })),
    );
    await measure('get ConfigMap', count, async (i) =>
      check(200, await client.send('GET', `${configMaps}/${name(i)}`)),
    );
    const user = new Client(base, viewer, connections);
    await measure('get ConfigMap as a user of the namespace', count, async (i) =>
      check(200, await user.send('GET', `${configMaps}/${name(i)}`)),
    );
    user.close();
    await measure('update ConfigMap', count, async (i) =>
      check(
        200,
        await client.send('PUT', `${configMaps}/${name(i)}`, { metadata: { name: name(i) }, data: { k: 'w' } }),
      ),
    );
    await measure('patch ConfigMap', count, async (i) =>
      check(
        200,
        await client.send('PATCH', `${configMaps}/${name(i)}`, { data: { k: 'x' } }, 'application/merge-patch+json'),
      ),
    );
    client.close();
  }

  {
    const client = new Client(base, made.token, 16);
    const pod = (i: number) => ({
      metadata: { name: `p${i}`, labels: { app: 'list' } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
    });
    await load(1000, 16, async (i) => {
      const reply = await client.send('POST', '/api/v1/namespaces/default/pods', pod(i));
      if (reply.status !== 201) throw new Error(`answered ${reply.status}: ${reply.body}`);
    });
    for (const connections of [1, 16]) {
      const figures = await load(connections * 20, connections, async () => {
        const reply = await client.send('GET', '/api/v1/namespaces/default/pods');
        if (reply.status !== 200) throw new Error(reply.body);
      });
      record(`list 1,000 pods, ${connections} connection${connections > 1 ? 's' : ''}`, figures, show(figures));
    }
    client.close();
  }

  {
    const client = new Client(base, made.token);
    const seen = new Map<string, (at: number) => void>();
    const stop = await new Client(base, made.token).watch(`${configMaps}?watch=true`, (event) =>
      seen.get(event.object.metadata.name)?.(performance.now()),
    );
    const times: number[] = [];
    for (let i = 0; i < 300; i++) {
      const arrived = new Promise<number>((resolve) => seen.set(`w${i}`, resolve));
      const from = performance.now();
      await client.send('POST', configMaps, { metadata: { name: `w${i}` } });
      times.push((await arrived) - from);
    }
    stop();
    client.close();
    times.sort((a, b) => a - b);
    record(
      'POST until the watch event',
      times,
      `p50 ${ms(percentile(times, 0.5))}  p99 ${ms(percentile(times, 0.99))}`,
    );
  }

  const before = processFigures(server.pid);
  const IDLE = 50;
  for (let i = 0; i < IDLE; i++) await createCluster({ nodes: 3 });
  await new Promise((r) => setTimeout(r, 2000));
  const settled = processFigures(server.pid);
  const IDLE_SECONDS = 5;
  await new Promise((r) => setTimeout(r, IDLE_SECONDS * 1000));
  const after = processFigures(server.pid);
  record(
    'memory per idle cluster',
    (after.residentMB - before.residentMB) / IDLE,
    `${((after.residentMB - before.residentMB) / IDLE).toFixed(2)} MB (server ${after.residentMB.toFixed(0)} MB)`,
  );
  const share = ((after.cpuSeconds - settled.cpuSeconds) / IDLE_SECONDS) * 100;
  record(`CPU of ${IDLE}+ idle clusters together`, share, `${share.toFixed(2)} % of a core`);

  await benchStartUp(folder, record);
  await benchStore(folder, record);

  const { compile, evaluations } = benchCel();
  record('compile a rule', compile, ms(compile / 1000));
  for (const { rule, microseconds } of evaluations) record(rule, microseconds, `${microseconds.toFixed(1)} µs`);
}

const inProcess = await benchInProcess();
for (const [kind, ms] of inProcess) record(`${kind} in process`, ms, `${ms.toFixed(3)} ms of processor time`);
try {
  const compared = await compare();
  if (!flags.compare) await everything();
  if (flags.write) writePage({ bills: await bills(), compared, inProcess, others: rows as [string, string][] });
  writeFileSync(
    '.state/bench.json',
    JSON.stringify(
      {
        machine: {
          cpu: cpus()[0]?.model,
          cores: cpus().length,
          memoryMB: Math.round(totalmem() / 2 ** 20),
          node: process.version,
          stateOn: root,
        },
        results,
      },
      null,
      1,
    ),
  );
  console.log('\nwritten to .state/bench.json');
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
