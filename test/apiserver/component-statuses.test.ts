import { expect, it } from 'vitest';
import { createContractCluster } from '../contract/cluster.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const PATH = '/api/v1/componentstatuses';

it('says of each component that it is healthy, or how it was asked in vain', async () => {
  const sandbox = createSandbox(0);
  const { metadata, items } = await sandbox.request('GET', PATH);
  expect(metadata).toEqual({});
  const healthy = [{ type: 'Healthy', status: 'True', message: 'ok' }];
  expect(items).toEqual(
    ['controller-manager', 'etcd-0', 'scheduler'].map((name) => ({ metadata: { name }, conditions: healthy })),
  );
  expect(await sandbox.request('GET', `${PATH}/etcd-0`)).toMatchObject({
    kind: 'ComponentStatus',
    conditions: healthy,
  });
  expect((await sandbox.request('GET', `${PATH}?labelSelector=a`)).items).toEqual([]);
  expect((await sandbox.request('GET', `${PATH}?fieldSelector=metadata.name%3Dscheduler`)).items).toHaveLength(1);
  expect(await sandbox.request('GET', `${PATH}/nobody`)).toMatchObject({
    code: 404,
    message: 'componentstatus "nobody" not found',
    details: { name: 'nobody', kind: 'componentstatus' },
  });
});

it('is unhealthy where no scheduler runs', async () => {
  const cluster = await createContractCluster('lifecycle');
  try {
    const response = await cluster.fetch('GET', `${PATH}/scheduler`, {}, undefined);
    expect(((await response.json()) as { conditions: unknown }).conditions).toEqual([
      {
        type: 'Healthy',
        status: 'False',
        message: 'Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused',
      },
    ]);
  } finally {
    cluster.close();
  }
});
