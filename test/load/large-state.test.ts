/**
 * More state of one kind than crosses from the object to the Worker at once (32 MiB): lists in every form, pages, watches from the
 * start, copies and deletion. `LARGE_STATE_MB=400` is nearly what a cluster's quota allows.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { readMessage } from '../../src/apiserver/codec/protobuf-read.ts';
import { builtInStruct } from '../../src/catalog/schema.ts';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';

const MEGABYTES = Number(process.env.LARGE_STATE_MB ?? 40);
const VALUE = 'v'.repeat(1_000_000);
const PATH = '/api/v1/namespaces/default/secrets';
/** What the whole process may take more at the peak of one piece of work than before it, as a multiple of the state. */
const MAX_GROWTH = 8;

let sandbox: Sandbox;
let cluster: { id: string; server: string; token: string };
const name = (i: number): string => `c${String(i).padStart(4, '0')}`;
const names = Array.from({ length: MEGABYTES }, (_, i) => name(i));

/** As clients ask: who is told to come back later does. */
async function patiently(send: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await send();
    const seconds = Number(answer.headers.get('retry-after'));
    if (answer.status !== 429 || !seconds) return answer;
    await answer.body?.cancel();
    await new Promise((fulfil) => setTimeout(fulfil, seconds * 1000));
  }
}

const get = (path: string, headers: Record<string, string> = {}, made = cluster): Promise<Response> =>
  patiently(() => fetch(`${made.server}${path}`, { headers: { authorization: `Bearer ${made.token}`, ...headers } }));
const platform = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${sandbox.server.url}/v1/clusters/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${cluster.token}`, ...init.headers },
  });
/** The names in an answer, in order. */
async function namesIn(answer: Response, pattern = /"name":"(c\d{4})"/g): Promise<string[]> {
  expect(answer.status).toBe(200);
  const found = new Set<string>();
  let rest = '';
  for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
    rest += text;
    for (const [, match] of rest.matchAll(pattern)) found.add(match!);
    rest = rest.slice(-20);
  }
  return [...found];
}

beforeAll(async () => {
  sandbox = await openSandbox();
  cluster = await sandbox.createCluster({ nodes: 0, profile: 'api' });
  for (const each of names) {
    const body = JSON.stringify({
      metadata: { name: each, labels: { half: Number(each.slice(1)) % 2 ? 'b' : 'a' } },
      data: { v: VALUE },
    });
    const made = await fetch(`${cluster.server}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
      body,
    });
    expect(made.status).toBe(201);
  }
}, 600_000);

