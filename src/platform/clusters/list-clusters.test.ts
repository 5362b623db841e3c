import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { tokenHash } from '../../apiserver/identity/authentication.ts';
import { platformApp } from '../app.ts';
import type { PlatformBindings } from '../bindings.ts';
import { addCluster, removeCluster } from '../directory/directory.ts';
import { DEFAULT_LISTED_CLUSTERS, MAX_CURSOR_LENGTH, MAX_LISTED_CLUSTERS } from '../limits.ts';
import { newClusterId } from '../tokens.ts';
import type { ClusterSpec } from './cluster-spec.ts';

const ORIGIN = 'http://localhost:8787';
const { DB } = env as unknown as PlatformBindings;

/** A token of its own for each test, which opens more than one cluster only here. */
let token = '';
beforeEach(() => {
  token = crypto.randomUUID();
});

const ask = async (query: string): Promise<Response> =>
  platformApp.request(`${ORIGIN}/v1/clusters${query}`, { headers: { authorization: `Bearer ${token}` } }, { DB });

interface Page {
  items: { id: string; createdAt: string }[];
  next?: string;
}

async function add(createdAt: number): Promise<string> {
  const id = newClusterId();
  const adminTokenHashes = [await tokenHash(token)];
  const spec = { id, name: id, createdAt, expiresAt: Date.now() + 3_600_000, adminTokenHashes };
  await addCluster(DB, spec as ClusterSpec, {});
  return id;
}

const addMany = (count: number, createdAt: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => add(createdAt)));

/** From page to page by their links. */
async function* pages(query: string): AsyncGenerator<Page> {
  for (let next: string | undefined = query; next !== undefined; ) {
    const answer = await ask(next);
    expect(answer.status).toBe(200);
    const page = await answer.json<Page>();
    const [, url]: (string | undefined)[] = /^<([^>]*)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? [];
    expect(url && new URL(url).searchParams.get('cursor')).toBe(page.next);
    next = url && new URL(url).search;
    yield page;
  }
}

describe('GET /v1/clusters', () => {
  it('loses and doubles none from page to page, while others are made and deleted', async () => {
    const now = Date.now();
    // Many of one instant, so that pages end between them.
    const mine = [...(await addMany(7, now - 2000)), ...(await addMany(7, now - 1000)), await add(now)];
    const seen: Page['items'] = [];
    for await (const { items } of pages('?limit=3')) {
      expect(items.length).toBeLessThanOrEqual(3);
      seen.push(...items);
      await add(Date.now() + seen.length);
      // The one that the next page begins after.
      await removeCluster(DB, items.at(-1)!.id);
    }
    const times = seen.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(
      seen
        .map(({ id }) => id)
        .filter((id) => mine.includes(id))
        .sort(),
    ).toEqual(mine.sort());
  });

  it('has a limit, and another one without it', async () => {
    await addMany(DEFAULT_LISTED_CLUSTERS + 1, Date.now());
    const count = async (query: string) => (await (await ask(query)).json<Page>()).items.length;
    expect(await count('')).toBe(DEFAULT_LISTED_CLUSTERS);
    expect(await count(`?limit=${MAX_LISTED_CLUSTERS}`)).toBeGreaterThan(DEFAULT_LISTED_CLUSTERS);
    expect(await count('?limit=1')).toBe(1);
    for (const limit of ['0', String(MAX_LISTED_CLUSTERS + 1), '-1', '1.5', 'all', '']) {
      const answer = await ask(`?limit=${limit}`);
      expect([limit, answer.status]).toEqual([limit, 422]);
      expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/limit' }] });
    }
  });

  it('ends with a page that names no other', async () => {
    await addMany(4, Date.now());
    const of = async (limit: number) => (await ask(`?limit=${limit}`)).json<Page>();
    expect(await of(3)).toHaveProperty('next');
    expect(await of(4)).not.toHaveProperty('next');
    expect((await ask('?limit=4')).headers.get('link')).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['what is no base64', '***'],
    ['what says no cluster', btoa('123')],
    ['another id', btoa('123.NOT-AN-ID')],
    ['what is too long', 'A'.repeat(MAX_CURSOR_LENGTH + 1)],
  ])('refuses a cursor of %s', async (_, cursor) => {
    const answer = await ask(`?cursor=${encodeURIComponent(cursor)}`);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/cursor' }] });
  });

  it('takes a cursor of a cluster that is gone, and says beyond the last that there is no more', async () => {
    await add(Date.now());
    const from = async (text: string) => {
      const cursor = btoa(text).replaceAll('=', '');
      expect(cursor.length).toBeLessThan(MAX_CURSOR_LENGTH);
      const answer = await ask(`?cursor=${cursor}`);
      return [answer.status, (await answer.json<Page>()).items.length];
    };
    expect(await from('999999999999999.aaaaaaaaaa')).toEqual([200, 1]);
    expect(await from('1.aaaaaaaaaa')).toEqual([200, 0]);
  });
});
