/** What a webhook makes of the name of what is new: it is stored under the name that it has in the end. */
import { expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';
import { type FakeHook, type FakeHooks, fakeHooks, patching } from './fake-hook.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';
const NAMED: FakeHook = () => patching({ op: 'add', path: '/metadata/name', value: 'other' });

async function withNames(mutate: FakeHook): Promise<{ sandbox: Sandbox; fake: FakeHooks }> {
  const fake = fakeHooks({ '/v': () => ({ allowed: true }) });
  fake.hooks['/m'] = mutate;
  const sandbox = createSandbox(0, { callWebhook: fake.call });
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
  for (const [kind, path] of [
    ['mutating', '/m'],
    ['validating', '/v'],
  ] as const) {
    const hook = {
      name: `${kind}.example.org`,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: `https://hooks.example.org${path}` },
      rules,
    };
    const made = await sandbox.request('POST', `${HOOKS}/${kind}webhookconfigurations`, {
      metadata: { name: kind },
      webhooks: [hook],
    });
    expect(made.message).toBeUndefined();
  }
  return { sandbox, fake };
}

const names = async (sandbox: Sandbox): Promise<string[]> =>
  (await sandbox.request('GET', MAPS)).items
    .map(({ metadata }: any) => metadata.name)
    .filter((name: string) => name !== 'kube-root-ca.crt');

it.each([
  ['that it had', { name: 'm' }, 'm'],
  ['that was to be generated', { generateName: 'm-' }, 'other'],
])('takes the place of the name %s; who validates is told of the request as it came', async (_, metadata, told) => {
  const { sandbox, fake } = await withNames(NAMED);
  const made = await sandbox.request('POST', MAPS, { metadata });
  expect(made.metadata.name).toBe('other');
  expect(await names(sandbox)).toEqual(['other']);
  const [mutating, validating] = fake.asked.map(({ request }) => [request.name, request.object.metadata.name]);
  expect(mutating![0]).toBe('name' in metadata ? 'm' : undefined);
  expect(validating).toEqual([told, 'other']);
  // Nobody was asked twice.
  expect(fake.asked).toHaveLength(2);
});

it('may be what another has: what is new is refused then, at once and in a dry run too', async () => {
  const { sandbox, fake } = await withNames(NAMED);
  await sandbox.request('POST', MAPS, { metadata: { name: 'm' } });
  for (const query of ['', '?dryRun=All'])
    for (const metadata of [{ name: 'm' }, { generateName: 'm-' }])
      expect(await sandbox.request('POST', MAPS + query, { metadata })).toMatchObject({
        code: 409,
        reason: 'AlreadyExists',
        message: 'configmaps "other" already exists',
        details: { name: 'other', kind: 'configmaps' },
      });
  expect(await names(sandbox)).toEqual(['other']);
  expect(fake.asked.length).toBeLessThan(20);
});

it('leaves the name that the client has chosen to another', async () => {
  let rename = true;
  const { sandbox } = await withNames(() =>
    rename ? (NAMED(undefined, undefined as never) as object) : { allowed: true },
  );
  rename = false;
  await sandbox.request('POST', MAPS, { metadata: { name: 'm' }, data: { first: 'yes' } });
  rename = true;
  // There is one of the name that it was sent with, which it does not get.
  expect((await sandbox.request('POST', MAPS, { metadata: { name: 'm' } })).metadata.name).toBe('other');
  expect(await names(sandbox)).toEqual(['m', 'other']);
  expect((await sandbox.request('GET', `${MAPS}/m`)).data).toEqual({ first: 'yes' });
});

it('is refused where the request names what it makes', async () => {
  const { sandbox } = await withNames(NAMED);
  const applied = await sandbox.respond(
    'PATCH',
    `${MAPS}/m?fieldManager=me`,
    { 'content-type': 'application/apply-patch+yaml' },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } },
  );
  expect(applied.status).toBe(422);
  expect(await names(sandbox)).toEqual([]);
});

it('is no valid one', async () => {
  const { sandbox } = await withNames(() => patching({ op: 'add', path: '/metadata/name', value: 'No Name' }));
  expect(await sandbox.request('POST', MAPS, { metadata: { name: 'm' } })).toMatchObject({ code: 422 });
});

it('is told of as ending where the one that has it is about to', async () => {
  const sandbox = createSandbox(0);
  await sandbox.request('POST', MAPS, { metadata: { name: 'm', finalizers: ['example.org/wait'] } });
  await sandbox.request('DELETE', `${MAPS}/m`);
  expect(await sandbox.request('POST', MAPS, { metadata: { name: 'm' } })).toMatchObject({
    code: 409,
    message: 'object is being deleted: configmaps "m" already exists',
  });
});
