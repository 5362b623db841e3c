/** A real kubectl at a control plane that breaks and heals. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectls, type Result, run } from './kubectl.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const [kubectl] = findKubectls();
if (!kubectl) console.log('skipped: no kubectl on this machine');

describe.skipIf(!kubectl)('kubectl at a stacked control plane', () => {
  let sandbox: Sandbox;
  let kubeconfig: string;
  let platform: (path: string, method: string, body: unknown) => Promise<Response>;

  beforeAll(async () => {
    sandbox = await openSandbox();
    const made = await sandbox.createCluster({ topology: 'stacked', nodes: 2, kubeconfig: true });
    kubeconfig = join(sandbox.folder, 'kubeconfig');
    await writeFile(kubeconfig, (made as unknown as { kubeconfig: string }).kubeconfig);
    platform = (path, method, body) =>
      fetch(`${sandbox.server.url}/v1/clusters/${made.id}${path}`, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${made.token}`, connection: 'close' },
        body: JSON.stringify(body),
      });
  });
  afterAll(() => sandbox.close());

  const k = (...args: string[]): Promise<Result> => run(kubectl!, kubeconfig, sandbox.folder, args);
  const fault = async (change: unknown): Promise<void> =>
    expect((await platform('/faults', 'POST', change)).status).toBe(200);
  const pass = async (seconds: number): Promise<void> =>
    expect((await platform('/clock', 'PATCH', { advance: seconds })).status).toBe(200);

  it('sees what kubeadm has made', async () => {
    const nodes = await k('get', 'nodes', '--no-headers');
    expect(nodes.stdout.match(/^cp-\d +Ready +control-plane /gm)).toHaveLength(3);
    expect(nodes.stdout.match(/^node-\d +Ready +<none> /gm)).toHaveLength(2);
    const pods = await k('get', 'pods', '-n', 'kube-system', '--no-headers');
    expect(pods.stdout.match(/ 1\/1 +Running +0 /g)).toHaveLength(4 * 3 + 5 + 2);
    const { stdout } = await k('describe', 'pod', '-n', 'kube-system', 'kube-apiserver-cp-2');
    expect(stdout).toContain('Controlled By:  Node/cp-2');
    expect(stdout).toContain('--etcd-servers=https://127.0.0.1:2379');
  });

  it('finds a node NotReady that is killed, and Ready when it is healed', async () => {
    await fault({ kill: { node: 'node-1' } });
    await pass(60);
    expect((await k('get', 'node', 'node-1', '--no-headers')).stdout).toMatch(/^node-1 +NotReady /);
    await fault({ heal: { node: 'node-1' } });
    await pass(10);
    expect((await k('get', 'node', 'node-1', '--no-headers')).stdout).toMatch(/^node-1 +Ready /);
  });

  it('is told in the words of etcd that there is no quorum, and goes on when there is one', async () => {
    expect((await k('create', 'configmap', 'kept')).code).toBe(0);
    await fault({ kill: { node: 'cp-1' } });
    // Another leader is elected meanwhile, if it was there.
    await pass(5);
    expect((await k('create', 'configmap', 'also-kept')).code).toBe(0);
    await fault({ kill: { member: 'cp-2' } });
    const refused = await k('get', 'configmaps');
    expect(refused.stderr).toMatch(/^Error from server: etcdserver: (request timed out|leader changed|no leader)/);
    await fault({ heal: true });
    await pass(5);
    const { stdout } = await k('get', 'configmaps', '-o', 'name');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['configmap/kept', 'configmap/also-kept']));
  });
});
