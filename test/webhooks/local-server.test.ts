/** Webhooks that are really called: a local server, and an https server of the test's own on the same machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { OFFLOADED_BODY_BYTES } from '../../src/platform/limits.ts';
import { allowed, type HookServer, startHookServer } from './hook-server.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'diorama-webhooks-'));
let server: LocalServer;
let hooks: HookServer;

beforeAll(async () => {
  [server, hooks] = await Promise.all([startServer({ stateDir }), startHookServer((body) => allowed(body))]);
});

afterAll(async () => {
  await Promise.all([server.stop(), hooks.close()]);
  rmSync(stateDir, { recursive: true, force: true });
});

type Ask = (method: string, path: string, body?: unknown) => Promise<any>;

async function cluster(allow: string[]): Promise<Ask> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ profile: 'api', webhooks: { allow } });
  const made: any = await (await fetch(`${server.url}/v1/clusters`, { method: 'POST', headers, body })).json();
  return async (method, path, sent) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(`${server.url}/clusters/${made.id}${path}`, {
      method,
      headers: { authorization: `Bearer ${made.token}`, 'content-type': type },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    return response.json();
  };
}

const configuration = (over: object = {}) => ({
  metadata: { name: 'h' },
  webhooks: [
    {
      name: 'v.example.org',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: `${hooks.url}/v`, caBundle: hooks.caBundle },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      ...over,
    },
  ],
});
const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';

describe('an operator on this machine', () => {
  it('has its webhooks called, which change and refuse', async () => {
    const ask = await cluster([hooks.url]);
    await ask('POST', `${HOOKS}/mutatingwebhookconfigurations`, configuration());
    const patch = btoa(JSON.stringify([{ op: 'add', path: '/data', value: { from: 'webhook' } }]));
    hooks.answer((body) => allowed(body, { patchType: 'JSONPatch', patch }));
    expect((await ask('POST', MAPS, { metadata: { name: 'a' } })).data).toEqual({ from: 'webhook' });
    hooks.answer((body) => allowed(body, { allowed: false, status: { message: 'not here' } }));
    expect(await ask('POST', MAPS, { metadata: { name: 'b' } })).toMatchObject({
      code: 400,
      message: 'admission webhook "v.example.org" denied the request: not here',
    });
    expect(hooks.asked.at(-1)).toMatchObject({ path: '/v', query: 'timeout=10s' });
  });

  it('is called in no cluster whose maker has not allowed it, and by no certificate of others', async () => {
    hooks.answer((body) => allowed(body));
    const failed = 'failed calling webhook "v.example.org": failed to call webhook: ';
    const elsewhere = await cluster([`${hooks.url}/other`]);
    await elsewhere('POST', `${HOOKS}/validatingwebhookconfigurations`, configuration());
    const before = hooks.asked.length;
    expect((await elsewhere('POST', MAPS, { metadata: { name: 'a' } })).message).toContain(
      `${failed}Post "${hooks.url}/v?timeout=10s": dial tcp 127.0.0.1:${hooks.port}: connect: connection refused`,
    );
    expect(hooks.asked.length).toBe(before);
    const ask = await cluster([hooks.url]);
    const clientConfig = { url: `${hooks.url}/v` };
    await ask('POST', `${HOOKS}/validatingwebhookconfigurations`, configuration({ clientConfig }));
    expect((await ask('POST', MAPS, { metadata: { name: 'a' } })).message).toContain(
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
  });

  it('is asked about what is computed in the process for heavy work', async () => {
    const ask = await cluster([hooks.url]);
    await ask('POST', `${HOOKS}/validatingwebhookconfigurations`, configuration());
    hooks.answer((body) => allowed(body, { warnings: ['seen'] }));
    const text = 'x'.repeat(2 * OFFLOADED_BODY_BYTES);
    expect((await ask('POST', MAPS, { metadata: { name: 'large' }, data: { text } })).kind).toBe('ConfigMap');
    expect(hooks.asked.at(-1)!.body.request.object.data.text).toBe(text);
  });

  it('may ask the cluster before it answers, and keep it waiting no longer than was said', async () => {
    const ask = await cluster([hooks.url]);
    await ask('POST', `${HOOKS}/validatingwebhookconfigurations`, configuration());
    hooks.answer(async (body) => {
      const { items } = await ask('GET', MAPS);
      return allowed(body, { warnings: [`${items.length}`] });
    });
    const many = Array.from({ length: 40 }, (_, i) => ask('POST', MAPS, { metadata: { name: `m${i}` } }));
    for (const made of await Promise.all(many)) expect(made.kind).toBe('ConfigMap');
    await ask('PATCH', `${HOOKS}/validatingwebhookconfigurations/h`, configuration({ timeoutSeconds: 1 }));
    hooks.answer(() => undefined);
    expect((await ask('POST', MAPS, { metadata: { name: 'late' } })).message).toContain(
      `Post "${hooks.url}/v?timeout=1s": context deadline exceeded`,
    );
  });
});
