/** Webhooks behind a Service: what stands in the way is said in the real words, and who calls is told which Service it is. */
import { expect, it } from 'vitest';
import type { CalledService } from '../../src/objects/webhook-call.ts';
import { notListening } from '../../src/objects/webhook-call.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const SERVICES = '/api/v1/namespaces/default/services';
const MAPS = '/api/v1/namespaces/default/configmaps';
const POST = 'Post "https://hooks.default.svc:443/v?timeout=10s": ';

async function written(service: object | undefined, callWebhook = true) {
  const called: { url: string; service: CalledService | undefined }[] = [];
  const sandbox = createSandbox(0, {
    ...(callWebhook
      ? {
          async callWebhook({ url, service: behind }) {
            called.push({ url, service: behind });
            return { error: notListening(behind!) };
          },
        }
      : {}),
  });
  if (service) {
    const made = await sandbox.request('POST', SERVICES, { metadata: { name: 'hooks' }, spec: service });
    expect(made.message).toBeUndefined();
  }
  const hook = {
    name: 'v.example.org',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { namespace: 'default', name: 'hooks', path: '/v' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
  };
  await sandbox.request('POST', HOOKS, { metadata: { name: 'h' }, webhooks: [hook] });
  const { message } = await sandbox.request('POST', MAPS, { metadata: { name: 'm' } });
  const found = await sandbox.request('GET', `${SERVICES}/hooks`);
  const why = message.replace(
    `Internal error occurred: failed calling webhook "v.example.org": failed to call webhook: ${POST}`,
    '',
  );
  return { called, why, clusterIP: found.spec?.clusterIP };
}

const PORTS = [{ port: 443 }];

it.each([
  [undefined, 'service "hooks" not found'],
  [{ ports: [{ port: 80 }] }, 'no service port 443 found for service "hooks"'],
  [{ ports: PORTS, clusterIP: 'None' }, 'cannot route to service with ClusterIP "None"'],
  [{ type: 'ExternalName', externalName: 'a.example' }, 'dial tcp: lookup a.example: no such host'],
])('calls nobody where the Service is %j', async (service, expected) => {
  const { called, why } = await written(service);
  expect([why, called]).toEqual([expected, []]);
});

it('hands on which Service is called, behind which nobody listens', async () => {
  const { called, why, clusterIP } = await written({ ports: PORTS });
  expect(called).toEqual([
    {
      url: 'https://hooks.default.svc:443/v?timeout=10s',
      service: { namespace: 'default', name: 'hooks', port: 443, clusterIP },
    },
  ]);
  expect(why).toBe(`dial tcp ${clusterIP}:443: connect: connection refused`);
  expect((await written({ ports: PORTS }, false)).why).toBe(`dial tcp ${clusterIP}:443: connect: connection refused`);
});
