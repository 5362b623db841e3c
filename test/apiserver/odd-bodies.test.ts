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
