/** What keeps a pod from starting on its node: a node that does not take it, volumes without a source, a user that it may not be. */
import { describe, expect, it } from 'vitest';
import { REFUSAL_LIMIT_MS } from '../../src/kubelet/admission/admit.ts';
import { create, eventsOf, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

describe('a pod whose volume has no source', () => {
  const mounting = (name: string, source: Json): Json =>
    pod(name, { volumes: [{ name: 'v', ...source }] }, { volumeMounts: [{ name: 'v', mountPath: '/v' }] });

  it.each([
    ['a missing Secret', { secret: { secretName: 'x' } }, 'secret "x" not found'],
    ['a missing ConfigMap', { configMap: { name: 'x' } }, 'configmap "x" not found'],
    ['a missing projected source', { projected: { sources: [{ secret: { name: 'x' } }] } }, 'secret "x" not found'],
    [
      'two missing projected sources',
      { projected: { sources: [{ secret: { name: 'x' } }, { configMap: { name: 'y' } }] } },
      '[secret "x" not found, configmap "y" not found]',
    ],
    [
      'a key that its Secret lacks',
      { secret: { secretName: 'some', items: [{ key: 'k', path: 'p' }] } },
      'references non-existent secret key: k',
    ],
    [
      'a key that its ConfigMap lacks',
      { configMap: { name: 'some', items: [{ key: 'k', path: 'p' }] } },
      'configmap references non-existent config key: k',
    ],
  ])('waits for %s', async (_, source, words) => {
    const sandbox = createSandbox(1);
    await create(sandbox, 'Secret', 'secrets', { metadata: { name: 'some' }, stringData: { a: 'b' } });
    await create(sandbox, 'ConfigMap', 'configmaps', { metadata: { name: 'some' }, data: { a: 'b' } });
    const { status } = await make(sandbox, mounting('p', source));
    expect(status.phase).toBe('Pending');
    expect(status.podIP).toBeUndefined();
    expect(status.containerStatuses[0].state).toEqual({ waiting: { reason: 'ContainerCreating' } });
    const [event] = await eventsOf(sandbox, 'p', 'FailedMount');
    expect(event).toMatchObject({
      type: 'Warning',
      message: `MountVolume.SetUp failed for volume "v" : ${words}`,
      source: { component: 'kubelet', host: 'node-1' },
      count: 1,
    });
  });

  it.each([
    ['optional sources', { secret: { secretName: 'x', optional: true } }],
    ['optional projections', { projected: { sources: [{ configMap: { name: 'x', optional: true } }] } }],
    ['optional keys', { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'k', path: 'p' }], optional: true } }],
  ])('starts without %s', async (_, source) => {
    expect((await make(createSandbox(1), mounting('p', source))).status.phase).toBe('Running');
  });

  it('starts when no container mounts it', async () => {
    const unused = pod('p', { volumes: [{ name: 'v', secret: { secretName: 'x' } }] });
    expect((await make(createSandbox(1), unused)).status.phase).toBe('Running');
  });

  it('tries again after growing pauses, and goes on as soon as the source comes', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, mounting('p', { secret: { secretName: 'x' } }));
    const count = async (): Promise<number> => (await eventsOf(sandbox, 'p', 'FailedMount'))[0]!.count;
    // After 0.5, 1.5, 3.5, 7.5 and 15.5 seconds.
    sandbox.advance(3_499);
    expect(await count()).toBe(3);
    sandbox.advance(1);
    expect(await count()).toBe(4);
    sandbox.advance(15_500 - 3_500);
    expect(await count()).toBe(6);
    await create(sandbox, 'Secret', 'secrets', { metadata: { name: 'other' } });
    sandbox.advance(0);
    expect(await count()).toBe(6);
    await create(sandbox, 'Secret', 'secrets', { metadata: { name: 'x' } });
    sandbox.advance(0);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(600_000);
    expect(await count()).toBe(6);
  });

  it('says it ever more seldom, though it waits for days', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, mounting('p', { secret: { secretName: 'x' } }));
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k' } } }];
    await make(sandbox, pod('q', {}, { env }));
    const counts = async (): Promise<number[]> => [
      (await eventsOf(sandbox, 'p', 'FailedMount'))[0]!.count,
      (await eventsOf(sandbox, 'q', 'Failed'))[0]!.count,
    ];
    sandbox.advance(3_600_000);
    const [mounts, starts] = await counts();
    sandbox.advance(3_600_000);
    expect(await counts()).toEqual([mounts! + 12, starts! + 12]);
  });

  it('says of a claim what is wrong with it, for a pod that named its node itself', async () => {
    const sandbox = createSandbox(1);
    const claiming = mounting('p', { persistentVolumeClaim: { claimName: 'data' } });
    claiming.spec.nodeName = 'node-1';
    expect((await make(sandbox, claiming)).status.phase).toBe('Pending');
    const start =
      'Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/data:';
    expect((await eventsOf(sandbox, 'p', 'FailedMount'))[0]!.message).toBe(
      `${start} failed to fetch PVC from API server: persistentvolumeclaims "data" not found`,
    );
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } };
    await create(sandbox, 'PersistentVolumeClaim', 'persistentvolumeclaims', { metadata: { name: 'data' }, spec });
    sandbox.advance(500);
    expect((await eventsOf(sandbox, 'p', 'FailedMount')).map((e) => e.message)).toContain(`${start} PVC is not bound`);
  });
});

