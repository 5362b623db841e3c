/** `diorama export` and `diorama import`, as a user types them. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../../test/clients/sandbox.ts';

const CLI = join(import.meta.dirname, 'main.js');

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await openSandbox();
});

afterAll(async () => {
  await sandbox?.close();
});

function diorama(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

it('carries a cluster from one server to another as a file', async () => {
  const { url } = sandbox.server;
  const cluster = await sandbox.createCluster({ nodes: 2 });
  const exported = await diorama('export', '--server', url, '--cluster', cluster.id, '--token', cluster.token);
  expect(exported).toMatchObject({ code: 0, stderr: '' });
  const file = join(sandbox.folder, 'cluster.ndjson');
  await writeFile(file, exported.stdout);
  const imported = await diorama('import', '--server', `${url}/`, file);
  expect(imported).toMatchObject({ code: 0, stderr: '' });
  const copy = JSON.parse(imported.stdout);
  expect(copy.id).not.toBe(cluster.id);
  const nodes = await fetch(`${copy.server}/api/v1/nodes`, { headers: { authorization: `Bearer ${copy.token}` } });
  expect(((await nodes.json()) as any).items).toHaveLength(2);
  expect((await readFile(file, 'utf8')).split('\n').length).toBeGreaterThan(2);
});

it('says what is missing, wrong or not there', async () => {
  const { url } = sandbox.server;
  expect(await diorama()).toMatchObject({ code: 1, stderr: expect.stringContaining('npx diorama up') });
  expect(await diorama('help')).toMatchObject({ code: 0, stdout: expect.stringContaining('npx diorama bridge etcd') });
  expect(await diorama('export', '--server', url)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'diorama: --cluster is missing\n',
  });
  const unknown = await diorama('export', '--server', url, '--cluster', 'x', '--token', 'y');
  expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^diorama: 40\d: /) });
  const noFile = await diorama('import', '--server', url, join(sandbox.folder, 'nothing'));
  expect(noFile).toMatchObject({ code: 1, stderr: expect.stringContaining('no such file') });
  const nobody = await diorama('import', '--server', 'http://127.0.0.1:1', join(sandbox.folder, 'nothing'));
  expect(nobody).toMatchObject({ code: 1 });
  const noCluster = join(sandbox.folder, 'text');
  await writeFile(noCluster, 'hello\n');
  expect(await diorama('import', '--server', url, noCluster)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Line 1'),
  });
});
