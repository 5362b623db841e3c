/** Forks and imports that a crash meets half-way: whole clusters or none, and nothing on the disk that is nobody's. */
import { globSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { MIN_SWEPT_AGE_MS } from '../../scripts/local/object-sweep.ts';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'diorama-copies-'));
let server: LocalServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROUNDS = Number(process.env.COPY_KILLS ?? 4);
const OBJECTS = 1500;

const objects = (): number =>
  globSync('v3/do/*/*', { cwd: folder }).filter((name) => /[0-9a-f]{64}\.sqlite$/.test(name)).length;

/** The next start, as it is some minutes later: by then nothing that is young is spared. */
function restart(): Promise<LocalServer> {
  const at = (Date.now() - 2 * MIN_SWEPT_AGE_MS) / 1000;
  for (const name of globSync('v3/do/*/*.sqlite*', { cwd: folder })) utimesSync(join(folder, name), at, at);
  return startServer({ stateDir: folder, bundled: true });
}

async function listed({ url }: LocalServer): Promise<string[]> {
  const { items } = (await (await fetch(`${url}/v1/clusters`)).json()) as { items: { id: string }[] };
  return items.map(({ id }) => id);
}

const header = {
  format: 'diorama-cluster',
  version: 1,
  revision: OBJECTS + 3,
  time: 1_800_000_000_000,
  making: {
    name: 'imported',
    seed: 'seed',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767],
    components: { scheduler: false, kubelet: false, kubeProxy: false, controllers: {} },
    clock: { start: 1_800_000_000_000, speed: 1, paused: false },
  },
};
const line = (i: number): string =>
  `${JSON.stringify({
    key: `/registry/configmaps/default/c${i}`,
    value: JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `c${i}`, namespace: 'default' } }),
    createRevision: i + 2,
    modRevision: i + 2,
    version: 1,
  })}\n`;
/** What lets anybody read `/version`; an import has it at its end. */
const PUBLIC = [
  [
    '/registry/clusterrolebindings/zz-public',
    {
      kind: 'ClusterRoleBinding',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'zz-public' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'zz-public' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
    },
  ],
  [
    '/registry/clusterroles/zz-public',
    {
      kind: 'ClusterRole',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'zz-public' },
      rules: [{ verbs: ['get'], nonResourceURLs: ['/version'] }],
    },
  ],
] as const;
const publicLine = ([key, object]: (typeof PUBLIC)[number], i: number): string =>
  `${JSON.stringify({
    key,
    value: JSON.stringify(object),
    createRevision: OBJECTS + i + 2,
    modRevision: OBJECTS + i + 2,
    version: 1,
  })}\n`;
const file = [
  `${JSON.stringify(header)}\n`,
  ...Array.from({ length: OBJECTS }, (_, i) => line(i)),
  ...PUBLIC.map(publicLine),
].join('');
const NDJSON = { 'content-type': 'application/x-ndjson' };

it('are whole or not there after a crash, and nothing else is', async () => {
  server = await startServer({ stateDir: folder });
  const imported = await fetch(`${server.url}/v1/clusters/import`, { method: 'POST', headers: NDJSON, body: file });
  expect(imported.status).toBe(201);
  const source = (await imported.json()) as { id: string; token: string };
  const authorization = { authorization: `Bearer ${source.token}` };

  for (let round = 0; round < ROUNDS; round++) {
    const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const feed = writable.getWriter();
    const ends = Promise.allSettled([
      fetch(`${server!.url}/v1/clusters/import`, {
        method: 'POST',
        headers: NDJSON,
        body,
        duplex: 'half',
      } as RequestInit),
      ...Array.from({ length: 3 }, () =>
        fetch(`${server!.url}/v1/clusters/${source.id}/forks`, {
          method: 'POST',
          headers: { ...authorization, 'content-type': 'application/json' },
          body: '{}',
        }),
      ),
    ]);
    // The import never gets its last lines; the forks are met wherever they are.
    feed.write(new TextEncoder().encode(file.slice(0, file.length / 2))).catch(() => undefined);
    await new Promise((fulfil) => setTimeout(fulfil, 20 + round * 35));
    await server.kill();
    await ends;

    server = await restart();
    const ids = await listed(server);
    expect(ids).toContain(source.id);
    // An object that is not listed yet when its process dies ends itself a minute later: that one the sweep cannot know.
    expect(objects()).toBeGreaterThanOrEqual(ids.length);
    expect(objects()).toBeLessThanOrEqual(ids.length + 3);
    for (const id of ids.filter((id) => id !== source.id)) {
      const anonymous = await fetch(`${server.url}/clusters/${id}/version`);
      expect([id, anonymous.status]).toEqual([id, 200]);
    }
  }
});

it('that lose their client leave nothing', async () => {
  server = await restart();
  const before = (await listed(server)).length;
  const kept = objects();
  const abort = new AbortController();
  const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const feed = writable.getWriter();
  const sent = fetch(`${server.url}/v1/clusters/import`, {
    method: 'POST',
    headers: NDJSON,
    body,
    duplex: 'half',
    signal: abort.signal,
  } as RequestInit).catch(() => undefined);
  feed.write(new TextEncoder().encode(file.slice(0, file.length / 2))).catch(() => undefined);
  await new Promise((fulfil) => setTimeout(fulfil, 300));
  abort.abort();
  await sent;
  expect((await listed(server)).length).toBe(before);
  await server.stop();
  server = await restart();
  expect(objects()).toBe(kept);
});
