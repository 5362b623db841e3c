import { expect, it } from 'vitest';
import type { Json } from './pods.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CORE = '/api/v1/namespaces/default';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
/** As the controller's own limit. */
const MOST = 1000;

async function withService(subsets: Json[], metadata: Json = {}): Promise<Sandbox> {
  const sandbox = createSandbox(1);
  await sandbox.request('POST', `${CORE}/services`, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
  await sandbox.request('POST', `${CORE}/endpoints`, { metadata: { name: 's', ...metadata }, subsets });
  sandbox.advance(1_000);
  return sandbox;
}

const slicesOf = async (sandbox: Sandbox): Promise<Json[]> =>
  (await sandbox.request('GET', SLICES)).items.filter(
    (s: Json) => s.metadata.labels['kubernetes.io/service-name'] === 's',
  );

const addresses = (count: number): Json[] =>
  Array.from({ length: count }, (_, i) => ({ ip: `10.1.${Math.floor(i / 250)}.${1 + (i % 250)}` }));

it.each([
  [MOST, []],
  [
    MOST + 1,
    [`A max of ${MOST} addresses can be mirrored to EndpointSlices per Endpoints subset. 1 addresses were skipped`],
  ],
])('mirrors at most a thousand addresses of a subset: %i', async (count, messages) => {
  const sandbox = await withService([{ addresses: addresses(count), ports: [{ port: 80 }] }]);
  const [slice] = await slicesOf(sandbox);
  expect(slice!.endpoints).toHaveLength(MOST);
  const { items } = await sandbox.request('GET', `${CORE}/events`);
  const told = items.filter((event: Json) => event.reason === 'TooManyAddressesToMirror');
  expect(told.map((event: Json) => event.message)).toEqual(messages);
});

it('mirrors subsets with the same ports into one slice, follows labels and annotations, and comes back', async () => {
  const metadata = { labels: { a: '1' }, annotations: { b: '2' } };
  const sandbox = await withService(
    [
      { addresses: [{ ip: '10.1.0.1' }], ports: [{ port: 80 }] },
      { addresses: [{ ip: '10.1.0.2' }], ports: [{ port: 80 }] },
    ],
    metadata,
  );
  const [slice, more] = await slicesOf(sandbox);
  expect(slice!.endpoints.map((e: Json) => e.addresses[0])).toEqual(['10.1.0.1', '10.1.0.2']);
  expect(more).toBeUndefined();
  expect([slice!.metadata.labels.a, slice!.metadata.annotations]).toEqual(['1', { b: '2' }]);
  await sandbox.request('PATCH', `${CORE}/endpoints/s`, { metadata: { labels: { a: '3' }, annotations: null } });
  sandbox.advance(1_000);
  const [changed] = await slicesOf(sandbox);
  expect(changed!.metadata).toMatchObject({ name: slice!.metadata.name, labels: { a: '3' } });
  expect(changed!.metadata.annotations).toBeUndefined();
  await sandbox.request('DELETE', `${SLICES}/${slice!.metadata.name}`);
  sandbox.advance(1_000);
  expect((await slicesOf(sandbox)).map((s) => s.endpoints.length)).toEqual([2]);
});
