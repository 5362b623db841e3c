/** Probes that are known to fail, and what comes of it. */
import { describe, expect, it } from 'vitest';
import { eventsOf, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const exec = (...command: string[]): Json => ({ exec: { command } });
const SLEEP = { image: 'busybox', command: ['sleep', '3600'] };
const sh = (script: string): Json => ({ image: 'busybox', command: ['sh', '-c', script] });

const messageOf = (events: Json[]): string[] => events.map((e) => e.message);

describe('a readiness probe', () => {
  it.each([
    ['false', {}, exec('/bin/false'), 'failed: '],
    ['an exit code', {}, exec('sh', '-c', 'exit 3'), 'failed: '],
    [
      'a file that nothing makes',
      SLEEP,
      exec('cat', '/tmp/ok'),
      "failed: cat: can't open '/tmp/ok': No such file or directory\n",
    ],
    [
      'the same in a shell',
      {},
      exec('sh', '-c', 'cat /nonexistent'),
      'failed: cat: /nonexistent: No such file or directory\n',
    ],
    ['a test of such a file', {}, exec('test', '-f', '/tmp/ready'), 'failed: '],
    [
      'a port of a script whose words lie apart',
      sh('  sleep    3600 ;  : ; :  nothing '),
      { tcpSocket: { port: 80 } },
      'failed: dial tcp 10.244.0.2:80: connect: connection refused',
    ],
    [
      'a path that the server does not have',
      {},
      { httpGet: { path: '/nope', port: 80 } },
      'failed: HTTP probe failed with statuscode: 404',
    ],
    [
      'a port that it does not listen on',
      {},
      { httpGet: { path: '/', port: 8080 } },
      'failed: Get "http://10.244.0.2:8080/": dial tcp 10.244.0.2:8080: connect: connection refused',
    ],
    [
      'a socket of a program without any',
      SLEEP,
      { tcpSocket: { port: 80 } },
      'failed: dial tcp 10.244.0.2:80: connect: connection refused',
    ],
    [
      'gRPC of a program without any',
      SLEEP,
      { grpc: { port: 9000 } },
      'failed: timeout: failed to connect service "10.244.0.2:9000" within 1s: context deadline exceeded',
    ],
    [
      'a port by a name that no port has',
      {},
      { httpGet: { path: '/', port: 'web' } },
      'errored and resulted in unknown state: port "web" not found',
    ],
  ])('fails: %s', async (_, container, readinessProbe, words) => {
    const sandbox = createSandbox(1);
    const { status } = await make(sandbox, pod('p', {}, { ...container, readinessProbe }));
    expect(status.phase).toBe('Running');
    expect(status.containerStatuses[0]).toMatchObject({ ready: false, started: true });
    expect(status.conditions.find((c: Json) => c.type === 'Ready').status).toBe('False');
    sandbox.advance(25_000);
    expect(await eventsOf(sandbox, 'p', 'Unhealthy')).toMatchObject([
      {
        type: 'Warning',
        message: `Readiness probe ${words}`,
        count: 3,
        involvedObject: { fieldPath: 'spec.containers{c}' },
      },
    ]);
    expect((await get(sandbox, 'p')).status.containerStatuses[0]).toMatchObject({ ready: false, restartCount: 0 });
  });

  it('that cannot be run says so, and is never ready', async () => {
    const sandbox = createSandbox(1);
    const { status } = await make(sandbox, pod('p', {}, { readinessProbe: exec('/nope', '-x') }));
    expect(status.containerStatuses[0].ready).toBe(false);
    expect(messageOf(await eventsOf(sandbox, 'p', 'Unhealthy'))[0]).toMatch(
      /^Readiness probe errored and resulted in unknown state: rpc error: .*failed to start exec "[0-9a-f]{64}": .*exec: "\/nope": stat \/nope: no such file or directory$/,
    );
  });

  it.each([
    ['true', {}, exec('true')],
    ['a command that nothing is known of', { image: 'app' }, exec('/app/healthy')],
    ['a file that the image may have', { image: 'app' }, exec('cat', '/etc/app/ready')],
    [
      'a file on a volume',
      { ...sh('touch /tmp/v/ok; sleep 3600'), volumeMounts: [{ name: 'v', mountPath: '/tmp/v' }] },
      exec('cat', '/tmp/v/ok'),
    ],
    ['a file that the program makes', sh('touch /tmp/ok; sleep 3600'), exec('cat', '/tmp/ok')],
    ['the page of a web server', {}, { httpGet: { path: '/', port: 80 } }],
    ['any page of a server that nothing is known of', { image: 'app' }, { httpGet: { path: '/healthz', port: 8080 } }],
    ['a port by its name', { ports: [{ name: 'web', containerPort: 80 }] }, { tcpSocket: { port: 'web' } }],
  ])('succeeds: %s', async (_, container, readinessProbe) => {
    const volumes = [{ name: 'v', emptyDir: {} }];
    const { status } = await make(createSandbox(1), pod('p', { volumes }, { ...container, readinessProbe }));
    expect(status.containerStatuses[0]).toMatchObject({ ready: true });
  });

  it('finds the port of another container of the pod', async () => {
    const containers = [
      { name: 'c', ...SLEEP, readinessProbe: { tcpSocket: { port: 80 } } },
      { name: 'web', image: 'nginx' },
    ];
    expect((await make(createSandbox(1), pod('p', { containers }))).status.containerStatuses[0].ready).toBe(true);
  });

  it('follows a file that comes and goes', async () => {
    const sandbox = createSandbox(1);
    const readinessProbe = { ...exec('cat', '/tmp/ok'), periodSeconds: 1, failureThreshold: 1 };
    const script = 'sleep 4; touch /tmp/ok; sleep 6; rm /tmp/ok; sleep 3600';
    await make(sandbox, pod('p', {}, { ...sh(script), readinessProbe }));
    const ready = async (): Promise<boolean> => (await get(sandbox, 'p')).status.containerStatuses[0].ready;
    expect(await ready()).toBe(false);
    sandbox.advance(4_000);
    expect(await ready()).toBe(true);
    sandbox.advance(5_000);
    expect(await ready()).toBe(true);
    sandbox.advance(1_000);
    expect(await ready()).toBe(false);
  });

  it('needs its successes, and says its failures ever more seldom', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p', {}, { readinessProbe: { ...exec('true'), successThreshold: 3 } }));
    expect((await get(sandbox, 'p')).status.containerStatuses[0].ready).toBe(false);
    sandbox.advance(20_000);
    expect((await get(sandbox, 'p')).status.containerStatuses[0].ready).toBe(true);
    await make(sandbox, pod('q', {}, { readinessProbe: { ...exec('false'), periodSeconds: 1 } }));
    const count = async (): Promise<number> => (await eventsOf(sandbox, 'q', 'Unhealthy'))[0]!.count;
    sandbox.advance(19_000);
    expect(await count()).toBe(20);
    sandbox.advance(200_000);
    expect(await count()).toBe(20);
    sandbox.advance(100_000);
    expect(await count()).toBe(21);
  });
});

