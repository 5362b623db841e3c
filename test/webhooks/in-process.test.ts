import { expect, it } from 'vitest';
import { makeInProcess } from '../../packages/kube-diorama/make-in-process.ts';
import { allowed, startHookServer } from './hook-server.ts';

it('calls webhooks from the process that holds a cluster, where its options allow it', async () => {
  const hooks = await startHookServer((body) => allowed(body, { allowed: false, status: { message: 'not here' } }));
  const webhook = {
    name: 'v.example.org',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { url: `${hooks.url}/v`, caBundle: hooks.caBundle },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
  };
  const said = async (options: object): Promise<string> => {
    const cluster = await makeInProcess({ profile: 'api', ...options });
    const create = async (path: string, body: object): Promise<any> => {
      const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      return (await cluster.handle(new Request(`https://cluster${path}`, init))).json();
    };
    const configuration = { metadata: { name: 'h' }, webhooks: [webhook] };
    await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', configuration);
    const { message } = await create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'm' } });
    cluster.close();
    return message;
  };
  expect(await said({ webhooks: { allow: [hooks.url] } })).toBe(
    'admission webhook "v.example.org" denied the request: not here',
  );
  for (const options of [{}, { webhooks: { allow: [`${hooks.url}/other`] } }])
    expect(await said(options)).toContain('connect: connection refused');
  await hooks.close();
});
