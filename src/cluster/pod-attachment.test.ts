import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';

const ORIGIN = 'https://diorama.test';
const worker = (exports as unknown as { default: Fetcher }).default;

it('tells the calls of CNI that attached a pod', async () => {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: '{"nodes":1}' });
  const { id, token } = await made.json<{ id: string; token: string }>();
  headers.authorization = `Bearer ${token}`;
  const ports = [{ containerPort: 80, hostPort: 8080 }];
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'c', image: 'nginx', ports }] },
  });
  await worker.fetch(`${ORIGIN}/clusters/${id}/api/v1/namespaces/default/pods`, { method: 'POST', headers, body });
  const ask = (name: string, view = 'cni'): Promise<Response> =>
    worker.fetch(`${ORIGIN}/v1/clusters/${id}/namespaces/default/pods/${name}/${view}`, { headers });
  await expect
    .poll(async () => (await (await ask('web')).json<{ calls: unknown[] }>()).calls, { timeout: 10_000 })
    .toMatchObject([
      { command: 'ADD', ifname: 'lo', exitCode: 0, invocations: [{ plugin: 'loopback' }] },
      {
        command: 'ADD',
        ifname: 'eth0',
        exitCode: 0,
        capabilityArgs: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '' }] },
        result: { ips: [{ address: '10.244.0.2/24', gateway: '10.244.0.1' }] },
        invocations: [{ plugin: 'bridge' }, { plugin: 'portmap' }],
      },
    ]);
  expect((await ask('nobody')).status).toBe(404);
  // Whoever else tells of the sandbox tells of the same one.
  const { containerID, netns } = await (await ask('web')).json<{ containerID: string; netns: string }>();
  const { sandbox } = await (await ask('web', 'runtime')).json<{ sandbox: object }>();
  expect(sandbox).toMatchObject({ id: containerID, netns });
});
