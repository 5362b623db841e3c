/** Volumes whose claims pods bring along. */
import { expect, it } from 'vitest';
import { create, eventsOf, get, type Json, make, pod, remove } from './pods.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const spec = {
  storageClassName: '',
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};
const template = { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec };
const carrying = (name: string): Json =>
  pod(
    name,
    { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: template } }], terminationGracePeriodSeconds: 0 },
    { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
  );

const addVolume = (sandbox: Sandbox): Promise<Json> =>
  sandbox.request('POST', '/api/v1/persistentvolumes', {
    metadata: { name: 'pv' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/v' } },
  });

it('have a claim that is the pod’s own, and goes with it', async () => {
  const sandbox = createSandbox(1);
  await addVolume(sandbox);
  const waiting = await make(sandbox, carrying('p'));
  const claim = await sandbox.request('GET', `${CLAIMS}/p-v`);
  expect(claim.metadata).toMatchObject({
    labels: { a: 'b' },
    ownerReferences: [
      { kind: 'Pod', name: 'p', uid: waiting.metadata.uid, controller: true, blockOwnerDeletion: true },
    ],
  });
  expect(claim.metadata.annotations).toMatchObject({ c: 'd' });
  sandbox.advance(60_000);
  expect((await get(sandbox, 'p')).status.phase).toBe('Running');
  await remove(sandbox, 'p');
  sandbox.advance(60_000);
  expect((await sandbox.request('GET', `${CLAIMS}/p-v`)).reason).toBe('NotFound');
});

it('have a new claim when somebody takes theirs away', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, carrying('p'));
  const { uid } = (await sandbox.request('GET', `${CLAIMS}/p-v`)).metadata;
  await sandbox.request('DELETE', `${CLAIMS}/p-v`);
  sandbox.advance(1_000);
  const again = (await sandbox.request('GET', `${CLAIMS}/p-v`)).metadata;
  expect([again.name, again.uid === uid]).toEqual(['p-v', false]);
});

it('do not take a claim that is somebody else’s, and say why there is none', async () => {
  const sandbox = createSandbox(1);
  await create(sandbox, 'PersistentVolumeClaim', 'persistentvolumeclaims', { metadata: { name: 'p-v' }, spec });
  await make(sandbox, carrying('p'));
  const [foreign] = await eventsOf(sandbox, 'p', 'FailedBinding');
  expect(foreign).toMatchObject({
    type: 'Warning',
    message: 'ephemeral volume v: PVC default/p-v was not created for pod default/p (pod is not owner)',
    source: { component: 'ephemeral_volume' },
  });
  const hard = { persistentvolumeclaims: '1' };
  await create(sandbox, 'ResourceQuota', 'resourcequotas', { metadata: { name: 'q' }, spec: { hard } });
  sandbox.advance(1_000);
  await make(sandbox, carrying('other'));
  const [refused] = await eventsOf(sandbox, 'other', 'FailedBinding');
  expect(refused!.message).toMatch(
    /^ephemeral volume v: create PVC other-v: persistentvolumeclaims "other-v" is forbidden: exceeded quota: q/,
  );
});
