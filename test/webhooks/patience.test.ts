/** For how long a webhook is waited for: as its configuration says, and no longer than the request may wait. */
import { expect, it } from 'vitest';
import { createSandbox } from '../simulation/sandbox.ts';
import { type FakeHook, fakeHooks } from './fake-hook.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const MAPS = '/api/v1/namespaces/default/configmaps';

const configuration = (hooks: object[]) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'h', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
  webhooks: hooks.map((hook, i) => ({
    name: `h${i}.example.org`,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { url: 'https://hooks.example.org/v' },
    failurePolicy: 'Fail',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    ...hook,
  })),
});

/** `took`: milliseconds that each call takes. Answers the timeouts that were told, and the answer. */
async function called(query: string, { took = 0, hooks }: { took?: number; hooks: object[] }, kind = 'validating') {
  let time = 0;
  const timeouts: string[] = [];
  const answer: FakeHook = (_, { url, timeoutSeconds }) => {
    expect(url).toBe(`https://hooks.example.org/v?timeout=${timeoutSeconds}s`);
    timeouts.push(`${timeoutSeconds}s`);
    time += took;
    return { allowed: true };
  };
  const timers = { after: () => () => undefined, time: () => time };
  const sandbox = createSandbox(0, { timers, callWebhook: fakeHooks({ '/v': answer }).call });
  const of = kind === 'validating' ? HOOKS : HOOKS.replace('validating', 'mutating');
  const made = await sandbox.request('POST', of, {
    ...configuration(hooks),
    kind: kind === 'validating' ? 'ValidatingWebhookConfiguration' : 'MutatingWebhookConfiguration',
  });
  expect(made.message).toBeUndefined();
  const { message } = await sandbox.request('POST', MAPS + query, { metadata: { name: 'm' } });
  return { timeouts, message };
}

it('is what the webhook says, and 10 seconds where it says nothing', async () => {
  expect((await called('', { hooks: [{}, { timeoutSeconds: 3 }] })).timeouts).toEqual(['10s', '3s']);
});

it('is what is left of the request’s own time, in seconds that are begun', async () => {
  expect((await called('?timeout=2500ms', { hooks: [{}, { timeoutSeconds: 2 }] })).timeouts).toEqual(['3s', '2s']);
  const one = { hooks: [{ timeoutSeconds: 30 }, { timeoutSeconds: 30 }, { timeoutSeconds: 30 }], took: 9500 };
  expect(await called('', one, 'mutating')).toEqual({ timeouts: ['30s', '25s', '15s'], message: undefined });
});

/** As it lies in etcd, where nobody has validated it. */
async function stored(timeoutSeconds: number) {
  const timeouts: number[] = [];
  const fake = fakeHooks({
    '/v': (_, call) => {
      timeouts.push(call.timeoutSeconds);
      return { allowed: true };
    },
  });
  const sandbox = createSandbox(0, { callWebhook: fake.call });
  const key = '/registry/validatingwebhookconfigurations/h';
  sandbox.cluster.store.put({ key, value: JSON.stringify(configuration([{ timeoutSeconds }])) });
  const { message } = await sandbox.request('POST', MAPS, { metadata: { name: 'm' } });
  return { timeouts, message };
}

it('is never more than any request may wait, whatever lies in the store', async () => {
  expect(await stored(100)).toEqual({ timeouts: [34], message: undefined });
});

it('is over at once where it is no time at all', async () => {
  for (const timeoutSeconds of [0, -1])
    expect(await stored(timeoutSeconds)).toEqual({
      timeouts: [],
      message:
        'Internal error occurred: failed calling webhook "h0.example.org": failed to call webhook: Post "https://hooks.example.org/v": context deadline exceeded',
    });
});
