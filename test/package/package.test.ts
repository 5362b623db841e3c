/** The package, from its tarball in an empty folder to the first pods, on each Node of this machine. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdServices } from '../../src/cli/bridge/definitions.ts';
import { findNodes, type InstalledPackage, installPackage, type Node } from './installed.ts';

const MAX_TARBALL_BYTES = 3_000_000;
const NODES = findNodes();

let installed: InstalledPackage | undefined;
beforeAll(async () => {
  installed = await installPackage(NODES.at(-1)!);
}, 400_000);
afterAll(() => installed?.remove());

/** What a test that needs the package does first. */
function ours(context: { skip(condition: boolean, note: string): void }): InstalledPackage {
  context.skip(!installed, 'the package cannot be installed here');
  return installed!;
}

it('is small, compiled, and brings workerd along and nothing else', (context) => {
  const { size, seconds, folder } = ours(context);
  console.log(`the tarball has ${(size / 1e6).toFixed(2)} MB; npm installed it in ${seconds.toFixed(1)} s`);
  expect(size).toBeLessThan(MAX_TARBALL_BYTES);
  const packages = globSync(['[!.@]*', '@*/*'], { cwd: join(folder, 'node_modules') });
  expect(packages.filter((name) => !/^(kube-diorama|workerd|@cloudflare.workerd-[\w-]+)$/.test(name))).toEqual([]);
  const root = join(folder, 'node_modules/kube-diorama');
  expect(globSync('**/*.{ts,mts,cts}', { cwd: root }).filter((file) => !/\.d\.c?ts$/.test(file))).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: 'kube-diorama', license: 'Apache-2.0' });
  expect(Object.keys(manifest.dependencies)).toEqual(['workerd']);
  expect(manifest).not.toHaveProperty('scripts');
  expect(readFileSync(join(root, 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toMatch(/^hono \d.*\n\nMIT License/m);
});

describe.each(NODES)('on Node $version', (node) => {
  it('serves a cluster that has pods', async (context) => {
    const { run, up, folder } = ours(context);
    const server = await up(node);
    console.log(`on Node ${node.version}, \`npx kube-diorama up\` was there after ${server.seconds.toFixed(2)} s`);
    try {
      const file = `kc-${node.version}`;
      const args = ['kube-diorama', 'create', '--server', server.found, '--kubeconfig', file];
      expect(await run(node, 'npx', args)).toMatchObject({ code: 0, stderr: '' });
      expect(await getAsKubectl(join(folder, file), '/api/v1/namespaces/default/pods')).toMatchObject({
        kind: 'PodList',
        items: [],
      });
      expect(await getAsKubectl(join(folder, file), '/api/v1/nodes')).toMatchObject({ items: { length: 3 } });
    } finally {
      await server.stop();
    }
  });

  it('carries a cluster over as a file', async (context) => {
    const { run, up, folder } = ours(context);
    const server = await up(node);
    try {
      const at = ['--server', server.found];
      const made = JSON.parse((await run(node, 'npx', ['kube-diorama', 'create', ...at])).stdout);
      const exported = await run(node, 'npx', ['kube-diorama', 'export', made.id, '--token', made.token, ...at]);
      writeFileSync(join(folder, 'cluster.ndjson'), exported.stdout);
      const imported = await run(node, 'npx', ['kube-diorama', 'import', 'cluster.ndjson', ...at]);
      expect(imported).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringContaining(`"name": "${made.name}"`),
      });
    } finally {
      await server.stop();
    }
  });

  it('bridges etcd, with its streams', async (context) => {
    const { run, start, up } = ours(context);
    const server = await up(node);
    try {
      const made = await run(node, 'npx', ['kube-diorama', 'create', '--server', server.found, '--nodes', '0']);
      const { id, token } = JSON.parse(made.stdout);
      const args = ['bridge', 'etcd', '--server', server.found, '--cluster', id, '--token', token];
      const command = ['node', 'node_modules/kube-diorama/dist/cli.js', ...args, '--listen', '127.0.0.1:0'];
      const bridge = await start(node, command, / is at http:\/\/(\S+)\. Ctrl-C/);
      try {
        expect(await firstAnswer(bridge.found)).toMatchObject({ created: true });
      } finally {
        await bridge.stop();
      }
    } finally {
      await server.stop();
    }
  });

  it.for([
    [
      'import',
      'uses.test.mjs',
      "import * as diorama from 'kube-diorama'; import { test } from 'node:test'; import assert from 'node:assert';",
    ],
    [
      'require',
      'uses.test.cjs',
      "const diorama = require('kube-diorama'); const { test } = require('node:test'); const assert = require('node:assert');",
    ],
  ] as const)('has a library for %s', async ([, file, imports], context) => {
    const { run, folder } = ours(context);
    writeFileSync(join(folder, file), imports + USES);
    expect(await run(node, 'node', ['--test', file], { seconds: 50 })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^(# |ℹ )pass 2$/m),
      stderr: '',
    });
  });

  it('keeps others away from its state, whatever Node they run on', async (context) => {
    const { up, folder } = ours(context);
    const state = ['--state', join(folder, `state-${node.version}`)];
    const server = await up(node, state);
    try {
      for (const other of NODES) await expect(up(other, state)).rejects.toThrow(`at ${server.found}, since`);
    } finally {
      await server.stop();
    }
    await (await up(other(node), state)).stop();
  });
});

