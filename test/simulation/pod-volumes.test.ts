/** What programs find in the volumes of their pods, and what changes in them while they run. */
import { expect, it } from 'vitest';
import { createAuthority } from '../../src/resources/certificates/x509/authority.ts';
import type { Signatures } from '../../src/simulation/notary.ts';
import { create, get, type Json, make, pod, remove } from './pods.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CORE = '/api/v1/namespaces/default';

const LOOP = { image: 'busybox', command: ['sh', '-c', 'while true; do sleep 3600; done'] };

/** What a command prints that runs in a container of a pod. */
async function run(sandbox: Sandbox, name: string, command: string, container = 'c'): Promise<string> {
  const { metadata } = await get(sandbox, name);
  const target = { namespace: 'default', pod: name, uid: metadata.uid };
  const session = sandbox.cluster.machines
    .machine(target, sandbox.cluster.now(sandbox.now))!
    .exec(container, ['sh', '-c', `${command} 2>&1`], { stdin: false, tty: false });
  if ('reason' in session) throw new Error(session.message);
  return session
    .take()
    .map(({ bytes }) => bytes)
    .join('');
}

const mounting = (volume: Json, mount: Json = {}, more: Json = {}): Json =>
  pod(
    'p',
    { volumes: [{ name: 'v', ...volume }], ...more },
    { ...LOOP, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] },
  );

it('brings ConfigMaps, Secrets and what a pod tells of itself up to date', async () => {
  const sandbox = createSandbox(1);
  await create(sandbox, 'ConfigMap', 'configmaps', { metadata: { name: 'm' }, data: { a: 'one' } });
  await create(sandbox, 'Secret', 'secrets', { metadata: { name: 's' }, stringData: { b: 'two' } });
  const sources = [
    { configMap: { name: 'm' } },
    { secret: { name: 's', optional: true } },
    { secret: { name: 'later', optional: true } },
    { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  ];
  await make(sandbox, mounting({ projected: { sources } }));
  expect(await run(sandbox, 'p', 'cat /v/a /v/b /v/labels; ls /v')).toBe('onetwoa\nb\nlabels\n');
  await sandbox.request('PATCH', `${CORE}/configmaps/m`, { data: { a: 'three' } });
  await sandbox.request('PATCH', `${CORE}/pods/p`, { metadata: { labels: { x: 'y' } } });
  await sandbox.request('DELETE', `${CORE}/secrets/s`);
  await create(sandbox, 'Secret', 'secrets', { metadata: { name: 'later' }, stringData: { c: 'four' } });
  sandbox.advance(0);
  expect(await run(sandbox, 'p', 'cat /v/a /v/c /v/labels; ls /v')).toBe('threefourx="y"a\nc\nlabels\n');
});

it('keeps what a source that must be there held last', async () => {
  const sandbox = createSandbox(1);
  await create(sandbox, 'ConfigMap', 'configmaps', { metadata: { name: 'm' }, data: { a: 'one' } });
  await make(sandbox, mounting({ configMap: { name: 'm' } }));
  expect(await run(sandbox, 'p', 'cat /v/a')).toBe('one');
  await sandbox.request('DELETE', `${CORE}/configmaps/m`);
  sandbox.advance(0);
  expect(await run(sandbox, 'p', 'cat /v/a')).toBe('one');
});

it('shares the paths of a node, and what is behind a claim after its pod is gone', async () => {
  const sandbox = createSandbox(2, { components: { 'local-path-provisioner': true } });
  const onNode = (name: string, node: string): Json => ({
    ...mounting({ hostPath: { path: '/srv/x', type: 'DirectoryOrCreate' } }, {}, { nodeName: node }),
    metadata: { name },
  });
  await make(sandbox, onNode('a', 'node-1'));
  await make(sandbox, onNode('b', 'node-1'));
  await make(sandbox, onNode('c', 'node-2'));
  await run(sandbox, 'a', 'echo here > /v/f');
  expect(await run(sandbox, 'b', 'cat /v/f')).toBe('here\n');
  expect(await run(sandbox, 'c', 'ls /v')).toBe('');
  await create(sandbox, 'PersistentVolumeClaim', 'persistentvolumeclaims', {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const claiming = mounting({ persistentVolumeClaim: { claimName: 'data' } });
  await make(sandbox, claiming);
  sandbox.advance(10_000);
  await run(sandbox, 'p', 'echo kept > /v/f');
  await remove(sandbox, 'p', { gracePeriodSeconds: 0 });
  await make(sandbox, claiming);
  sandbox.advance(10_000);
  expect(await run(sandbox, 'p', 'cat /v/f')).toBe('kept\n');
});

it('shows files of the node, and of images', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, mounting({ hostPath: { path: '/etc/hosts' } }));
  expect(await run(sandbox, 'p', 'grep -c node-1 /v')).toBe('1\n');
  await remove(sandbox, 'p', { gracePeriodSeconds: 0 });
  await make(sandbox, mounting({ image: { reference: 'nginx' } }, { subPath: 'usr/share/nginx/html' }));
  expect(await run(sandbox, 'p', 'grep -c Welcome /v/index.html; touch /v/x')).toContain('Read-only file system');
});

it('puts the certificates of trust bundles together, each once', async () => {
  const sandbox = createSandbox(1);
  const [one, two] = await Promise.all(
    ['one', 'two'].map((commonName) => createAuthority({ commonName, now: sandbox.now, years: 9 })),
  );
  const bundle = (name: string, trustBundle: string): Promise<Json> =>
    sandbox.request('POST', '/apis/certificates.k8s.io/v1/clustertrustbundles', {
      metadata: { name, labels: { from: 'here' } },
      spec: { signerName: 'a.b/c', trustBundle },
    });
  await bundle('a.b:c:1', `ignored\n${one!.certificate}`);
  await bundle('a.b:c:2', `${two!.certificate}${one!.certificate}`);
  const signerName = 'a.b/c';
  const sources = [
    { clusterTrustBundle: { signerName, labelSelector: { matchLabels: { from: 'here' } }, path: 'all.pem' } },
    { clusterTrustBundle: { signerName, optional: true, path: 'none.pem' } },
  ];
  await make(sandbox, mounting({ projected: { sources } }));
  expect(await run(sandbox, 'p', 'grep -c BEGIN /v/all.pem; grep -c ignored /v/all.pem; wc -c < /v/none.pem')).toBe(
    '2\n0\n0\n',
  );
});

it('starts a container that was added to look into a pod, once, among the processes of another', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, pod('p', {}, LOOP));
  const added = { name: 'd', image: 'busybox', command: ['sh', '-c', 'ps; exit 3'], targetContainerName: 'c' };
  await sandbox.request('PATCH', `${CORE}/pods/p/ephemeralcontainers`, { spec: { ephemeralContainers: [added] } });
  sandbox.advance(60_000);
  const { status } = await get(sandbox, 'p');
  expect(status.ephemeralContainerStatuses).toMatchObject([
    { name: 'd', ready: false, restartCount: 0, state: { terminated: { exitCode: 3 } } },
  ]);
  expect(status.ephemeralContainerStatuses[0].started).toBeUndefined();
  expect(status.containerStatuses[0].state.running).toBeDefined();
  const target = { namespace: 'default', pod: 'p', uid: (await get(sandbox, 'p')).metadata.uid };
  const lines = sandbox.cluster.machines.machine(target, sandbox.cluster.now(sandbox.now))!.log('d');
  expect(lines.map(({ text }) => text).join('\n')).toContain('while true');
});

