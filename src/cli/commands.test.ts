/** The command line, as a user types it. */

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../../test/clients/sandbox.ts';
import type { LooseObject } from '../../test/loose-object.ts';
import { PROFILES } from '../platform/clusters/components.ts';
import { DEFAULT_LISTED_CLUSTERS } from '../platform/limits.ts';

const CLI = join(import.meta.dirname, 'main.js');
const COMMANDS = ['up', 'create', 'list', 'kubeconfig', 'delete', 'export', 'import', 'bridge'];

let sandbox: Sandbox;
let url: string;

beforeAll(async () => {
  sandbox = await openSandbox();
  url = sandbox.server.url;
});

afterAll(async () => {
  await sandbox?.close();
});

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function runWith(env: Record<string, string>, stdin: string, ...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const { DIORAMA_SERVER: _, DIORAMA_TOKEN: __, ...others } = process.env;
    const child = execFile(process.execPath, [CLI, ...args], { env: { ...others, ...env } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin!.end(stdin);
  });
}

/** With the server of this test as its own. */
const diorama = (...args: string[]): Promise<Result> => runWith({ DIORAMA_SERVER: url }, '', ...args);

const misused = (message: string, command = ''): Result => ({
  code: 2,
  stdout: '',
  stderr: `kube-diorama: ${message}; see kube-diorama ${command && `${command} `}--help\n`,
});

async function nodesOf({ server, token }: { server: string; token: string }): Promise<number> {
  const nodes = await fetch(`${server}/api/v1/nodes`, { headers: { authorization: `Bearer ${token}` } });
  return ((await nodes.json()) as LooseObject).items.length;
}

describe('every command', () => {
  it.each(COMMANDS)('%s has help and a version', async (command) => {
    const [help, short, asked, version] = await Promise.all([
      diorama(command, '--help'),
      diorama(command, '-h'),
      diorama('help', command),
      diorama(command, '--version'),
    ]);
    expect(help).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(`^kube-diorama ${command} \\[OPTIONS\\]`),
    });
    expect([short, asked]).toEqual([help, help]);
    expect(version).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each(COMMANDS)('%s refuses in one line what it does not know', async (command) => {
    const [option, operands, valueless] = await Promise.all([
      diorama(command, '--nonsense'),
      diorama(command, 'a', 'b\nc'),
      diorama(command, ['up'].includes(command) ? '--state' : '--server'),
    ]);
    expect(option).toEqual(misused('there is no option --nonsense', command));
    expect(operands).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^kube-diorama: .*one too many.*\n$/),
    });
    expect(valueless).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(' needs a value: ') });
  });

  it('is named where none is, or another', async () => {
    expect(await diorama()).toEqual(misused('a command is missing'));
    expect(await diorama('down')).toEqual(misused('there is no command down'));
    expect(await diorama('--down')).toEqual(misused('there is no option --down'));
    for (const args of [['help'], ['--help'], ['-h']]) {
      const { code, stdout } = await diorama(...args);
      expect(code).toBe(0);
      for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
    expect((await diorama('--version')).stdout).toBe((await diorama('up', '--version')).stdout);
  });
});

