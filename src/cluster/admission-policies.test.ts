/** A policy holds from the commit that makes it to the one that takes it away, by whatever way it came. */

import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import type { Env } from './env.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as Env).CLUSTER;
const ORIGIN = 'https://diorama.test';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const POLICIES = `${REGISTRATION}/validatingadmissionpolicies`;
const BINDINGS = `${REGISTRATION}/validatingadmissionpolicybindings`;

interface Made {
  id: string;
  token: string;
}

let made: Made;

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: LooseObject }> {
  const answer = await worker.fetch(`${ORIGIN}${path}`, {
    method,
    headers: { authorization: `Bearer ${made?.token ?? ''}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json<LooseObject>() };
}

const inCluster = (method: string, path: string, body?: unknown, { id } = made) =>
  send(method, `/clusters/${id}${path}`, body);

/** What comes of a ConfigMap called `no`, which a dry run makes. */
const tried = async (cluster = made): Promise<number> =>
  (await inCluster('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', { metadata: { name: 'no' } }, cluster))
    .status;

const policy = (name: string) => ({
  metadata: { name: 'p' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
    validations: [{ expression: `object.metadata.name != "${name}"` }],
  },
});
const binding = { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } };

async function bind(name = 'no'): Promise<void> {
  expect((await inCluster('POST', POLICIES, policy(name))).status).toBe(201);
  expect((await inCluster('POST', BINDINGS, binding)).status).toBe(201);
}

beforeEach(async () => {
  made = undefined as unknown as Made;
  made = (await send('POST', '/v1/clusters', { nodes: 0, profile: 'api' })).body as unknown as Made;
});

describe('a policy', () => {
  it('holds from its binding to its end', async () => {
    for (let round = 0; round < 5; round++) {
      expect(await tried()).toBe(201);
      await bind();
      expect(await tried()).toBe(422);
      const { body } = await inCluster('GET', `${POLICIES}/p`);
      const other = { ...policy('other'), metadata: body.metadata };
      expect((await inCluster('PUT', `${POLICIES}/p`, other)).status).toBe(200);
      expect(await tried()).toBe(201);
      await inCluster('DELETE', `${POLICIES}/p`);
      await inCluster('DELETE', `${BINDINGS}/b`);
    }
  });

  it('is still there when the object comes back to memory, and goes with a reset', async () => {
    await bind();
    await evictDurableObject(objects.getByName(made.id));
    expect(await tried()).toBe(422);
    await send('POST', `/v1/clusters/${made.id}/reset`);
    expect(await tried()).toBe(201);
    await bind('other');
    expect(await tried()).toBe(201);
  });

  it('holds when it comes by etcd, as far as it makes sense', async () => {
    const put = (kind: string, name: string, value: object) => {
      const key = btoa(`/registry/validatingadmissionpolic${kind}/${name}`);
      return inCluster('POST', '/etcd/v3/kv/put', { key, value: btoa(JSON.stringify(value)) });
    };
    await put('ies', 'p', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      ...policy('no'),
    });
    const bound = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding' };
    await put('ybindings', 'b', { ...bound, ...binding });
    expect(await tried()).toBe(422);
    // Without what no policy may lack, it is one that fails.
    await put('ies', 'p', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'p' },
    });
    expect(await tried()).toBe(422);
    await put('ybindings', 'b', { ...bound, metadata: { name: 'b' } });
    expect(await tried()).toBe(201);
    await put('ybindings', 'b', { ...bound, ...binding });
    await put('ies', 'p', { nonsense: true });
    expect(await tried()).toBe(201);
  });
});
