/**
 * A large cluster in a process that has as much heap as an object. It is Node and its SQLite: V8 is held to 128 MB, young objects
 * included, and pointers are longer than in workerd, so it is rather more than an object would need. In workerd, and at every limit: see
 * limits-workerd.test.ts. What SQLite takes is in no heap, on the platform neither. Times are of computing, so that they mean the same beside other work.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
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

async function woken(size: Size): Promise<Woken> {
  const file = join(folder, 'state.db');
  await makeLargeCluster(file, size);
  const script = join(import.meta.dirname, 'wake.ts');
  const held = [`--max-old-space-size=${OLD_MB}`, `--max-semi-space-size=${YOUNG_MB}`];
  const { stdout } = await run(process.execPath, [...held, script, file], { maxBuffer: 2 ** 24 });
  const found = JSON.parse(stdout.trim().split('\n').at(-1)!) as Woken;
  console.log(JSON.stringify({ ...found, failures: found.failures.length }));
  return found;
}

it('wakes, answers, lists and reconciles in 128 MB', { timeout: 900_000 }, async () => {
  const size = { configMaps: 10_000, characters: 3800, pods: 2000, events: 8000, revisions: 200_000 };
  const { wake, listed, ready, failures } = await woken(size);
  expect(wake).toBeLessThan(WAKE_MS);
  expect(listed).toMatchObject({ pods: size.pods + 3 });
  expect(listed.configmaps).toBeGreaterThan(size.configMaps);
  expect(ready).toBe(3);
  expect(failures).toEqual([]);
});