describe('a node', () => {
  const onNode = (name: string, spec: Json = {}, container: Json = {}): Json =>
    pod(name, { nodeName: 'node-1', ...spec }, container);
  const asking = (requests: Json): Json => ({ resources: { requests, limits: requests } });

  it.each([
    ['cpu', { cpu: '17' }, 'requested: 17000, used: 0, capacity: 16000'],
    ['memory', { memory: '65Gi' }, 'requested: 69793218560, used: 0, capacity: 68719476736'],
    ['ephemeral-storage', { 'ephemeral-storage': '1Gi' }, 'requested: 1073741824, used: 0, capacity: 0'],
  ])('does not take a pod for which it has too little %s', async (name, requests, numbers) => {
    const sandbox = createSandbox(1);
    const { status } = await make(sandbox, onNode('p', {}, asking(requests)));
    const message = `Node didn't have enough resource: ${name}, ${numbers}`;
    expect(status).toMatchObject({ phase: 'Failed', reason: `OutOf${name}`, message: `Pod was rejected: ${message}` });
    expect(status.conditions).toBeUndefined();
    expect(status.containerStatuses).toBeUndefined();
    expect(await eventsOf(sandbox, 'p', `OutOf${name}`)).toMatchObject([{ type: 'Warning', message, count: 1 }]);
  });

  it('refuses a controller’s next pod after longer and longer, up to a bound', async () => {
    const sandbox = createSandbox(1);
    const tooMuch = { ...pod('p', { nodeName: 'node-1' }, asking({ cpu: '17' })), metadata: { labels: { a: 'b' } } };
    const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: tooMuch };
    await sandbox.request('POST', '/apis/apps/v1/namespaces/default/replicasets', { metadata: { name: 'r' }, spec });
    // Of so many the last two have come to the bound.
    const refusals = 3 + Math.ceil(Math.log2(REFUSAL_LIMIT_MS / 1000));
    let times: number[] = [];
    for (let minute = 0; minute < 60 && times.length < refusals; minute++) {
      sandbox.advance(60_000);
      const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/pods');
      times = (items as Json[])
        .filter(({ status }) => status.reason === 'OutOfcpu')
        .map(({ metadata, status }) => Date.parse(status.startTime) - Date.parse(metadata.creationTimestamp))
        .sort((a, b) => a - b);
    }
    const doubled = Array.from({ length: refusals - 1 }, (_, i) => Math.min(1000 * 2 ** i, REFUSAL_LIMIT_MS));
    expect(times).toEqual([0, ...doubled]);
    expect(times.slice(-2)).toEqual([REFUSAL_LIMIT_MS, REFUSAL_LIMIT_MS]);
  });

  it('counts what its other pods ask for, and lets go of it when they are over', async () => {
    const sandbox = createSandbox(1);
    const over = { ...asking({ cpu: '10' }), command: ['true'] };
    await make(sandbox, onNode('over', { restartPolicy: 'Never' }, over));
    expect((await make(sandbox, onNode('first', {}, asking({ cpu: '10' })))).status.phase).toBe('Running');
    expect((await make(sandbox, onNode('second', {}, asking({ cpu: '7' })))).status.message).toBe(
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 7000, used: 10000, capacity: 16000",
    );
  });

  it('has room for as many pods as it says', async () => {
    const sandbox = createSandbox(1);
    const node = await sandbox.request('GET', '/api/v1/nodes/node-1');
    node.status.allocatable.pods = '1';
    await sandbox.request('PUT', '/api/v1/nodes/node-1/status', node);
    expect((await make(sandbox, onNode('first'))).status.phase).toBe('Running');
    expect((await make(sandbox, onNode('second'))).status).toMatchObject({
      reason: 'OutOfpods',
      message: "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1",
    });
  });

  it('counts an extended resource that it has, and does not ask for one that it knows nothing of', async () => {
    const sandbox = createSandbox(1);
    const node = await sandbox.request('GET', '/api/v1/nodes/node-1');
    node.status.allocatable['example.com/gpu'] = '1';
    node.status.capacity['example.com/gpu'] = '1';
    await sandbox.request('PUT', '/api/v1/nodes/node-1/status', node);
    expect((await make(sandbox, onNode('many', {}, asking({ 'example.com/gpu': '2' })))).status).toMatchObject({
      reason: 'OutOfexample.com/gpu',
      message:
        "Pod was rejected: Node didn't have enough resource: example.com/gpu, requested: 2, used: 0, capacity: 1",
    });
    expect((await make(sandbox, onNode('unknown', {}, asking({ 'example.com/tpu': '2' })))).status.phase).toBe(
      'Running',
    );
  });

  it.each([
    ['NodeAffinity', { nodeSelector: { disk: 'ssd' } }, "node(s) didn't match Pod's node affinity/selector"],
    [
      'NodeAffinity',
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }],
            },
          },
        },
      },
      "node(s) didn't match Pod's node affinity/selector",
    ],
  ])('takes no pod that wants another: %s', async (reason, spec, words) => {
    const sandbox = createSandbox(1);
    const { status } = await make(sandbox, onNode('p', spec));
    const message = `Predicate ${reason} failed: ${words}`;
    expect(status).toMatchObject({ phase: 'Failed', reason, message: `Pod was rejected: ${message}` });
    expect(await eventsOf(sandbox, 'p', reason)).toMatchObject([{ message }]);
  });

  it('gives a host port once, also to a pod that a Binding brings', async () => {
    const sandbox = createSandbox(1);
    const ports = [{ containerPort: 80, hostPort: 9191 }];
    expect((await make(sandbox, onNode('first', {}, { ports }))).status.phase).toBe('Running');
    const bound = pod('bound', { schedulerName: 'mine' }, { ports });
    expect((await make(sandbox, bound)).status.phase).toBe('Pending');
    const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
    await create(sandbox, 'Binding', 'pods/bound/binding', { metadata: { name: 'bound' }, target });
    sandbox.advance(0);
    expect((await get(sandbox, 'bound')).status).toMatchObject({
      phase: 'Failed',
      reason: 'NodePorts',
      message:
        "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    });
  });

  it.each([
    [
      'SysctlForbidden',
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      'forbidden sysctl: "kernel.msgmax" not allowlisted',
    ],
    ['PodOSNotSupported', { os: { name: 'windows' } }, "Failed to admit pod as the OS field doesn't match node OS"],
  ])('takes no pod that it cannot run: %s', async (reason, spec, words) => {
    const { status } = await make(createSandbox(1), onNode('p', spec));
    expect(status).toMatchObject({ phase: 'Failed', reason, message: `Pod was rejected: ${words}` });
  });
});

