import { describe, expect, it } from 'vitest';
import type { Json } from './pods.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const PATH = '/apis/storagemigration.k8s.io/v1/storageversionmigrations';

const migrate = (sandbox: Sandbox, name: string, resource: Json): Promise<Json> =>
  sandbox.request('POST', PATH, { metadata: { name }, spec: { resource } });

async function conditions(sandbox: Sandbox, name: string): Promise<string[][]> {
  const { status } = await sandbox.request('GET', `${PATH}/${name}`);
  return (status.conditions ?? []).map((c: Json) => [c.type, c.status, c.reason, c.message]);
}

const SUCCEEDED = ['Succeeded', 'True', 'StorageVersionMigrationSucceeded', 'Migration completed'];
const ENDED = ['Running', 'False', 'MigrationCompleted', 'Migration completed'];

describe('a migration of stored versions', () => {
  it('succeeds, and says from which revision on', async () => {
    const sandbox = createSandbox(1);
    await migrate(sandbox, 'm', { resource: 'configmaps' });
    sandbox.advance(1_000);
    expect(await conditions(sandbox, 'm')).toEqual([ENDED, SUCCEEDED]);
    const { status } = await sandbox.request('GET', `${PATH}/m`);
    expect(Number(status.resourceVersion)).toBeGreaterThan(0);
  });

  it('fails when nobody knows the resource for a minute, or it cannot be written', async () => {
    const sandbox = createSandbox(1);
    await migrate(sandbox, 'unknown', { group: 'example.com', resource: 'foos' });
    await migrate(sandbox, 'review', { group: 'authorization.k8s.io', resource: 'subjectaccessreviews' });
    sandbox.advance(1_000);
    expect(await conditions(sandbox, 'unknown')).toEqual([
      ['Running', 'True', 'MigrationRunning', 'The migration is running'],
    ]);
    expect((await conditions(sandbox, 'review'))[1]).toEqual([
      'Failed',
      'True',
      'StorageVersionMigrationFailed',
      'resource "authorization.k8s.io/v1, Resource=subjectaccessreviews" does not support discovery operations: [update patch list]',
    ]);
    sandbox.advance(60_000);
    expect((await conditions(sandbox, 'unknown'))[1]).toEqual([
      'Failed',
      'True',
      'StorageVersionMigrationFailed',
      'resource does not exist in discovery',
    ]);
  });

  it('waits for another one of its resource', async () => {
    const sandbox = createSandbox(1);
    await migrate(sandbox, 'b-first', { group: 'example.com', resource: 'foos' });
    sandbox.advance(1_000);
    await migrate(sandbox, 'a-second', { group: 'example.com', resource: 'foos' });
    sandbox.advance(1_000);
    expect(await conditions(sandbox, 'a-second')).toEqual([]);
    sandbox.advance(120_000);
    expect((await conditions(sandbox, 'a-second')).map(([type]) => type)).toContain('Failed');
  });
});

it('a pod’s certificate request is gone after a quarter of an hour', async () => {
  const sandbox = createSandbox(1);
  const { store } = sandbox.cluster;
  const key = '/registry/podcertificaterequests/default/r';
  const metadata = { name: 'r', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-05T10:00:00Z' };
  const object = { kind: 'PodCertificateRequest', apiVersion: 'certificates.k8s.io/v1', metadata, spec: {} };
  store.put({ key, value: JSON.stringify(object) });
  sandbox.advance(14 * 60_000);
  expect(store.range({ key }).kvs).toHaveLength(1);
  sandbox.advance(2 * 60_000);
  expect(store.range({ key }).kvs).toEqual([]);
});
