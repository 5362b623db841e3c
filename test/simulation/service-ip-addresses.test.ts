import { expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

const SERVICES = '/api/v1/namespaces/default/services';
const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';

it('each cluster IP is an IPAddress for as long as its Service has it', async () => {
  const sandbox = createSandbox(0);
  const names = async (): Promise<string[]> =>
    (await sandbox.request('GET', ADDRESSES)).items.map(
      (item: any) => `${item.metadata.name} ${item.spec.parentRef.name}`,
    );
  const before = await names();
  const { spec } = await sandbox.request('POST', SERVICES, {
    metadata: { name: 'a' },
    spec: { ports: [{ port: 80 }] },
  });
  await sandbox.request('POST', SERVICES, {
    metadata: { name: 'headless' },
    spec: { clusterIP: 'None', ports: [{ port: 80 }] },
  });
  sandbox.advance(0);
  const mine = `${spec.clusterIP} a`;
  expect((await names()).sort()).toEqual([...before, mine].sort());
  expect(await sandbox.request('GET', `${ADDRESSES}/${spec.clusterIP}`)).toMatchObject({
    metadata: {
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } },
  });
  // Deleted by hand, it is made again.
  await sandbox.request('DELETE', `${ADDRESSES}/${spec.clusterIP}`);
  sandbox.advance(0);
  expect(await names()).toContain(mine);
  await sandbox.request('DELETE', `${SERVICES}/a`);
  sandbox.advance(0);
  expect(await names()).toEqual(before);
  expect(sandbox.errors).toEqual([]);
});

it('leaves alone what somebody else made', async () => {
  const sandbox = createSandbox(0);
  const parentRef = { resource: 'services', namespace: 'default', name: 'nobody' };
  await sandbox.request('POST', ADDRESSES, { metadata: { name: '10.96.7.7' }, spec: { parentRef } });
  sandbox.advance(1000);
  expect(await sandbox.request('GET', `${ADDRESSES}/10.96.7.7`)).toMatchObject({ spec: { parentRef } });
});
