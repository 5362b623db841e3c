/** The JSON gateway and two clients that people have: curl, as a student types it, and the Python package etcd3gw. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';
import { findProgram, runProgram } from './program.ts';

const CURL = findProgram('curl');
const PYTHON = findProgram('python3');

let sandbox: Sandbox;
let cluster: { id: string; server: string; token: string };

beforeAll(async () => {
  sandbox = await openSandbox();
  cluster = await sandbox.createCluster({ nodes: 1 });
});

afterAll(async () => {
  await sandbox?.close();
});

if (!CURL) console.log('skipped: curl (not on the PATH)');
describe.skipIf(!CURL)('curl', () => {
  /** A line of a shell, with the address and the token in variables as a student would have them. */
  const shell = async (line: string): Promise<string> => {
    const env = { ETCD: `${cluster.server}/etcd`, AUTH: `authorization: Bearer ${cluster.token}` };
    return (await runProgram('/bin/sh', ['-c', line], { env })).stdout;
  };
  const curl = async (path: string, body: string) =>
    JSON.parse(await shell(`curl -s -H "$AUTH" "$ETCD${path}" -X POST -d '${body}'`));

  it('puts and gets with keys and values in base64', async () => {
    const put = await curl('/v3/kv/put', '{"key": "Zm9v", "value": "YmFy"}');
    expect(Object.keys(put.header)).toEqual(['cluster_id', 'member_id', 'revision', 'raft_term']);
    const { revision } = put.header;
    const got = await curl('/v3/kv/range', '{"key": "Zm9v"}');
    expect(got.kvs).toEqual([
      { key: 'Zm9v', create_revision: revision, mod_revision: revision, version: '1', value: 'YmFy' },
    ]);
    expect(await curl('/v3/kv/range', '{"key": "Zm9v", "range_end": "Zm9w", "count_only": true}')).toMatchObject({
      count: '1',
    });
  });

  it('runs a transaction and reads an error', async () => {
    const txn = `{"compare":[{"target":"VALUE","key":"Zm9v","value":"YmFy"}],"success":[{"requestDeleteRange":{"key":"Zm9v"}}]}`;
    expect(await curl('/v3/kv/txn', txn)).toMatchObject({
      succeeded: true,
      responses: [{ response_delete_range: { deleted: '1' } }],
    });
    expect(await curl('/v3/kv/put', '{"value": "YmFy"}')).toMatchObject({
      code: 3,
      message: 'etcdserver: key is not provided',
    });
  });

  it('watches, line by line', async () => {
    const watch = `curl -sN -H "$AUTH" "$ETCD/v3/watch" -d '{"create_request": {"key": "d2F0Y2hlZA=="}}'`;
    const put = `curl -s -H "$AUTH" "$ETCD/v3/kv/put" -d '{"key": "d2F0Y2hlZA==", "value": "eA=="}' >/dev/null`;
    // The first line, that the watch is there, sets off the put; the last put makes curl see that nobody reads any more.
    const lines = await shell(`${watch} | { read -r a; echo "$a"; ${put}; read -r b; echo "$b"; exec <&-; ${put}; }`);
    const [created, event] = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).result);
    expect(created).toMatchObject({ created: true });
    expect(event.events).toMatchObject([{ kv: { key: 'd2F0Y2hlZA==', value: 'eA==' } }]);
  });

  it('sees a pod where Kubernetes keeps it, and is not let in without a token', async () => {
    const pod = `{"metadata":{"name":"seen"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}`;
    const json = `-H "content-type: application/json"`;
    await shell(`curl -s -H "$AUTH" ${json} "\${ETCD%/etcd}/api/v1/namespaces/default/pods" -d '${pod}'`);
    const key = Buffer.from('/registry/pods/default/seen').toString('base64');
    const { kvs } = await curl('/v3/kv/range', `{"key": "${key}"}`);
    expect(JSON.parse(Buffer.from(kvs[0].value, 'base64').toString()).metadata.name).toBe('seen');
    expect(await shell(`curl -s -o /dev/null -w '%{http_code}' "$ETCD/v3/kv/range" -d '{"key": "${key}"}'`)).toBe(
      '401',
    );
    expect(await shell(`curl -s -H "$AUTH" "$ETCD/version"`)).toContain('"etcdserver"');
  });
});

/** The package in an environment of its own; nothing where Python, pip or the way to the packages is missing. */
async function withEtcd3gw(folder: string): Promise<string | undefined> {
  const made = await runProgram(PYTHON!, ['-m', 'venv', folder], { seconds: 60 });
  if (made.code !== 0) return undefined;
  const python = join(folder, 'bin/python');
  const options = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '10'];
  const installed = await runProgram(python, ['-m', 'pip', 'install', ...options, 'etcd3gw==2.7.0'], { seconds: 90 });
  return installed.code === 0 ? python : undefined;
}

if (!PYTHON) console.log('skipped: etcd3gw (no python3 on the PATH)');
describe.skipIf(!PYTHON)('etcd3gw', () => {
  it('keeps what it promises', async ({ skip }) => {
    const folder = await mkdtemp(join(tmpdir(), 'diorama-python-'));
    try {
      const python = await withEtcd3gw(folder);
      if (!python) {
        console.log('skipped: etcd3gw (pip could not install it)');
        return skip();
      }
      const args = [join(import.meta.dirname, 'etcd3gw_client.py'), `${cluster.server}/etcd`, cluster.token];
      const { code, stdout, stderr } = await runProgram(python, args);
      expect(stderr).toBe('');
      expect(stdout.match(/^ok /gm)).toHaveLength(8);
      expect(code).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 200_000);
});