describe('a startup probe', () => {
  it('that fails holds the others back, and has the container killed', async () => {
    const sandbox = createSandbox(1);
    const probes = {
      startupProbe: { ...exec('false'), periodSeconds: 2, failureThreshold: 3 },
      livenessProbe: exec('false'),
      readinessProbe: exec('true'),
    };
    const { status } = await make(sandbox, pod('p', {}, probes));
    expect(status.containerStatuses[0]).toMatchObject({ started: false, ready: false });
    sandbox.advance(4_000);
    expect(messageOf(await eventsOf(sandbox, 'p', 'Unhealthy'))).toEqual(['Startup probe failed: ']);
    expect(messageOf(await eventsOf(sandbox, 'p', 'Killing'))).toEqual([
      'Container c failed startup probe, will be restarted',
    ]);
    sandbox.advance(1_000);
    expect((await get(sandbox, 'p')).status.containerStatuses[0]).toMatchObject({ restartCount: 1, started: false });
  });

  it('that succeeds lets the liveness probe begin', async () => {
    const sandbox = createSandbox(1);
    const script = 'sleep 4; touch /tmp/ok; sleep 3600';
    const probes = {
      startupProbe: { ...exec('cat', '/tmp/ok'), periodSeconds: 1, failureThreshold: 10 },
      livenessProbe: { ...exec('false'), periodSeconds: 1, failureThreshold: 2 },
    };
    await make(sandbox, pod('p', { terminationGracePeriodSeconds: 2 }, { ...sh(script), ...probes }));
    sandbox.advance(3_999);
    expect((await get(sandbox, 'p')).status.containerStatuses[0]).toMatchObject({ started: false });
    sandbox.advance(1);
    expect((await get(sandbox, 'p')).status.containerStatuses[0]).toMatchObject({ started: true, ready: true });
    sandbox.advance(2_999);
    expect((await get(sandbox, 'p')).status.containerStatuses[0].restartCount).toBe(0);
    sandbox.advance(1);
    const { containerStatuses } = (await get(sandbox, 'p')).status;
    expect(containerStatuses[0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137 } } });
  });
});