it('a controller whose pods a node refuses makes ever fewer of them', async () => {
  const sandbox = createSandbox(1);
  const ports = [{ containerPort: 80, hostPort: 9191 }];
  await make(sandbox, pod('first', { nodeName: 'node-1' }, { ports }));
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'nginx', ports }] },
  };
  const selector = { matchLabels: { a: 'b' } };
  const spec = { replicas: 1, selector, template };
  const made = [
    ['ReplicaSet', 'replicasets', { spec }],
    ['StatefulSet', 'statefulsets', { spec: { ...spec, serviceName: 's' } }],
  ] as const;
  for (const [kind, resource, object] of made)
    await sandbox.request('POST', `/apis/apps/v1/namespaces/default/${resource}`, {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: kind.toLowerCase() },
      ...object,
    });
  const refusals = async (): Promise<number> => {
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
    return items.filter((e: Json) => e.reason === 'NodePorts').length;
  };
  sandbox.advance(0);
  expect(await refusals()).toBe(2);
  sandbox.advance(60_000);
  expect(await refusals()).toBeLessThan(20);
  await sandbox.request('DELETE', '/api/v1/namespaces/default/pods/first', { gracePeriodSeconds: 0 });
  sandbox.advance(300_000);
  const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/pods');
  expect(items.filter((p: Json) => p.status.phase === 'Running')).toHaveLength(1);
});

