import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Server } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'etcd-clients-'));
const server = new Server(join(folder, 'etcd.db'));
const has = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const python = process.env.PYTHON ?? 'python3';

beforeAll(() => server.start());
afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true });
});

it.skipIf(!has('curl', '--version'))('serves curl, a watch that ends with it included', () => {
  const curl = (path: string, body: unknown, ...more: string[]) =>
    spawnSync('curl', ['-s', ...more, `${server.url}${path}`, '-d', JSON.stringify(body)], { encoding: 'utf8' }).stdout;
  const put = JSON.parse(curl('/kv/put', { key: btoa('curl'), value: btoa('1') }));
  expect(put.header.revision).toMatch(/^\d+$/);
  expect(JSON.parse(curl('/kv/range', { key: btoa('curl') })).kvs[0].value).toBe(btoa('1'));
  const create_request = { key: btoa('curl'), start_revision: put.header.revision };
  const lines = curl('/watch', { create_request }, '--max-time', '1').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).result.created ?? JSON.parse(line).result.events.length)).toEqual([
    true,
    1,
  ]);
});

it.skipIf(!has(python, '-c', 'import etcd3gw'))('serves the Python package etcd3gw', () => {
  const port = new URL(server.url).port;
  const script = join(import.meta.dirname, 'etcd3gw_client.py');
  const { stdout, stderr } = spawnSync(python, [script, port], { encoding: 'utf8', timeout: 50_000 });
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe('ok');
});
