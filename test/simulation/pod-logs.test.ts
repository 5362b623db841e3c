/** What is answered for a log that is not there. */
import { expect, it } from 'vitest';
import { type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const LOG = '/api/v1/namespaces/default/pods/p/log';
const ENV = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }];
const TWO = [
  { name: 'a', image: 'nginx' },
  { name: 'b', image: 'nginx' },
];

it.each<[string, Json, string, number, string]>([
  [
    'one that never restarted',
    pod('p'),
    '?previous=true',
    400,
    'previous terminated container "c" in pod "p" not found',
  ],
  [
    'one that waits',
    pod('p', {}, { env: ENV }),
    '',
    400,
    'container "c" in pod "p" is waiting to start: CreateContainerConfigError',
  ],
  [
    'one that waits for the first',
    pod('p', { initContainers: [{ name: 'i', image: 'busybox', env: ENV }] }),
    '?container=c',
    400,
    'container "c" in pod "p" is waiting to start: PodInitializing',
  ],
  [
    'one of a pod that was refused',
    pod('p', { nodeName: 'node-1', nodeSelector: { a: 'b' } }),
    '',
    400,
    'container "c" in pod "p" is not available',
  ],
  ['one that is not there', pod('p'), '?container=d', 400, 'container d is not valid for pod p'],
  [
    'one of two',
    pod('p', { containers: TWO }),
    '',
    400,
    'a container name must be specified for pod p, choose one of: [a b]',
  ],
  ['a pod on no node that is', pod('p', { nodeName: 'node-9' }), '', 404, 'pods "node-9" not found'],
])('says why there is no log of %s', async (_, made, query, code, message) => {
  const sandbox = createSandbox(1);
  await make(sandbox, made);
  expect(await sandbox.request('GET', `${LOG}${query}`)).toMatchObject({ kind: 'Status', code, message });
});

it('has the log of a container that runs, has ended, or did before', async () => {
  const sandbox = createSandbox(1);
  const crashing = { name: 'b', image: 'busybox', command: ['false'] };
  await make(sandbox, pod('p', { containers: [{ name: 'a', image: 'nginx' }, crashing] }));
  for (const query of ['container=a', 'container=b', 'container=b&previous=true'])
    expect((await sandbox.respond('GET', `${LOG}?${query}`)).status).toBe(200);
});

it('has nothing to say of a pod that is on no node yet', async () => {
  const sandbox = createSandbox(0);
  await make(sandbox, pod('p'));
  expect((await sandbox.respond('GET', LOG)).status).toBe(204);
});