describe('a container that must not be root', () => {
  it.each([
    ['by its own user', {}, { runAsNonRoot: true, runAsUser: 0 }, "container's runAsUser breaks non-root policy"],
    ['by the pod’s user', { runAsNonRoot: true, runAsUser: 0 }, {}, "container's runAsUser breaks non-root policy"],
    [
      'by its own user, not the pod’s',
      { runAsNonRoot: true, runAsUser: 7 },
      { runAsUser: 0 },
      "container's runAsUser breaks non-root policy",
    ],
    ['by its image', { runAsNonRoot: true }, {}, 'container has runAsNonRoot and image will run as root'],
  ])('is not started when it would be: %s', async (_, podContext, containerContext, words) => {
    const sandbox = createSandbox(1);
    const made = pod('p', { securityContext: podContext }, { securityContext: containerContext });
    const { status, metadata } = await make(sandbox, made);
    const message = `${words} (pod: "p_default(${metadata.uid})", container: c)`;
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses[0].state).toEqual({ waiting: { reason: 'CreateContainerConfigError', message } });
    expect(await eventsOf(sandbox, 'p', 'Failed')).toMatchObject([{ message: `Error: ${message}`, count: 1 }]);
    sandbox.advance(10_000);
    expect(await eventsOf(sandbox, 'p', 'Failed')).toMatchObject([{ count: 2 }]);
  });

  it.each([
    ['the container says another user', { runAsNonRoot: true, runAsUser: 0 }, { runAsUser: 7 }, 7],
    ['the container may be root', { runAsNonRoot: true, runAsUser: 0 }, { runAsNonRoot: false }, 0],
  ])('is started when %s', async (_, podContext, containerContext, uid) => {
    const made = pod('p', { securityContext: podContext }, { securityContext: containerContext });
    const { status } = await make(createSandbox(1), made);
    expect(status.containerStatuses[0]).toMatchObject({ ready: true, user: { linux: { uid } } });
  });
});

it('does not take an environment’s key from the binary part of a ConfigMap', async () => {
  const sandbox = createSandbox(1);
  await create(sandbox, 'ConfigMap', 'configmaps', { metadata: { name: 'm' }, binaryData: { k: 'AA==' } });
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }];
  expect((await make(sandbox, pod('p', {}, { env }))).status.containerStatuses[0].state.waiting).toEqual({
    reason: 'CreateContainerConfigError',
    message: "couldn't find key k in ConfigMap default/m",
  });
});

