/** The file that the gateway's snapshot is: read back page by page, as bbolt does. That etcd's own tools read it is tried beside the bridge. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { constantBase } from '../../src/etcd/base.ts';
import { EtcdProcess } from './process.ts';

const PAGE = 4096;
const BRANCH = 1;
const LEAF = 2;

const b64 = (text: string): string => btoa(text);

async function call(etcd: EtcdProcess, path: string, body: unknown = {}): Promise<Record<string, any>> {
  const response = await etcd.fetch(`/v3/${path}`, { body: JSON.stringify(body) });
  return (await response.json()) as Record<string, any>;
}

async function save(etcd: EtcdProcess): Promise<Buffer> {
  const response = await etcd.fetch('/v3/maintenance/snapshot', { body: '{}' });
  const answers = (await response.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).result);
  const bytes = Buffer.concat(answers.map(({ blob }) => Buffer.from(blob, 'base64')));
  // What remains is told with each, down to nothing.
  let remaining = bytes.length - 32;
  for (const { blob, remaining_bytes } of answers.slice(0, -1)) {
    remaining -= Buffer.from(blob, 'base64').length;
    expect(Number(remaining_bytes ?? 0)).toBe(remaining);
  }
  expect(remaining).toBe(0);
  const content = bytes.subarray(0, -32);
  expect(createHash('sha256').update(content).digest()).toEqual(bytes.subarray(-32));
  return content;
}

/** All entries below a page, in their order, and every page that was met. */
function walk(file: Buffer, id: number, met: Set<number>): [key: string, value: Buffer][] {
  const page = file.subarray(id * PAGE);
  expect(Number(page.readBigUInt64LE(0))).toBe(id);
  const [flags, count, overflow] = [page.readUInt16LE(8), page.readUInt16LE(10), page.readUInt32LE(12)];
  for (let i = id; i <= id + overflow; i++) met.add(i);
  const entries: [string, Buffer][] = [];
  for (let i = 0; i < count; i++) {
    const at = 16 + i * 16;
    if (flags === BRANCH) {
      const below = walk(file, Number(page.readBigUInt64LE(at + 8)), met);
      const start = at + page.readUInt32LE(at);
      expect(below[0]![0]).toBe(page.toString('latin1', start, start + page.readUInt32LE(at + 4)));
      entries.push(...below);
    } else {
      expect(flags).toBe(LEAF);
      const key = at + page.readUInt32LE(at + 4);
      const value = key + page.readUInt32LE(at + 8);
      const end = value + page.readUInt32LE(at + 12);
      entries.push([page.toString('latin1', key, value), page.subarray(value, end)]);
    }
  }
  const keys = entries.map(([key]) => key);
  expect([...keys].sort()).toEqual(keys);
  return entries;
}

function readBuckets(file: Buffer): Record<string, [key: string, value: Buffer][]> {
  const met = new Set([0, 1, 2]);
  const root = Number(file.readBigUInt64LE(16 + 16));
  expect(Number(file.readBigUInt64LE(16 + 40)) * PAGE).toBe(file.length);
  const buckets = walk(file, root, met).map(([name, value]) => {
    const page = Number(value.readBigUInt64LE(0));
    return [name, page === 0 ? [] : walk(file, page, met)] as const;
  });
  // No page is left over.
  expect(met.size).toBe(file.length / PAGE);
  return Object.fromEntries(buckets);
}

const revisionOf = (key: string): string =>
  `${Buffer.from(key, 'latin1').readBigUInt64BE(0)}/${Buffer.from(key, 'latin1').readBigUInt64BE(9)}${key.slice(17)}`;

it('has every change by its revision, tombstones marked, over what nobody changed', async () => {
  const etcd = new EtcdProcess({
    base: constantBase([
      ['base/a', '1'],
      ['base/b', '2'],
    ]),
  });
  await call(etcd, 'kv/put', { key: b64('a'), value: b64('x'.repeat(10_000)) });
  await call(etcd, 'kv/put', { key: b64('base/b'), value: b64('é\0') });
  await call(etcd, 'kv/deleterange', { key: b64('a'), range_end: b64('b') });
  const { key, meta } = readBuckets(await save(etcd));
  expect(key!.map(([name]) => revisionOf(name))).toEqual(['1/0', '1/1', '2/0', '3/0', '4/0t']);
  // mvccpb.KeyValue: key, create, mod, version, value.
  expect(key![3]![1].toString('latin1')).toBe('\n\x06base/b\x10\x01\x18\x03 \x02*\x02é\0');
  expect(key![4]![1].toString('latin1')).toBe('\n\x01a');
  expect(Object.fromEntries(meta!).storageVersion!.toString()).toBe('3.7.0');
});

it('begins with the compaction, and knows that there was one', async () => {
  const etcd = new EtcdProcess();
  for (let i = 0; i < 5; i++) await call(etcd, 'kv/put', { key: b64('a'), value: b64(String(i)) });
  await call(etcd, 'kv/compaction', { revision: 4 });
  const { key, meta } = readBuckets(await save(etcd));
  expect(key!.map(([name]) => revisionOf(name))).toEqual(['4/0', '5/0', '6/0']);
  expect(revisionOf(Object.fromEntries(meta!).finishedCompactRev!.toString('latin1'))).toBe('4/0');
});

it('has as many pages and levels as there are changes', async () => {
  const etcd = new EtcdProcess();
  const value = b64('x'.repeat(700));
  for (let i = 0; i < 1500; i++) await call(etcd, 'kv/put', { key: b64(`k${i}`), value });
  const { key, lease, auth } = readBuckets(await save(etcd));
  expect(key).toHaveLength(1500);
  expect(lease).toEqual([]);
  expect(auth!.map(([name]) => name)).toEqual(['authEnabled', 'authRevision']);
});

it('is refused to who is no admin, when users count', async () => {
  const etcd = new EtcdProcess();
  await call(etcd, 'auth/user/add', { name: 'root', password: 'x' });
  await call(etcd, 'auth/user/grant', { user: 'root', role: 'root' });
  await call(etcd, 'auth/enable');
  const response = await etcd.fetch('/v3/maintenance/snapshot', { body: '{}' });
  expect(JSON.parse(await response.text()).error.message).toBe('etcdserver: user name is empty');
});
