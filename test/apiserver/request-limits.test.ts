/** Limits of what one request asks, or brings about: at each of them it is done, beyond it refused or cut. */
import { expect, it } from 'vitest';
import { MAX_PODS } from '../../src/admission/pod-security.ts';
import { MAX_DEVICES } from '../../src/admission/quota-usage.ts';
import { MAX_UPDATE_MANAGERS } from '../../src/apiserver/apply/entries.ts';
import { INT64_MAX } from '../../src/apiserver/options.ts';
import { MIN_TIMEOUT } from '../../src/apiserver/watch/source.ts';
import { GENERATED_NAME_MAX } from '../../src/apiserver/write/stages.ts';
import { createContractCluster } from '../contract/cluster.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const CORE = '/api/v1/namespaces/default';
const MAPS = `${CORE}/configmaps`;
const sandbox = createSandbox(0);

it.each(['limit', 'timeoutSeconds'])('a number of 64 bits: %s', async (parameter) => {
  const ask = (value: bigint): Promise<Response> => sandbox.respond('GET', `${MAPS}?${parameter}=${value}`);
  expect((await ask(INT64_MAX)).status).toBe(200);
  const refused = await ask(INT64_MAX + 1n);
  expect([refused.status, (await refused.json()).message]).toEqual([
    400,
    `strconv.ParseInt: parsing "${INT64_MAX + 1n}": value out of range`,
  ]);
});

it('a generated name is as long as a label, whatever it begins with', async () => {
  const named = async (length: number): Promise<string> =>
    (await sandbox.request('POST', MAPS, { metadata: { generateName: 'a'.repeat(length) } })).metadata.name;
  expect(await named(GENERATED_NAME_MAX)).toMatch(new RegExp(`^a{${GENERATED_NAME_MAX}}[^a]`));
  expect(await named(GENERATED_NAME_MAX + 1)).toHaveLength((await named(GENERATED_NAME_MAX)).length);
});

it('so many managers of an object are told apart', async () => {
  const path = `${MAPS}/managed`;
  await sandbox.respond('POST', MAPS, { 'user-agent': 'm0' }, { metadata: { name: 'managed' }, data: { k0: 'v' } });
  const managers = async (): Promise<string[]> =>
    (await sandbox.request('GET', path)).metadata.managedFields.map(({ manager }: Record<string, string>) => manager);
  const change = (i: number) => sandbox.respond('PATCH', path, { 'user-agent': `m${i}` }, { data: { [`k${i}`]: 'v' } });
  for (let i = 1; i < MAX_UPDATE_MANAGERS; i++) await change(i);
  expect(await managers()).toEqual(Array.from({ length: MAX_UPDATE_MANAGERS }, (_, i) => `m${i}`));
  await change(MAX_UPDATE_MANAGERS);
  const after = await managers();
  expect(after).toHaveLength(MAX_UPDATE_MANAGERS);
  expect(after).toContain('ancient-changes');
  expect(after).toContain(`m${MAX_UPDATE_MANAGERS}`);
});

it('all devices count as the most that there can be', async () => {
  const hard = { 'c.deviceclass.resource.k8s.io/devices': String(MAX_DEVICES) };
  await sandbox.request('POST', `${CORE}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } });
  sandbox.advance(1_000);
  const claims = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
  const claim = (name: string, request: object) =>
    sandbox.respond(
      'POST',
      claims,
      {},
      {
        metadata: { name },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', ...request } }] } },
      },
    );
  expect((await claim('too-many', { allocationMode: 'ExactCount', count: MAX_DEVICES + 1 })).status).toBe(403);
  expect((await claim('all', { allocationMode: 'All' })).status).toBe(201);
  expect((await claim('one-more', { allocationMode: 'ExactCount', count: 1 })).status).toBe(403);
});

it('a stricter namespace looks at so many of its pods', async () => {
  const small = createSandbox(0);
  const put = (i: number): void => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${i}`, namespace: 'default', uid: `u${i}` },
      spec: { containers: [] },
    };
    small.cluster.store.put({ key: `/registry/pods/default/p${i}`, value: JSON.stringify(pod) });
  };
  const warnings = async (): Promise<string> => {
    const enforce = (level: string) =>
      small.respond(
        'PATCH',
        '/api/v1/namespaces/default',
        {},
        { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
      );
    await enforce('privileged');
    return (await enforce('restricted')).headers.get('warning') ?? '';
  };
  for (let i = 0; i < MAX_PODS; i++) put(i);
  expect(await warnings()).not.toContain('only checked against');
  put(MAX_PODS);
  expect(await warnings()).toContain(`only checked against the first ${MAX_PODS} of ${MAX_PODS + 1} existing pods`);
});

it('a watch that asks for no time is open for half an hour at least, and for an hour at most', async () => {
  const cluster = await createContractCluster('protocol');
  const answer = await cluster.fetch('GET', `${MAPS}?watch=true`, {}, undefined);
  let over = false;
  const end = answer.text().then(() => {
    over = true;
  });
  await cluster.advance(MIN_TIMEOUT - 1000);
  expect(over).toBe(false);
  await cluster.advance(MIN_TIMEOUT + 1000);
  await end;
  cluster.close();
});
