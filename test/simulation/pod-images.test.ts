/** Pods whose image cannot be pulled. The words are a real kubelet's over containerd. */
import { expect, it } from 'vitest';
import { eventsOf, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const PROBLEM =
  'failed to pull and unpack image "docker.io/library/no-such-image:1": failed to resolve image: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
const BACK_OFF = 'Back-off pulling image "no-such-image:1"';
const ERROR = { waiting: { reason: 'ErrImagePull', message: PROBLEM } };
const WAITS = { waiting: { reason: 'ImagePullBackOff', message: `${BACK_OFF}: ErrImagePull: ${PROBLEM}` } };

const broken = (spec: Json = {}, container: Json = {}): Json =>
  pod('p', spec, { image: 'no-such-image:1', ...container });
const stateOf = ({ status }: Json): Json => status.containerStatuses[0].state;

it('is tried again after growing pauses', async () => {
  const sandbox = createSandbox(1);
  const first = await make(sandbox, broken());
  expect(stateOf(first)).toEqual(ERROR);
  expect(first.status).toMatchObject({ phase: 'Pending', podIP: expect.any(String) });
  expect(first.status.containerStatuses[0]).toMatchObject({ image: 'no-such-image:1', imageID: '', started: false });
  const states: [number, object][] = [
    [1, WAITS],
    [10, ERROR],
    [11, WAITS],
    [29, WAITS],
    [30, ERROR],
    [31, WAITS],
  ];
  let at = 0;
  for (const [seconds, state] of states) {
    sandbox.advance((seconds - at) * 1000);
    at = seconds;
    expect(stateOf(await get(sandbox, 'p')), `${seconds} s`).toEqual(state);
  }
  const told = await eventsOf(sandbox, 'p');
  expect(told.slice(1).map(({ type, reason, message, count }) => [type, reason, message, count])).toEqual([
    ['Normal', 'Pulling', 'Pulling image "no-such-image:1"', 3],
    ['Warning', 'Failed', `Failed to pull image "no-such-image:1": ${PROBLEM}`, 3],
    ['Warning', 'Failed', 'Error: ErrImagePull', 3],
    ['Normal', 'BackOff', BACK_OFF, 3],
    ['Warning', 'Failed', 'Error: ImagePullBackOff', 3],
  ]);
});

it('is tried every five minutes in the end', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, broken());
  sandbox.advance(86_400_000);
  const pulls = async (): Promise<number> => (await eventsOf(sandbox, 'p', 'Pulling'))[0]!.count;
  const before = await pulls();
  sandbox.advance(600_000);
  expect(await pulls()).toBe(before + 2);
});

it('runs as soon as its image is one that can be pulled', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, broken());
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
  const containers = [{ name: 'c', image: 'nginx:1.27' }];
  await sandbox.respond('PATCH', '/api/v1/namespaces/default/pods/p', strategic, { spec: { containers } });
  sandbox.advance(0);
  const { status } = await get(sandbox, 'p');
  expect(status).toMatchObject({ phase: 'Running', observedGeneration: 2 });
  expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0, lastState: {} });
});

it('never is, where only present images are used', async () => {
  const sandbox = createSandbox(1);
  const message = 'Container image "no-such-image:1" is not present with pull policy of Never';
  const held = await make(sandbox, broken({}, { imagePullPolicy: 'Never' }));
  expect(stateOf(held)).toEqual({ waiting: { reason: 'ErrImageNeverPull', message } });
  const told = await eventsOf(sandbox, 'p');
  expect(told.slice(1).map(({ type, reason, message: text }) => [type, reason, text])).toEqual([
    ['Warning', 'ErrImageNeverPull', message],
    ['Warning', 'Failed', 'Error: ErrImageNeverPull'],
  ]);
});

it('holds back what comes after an init container', async () => {
  const sandbox = createSandbox(1);
  const { status } = await make(sandbox, pod('p', { initContainers: [{ name: 'i', image: 'no-such-image:1' }] }));
  expect(status.initContainerStatuses[0].state).toEqual(ERROR);
  expect(status.containerStatuses[0].state).toEqual({ waiting: { reason: 'PodInitializing' } });
});

it('leaves the other containers alone', async () => {
  const sandbox = createSandbox(1);
  const containers = [
    { name: 'a', image: 'nginx' },
    { name: 'b', image: 'no-such-image:1' },
  ];
  const { status } = await make(sandbox, pod('p', { containers }));
  expect(status.phase).toBe('Pending');
  expect(status.containerStatuses[0].state.running).toBeDefined();
  expect(status.containerStatuses[1].state).toEqual(ERROR);
});