it('does not start a container whose image has no proper name', async () => {
  const sandbox = createSandbox(1);
  const { status } = await make(sandbox, pod('p', {}, { image: 'Busybox' }));
  const message =
    'Failed to apply default image tag "Busybox": couldn\'t parse image name "Busybox": invalid reference format: repository name (library/Busybox) must be lowercase';
  expect(status.phase).toBe('Pending');
  expect(status.containerStatuses[0].state.waiting).toEqual({ reason: 'InvalidImageName', message });
  expect(await eventsOf(sandbox, 'p', 'InspectFailed')).toMatchObject([{ type: 'Warning', message }]);
  expect(await eventsOf(sandbox, 'p', 'Failed')).toMatchObject([{ message: 'Error: InvalidImageName' }]);
});

it('kills a container whose hook after its start fails, and starts it again', async () => {
  const sandbox = createSandbox(1);
  const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'exit 1'] } } };
  const { status } = await make(sandbox, pod('p', {}, { lifecycle }));
  expect(status.containerStatuses[0]).toMatchObject({ ready: false, started: false });
  expect(await eventsOf(sandbox, 'p', 'FailedPostStartHook')).toMatchObject([{ message: 'PostStartHook failed' }]);
  expect(await eventsOf(sandbox, 'p', 'Killing')).toMatchObject([{ message: 'FailedPostStartHook' }]);
  sandbox.advance(60_000);
  expect((await get(sandbox, 'p')).status.containerStatuses[0].restartCount).toBeGreaterThan(1);
});

describe('init containers of a pod that is restarted for ever', () => {
  it('come to their ends one after the other, and the pod is ready after them', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: 'p' },
      spec: {
        initContainers: [
          { name: 'first', image: 'busybox', command: ['sleep', '5'] },
          { name: 'second', image: 'busybox', command: ['sh', '-c', 'echo hi'] },
          { name: 'beside', image: 'busybox', command: ['sleep', '3600'], restartPolicy: 'Always' },
        ],
        containers: [{ name: 'c', image: 'nginx' }],
      },
    });
    sandbox.advance(10_000);
    const { status } = await sandbox.request('GET', '/api/v1/namespaces/default/pods/p');
    const states = status.initContainerStatuses.map((s: any) => [s.name, s.state.terminated?.reason ?? 'running']);
    expect(states).toEqual([
      ['first', 'Completed'],
      ['second', 'Completed'],
      ['beside', 'running'],
    ]);
    expect(status.phase).toBe('Running');
    expect(status.conditions.find((c: any) => c.type === 'Ready').status).toBe('True');
  });
});

it('is told which part of a resolv.conf has no room, once', async () => {
  const sandbox = createSandbox(1);
  const nameservers = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
  expect((await make(sandbox, pod('p', { dnsConfig: { nameservers } }))).status.phase).toBe('Running');
  sandbox.advance(600_000);
  expect(await eventsOf(sandbox, 'p', 'DNSConfigForming')).toMatchObject([
    { type: 'Warning', count: 1, message: expect.stringMatching(/is: 10\.96\.0\.10 192\.0\.2\.1 192\.0\.2\.2$/) },
  ]);
});

it('leaves a container ended that is not started again, whatever it lacks by then', async () => {
  const sandbox = createSandbox(1);
  await create(sandbox, 'Secret', 'secrets', { metadata: { name: 's' }, stringData: { k: 'v' } });
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];
  const containers = [
    { name: 'done', image: 'busybox', command: ['true'], env },
    { name: 'runs', image: 'nginx' },
  ];
  await make(sandbox, pod('p', { containers, restartPolicy: 'OnFailure' }));
  await sandbox.request('DELETE', '/api/v1/namespaces/default/secrets/s');
  await sandbox.request('PATCH', '/api/v1/namespaces/default/pods/p', { metadata: { labels: { a: 'b' } } });
  sandbox.advance(60_000);
  const { status } = await get(sandbox, 'p');
  expect(status.containerStatuses[0].state.terminated).toMatchObject({ reason: 'Completed' });
});