/** Signs by writing down what it is told, as soon as it has its key. */
function signatures(key: { isThere: boolean }): Signatures {
  return {
    secretToken: async () => '',
    certificate: async () => '',
    tokenKid: () => undefined,
    podToken: ({ account, audience, issuedAt, pod: { name } }) =>
      key.isThere ? `${account.name} ${audience} ${name} ${issuedAt}\n` : undefined,
    async prepareTokens() {
      await Promise.resolve();
      key.isThere = true;
    },
  };
}

it('has the tokens of its account, which are renewed before they end, and waits for the first', async () => {
  const key = { isThere: false };
  const sandbox = createSandbox(1, { signatures: signatures(key) });
  sandbox.advance(1000);
  const sources = [{ serviceAccountToken: { audience: 'vault', expirationSeconds: 600, path: 'token' } }];
  const begin = sandbox.now / 1000;
  await make(sandbox, {
    ...mounting({ projected: { sources } }, {}, { securityContext: { runAsUser: 1000, fsGroup: 2000 } }),
  });
  const target = { namespace: 'default', pod: 'p', uid: (await get(sandbox, 'p')).metadata.uid };
  const command = ['sh', '-c', 'stat -L -c "%a %u %g" /v/token; cat /v/token'];
  const session = sandbox.cluster.machines
    .machine(target, sandbox.cluster.now(sandbox.now))!
    .exec('c', command, { stdin: false, tty: false });
  if ('reason' in session) throw new Error(session.message);
  const told = (): string =>
    session
      .take()
      .map(({ bytes }) => bytes)
      .join('');
  expect(told()).toBe('640 1000 2000\n');
  expect(session.exitCode).toBeUndefined();
  await sandbox.cluster.settled();
  sandbox.advance(1);
  sandbox.cluster.machines.machine(target, sandbox.cluster.now(sandbox.now));
  expect(told()).toBe(`default vault p ${begin}\n`);
  expect(session.exitCode).toBe(0);
  sandbox.advance(479_000);
  expect(await run(sandbox, 'p', 'cat /v/token')).toBe(`default vault p ${begin}\n`);
  sandbox.advance(1_000);
  expect(await run(sandbox, 'p', 'cat /v/token')).toBe(`default vault p ${begin + 480}\n`);
});
