/** Another program at the same keys: a real API server keeps objects as Protobuf, and anybody can put anything through etcd's own door. */
import { expect, it } from 'vitest';
import { encodeProtobuf } from '../../src/apiserver/codec/protobuf.ts';
import { foreignValue } from '../../src/etcd/foreign-value.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const PODS = '/api/v1/namespaces/default/pods';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const deployment = {
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
};

it('a Deployment that was rewritten as Protobuf is the same Deployment', async () => {
  const sandbox = createSandbox(2);
  await sandbox.request('POST', DEPLOYMENTS, deployment);
  sandbox.advance(5000);
  const pods = async (): Promise<string[]> =>
    (await sandbox.request('GET', PODS)).items.map((pod: any) => pod.metadata.uid);
  const before = await pods();
  expect(before).toHaveLength(2);
  const made = await sandbox.request('GET', `${DEPLOYMENTS}/web`);
  made.spec.replicas = 3;
  made.metadata.generation++;
  delete made.metadata.resourceVersion;
  sandbox.cluster.store.put({ key: '/registry/deployments/default/web', value: encodeProtobuf(made)! });
  sandbox.advance(5000);
  const after = await pods();
  expect(after).toHaveLength(3);
  expect(after).toEqual(expect.arrayContaining(before));
  const { items } = await sandbox.request('GET', DEPLOYMENTS);
  expect(items).toMatchObject([{ metadata: { name: 'web' }, spec: { replicas: 3 }, status: { readyReplicas: 3 } }]);
  expect(sandbox.errors).toEqual([]);
});

it('a list names what in it nobody can read, and the rest goes on', async () => {
  const sandbox = createSandbox(0);
  await sandbox.request('POST', CONFIG_MAPS, { metadata: { name: 'good' } });
  const put = (name: string, text: string): number => {
    const key = `/registry/configmaps/default/${name}`;
    return sandbox.cluster.store.put({ key, value: foreignValue(key, text) }).revision;
  };
  // Looks like what the API server writes, but is cut off.
  const first = put('bad-1', '{"kind":"ConfigMap","apiVersion":"v1","metadata":{');
  put('bad-2', 'garbage');
  const path = `${CONFIG_MAPS}/bad-1`;
  const problem = `object not decodable revision=${first}: couldn't get version/kind; json parse error: unexpected end of JSON input`;
  const message = (key: string): string =>
    `StorageError: corrupt object, Code: 7, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${problem}`;
  const list = await sandbox.request('GET', CONFIG_MAPS);
  const key = '/registry/configmaps/default/bad-1';
  expect(list).toMatchObject({
    code: 500,
    reason: 'StorageReadError',
    message: `failed to read one or more configmaps from the storage: ${message(key)} (and 1 more)`,
    details: { name: 'list', kind: 'configmaps' },
  });
  expect(list.details.causes.map(({ field }: { field: string }) => field)).toEqual([key, key.replace('1', '2')]);
  expect(await sandbox.request('GET', `${CONFIG_MAPS}?labelSelector=a`)).toMatchObject({ reason: 'StorageReadError' });
  const text = message('/configmaps/default/bad-1');
  for (const method of ['GET', 'DELETE'])
    expect(await sandbox.request(method, path)).toMatchObject({
      code: 500,
      reason: 'InternalError',
      message: `Internal error occurred: ${text}`,
      details: { causes: [{ message: text }] },
    });
  const patched = await sandbox.request('PATCH', path, { data: {} });
  expect(patched).toMatchObject({ code: 500, message: problem });
  expect(patched.reason).toBeUndefined();
  expect(await sandbox.request('GET', `${CONFIG_MAPS}/good`)).toMatchObject({ metadata: { name: 'good' } });
});
