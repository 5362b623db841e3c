/**
 * Clients that know a server by its host and port alone, or drop the path of its address: the token says whose cluster is meant. What
 * cannot be had on this machine is skipped with a line.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findKubectls, type Kubectl, run } from './kubectl.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const FLUENT_CLIENT = 'kubernetes-fluent-client@3.11.6';

const kubectls = findKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl on this machine');

let sandbox: Sandbox;
let cluster: { id: string; token: string };
let kubeconfig: string;

beforeAll(async () => {
  sandbox = await openSandbox();
  // There are others, and it is not the last.
  await sandbox.createCluster({ profile: 'api' });
  cluster = await sandbox.createCluster({
    nodes: 2,
    manifests: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: mine}',
  });
  await sandbox.createCluster({ profile: 'api' });
  const answer = await fetch(`${sandbox.server.url}/v1/clusters/${cluster.id}/kubeconfig?address=path`, {
    headers: { authorization: `Bearer ${cluster.token}` },
  });
  kubeconfig = join(sandbox.folder, 'kubeconfig');
  await writeFile(kubeconfig, await answer.text());
}, 180_000);

afterAll(() => sandbox?.close());

const names = ({ items }: { items: { metadata?: { name?: string } }[] }) => items.map(({ metadata }) => metadata?.name);

describe.skipIf(kubectls.length === 0).each(kubectls)('$name', (kubectl: Kubectl) => {
  it('get --raw', async () => {
    const { stdout, stderr } = await run(kubectl, kubeconfig, sandbox.folder, [
      'get',
      '--raw',
      '/api/v1/namespaces/mine',
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ metadata: { name: 'mine' } });
  });

  it('proxy', async () => {
    const child = spawn(kubectl.path, ['--kubeconfig', kubeconfig, 'proxy', '--port=0'], {
      env: { HOME: sandbox.folder, PATH: process.env.PATH },
    });
    onTestFinished(() => void child.kill());
    const line = await new Promise<string>((fulfil) => child.stdout.once('data', (data) => fulfil(String(data))));
    const address = /127\.0\.0\.1:\d+/.exec(line)![0];
    const answer = await fetch(`http://${address}/api/v1/nodes`);
    expect(names((await answer.json()) as never)).toEqual(['node-1', 'node-2']);
  });
});

it('the configuration of a pod', async () => {
  const account = join(sandbox.folder, 'var/run/secrets/kubernetes.io/serviceaccount');
  await mkdir(account, { recursive: true });
  const authorization = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
  const api = `${sandbox.server.url}/clusters/${cluster.id}`;
  const bound = await fetch(`${api}/apis/rbac.authorization.k8s.io/v1/clusterrolebindings`, {
    method: 'POST',
    headers: authorization,
    body: JSON.stringify({
      metadata: { name: 'pods-view' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'mine' }],
    }),
  });
  expect(bound.status).toBe(201);
  const requested = await fetch(`${api}/api/v1/namespaces/mine/serviceaccounts/default/token`, {
    method: 'POST',
    headers: authorization,
    body: '{}',
  });
  const { status } = (await requested.json()) as { status: { token: string } };
  await writeFile(join(account, 'token'), status.token);
  await writeFile(join(account, 'ca.crt'), sandbox.server.ca);
  await writeFile(join(account, 'namespace'), 'mine');
  const { hostname, port } = new URL(sandbox.server.httpsUrl);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname);
  vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
  const config = new KubeConfig();
  config.loadFromCluster(sandbox.folder);
  expect(config.getCurrentCluster()?.server).toBe(`https://${hostname}:${port}`);
  const client = config.makeApiClient(CoreV1Api);
  expect(names(await client.listNamespace())).toContain('mine');
});

it('kubernetes-fluent-client', { timeout: 120_000 }, async ({ skip }) => {
  const folder = join(sandbox.folder, 'fluent');
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', FLUENT_CLIENT];
  try {
    await promisify(execFile)('npm', install, { cwd: folder });
  } catch {
    console.log(`skipped: ${FLUENT_CLIENT} cannot be had on this machine`);
    skip();
  }
  const script = `import { K8s, kind } from 'kubernetes-fluent-client';
    const { items } = await K8s(kind.Node).Get();
    await K8s(kind.ConfigMap).Apply({ metadata: { name: 'fluent', namespace: 'mine' }, data: { a: 'b' } });
    const found = await K8s(kind.ConfigMap).InNamespace('mine').Get('fluent');
    console.log(JSON.stringify([items.map((node) => node.metadata.name), found.data]));`;
  await writeFile(join(folder, 'main.js'), script);
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], {
    cwd: folder,
    env: { HOME: folder, PATH: process.env.PATH, KUBECONFIG: kubeconfig },
  });
  expect(JSON.parse(stdout)).toEqual([['node-1', 'node-2'], { a: 'b' }]);
});
