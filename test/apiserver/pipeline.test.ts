import { describe, expect, it } from 'vitest';
import { type ContractCluster, createContractCluster } from '../contract/cluster.ts';

const PATH = '/api/v1/namespaces/default/configmaps';

const configMap = (name: string, extra: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...extra },
  data: { k: 'v' },
});

async function withCluster(use: (cluster: ContractCluster, call: Call) => Promise<void>): Promise<void> {
  const cluster = await createContractCluster('protocol');
  const call: Call = async (method, path, body, headers = {}) => {
    const response = await cluster.fetch(method, path, headers, body);
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  try {
    await use(cluster, call);
  } finally {
    cluster.close();
  }
}

type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string | null>,
) => Promise<{ status: number; body: any }>;

const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('writes', () => {
  it('all of many at once come through, each once', () =>
    withCluster(async (_, call) => {
      await call('POST', PATH, { ...configMap('c'), data: {} });
      const patches = Array.from({ length: 10 }, (__, i) =>
        call('PATCH', `${PATH}/c`, { data: { [`k${i}`]: 'x' } }, MERGE),
      );
      for (const { status } of await Promise.all(patches)) expect(status).toBe(200);
      const { body } = await call('GET', `${PATH}/c`);
      expect(Object.keys(body.data)).toHaveLength(10);
    }));

  it('generated names do not collide, even at the same revision', () =>
    withCluster(async (_, call) => {
      const made = await Promise.all(
        Array.from({ length: 20 }, () => call('POST', PATH, configMap('', { generateName: 'g-' }))),
      );
      expect(made.map((m) => m.status)).toEqual(made.map(() => 201));
      expect(new Set(made.map((m) => m.body.metadata.name)).size).toBe(20);
    }));

  it('a write that changes nothing keeps the version', () =>
    withCluster(async (_, call) => {
      const { body: made } = await call('POST', PATH, configMap('c'));
      const { body: again } = await call('PUT', `${PATH}/c`, made);
      expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
      const { status } = await call('PUT', `${PATH}/c`, configMap('c', { resourceVersion: '1' }));
      expect(status).toBe(409);
    }));

  it('a body over 3 MiB is too large', () =>
    withCluster(async (_, call) => {
      const { status, body } = await call('POST', PATH, {
        ...configMap('c'),
        data: { k: 'x'.repeat(3 * 1024 * 1024) },
      });
      expect([status, body.reason]).toEqual([413, 'RequestEntityTooLarge']);
    }));
});

describe('lists', () => {
  it('pages are of one revision and lose nothing', () =>
    withCluster(async (_, call) => {
      for (let i = 0; i < 5; i++) await call('POST', PATH, configMap(`c${i}`));
      const first = await call('GET', `${PATH}?limit=2&labelSelector=!zzz`);
      await call('DELETE', `${PATH}/c4`);
      const names: string[] = [];
      let page = first;
      for (;;) {
        for (const item of page.body.items) names.push(item.metadata.name);
        const token = page.body.metadata.continue;
        if (!token) break;
        page = await call('GET', `${PATH}?limit=2&labelSelector=!zzz&continue=${token}`);
      }
      expect(names).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'kube-root-ca.crt']);
    }));
});

describe('watches', () => {
  const events = async (response: Response, count: number): Promise<any[]> => {
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    const found: any[] = [];
    let text = '';
    while (found.length < count) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) found.push(JSON.parse(line));
    }
    await reader.cancel();
    return found;
  };

  it('a thousand changes arrive once and in order, and go on from any version', () =>
    withCluster(async (cluster, call) => {
      const { body: made } = await call('POST', PATH, configMap('c'));
      const version = made.metadata.resourceVersion;
      const live = await cluster.fetch('GET', `${PATH}?watch=1&resourceVersion=${version}`, {}, undefined);
      const seen = events(live, 1000);
      for (let i = 0; i < 1000; i++) await call('PATCH', `${PATH}/c`, { data: { k: String(i) } }, MERGE);
      const all = await seen;
      expect(all.map((e) => e.object.data.k)).toEqual(all.map((_, i) => String(i)));
      const resumed = await cluster.fetch(
        'GET',
        `${PATH}?watch=1&resourceVersion=${all[499].object.metadata.resourceVersion}`,
        {},
        undefined,
      );
      const rest = await events(resumed, 500);
      expect(rest.map((e) => e.object.data.k)).toEqual(all.slice(500).map((e) => e.object.data.k));
    }));

  it('bookmarks tell how far it is, and the end comes when asked for', () =>
    withCluster(async (cluster, call) => {
      const response = await cluster.fetch(
        'GET',
        `${PATH}?watch=1&allowWatchBookmarks=true&timeoutSeconds=90&fieldSelector=metadata.name=c`,
        {},
        undefined,
      );
      const seen = events(response, 99);
      await call('POST', PATH, configMap('c'));
      await cluster.advance(95_000);
      expect((await seen).map((e) => e.type)).toEqual(['BOOKMARK', 'ADDED', 'BOOKMARK']);
    }));
});