describe('create', () => {
  it('makes a cluster as its options say, and a kubeconfig that only its owner reads', async () => {
    const file = join(sandbox.folder, 'kc');
    const made = await diorama('create', '--nodes', '2', '--name', 'mine', '--ttl=60', '--kubeconfig', file);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const cluster = JSON.parse(made.stdout);
    expect(cluster).toMatchObject({ name: 'mine', server: `${url}/clusters/${cluster.id}` });
    expect(Date.parse(cluster.expiresAt) - Date.parse(cluster.createdAt)).toBe(60_000);
    expect(await nodesOf(cluster)).toBe(2);
    expect(readFileSync(file, 'utf8')).toContain(`server: "${sandbox.server.httpsUrl}/clusters/${cluster.id}"`);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('loses no file that is there, and makes no cluster for one that has no place', async () => {
    const file = join(sandbox.folder, 'taken');
    await writeFile(file, 'mine');
    const before = (await diorama('list')).stdout;
    const refused = await diorama('create', '--kubeconfig', file);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force overwrites it') });
    expect(await diorama('create', '--kubeconfig', join(sandbox.folder, 'no/folder'))).toMatchObject({ code: 1 });
    const nobody = join(sandbox.folder, 'nobody');
    const unreached = await diorama('create', '--server', 'http://127.0.0.1:1', '--kubeconfig', nobody);
    expect(unreached).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("http://127.0.0.1:1 can't be reached: "),
    });
    expect([readFileSync(file, 'utf8'), existsSync(nobody), (await diorama('list')).stdout]).toEqual([
      'mine',
      false,
      before,
    ]);
    // Nor by --force, where nothing comes of it.
    const forced = (path: string, ...more: string[]) => diorama('create', '--kubeconfig', path, '--force', ...more);
    for (const [path, more] of [
      [join(sandbox.folder, 'no/folder'), []],
      [sandbox.folder, []],
      [file, ['--nodes', '100000']],
    ] as const)
      expect(await forced(path, ...more)).toMatchObject({ code: 1, stdout: '' });
    expect([readFileSync(file, 'utf8'), (await diorama('list')).stdout]).toEqual(['mine', before]);
    expect(readdirSync(sandbox.folder).filter((name) => name.startsWith('taken'))).toEqual(['taken']);
    expect(await forced(file)).toMatchObject({ code: 0 });
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('kind: Config');
  });

  it('takes all that the API does, from a file or the input, and tells what the server refuses', async () => {
    const spec = join(sandbox.folder, 'spec.json');
    await writeFile(spec, '{"nodes": [{"name": "only"}], "name": "other"}');
    const made = await diorama('create', '--spec', spec, '--name', 'said');
    expect(JSON.parse(made.stdout)).toMatchObject({ name: 'said' });
    expect(await nodesOf(JSON.parse(made.stdout))).toBe(1);
    const piped = await runWith({ DIORAMA_SERVER: url }, '{"profile": "api"}', 'create', '--spec', '-');
    expect(await nodesOf(JSON.parse(piped.stdout))).toBe(0);
    const noObject = await runWith({ DIORAMA_SERVER: url }, '[]', 'create', '--spec', '-');
    expect(noObject).toEqual({ code: 1, stdout: '', stderr: 'kube-diorama: the input is no JSON object\n' });
    expect(await diorama('create', '--nodes', '1e3')).toEqual(misused('--nodes 1e3 is no whole number', 'create'));
    const refused = await diorama('create', '--nodes', '100000');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^kube-diorama: 422: .*nodes.*\n$/),
    });
    // A field is named once, as the server does it.
    const hooked = JSON.parse(
      (await diorama('create', '--profile', 'api', '--webhooks', 'https://a/,https://b/')).stdout,
    );
    const file = (await diorama('export', hooked.id, '--token', hooked.token)).stdout;
    expect(JSON.parse(file.split('\n')[0]!).making.webhooks).toEqual({ allow: ['https://a/', 'https://b/'] });
    expect((await diorama('create', '--webhooks', 'http://a/')).stderr).toContain('must be an https URL');
    expect((await diorama('create', '--profile', 'none')).stderr).toMatch(
      /^kube-diorama: 422: \/profile: (?!.*\/profile).*\n$/,
    );
  });

  it('knows of each profile', async () => {
    const { stdout } = await diorama('create', '--help');
    for (const profile of PROFILES) expect(stdout).toContain(`\`${profile}\``);
  });
});

