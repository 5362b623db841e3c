/** Bodies that Go reads without complaint, and that must not meet anything unprepared. */
import { afterAll, expect, it } from 'vitest';
import { createContractCluster } from '../contract/cluster.ts';

const cluster = await createContractCluster('lifecycle');
afterAll(() => cluster.close());

const post = async (path: string, body: unknown): Promise<[number, string | undefined]> => {
  const answer = await cluster.fetch('POST', path, {}, body);
  return [answer.status, ((await answer.json()) as { message?: string }).message];
};
const podSpec = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx' }] };

it('asks for a name where there is none', async () => {
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: {}, spec: { template: { spec: podSpec } } };
  const [status, message] = await post('/apis/batch/v1/namespaces/default/jobs', job);
  expect([status, message]).toEqual([422, expect.stringContaining('name or generateName is required')]);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '' } };
  expect((await post('/api/v1/namespaces', namespace))[0]).toBe(422);
});

it('takes null for an empty value', async () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { k: null } };
  expect((await post('/api/v1/namespaces/default/secrets', secret))[0]).toBe(201);
});

it('says what a failure policy without exit codes lacks', async () => {
  const podFailurePolicy = { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [] } }] };
  const spec = { podFailurePolicy, template: { spec: podSpec } };
  const [status, message] = await post('/apis/batch/v1/namespaces/default/jobs', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec,
  });
  expect([status, message]).toEqual([422, expect.stringContaining('onExitCodes.values')]);
});

it.each([
  ['v1', 'Pod', 'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'],
  ['nope/v1', 'Status', 'converting (v1.Status) to (v1.DeleteOptions): unknown conversion'],
  ['v1', 'CreateOptions', 'converting (v1.CreateOptions) to (v1.DeleteOptions): unknown conversion'],
  ['meta.k8s.io/v1', 'ListOptions', 'converting (v1.ListOptions) to (v1.DeleteOptions): unknown conversion'],
  ['v1', 'ListOptions', 'no kind "ListOptions" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'],
  [
    'meta.k8s.io/v1beta1',
    'PartialObjectMetadataList',
    'converting (v1beta1.PartialObjectMetadataList) to (v1.DeleteOptions): unknown conversion',
  ],
  ['nope/v1', 'DeleteOptions', 'configmaps "none" not found'],
])('deletes by options only, not by %s %s', async (apiVersion, kind, message) => {
  const answer = await cluster.fetch('DELETE', '/api/v1/namespaces/default/configmaps/none', {}, { apiVersion, kind });
  expect(((await answer.json()) as { message?: string }).message).toBe(message);
});
