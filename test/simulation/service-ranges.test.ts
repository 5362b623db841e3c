/** Addresses of Services from more than one range. */
import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const RANGES = '/apis/networking.k8s.io/v1/servicecidrs';
const SERVICES = '/api/v1/namespaces/default/services';

const add = (sandbox: Sandbox, name: string, cidr: string) =>
  sandbox.request('POST', RANGES, { metadata: { name }, spec: { cidrs: [cidr] } });
const expose = (sandbox: Sandbox, name: string, clusterIP?: string) =>
  sandbox.request('POST', SERVICES, {
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...(clusterIP ? { clusterIP } : {}) },
  });
const range = (sandbox: Sandbox, name: string) => sandbox.request('GET', `${RANGES}/${name}`);

it('begin with one that is held and ready', async () => {
  const { metadata, spec, status } = await range(createSandbox(1), 'kubernetes');
  expect(metadata).toMatchObject({ finalizers: ['networking.k8s.io/service-cidr-finalizer'], resourceVersion: '1' });
  expect(spec.cidrs).toEqual(['10.96.0.0/16']);
  expect(status.conditions).toMatchObject([
    { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready' },
  ]);
});

it('can be asked for by number once there is a range that has them, until it goes', async () => {
  const sandbox = createSandbox(1);
  const refused = 'failed to allocate IP 10.200.0.7: the provided network does not match the current range';
  expect((await expose(sandbox, 'web', '10.200.0.7')).message).toContain(refused);
  await add(sandbox, 'second', '10.200.0.0/24');
  sandbox.advance(1000);
  expect((await expose(sandbox, 'web', '10.200.0.7')).spec.clusterIP).toBe('10.200.0.7');
  sandbox.advance(1000);
  await sandbox.request('DELETE', `${RANGES}/second`);
  sandbox.advance(60_000);
  const kept = await range(sandbox, 'second');
  expect(kept.status.conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'Terminating' }]);
  expect((await expose(sandbox, 'other', '10.200.0.8')).code).toBe(422);
  await sandbox.request('DELETE', `${SERVICES}/web`);
  sandbox.advance(60_000);
  expect((await range(sandbox, 'second')).reason).toBe('NotFound');
});

it('come from another range when the first is full', async () => {
  const sandbox = createSandbox(1, { serviceCIDR: '10.96.0.0/29' });
  const addresses: string[] = [];
  for (let i = 0; i < 5; i++) addresses.push((await expose(sandbox, `s${i}`)).spec.clusterIP);
  expect(addresses.every((ip) => ip.startsWith('10.96.0.'))).toBe(true);
  expect((await expose(sandbox, 'more')).message).toContain('range is full');
  await add(sandbox, 'second', '10.200.0.0/24');
  sandbox.advance(1000);
  expect((await expose(sandbox, 'more')).spec.clusterIP).toMatch(/^10\.200\.0\./);
  sandbox.advance(1000);
  const { items } = await sandbox.request('GET', '/apis/networking.k8s.io/v1/ipaddresses');
  expect(items).toHaveLength(7);
});
