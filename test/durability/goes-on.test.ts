/**
 * The process is killed right after a write was acknowledged, before the controllers have had their turn. Every cluster goes on by
 * itself: nobody asks it anything from then on, and what it has done is read from its file.
 *
 * `DURABILITY_CRASHES=200` makes it longer.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox?.close());

const CRASHES = Number(process.env.DURABILITY_CRASHES ?? 5);
const REPLICAS = 4;
const PODS =
  "SELECT value FROM (SELECT value, max(revision) FROM etcd_log WHERE key LIKE '/registry/pods/%' GROUP BY key) WHERE value IS NOT NULL";

/** The pods of each cluster that has stored something, and how many of them run, without waking any. */
function podsInFiles(): { pods: number; running: number }[] {
  const folder = join(sandbox.folder, 'state/v3/do');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.sqlite') && !file.endsWith('metadata.sqlite'))
    .map((file) => {
      const database = new DatabaseSync(join(folder, file), { readOnly: true });
      try {
        const pods = database.prepare(PODS).all() as { value: string }[];
        return { pods: pods.length, running: pods.filter(({ value }) => value.includes('"phase":"Running"')).length };
      } finally {
        database.close();
      }
    });
}

it(`goes on by itself after each of ${CRASHES} crashes`, { timeout: 60_000 + CRASHES * 5000 }, async () => {
  let interrupted = 0;
  for (let crash = 0; crash < CRASHES; crash++) {
    const { id, token } = await sandbox.createCluster({ nodes: 1 });
    const made = await fetch(`${sandbox.server.url}/clusters/${id}/apis/apps/v1/namespaces/default/deployments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        metadata: { name: 'web' },
        spec: {
          replicas: REPLICAS,
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
        },
      }),
    });
    expect(made.status).toBe(201);
    await sandbox.server.kill();
    await sandbox.server.exited;
    if (podsInFiles().some(({ running }) => running < REPLICAS)) interrupted++;
    await sandbox.restart();
  }
  console.log(`${CRASHES} crashes, ${interrupted} of them with work undone`);
  expect(interrupted).toBeGreaterThan(0);
  await expect
    .poll(podsInFiles, { timeout: 60_000 + CRASHES * 500, interval: 500 })
    .toEqual(Array(CRASHES).fill({ pods: REPLICAS, running: REPLICAS }));
});