/** Megabytes of the server's process, now or at its peak. */
function resident(which: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${sandbox.server.pid}/status`, 'utf8');
  return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)![1]) / 1024;
}

let before = 0;
beforeEach(() => {
  before = resident('VmRSS');
  // The peak is counted anew from here on.
  writeFileSync(`/proc/${sandbox.server.pid}/clear_refs`, '5');
});
afterEach(() => {
  expect(resident('VmHWM') - before).toBeLessThan(MAX_GROWTH * MEGABYTES);
});

afterAll(() => sandbox.close());

it('is listed whole, in JSON', async () => {
  const list = (await (await get(PATH)).json()) as any;
  expect(Object.keys(list)).toEqual(['kind', 'apiVersion', 'metadata', 'items']);
  expect(list.items.map((item: any) => item.metadata.name)).toEqual(names);
  expect(list.items.every((item: any) => item.data.v.length === VALUE.length)).toBe(true);
  expect(list.metadata).toEqual({ resourceVersion: expect.stringMatching(/^\d+$/) });
});

it.each([
  ['indented', { 'user-agent': 'curl/8' }, /"name": "(c\d{4})"/g],
  ['YAML', { accept: 'application/yaml' }, /name: (c\d{4})/g],
  ['a table', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, /"name":"(c\d{4})"/g],
  ['metadata', { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }, /"name":"(c\d{4})"/g],
])('is listed as %s', async (_, headers, pattern) => {
  expect(await namesIn(await get(PATH, headers), pattern)).toEqual(names);
});

it('is listed as Protobuf, whose envelope says how long it is', async () => {
  const answer = await get(PATH, { accept: 'application/vnd.kubernetes.protobuf' });
  expect(answer.headers.get('content-type')).toBe('application/vnd.kubernetes.protobuf');
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.subarray(0, 4).toString()).toBe('k8s\0');
  const envelope = new BinaryReader(bytes.subarray(4));
  envelope.tag();
  expect(envelope.bytes()).toHaveLength('v1'.length + 'SecretList'.length + 4);
  envelope.tag();
  const message = envelope.bytes();
  const list = readMessage(new BinaryReader(message), builtInStruct('io.k8s.api.core.v1.SecretList'), message.length);
  expect((list as any).items.map((item: any) => item.metadata.name)).toEqual(names);
  expect((list as any).items.every((item: any) => item.data.v.length === VALUE.length)).toBe(true);
});

it('is listed by a selector, and in pages whose sum is the whole', async () => {
  const half = await namesIn(await get(`${PATH}?labelSelector=half%3Da`));
  expect(half).toEqual(names.filter((_, i) => i % 2 === 0));
  const seen: string[] = [];
  const remaining: (number | undefined)[] = [];
  for (let token = ''; ; ) {
    const page = (await (await get(`${PATH}?limit=15${token && `&continue=${token}`}`)).json()) as any;
    seen.push(...page.items.map((item: any) => item.metadata.name));
    remaining.push(page.metadata.remainingItemCount);
    token = page.metadata.continue ?? '';
    if (!token) break;
  }
  expect(seen).toEqual(names);
  expect(remaining.slice(0, 2)).toEqual([MEGABYTES - 15, MEGABYTES - 30]);
});

it('begins a watch, which goes on with what comes', async () => {
  const answer = await get(
    `${PATH}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
  );
  const seen: string[] = [];
  let rest = '';
  const done = (async () => {
    for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const event = JSON.parse(line);
        seen.push(event.type === 'BOOKMARK' ? 'BOOKMARK' : event.object.metadata.name);
      }
      if (seen.at(-1) === 'last') return;
    }
  })();
  const body = JSON.stringify({ metadata: { name: 'last' } });
  const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
  expect((await fetch(`${cluster.server}${PATH}`, { method: 'POST', headers, body })).status).toBe(201);
  await done;
  expect(seen).toEqual([...names, 'BOOKMARK', 'last']);
  expect((await fetch(`${cluster.server}${PATH}/last`, { method: 'DELETE', headers })).status).toBe(200);
});

it('is exported, imported and forked', async () => {
  const fork = await platform(`${cluster.id}/forks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(fork.status).toBe(201);
  const forked = (await fork.json()) as typeof cluster;
  expect(await namesIn(await get(PATH, {}, { ...cluster, ...forked }))).toEqual(names);
  await platform(forked.id, { method: 'DELETE', headers: { authorization: `Bearer ${forked.token}` } });
  const file = await platform(`${cluster.id}/export`);
  const imported = await fetch(`${sandbox.server.url}/v1/clusters/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: file.body,
    duplex: 'half',
  } as RequestInit);
  expect(imported.status).toBe(201);
  const again = (await imported.json()) as typeof cluster;
  expect(await namesIn(await get(PATH, {}, { ...cluster, ...again }))).toEqual(names);
  await platform(again.id, { method: 'DELETE', headers: { authorization: `Bearer ${again.token}` } });
});

it('is deleted at once, and answered as it was', async () => {
  const gone = await fetch(`${cluster.server}${PATH}?labelSelector=half`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${cluster.token}` },
  });
  expect(await namesIn(gone)).toEqual(names);
  expect(((await (await get(`${PATH}?labelSelector=half`)).json()) as any).items).toEqual([]);
});
