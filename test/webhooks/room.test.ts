/** What webhooks have answered counts among what the process holds: where there is no room for it, the client is to come back. */
import { expect, it } from 'vitest';
import { HeldBytes, type Holding, LIGHT_BYTES } from '../../src/simulation/held-bytes.ts';
import { createSandbox } from '../simulation/sandbox.ts';
import { type FakeHook, fakeHooks, patching } from './fake-hook.ts';

const ROOM = 16 * LIGHT_BYTES;
const MAPS = '/api/v1/namespaces/default/configmaps';

/** Each look at the clock is a second later, so that nobody waits for long. */
function rooms() {
  const pool = new HeldBytes(ROOM);
  let time = 0;
  const open = (owner: string) => pool.open(owner, () => (time += 1000), Number.POSITIVE_INFINITY);
  const requests: Holding[] = [];
  return {
    pool,
    open,
    held() {
      const holding = open('cluster');
      requests.push(holding);
      return holding;
    },
    /** Whoever hands on answers gives back what their requests themselves have held, such as bodies. */
    answered() {
      for (const holding of requests.splice(0)) holding.give();
    },
  };
}

const TYPE = {
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
};

it('is counted until the request is answered', async () => {
  const { pool, open, held, answered } = rooms();
  const during: number[] = [];
  const long = 'x'.repeat(2 * LIGHT_BYTES);
  const answer: FakeHook = () => {
    during.push(pool.of('cluster'));
    return patching({ op: 'add', path: `/data/k${during.length}`, value: long });
  };
  const sandbox = createSandbox(0, { callWebhook: fakeHooks({ '/m': answer }).call, held });
  const url = 'https://hooks.example.org/m';
  const webhooks = ['a', 'b', 'c'].map((name) => ({ ...TYPE, name: `${name}.example.org`, clientConfig: { url } }));
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  await sandbox.request('POST', path, { metadata: { name: 'h' }, webhooks });
  const made = await sandbox.request('POST', MAPS, { metadata: { name: 'm' }, data: { a: 'b' } });
  expect(Object.keys(made.data)).toEqual(['a', 'k1', 'k2', 'k3']);
  expect(during.map((bytes) => Math.floor(bytes / long.length))).toEqual([0, 1, 2]);
  answered();
  expect(pool.total).toBe(0);

  const others = open('others');
  others.hold(ROOM);
  expect(await sandbox.request('POST', MAPS, { metadata: { name: 'n' }, data: {} })).toMatchObject({
    code: 429,
    reason: 'TooManyRequests',
  });
  answered();
  expect(pool.of('cluster')).toBe(0);
  others.give();
  expect((await sandbox.request('POST', MAPS, { metadata: { name: 'n' }, data: { a: 'b' } })).kind).toBe('ConfigMap');
});
