/** The local server as `npm start` runs it: two doors, a state that outlives it, and an end that leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../../scripts/local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'diorama-server-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function create(url: string): Promise<{ id: string; token: string }> {
  const answer = await fetch(`${url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"nodes":1}',
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; token: string };
}

/** The kubeconfig's two lines that say where and whom to trust. */
async function kubeconfig(url: string, { id, token }: { id: string; token: string }) {
  const answer = await fetch(`${url}/v1/clusters/${id}/kubeconfig`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  const value = (key: string) => new RegExp(`${key}: "?([^"\\n]+)`).exec(text)![1]!;
  return { server: value('server'), ca: Buffer.from(value('certificate-authority-data'), 'base64').toString() };
}

const getOverTls = (url: string, ca: string, token: string): Promise<number> =>
  new Promise((fulfil, reject) => {
    get(url, { ca, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      answer.resume();
      fulfil(answer.statusCode ?? 0);
    }).once('error', reject);
  });

describe('the local server', () => {
  it('keeps clusters over a crash, and its authority over a restart', async () => {
    const stateDir = join(folder, 'kept');
    const first = await startServer({ stateDir });
    const cluster = await create(first.url);
    await first.kill();
    const second = await startServer({ stateDir });
    expect(second.ca).toBe(first.ca);
    const answer = await fetch(`${second.url}/v1/clusters/${cluster.id}`, {
      headers: { authorization: `Bearer ${cluster.token}` },
    });
    expect(answer.status).toBe(200);
    await second.stop();
    await expect(fetch(second.url)).rejects.toThrow();
  });

  it('gives a kubeconfig whose server answers over TLS with the authority in it', async () => {
    const server = await startServer({ stateDir: join(folder, 'tls') });
    const cluster = await create(server.url);
    const config = await kubeconfig(server.url, cluster);
    expect(config.server).toBe(`${server.httpsUrl}/clusters/${cluster.id}`);
    expect(await getOverTls(`${config.server}/version`, config.ca, cluster.token)).toBe(200);
    await server.stop();
  });

  it('prints the lines to paste, and ends at once when told so', async () => {
    const child = spawn(process.execPath, ['scripts/start.ts', '--port', '0', '--state', join(folder, 'start')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const text = await untilPrinted(child, 'Ctrl-C');
    const url = /Diorama is at (\S+)/.exec(text)![1]!;
    expect(text).toContain(`curl -sX POST ${url}/v1/clusters`);
    await create(url);
    child.kill('SIGTERM');
    await new Promise((fulfil) => child.once('exit', fulfil));
    await expect(fetch(url)).rejects.toThrow();
  });

  it('tells a program where it is, and ends with whoever started it, its temporary state with it', async () => {
    const temporary = mkdtempSync(join(folder, 'temporary-'));
    const args = ['up', '--port', '0', '--temporary', '--json', '--until-input-ends'];
    const child = spawn(process.execPath, ['src/cli/main.js', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary },
    });
    const { url, httpsUrl, ca, pid } = JSON.parse(await untilPrinted(child, '\n'));
    expect(pid).toBe(child.pid);
    const cluster = await create(url);
    expect(await getOverTls(`${httpsUrl}/clusters/${cluster.id}/version`, ca, cluster.token)).toBe(200);
    expect(readdirSync(temporary)).toHaveLength(1);
    child.stdin!.end();
    expect(await new Promise((fulfil) => child.once('exit', fulfil))).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('says so when its port is taken', async () => {
    const server = await startServer({ stateDir: join(folder, 'taken') });
    const port = new URL(server.url).port;
    const child = spawn(process.execPath, ['scripts/start.ts', '--port', port, '--state', join(folder, 'second')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    expect(await new Promise((fulfil) => child.once('close', fulfil))).toBe(1);
    expect(text).toContain(`Port ${port} is taken`);
    await server.stop();
  });
});

function untilPrinted(child: ChildProcess, mark: string): Promise<string> {
  let text = '';
  return new Promise((fulfil, reject) => {
    child.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes(mark)) fulfil(text);
    });
    child.once('exit', () => reject(new Error(`it ended after printing: ${text}`)));
  });
}
