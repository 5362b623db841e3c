/** The folder that a local server keeps its state in: nobody else's to read, and one server's at a time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { processStart } from '../../scripts/local/process-identity.ts';
import { openStateFolder } from '../../scripts/local/state-folder.ts';
import { lockState } from '../../scripts/local/state-lock.ts';
import { startServer } from '../../scripts/local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'diorama-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const files = (stateDir: string): string[] => globSync('**/*', { cwd: stateDir }).map((name) => join(stateDir, name));

async function create(url: string): Promise<{ id: string; token: string }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/clusters`, { method: 'POST', headers, body: '{"nodes":1}' });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; token: string };
}

/** `npm start` in a process of its own, until it has printed where it is or has ended. */
function start(stateDir: string): Promise<{ child: ChildProcess; url?: string; error: string }> {
  const child = spawn(process.execPath, ['scripts/start.ts', '--port', '0', '--state', stateDir]);
  const said = { text: '', error: '' };
  child.stderr.on('data', (chunk) => {
    said.error += chunk;
  });
  return new Promise((fulfil) => {
    child.stdout.on('data', (chunk) => {
      said.text += chunk;
      const url = /Diorama is at (\S+)/.exec(said.text)?.[1];
      if (url) fulfil({ child, url, error: said.error });
    });
    child.once('close', () => fulfil({ child, error: said.error }));
  });
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((fulfil) => {
    if (child.exitCode !== null || child.signalCode !== null) fulfil();
    else child.once('exit', () => fulfil());
  });

describe.skipIf(process.platform === 'win32')('the rights', () => {
  it("are the owner's alone, also of what an earlier version has left open", async () => {
    const stateDir = join(folder, 'rights');
    const server = await startServer({ stateDir });
    await create(server.url);
    chmodSync(join(stateDir, 'v3'), 0o755);
    chmodSync(join(stateDir, 'worker.js'), 0o644);
    await server.kill();
    openStateFolder(stateDir, []);
    expect(mode(stateDir)).toBe('700');
    for (const path of files(stateDir))
      expect([path, mode(path)]).toEqual([path, statSync(path).isDirectory() ? '700' : '600']);
  });

  it('of a folder in which a benchmark has been are no others', () => {
    const stateDir = join(folder, 'bench');
    mkdirSync(stateDir, { mode: 0o755 });
    writeFileSync(join(stateDir, 'bench.json'), '', { mode: 0o644 });
    openStateFolder(stateDir, []);
    expect([mode(stateDir), mode(join(stateDir, 'bench.json'))]).toEqual(['700', '600']);
  });

  it('of a folder that holds other things stay', () => {
    const stateDir = join(folder, 'shared');
    mkdirSync(stateDir, { mode: 0o755 });
    for (const name of ['notes.txt', 'bench.json']) writeFileSync(join(stateDir, name), '', { mode: 0o644 });
    openStateFolder(stateDir, [join(stateDir, 'v3/do')]);
    expect([mode(stateDir), mode(join(stateDir, 'notes.txt')), mode(join(stateDir, 'v3'))]).toEqual([
      '755',
      '644',
      '700',
    ]);
  });
});

describe('two servers', () => {
  it('do not share a folder: the second is told whose it is, and gets it when that one has ended', async () => {
    const stateDir = join(folder, 'two');
    const first = await startServer({ stateDir });
    const second = await start(stateDir);
    expect(second.url).toBeUndefined();
    expect(second.child.exitCode).toBe(1);
    expect(second.error).toContain(`process ${process.pid} at ${first.url}, since 20`);
    expect((await fetch(`${first.url}/v1/openapi.json`)).status).toBe(200);
    await first.stop();
    const third = await startServer({ stateDir });
    await third.stop();
  });

  it('that start at the same time do not both get it', async () => {
    const stateDir = join(folder, 'race');
    const starts = await Promise.all(Array.from({ length: 4 }, () => start(stateDir)));
    const running = starts.filter(({ url }) => url !== undefined);
    expect(running).toHaveLength(1);
    for (const { url, error } of starts) if (!url) expect(error).toContain(`process ${running[0]!.child.pid}`);
    running[0]!.child.kill('SIGTERM');
    await ended(running[0]!.child);
  });

  it('follow one another after a kill, and what the killed one had started ends', async () => {
    const stateDir = join(folder, 'killed');
    const first = await start(stateDir);
    const cluster = await create(first.url!);
    const { heavy } = JSON.parse(readFileSync(join(stateDir, 'server.json'), 'utf8'));
    first.child.kill('SIGKILL');
    await ended(first.child);
    // Its workerd goes on, and would write beside the next one's.
    expect((await fetch(`${first.url}/v1/openapi.json`)).status).toBe(200);
    expect(processStart(heavy.pid)).toBe(heavy.start);
    const second = await startServer({ stateDir });
    expect(processStart(heavy.pid)).not.toBe(heavy.start);
    await expect(fetch(`${first.url}/v1/openapi.json`)).rejects.toThrow();
    const headers = { authorization: `Bearer ${cluster.token}` };
    expect((await fetch(`${second.url}/v1/clusters/${cluster.id}`, { headers })).status).toBe(200);
    await second.stop();
  });
});

describe('the lock', () => {
  it('hits no process that only has the number of one that was there', async () => {
    const stateDir = mkdtempSync(join(folder, 'number-'));
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const holder = {
      pid: other.pid,
      since: 'once',
      address: 'nowhere',
      workerd: { pid: other.pid, start: '1@another boot' },
    };
    writeFileSync(join(stateDir, 'server.json'), JSON.stringify(holder));
    const lock = await lockState(stateDir);
    expect(JSON.parse(readFileSync(join(stateDir, 'server.json'), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(other.exitCode ?? other.signalCode).toBeNull();
    lock.release();
    other.kill();
    await ended(other);
  });

  it('may be had again when it is released, and not before', async () => {
    const stateDir = mkdtempSync(join(folder, 'again-'));
    const lock = await lockState(stateDir);
    await expect(lockState(stateDir)).rejects.toThrow(`in use by another server: process ${process.pid}, since`);
    lock.release();
    (await lockState(stateDir)).release();
  });

  it.each(['', '{', 'null', '[]', '{"pid":"x","workerd":5}', '{"workerd":{"pid":-1,"start":"x"}}'])(
    'does not mind %j where another has left its name',
    async (text) => {
      const stateDir = mkdtempSync(join(folder, 'odd-'));
      writeFileSync(join(stateDir, 'server.json'), text);
      (await lockState(stateDir)).release();
    },
  );
});
