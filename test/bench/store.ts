/** The store through RPC, beside the bare platform in the same run, and with 100,000 keys. */
import { join } from 'node:path';
import { type Latencies, load, percentile, processFigures } from './figures.ts';
import { Client } from './http.ts';
import { startWorkerServer, type WorkerServer } from './worker-server.ts';

export type Recorder = (name: string, figure: unknown, shown: string) => void;

const startStore = (folder: string): Promise<WorkerServer> =>
  startWorkerServer(folder, { entry: 'store-worker.ts', objects: { STORE: 'StoreObject', BARE: 'BareObject' } });

const VALUE = 'v'.repeat(200);
const KEYS = 100_000;
const FILL_STEP = 2000;
const PAGE = 500;
const KEY_BYTES = 1024;
const ROUNDS = 3;

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
const show = (l: Latencies): string => `${l.perSecond.toFixed(0)}/s  p50 ${ms(l.p50)}  p99 ${ms(l.p99)}`;

export async function benchStore(folder: string, record: Recorder): Promise<void> {
  const home = join(folder, 'store');
  let server = await startStore(home);
  try {
    for (const connections of [1, 16]) await throughput(server.url, connections, record);
    const client = new Client(server.url, '');
    const puts = 200;
    const rows = Number((await client.send('GET', `/rows?object=rows&puts=${puts}`)).body);
    record('rows written per put', rows / puts, (rows / puts).toFixed(2));
    client.close();
    for (const watchers of [1, 1000]) await events(server.url, watchers, record);
    await fill(server.url);
    await new Client(server.url, '').send('POST', '/put?object=few&key=x', VALUE, 'text/plain');
    await ranges(server.url, record);
    const wakes: Wake[] = [];
    for (const object of ['few', 'many']) {
      await server.stop();
      server = await startStore(home);
      wakes.push(await coldWake(server, object));
    }
    const [few, many] = wakes as [Wake, Wake];
    record(
      'cold wake to the first answer',
      wakes,
      `${ms(few.took)} with few keys, ${ms(many.took)} with ${KEYS.toLocaleString('en')}`,
    );
    const extra = many.memory - few.memory;
    record('memory of an object with 100,000 keys of 1 KB', extra, `${extra.toFixed(1)} MB more than one with few`);
  } finally {
    await server.stop();
  }
}

async function throughput(url: string, connections: number, record: Recorder): Promise<void> {
  const client = new Client(url, '', connections);
  const count = connections === 1 ? 1500 : 6000;
  const put = (path: string) => async (i: number) => {
    await client.send('POST', `/${path}?key=k${i % 1000}`, VALUE, 'text/plain');
  };
  const at = `${connections} client${connections > 1 ? 's' : ''}`;
  await load(500, connections, put('put'));
  await load(500, connections, put('bare'));
  // In turns, so that what else the machine does falls on both.
  const best: { [path: string]: Latencies } = {};
  for (let round = 0; round < ROUNDS; round++)
    for (const path of ['put', 'bare']) {
      const figures = await load(count, connections, put(path));
      if (!best[path] || figures.perSecond > best[path].perSecond) best[path] = figures;
    }
  record(`put through RPC, ${at}`, best.put, show(best.put!));
  record(`a bare SQLite write, ${at}`, best.bare, show(best.bare!));
  const share = (best.put!.perSecond / best.bare!.perSecond) * 100;
  record(`put as a share of the bare write, ${at}`, share, `${share.toFixed(0)} %`);
  const gets = await load(count * 2, connections, async (i) => {
    await client.send('GET', `/get?key=k${i % 1000}`);
  });
  record(`get through RPC, ${at}`, gets, show(gets));
  client.close();
}

async function events(url: string, watchers: number, record: Recorder): Promise<void> {
  const object = `watch${watchers}`;
  let arrivals = 0;
  let last: (at: number) => void = () => {};
  const sockets = await Promise.all(
    Array.from({ length: watchers }, async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/watch?object=${object}`);
      await new Promise<void>((resolve, reject) => {
        socket.onopen = () => resolve();
        socket.onerror = () => reject(new Error('a watcher could not connect'));
      });
      socket.onmessage = () => {
        if (++arrivals === watchers) last(performance.now());
      };
      return socket;
    }),
  );
  const client = new Client(url, '');
  const times: number[] = [];
  for (let i = 0; i < (watchers === 1 ? 300 : 30); i++) {
    arrivals = 0;
    const done = new Promise<number>((resolve) => {
      last = resolve;
    });
    const from = performance.now();
    await client.send('POST', `/put?object=${object}&key=k${i}`, VALUE, 'text/plain');
    times.push((await done) - from);
  }
  for (const socket of sockets) socket.close();
  client.close();
  times.sort((a, b) => a - b);
  const what =
    watchers === 1
      ? 'put until the event at 1 watcher'
      : `put until the event at the last of ${watchers.toLocaleString('en')}`;
  record(what, times, `p50 ${ms(percentile(times, 0.5))}  p99 ${ms(percentile(times, 0.99))}`);
}

async function fill(url: string): Promise<void> {
  const client = new Client(url, '');
  for (let i = 0; i < KEYS; i += FILL_STEP)
    await client.send('GET', `/fill?object=many&from=${i}&to=${i + FILL_STEP}&bytes=${KEY_BYTES}`);
  client.close();
}

async function ranges(url: string, record: Recorder): Promise<void> {
  const client = new Client(url, '');
  let key = '/k/';
  const figures = await load(KEYS / PAGE - 1, 1, async () => {
    const reply = await client.send('GET', `/range?object=many&key=${encodeURIComponent(key)}&end=/l&limit=${PAGE}`);
    const { count, next } = JSON.parse(reply.body);
    if (count !== PAGE || next === null) throw new Error('a page is not whole');
    key = next;
  });
  record('range of 500 with continuation, 100,000 keys', figures, show(figures));
  client.close();
}

interface Wake {
  /** Milliseconds to the first answer. */
  took: number;
  /** MB that the process grew by, after a page and a watch's worth of use. */
  memory: number;
}

async function coldWake({ url, pid }: WorkerServer, object: string): Promise<Wake> {
  const client = new Client(url, '');
  await client.send('GET', '/get?object=warm&key=x');
  const before = processFigures(pid);
  const from = performance.now();
  await client.send('GET', `/get?object=${object}&key=/k/0050000`);
  const took = performance.now() - from;
  await client.send('GET', `/range?object=${object}&key=/k/&end=/l&limit=500`);
  const memory = processFigures(pid).residentMB - before.residentMB;
  client.close();
  return { took, memory };
}