it('a liveness probe that fails restarts its container, at first at once and then ever later', async () => {
  const sandbox = createSandbox(1);
  const livenessProbe = { ...exec('false'), periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 1 };
  await make(sandbox, pod('p', {}, { ...SLEEP, livenessProbe }));
  expect(messageOf(await eventsOf(sandbox, 'p', 'Killing'))).toEqual([
    'Container c failed liveness probe, will be restarted',
  ]);
  const status = async (): Promise<Json> => (await get(sandbox, 'p')).status.containerStatuses[0];
  // However short its grace, a container has two seconds.
  sandbox.advance(2_000);
  expect(await status()).toMatchObject({ restartCount: 1, state: { running: {} } });
  sandbox.advance(2_000);
  expect(await status()).toMatchObject({ restartCount: 2, state: { running: {} } });
  sandbox.advance(2_000);
  expect((await status()).state.waiting).toMatchObject({ reason: 'CrashLoopBackOff' });
});

it('the example of a liveness probe is well for ten seconds', async () => {
  const sandbox = createSandbox(1);
  const livenessProbe = { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 3, periodSeconds: 3 };
  const image = 'registry.k8s.io/e2e-test-images/agnhost:2.40';
  await make(sandbox, pod('p', {}, { image, args: ['liveness'], livenessProbe }));
  sandbox.advance(17_000);
  expect((await get(sandbox, 'p')).status.containerStatuses[0].restartCount).toBe(0);
  sandbox.advance(3_000);
  expect((await get(sandbox, 'p')).status.containerStatuses[0].restartCount).toBe(1);
  expect(messageOf(await eventsOf(sandbox, 'p', 'Unhealthy'))).toEqual([
    'Liveness probe failed: HTTP probe failed with statuscode: 500',
  ]);
});

it.each([
  ['test-webserver', { httpGet: { path: '/', port: 80 } }, true],
  ['test-webserver', { httpGet: { path: '/', port: 81 } }, false],
  ['pause', { tcpSocket: { port: 80 } }, false],
  ['grpc-health-checking', { grpc: { port: 8080 } }, false],
  ['grpc-health-checking', { grpc: { port: 2333 } }, false],
])('agnhost as %s is ready by %j: %s', async (subcommand, readinessProbe, ready) => {
  const image = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';
  const { status } = await make(createSandbox(1), pod('p', {}, { image, args: [subcommand], readinessProbe }));
  expect(status.containerStatuses[0].ready).toBe(ready);
});

describe('a rule of the cluster', () => {
  it('keeps those that it matches from being ready, and no others', async () => {
    const sandbox = createSandbox(1, { behaviours: [{ match: { labels: { app: 'slow' } }, ready: false }] });
    const slow = pod('slow', {}, { readinessProbe: { httpGet: { path: '/', port: 80 } } }, { app: 'slow' });
    expect((await make(sandbox, slow)).status.containerStatuses[0]).toMatchObject({ started: true, ready: false });
    expect(messageOf(await eventsOf(sandbox, 'slow', 'Unhealthy'))).toEqual([
      'Readiness probe failed: HTTP probe failed with statuscode: 503',
    ]);
    expect((await make(sandbox, pod('quick'))).status.containerStatuses[0].ready).toBe(true);
    expect((await make(sandbox, pod('bare', {}, {}, { app: 'slow' }))).status.containerStatuses[0].ready).toBe(false);
  });

  it('lets a probe succeed that would be taken to fail', async () => {
    const sandbox = createSandbox(1, { behaviours: [{ match: { image: 'busy*' }, ready: true }] });
    const { status } = await make(sandbox, pod('p', {}, { ...SLEEP, readinessProbe: exec('cat', '/tmp/ok') }));
    expect(status.containerStatuses[0].ready).toBe(true);
  });
});
