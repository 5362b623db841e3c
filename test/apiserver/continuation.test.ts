/** How long a list can be continued. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CONTINUE_LIFETIME } from '../../src/apiserver/read/continuation.ts';
import { openCluster } from './calls.ts';

let cluster: Awaited<ReturnType<typeof openCluster>>;
const PATH = '/api/v1/namespaces/default/secrets';
const page = async (token: string) =>
  cluster.call('GET', `${PATH}?limit=2${token && `&continue=${encodeURIComponent(token)}`}`);
const names = (list: any): string[] => list.items.map((item: any) => item.metadata.name);

beforeEach(async () => {
  cluster = await openCluster();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await cluster.call('POST', PATH, { metadata: { name } });
});
afterEach(() => cluster.close());

it('goes on at the revision where it began, for five minutes', async () => {
  const { body: first } = await page('');
  await cluster.call('DELETE', `${PATH}/c`);
  await cluster.call('POST', PATH, { metadata: { name: 'd2' } });
  await cluster.advance(CONTINUE_LIFETIME - 15_000);
  const { body: second } = await page(first.metadata.continue);
  expect([names(first), names(second)]).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  // The third page is as old as the first.
  await cluster.advance(20_000);
  expect((await page(second.metadata.continue)).status).toBe(410);
});

it('then only from what there is by then', async () => {
  const { body: first } = await page('');
  await cluster.call('DELETE', `${PATH}/c`);
  await cluster.call('POST', PATH, { metadata: { name: 'b2' } });
  await cluster.advance(CONTINUE_LIFETIME + 1000);
  const { status, body } = await page(first.metadata.continue);
  expect([status, body.reason, body.message]).toEqual([
    410,
    'Expired',
    expect.stringContaining('The provided continue parameter is too old to display a consistent list result.'),
  ]);
  const { body: rest } = await page(body.metadata.continue);
  expect(names(rest)).toEqual(['b2', 'd']);
  expect(Number(rest.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
  expect(names((await page(rest.metadata.continue)).body)).toEqual(['e']);
});

it('then of a later revision, though nobody has written', async () => {
  const { body: first } = await page('');
  await cluster.advance(CONTINUE_LIFETIME + 1000);
  const revisions: number[] = [];
  for (let i = 0; i < 2; i++) {
    const { body } = await page(first.metadata.continue);
    const { body: rest } = await page(body.metadata.continue);
    expect(names(rest)).toEqual(['c', 'd']);
    revisions.push(Number(rest.metadata.resourceVersion));
  }
  const begun = Number(first.metadata.resourceVersion);
  expect(revisions).toEqual([begun + 1, begun + 1]);
});

it.each([
  ['zz!', 'illegal base64 data at input byte 2'],
  ['zzzzz', 'illegal base64 data at input byte 4'],
  [btoa('{"v":"meta.k8s.io/v2","rv":1,"start":"a"}'), 'server does not recognize this encoded version meta.k8s.io/v2'],
  [btoa('{"v":"meta.k8s.io/v1","start":"a"}'), 'incorrect encoded start resourceVersion'],
  [btoa('{"v":"meta.k8s.io/v1","rv":"1"}'), 'json: cannot unmarshal string into Go struct field'],
  [btoa('{"v":"meta.k8s.io/v1","rv":1}'), 'encoded start key empty'],
])('refuses %s', async (token, words) => {
  const { status, body } = await page(token.replace(/=+$/, ''));
  expect([status, body.message]).toEqual([400, expect.stringContaining(words)]);
});
