/**
 * A large cluster in a process that has as much heap as an object. It is Node and its SQLite: V8 is held to 128 MB, young objects
 * included, and pointers are longer than in workerd, so it is rather more than an object would need. What SQLite takes is in no heap, on
 * the platform neither. Times are of computing, so that they mean the same beside other work.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_KEYS, MAX_LIVE_BYTES, QUOTA_BYTES } from '../../src/cluster/store-limits.ts';
import type { Store } from '../../src/etcd/store.ts';
import { makeLargeCluster, type Size } from './large-cluster.ts';
import type { Woken } from './wake.ts';

/** Old objects, and three times as much as a half of the space for young ones. */
const [OLD_MB, YOUNG_MB] = [104, 8];
const WAKE_MS = 300;

const run = promisify(execFile);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diorama-large-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function woken(size: Size, rest?: (store: Store) => void): Promise<Woken> {
  const file = join(folder, 'state.db');
  await makeLargeCluster(file, size, rest);
  const script = join(import.meta.dirname, 'wake.ts');
  const held = [`--max-old-space-size=${OLD_MB}`, `--max-semi-space-size=${YOUNG_MB}`];
  const { stdout } = await run(process.execPath, [...held, script, file], { maxBuffer: 2 ** 24 });
  const found = JSON.parse(stdout.trim().split('\n').at(-1)!) as Woken;
  console.log(JSON.stringify({ ...found, failures: found.failures.length }));
  return found;
}

describe('a large cluster in 128 MB', { timeout: 900_000 }, () => {
  it('wakes, answers, lists and reconciles', async () => {
    const size = { configMaps: 10_000, characters: 3800, pods: 2000, events: 8000, revisions: 200_000 };
    const { wake, listed, ready, failures } = await woken(size);
    expect(wake).toBeLessThan(WAKE_MS);
    expect(listed).toMatchObject({ pods: size.pods + 3 });
    expect(listed.configmaps).toBeGreaterThan(size.configMaps);
    expect(ready).toBe(3);
    expect(failures).toEqual([]);
  });

  it('does so at every limit', async () => {
    // Some are left for what the components write.
    const size = { configMaps: 26_000, characters: 3200, pods: 3000, events: 10_400, revisions: 0 };
    const { wake, listed, ready, failures } = await woken(size, (store) => {
      const values = store.range({ key: '\0', rangeEnd: '\0' }).kvs;
      expect(values.length).toBeGreaterThan(MAX_KEYS * 0.98);
      const bytes = values.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
      const key = '/registry/configmaps/default/large';
      const large = (length: number): string =>
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'large', namespace: 'default' },
          data: { text: 'x'.repeat(length) },
        });
      // What is live is filled up in pieces of some 1 MB, and the history with what they were.
      const pieces = Math.floor((MAX_LIVE_BYTES * 0.99 - bytes) / 2 ** 20);
      expect(pieces).toBeGreaterThan(0);
      for (let i = 0; i < pieces; i++) store.put({ key: `${key}-${i}`, value: large(2 ** 20) });
      while (store.sql.size() < QUOTA_BYTES * 0.98) store.put({ key: `${key}-0`, value: large(2 ** 20) });
    });
    expect(wake).toBeLessThan(WAKE_MS);
    expect(listed).toMatchObject({ pods: size.pods + 3 });
    expect(ready).toBe(3);
    expect(failures).toEqual([]);
  });
});