it('lists, gives a kubeconfig and deletes', async () => {
  const cluster = await sandbox.createCluster({ nodes: 0, name: 'brief' });
  expect((await diorama('list')).stdout).toMatch(new RegExp(`^ID .*\n(.*\n)*${cluster.id} +brief +20`, 'm'));
  expect(JSON.parse((await diorama('list', '--token', cluster.token, '--json')).stdout).items).toMatchObject([
    { id: cluster.id },
  ]);
  const config = await diorama('kubeconfig', cluster.id, '--token', cluster.token);
  expect(config).toMatchObject({ code: 0, stdout: expect.stringContaining(cluster.token) });
  const env = { DIORAMA_SERVER: 'http://127.0.0.1:1', DIORAMA_TOKEN: cluster.token };
  const deleted = await runWith(env, '', 'delete', '--cluster', cluster.id, '--server', `${url}/`);
  expect(deleted).toEqual({ code: 0, stdout: `${cluster.id} is deleted\n`, stderr: '' });
  expect(await diorama('delete', cluster.id, '--token', cluster.token)).toMatchObject({
    code: 1,
    stderr: `kube-diorama: 404: There is no cluster ${cluster.id}.\n`,
  });
});

it('lists all that there are, however many pages they are on', async () => {
  for (let i = 0; i < DEFAULT_LISTED_CLUSTERS; i++) await sandbox.createCluster({ nodes: 0, profile: 'api' });
  const { items } = JSON.parse((await diorama('list', '--json')).stdout);
  const ids = new Set(items.map(({ id }: { id: string }) => id));
  expect(ids.size).toBe(items.length);
  expect(ids.size).toBeGreaterThan(DEFAULT_LISTED_CLUSTERS);
  expect((await diorama('list')).stdout.trimEnd().split('\n')).toHaveLength(1 + items.length);
});

describe('export and import', () => {
  it('carry a cluster from one server to another as a file', async () => {
    const cluster = await sandbox.createCluster({ nodes: 2 });
    const exported = await diorama('export', cluster.id, '--token', cluster.token);
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    const file = join(sandbox.folder, 'cluster.ndjson');
    await writeFile(file, exported.stdout);
    const kubeconfig = join(sandbox.folder, 'imported');
    const imported = await diorama('import', file, '--kubeconfig', kubeconfig);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    const copy = JSON.parse(imported.stdout);
    expect(copy.id).not.toBe(cluster.id);
    expect(await nodesOf(copy)).toBe(2);
    expect(readFileSync(kubeconfig, 'utf8')).toContain(copy.token);
    expect((await readFile(file, 'utf8')).split('\n').length).toBeGreaterThan(2);
    const piped = await runWith({ DIORAMA_SERVER: url }, exported.stdout, 'import', '-');
    expect(await nodesOf(JSON.parse(piped.stdout))).toBe(2);
  });

  it('say what is missing, wrong or not there', async () => {
    expect(await diorama('export', '--token', 'x')).toEqual(misused('the ID of the cluster is missing', 'export'));
    expect(await diorama('export', 'x', '--cluster', 'x')).toEqual(misused('the cluster is named twice', 'export'));
    expect(await diorama('export', 'x')).toEqual(misused('--token is missing', 'export'));
    expect(await diorama('import')).toEqual(misused('the FILE to import is missing', 'import'));
    expect(await diorama('list', '--server', 'ftp://x')).toEqual(
      misused('--server ftp://x is no http address', 'list'),
    );
    const unknown = await diorama('export', 'x', '--token', 'y');
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^kube-diorama: 40\d: /) });
    const noFile = await diorama('import', join(sandbox.folder, 'nothing'));
    expect(noFile).toMatchObject({ code: 1, stderr: expect.stringContaining('no such file') });
    const noCluster = join(sandbox.folder, 'text');
    await writeFile(noCluster, 'hello\n');
    expect(await diorama('import', noCluster)).toMatchObject({ code: 1, stderr: expect.stringContaining('Line 1') });
  });
});

it('finds the cluster of a bridge by its id, and no bridge but those that there are', async () => {
  expect(await diorama('bridge', 'zookeeper')).toEqual(
    misused('the bridges are `kube-diorama bridge etcd` and `kube-diorama bridge webhooks`', 'bridge'),
  );
  const refused = await diorama('bridge', 'etcd', '--cluster', 'nobody0000', '--token', 'x', '--listen', '127.0.0.1:0');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^kube-diorama: .*(401|404)/) });
});
