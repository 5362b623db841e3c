/**
 * A cluster with as many definitions as the largest have, of large schemas, where object and API server share a process of 100 MB: young
 * objects and documents that are no heap included. Times are of computing, so that they mean the same beside other work.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDefinedCluster } from './defined-cluster.ts';
import type { ReadDefinitions } from './read-definitions.ts';

/** What V8 may take: old objects, and three times a half of the space for young ones. Documents, which are kept packed, have the rest. */
const [OLD_MB, YOUNG_MB] = [76, 4];
const PROCESS_MB = 100;
const WARM_MS = 50;
/** To unpack 33 MB for who does not take it packed. */
const UNPACKED = 'OpenAPI v2, not packed';

const run = promisify(execFile);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diorama-definitions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('tells of 200 definitions with schemas of 100 KB in 100 MB, in under 50 ms once warm', {
  timeout: 900_000,
}, async () => {
  const file = join(folder, 'state.db');
  await makeDefinedCluster(file, 200, 100_000);
  const script = join(import.meta.dirname, 'read-definitions.ts');
  const flags = ['--expose-gc', `--max-old-space-size=${OLD_MB}`, `--max-semi-space-size=${YOUNG_MB}`];
  const { stdout } = await run(process.execPath, [...flags, script, file], { maxBuffer: 2 ** 24 });
  const { told, before, after } = JSON.parse(stdout.trim().split('\n').at(-1)!) as ReadDefinitions;
  console.log(JSON.stringify({ told, before, after }));
  expect(after).toBeLessThan(PROCESS_MB);
  expect(told.discovery!.bytes).toBeGreaterThan(200 * 200);
  expect(told[UNPACKED]!.bytes).toBeGreaterThan(200 * 100_000);
  for (const [name, { warm }] of Object.entries(told))
    if (name !== UNPACKED) expect([name, warm < WARM_MS]).toEqual([name, true]);
});