/** Two tests of a user's, after the lines that bring in the library, `test` and `assert`. */
const USES = `
const pods = '/api/v1/namespaces/default/pods';
const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
test('on a server', async () => {
  const server = await diorama.startServer();
  const cluster = await diorama.createCluster({ server });
  await cluster.request('POST', pods, pod);
  await diorama.waitUntilSettled(cluster);
  assert.equal((await cluster.request('GET', pods + '/a')).status.phase, 'Running');
  await server.stop();
});
test('in this process', async () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 13))
    return assert.rejects(diorama.createInProcess(), /needs the SQLite of Node 22.13 or newer; this is Node /);
  const cluster = await diorama.createInProcess();
  await cluster.request('POST', pods, pod);
  assert.equal((await cluster.request('GET', pods + '/a')).status.phase, 'Running');
});
`;

it.for([
  [
    'use.mts',
    "import { createCluster, startServer, waitUntilSettled, createInProcess, ApiError, type Cluster } from 'kube-diorama';",
  ],
  [
    'use.cts',
    "import { createCluster, startServer, waitUntilSettled, createInProcess, ApiError, type Cluster } from 'kube-diorama';",
  ],
])('has types for %s', async ([file, imports], context) => {
  const { run, folder } = ours(context);
  const uses = `${imports}
export async function use(): Promise<string> {
  const server = await startServer({ port: 0 });
  const cluster: Cluster = await createCluster({ server, nodes: [{ name: 'a', capacity: { cpu: '2' } }], seed: 1 });
  await waitUntilSettled(cluster, { timeoutSeconds: 1 });
  const { settled } = await (await createInProcess({ profile: 'api' })).advance(3);
  // @ts-expect-error: there is no such profile.
  await createCluster({ profile: 'none' });
  return settled ? cluster.token : new ApiError(404, {}, 'x').message;
}
`;
  writeFileSync(join(folder, file!), uses);
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,dom',
  ];
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  expect(await run(NODES[0]!, 'node', [tsc, ...options, file!])).toEqual({ code: 0, stdout: '', stderr: '' });
});

/** Another than this one, if there is one. */
const other = (node: Node): Node => NODES.find(({ version }) => version !== node.version) ?? node;

/** With the server, the token and the authority of a kubeconfig. */
function getAsKubectl(file: string, path: string): Promise<unknown> {
  const text = readFileSync(file, 'utf8');
  const value = (key: string): string => new RegExp(`${key}: "?([^"\\n]+)`).exec(text)![1]!;
  const ca = Buffer.from(value('certificate-authority-data'), 'base64');
  const options = { ca, headers: { authorization: `Bearer ${value('token')}` } };
  return new Promise((resolve, reject) => {
    get(`${value('server')}${path}`, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    }).once('error', reject);
  });
}

/** Of a watch. */
async function firstAnswer(endpoint: string): Promise<unknown> {
  const Client = grpc.makeClientConstructor(etcdServices().Watch!, 'Watch');
  const client: any = new Client(endpoint, grpc.credentials.createInsecure());
  const stream = client.Watch();
  stream.on('error', () => {});
  try {
    return await new Promise((resolve) => {
      stream.on('data', resolve);
      stream.write({ create_request: { key: Buffer.from('a').toString('base64') } });
    });
  } finally {
    stream.cancel();
    client.close();
  }
}
