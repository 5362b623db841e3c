/** What kubectl does with running containers: exec, logs, attach, cp, port-forward, proxies; old versions speak SPDY, which the door with TLS answers. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectls, type Kubectl, run } from './kubectl.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const kubectls = findKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl on this machine');

const PODS = `apiVersion: v1
kind: Pod
metadata: {name: busy}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "echo one; echo two >&2; echo three; sleep 36000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  containers: [{name: c, image: "busybox:1.36", stdin: true, command: [sh, -c, "while read x; do echo got $x; done"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: c, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8080, targetPort: 80}]}
`;

let sandbox: Sandbox;
let kubeconfig: string;
let cluster: { id: string; server: string; token: string };

const authorized = () => ({ headers: { authorization: `Bearer ${cluster.token}` } });

beforeAll(async () => {
  sandbox = await openSandbox();
  cluster = await sandbox.createCluster({ nodes: 1 });
  const answer = await fetch(`${sandbox.server.url}/v1/clusters/${cluster.id}/kubeconfig`, authorized());
  kubeconfig = join(sandbox.folder, 'kubeconfig.yaml');
  await writeFile(kubeconfig, await answer.text());
  const [kubectl] = kubectls;
  if (!kubectl) return;
  await run(kubectl, kubeconfig, sandbox.folder, ['apply', '-f', '-'], PODS);
  await run(kubectl, kubeconfig, sandbox.folder, ['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=25s']);
}, 180_000);

afterAll(() => sandbox?.close());

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Starts kubectl, and waits until it says something like this. */
function started(kubectl: Kubectl, args: string[], said: RegExp): Promise<{ stop(): void }> {
  const child = spawn(kubectl.path, ['--kubeconfig', kubeconfig, ...args], { env: { HOME: sandbox.folder } });
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk: Buffer): void => {
      text += chunk;
      if (said.test(text)) resolve({ stop: () => child.kill() });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`kubectl ended: ${text}`)));
  });
}

describe.skipIf(kubectls.length === 0).each(kubectls)('$name', (kubectl: Kubectl) => {
  const ask = (args: string[], stdin?: string) => run(kubectl, kubeconfig, sandbox.folder, args, stdin);

  it('runs commands in containers, with their output, errors and codes', async () => {
    expect(await ask(['exec', 'busy', '--', 'echo', 'hi'])).toEqual({ code: 0, stdout: 'hi\n', stderr: '' });
    const failed = await ask(['exec', 'busy', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(failed.code).toBe(3);
    expect(failed.stdout).toBe('out\n');
    expect(failed.stderr).toContain('err\n');
    expect(failed.stderr).toContain('command terminated with exit code 3');
    const missing = await ask(['exec', 'busy', '--', 'nothing']);
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain('exec: "nothing": executable file not found in $PATH');
  });

  it('gives a command its input, up to its end', async () => {
    expect(await ask(['exec', '-i', 'busy', '--', 'cat'], 'hello\nthere\n')).toMatchObject({
      code: 0,
      stdout: 'hello\nthere\n',
    });
    const long = 'x'.repeat(100_000);
    expect((await ask(['exec', '-i', 'busy', '--', 'wc', '-c'], long)).stdout.trim()).toBe('100000');
  });

  it('waits for a command that takes a while', async () => {
    expect((await ask(['exec', 'busy', '--', 'sh', '-c', 'sleep 1; echo late'])).stdout).toBe('late\n');
  });

  it('prints logs, all or in part', async () => {
    const logs = async (...args: string[]): Promise<string> => (await ask(['logs', 'busy', ...args])).stdout;
    expect(await logs()).toBe('one\ntwo\nthree\n');
    expect(await logs('--tail=1')).toBe('three\n');
    expect(await logs('--limit-bytes=5')).toBe('one\nt');
    expect(await logs('--timestamps', '--tail=1')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z three\n$/);
    expect(await logs('--since=24h', '--all-containers')).toBe('one\ntwo\nthree\n');
    expect((await ask(['logs', 'busy', '--previous'])).stderr).toContain(
      'previous terminated container "c" in pod "busy" not found',
    );
  });

  it('follows a log', async () => {
    const log = await started(kubectl, ['logs', '-f', 'busy'], /three\n/);
    log.stop();
  });

  it('forwards ports, and says where nobody listens', async () => {
    const port = await freePort();
    const forward = await started(kubectl, ['port-forward', 'web', `${port}:80`], /Forwarding from 127/);
    for (let i = 0; i < 2; i++)
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('Welcome to nginx!');
    forward.stop();
  });

  it('attaches to what runs', async () => {
    const child = await started(kubectl, ['attach', '-i', 'reader'], /If you don't see a command prompt/);
    child.stop();
  });
});

describe.skipIf(kubectls.length === 0)('proxies', () => {
  const get = (path: string) => fetch(`${cluster.server}/api/v1/namespaces/default/${path}`, authorized());

  it('reach a pod, and a service by the number or the lack of its port', async () => {
    for (const path of ['pods/web/proxy/', 'pods/web:80/proxy/', 'services/web:8080/proxy/', 'services/web/proxy/']) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(await answer.text()).toContain('Welcome to nginx!');
    }
    expect((await get('pods/web/proxy/nothing')).status).toBe(404);
  });

  it('say where nobody listens', async () => {
    const answer = await get('pods/web:81/proxy/');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringMatching(
        /^error trying to reach service: dial tcp [\d.]+:81: connect: connection refused$/,
      ),
    });
  });
});

describe.skipIf(kubectls.length === 0)('kubectl of this machine', () => {
  const [kubectl] = kubectls as [Kubectl];

  it('copies files both ways', async () => {
    const has = await run(kubectl, kubeconfig, sandbox.folder, ['exec', 'busy', '--', 'tar', '--help']);
    if (has.stderr.includes('executable file not found')) return;
    const [there, back] = [join(sandbox.folder, 'there'), join(sandbox.folder, 'back')];
    await writeFile(there, 'carried\n');
    const ask = (...args: string[]) => run(kubectl, kubeconfig, sandbox.folder, args);
    expect(await ask('cp', there, 'busy:/tmp/carried')).toMatchObject({ code: 0 });
    expect((await ask('exec', 'busy', '--', 'cat', '/tmp/carried')).stdout).toBe('carried\n');
    expect(await ask('cp', 'busy:/tmp/carried', back)).toMatchObject({ code: 0 });
    expect(await readFile(back, 'utf8')).toBe('carried\n');
  });
});
