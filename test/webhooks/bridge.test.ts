/** `kube-diorama bridge webhooks`: calls that come to this machine by a bridge. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { openWebhookBridge, type WebhookBridge } from '../../src/cli/bridge/webhooks.ts';
import { MAX_BRIDGED_CHARACTERS, MAX_BRIDGED_URLS, MAX_BRIDGES } from '../../src/cluster/webhook-bridges.ts';
import { allowed, type HookServer, startHookServer } from './hook-server.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.js');
const stateDir = mkdtempSync(join(tmpdir(), 'diorama-bridge-'));
let server: LocalServer;
let hooks: HookServer;
let cluster: string;
let token: string;

beforeAll(async () => {
  [server, hooks] = await Promise.all([startServer({ stateDir }), startHookServer((body) => allowed(body))]);
  const headers = { 'content-type': 'application/json' };
  const made = await fetch(`${server.url}/v1/clusters`, { method: 'POST', headers, body: '{"profile":"api"}' });
  const { id, token: given } = (await made.json()) as { id: string; token: string };
  [cluster, token] = [`${server.url}/clusters/${id}`, given];
  const webhook = {
    name: 'v.example.org',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { url: `${hooks.url}/v`, caBundle: hooks.caBundle },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
  };
  const configuration = { metadata: { name: 'h' }, webhooks: [webhook] };
  await ask('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', configuration);
});

afterAll(async () => {
  await Promise.all([server.stop(), hooks.close()]);
  rmSync(stateDir, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: unknown): Promise<any> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (await fetch(`${cluster}${path}`, { method, headers, body: JSON.stringify(body) })).json();
}

let made = 0;
const create = (data: object = {}): Promise<any> =>
  ask('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: `m${++made}` }, data });

const open = (to: string[]): Promise<WebhookBridge> => openWebhookBridge({ cluster, token, to, told: () => undefined });

describe('a bridge', () => {
  it('brings calls to this machine, whatever the cluster’s maker has allowed, as long as it stands', async () => {
    const refused = `Post "${hooks.url}/v?timeout=10s": dial tcp 127.0.0.1:${hooks.port}: connect: connection refused`;
    expect((await create()).message).toContain(refused);
    const bridge = await open([hooks.url]);
    const text = 'ü'.repeat(300_000);
    expect((await create({ text })).data.text).toBe(text);
    expect(hooks.asked.at(-1)!.body.request.object.data.text).toBe(text);
    hooks.answer((body) => allowed(body, { allowed: false, status: { message: text } }));
    expect((await create()).message).toContain('denied the request: üü');
    hooks.answer((body) => allowed(body));
    bridge.stop();
    for (let tries = 0; tries < 50; tries++) if ((await create()).message?.includes(refused)) return;
    throw new Error('the bridge is still there');
  });

  it('stands for what it was opened for', async () => {
    const bridge = await open([`${hooks.url}/other`]);
    expect((await create()).message).toContain('connection refused');
    bridge.stop();
  });

  it('is the cluster admin’s, says what it stands for, and is one of few', async () => {
    const refusal = (asked: { token?: string; to?: string[] }): Promise<unknown> =>
      openWebhookBridge({ cluster, token, to: [hooks.url], told: () => undefined, ...asked }).catch(
        (error: Error) => error.message,
      );
    expect(await refusal({ token: 'nobody' })).toMatch(/Unauthorized/);
    expect(await refusal({ to: [] })).toContain('which https URLs');
    const urls = (count: number): string[] => Array.from({ length: count }, (_, i) => `https://a${i}/`);
    expect(await refusal({ to: urls(MAX_BRIDGED_URLS + 1) })).toContain(`${MAX_BRIDGED_URLS} URLs`);
    const long = (length: number): string => 'https://a/'.padEnd(length, 'x');
    expect(await refusal({ to: [long(MAX_BRIDGED_CHARACTERS + 1)] })).toContain(`${MAX_BRIDGED_CHARACTERS} characters`);
    const bridges = [await open([long(MAX_BRIDGED_CHARACTERS)]), await open(urls(MAX_BRIDGED_URLS))];
    while (bridges.length < MAX_BRIDGES) bridges.push(await open([hooks.url]));
    expect(await refusal({})).toContain('cannot be opened');
    for (const bridge of bridges) bridge.stop();
  });

  it('is what the command opens', async () => {
    const args = ['bridge', 'webhooks', '--cluster', cluster, '--token', token, '--to', hooks.url];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [first] = await once(child.stdout, 'data');
    expect(String(first)).toContain(`at ${hooks.url} are called from here`);
    expect((await create()).kind).toBe('ConfigMap');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  });
});
