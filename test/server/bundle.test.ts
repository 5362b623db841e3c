/** What is uploaded: every start of the Worker loads it, so it is small, and what is seldom asked for lies beside it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { bundleWorker, ROOT } from '../../scripts/local/bundle.ts';
import { startServer } from '../../scripts/local-server.ts';

const MAX_PACKED_BYTES = 1_050_000;
/** By which the two may differ: names of generated variables, and comments with licenses, which only one keeps. */
const MAX_DIFFERENCE_BYTES = 5_000;

const folder = mkdtempSync(join(tmpdir(), 'diorama-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const packedBytes = (file: string): number => gzipSync(readFileSync(file)).length;

/** Environment that keeps wrangler from calling home. */
const QUIET = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_HIDE_BANNER: 'true' };

it('is at most 1,050 KB packed, as wrangler makes it and as the local server does', async () => {
  const deployed = join(folder, 'deployed');
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const env = { ...process.env, ...QUIET };
  execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', deployed], {
    cwd: ROOT,
    env,
    stdio: 'pipe',
  });
  const local = join(folder, 'worker.js');
  await bundleWorker(join(ROOT, 'src/worker.ts'), local);
  const [theirs, ours] = [packedBytes(join(deployed, 'worker.js')), packedBytes(local)];
  console.log(`packed, the Worker has ${Math.round(theirs / 1000)} KB`);
  expect(theirs).toBeLessThanOrEqual(MAX_PACKED_BYTES);
  expect(Math.abs(theirs - ours)).toBeLessThan(MAX_DIFFERENCE_BYTES);
});

it('has the documentation of types beside it, and reads it when a document is asked for', async () => {
  const server = await startServer({ stateDir: join(folder, 'state') });
  try {
    const headers = { 'content-type': 'application/json' };
    const made = await fetch(`${server.url}/v1/clusters`, { method: 'POST', headers, body: '{"nodes":0}' });
    const cluster: any = await made.json();
    const authorization = `Bearer ${cluster.token}`;
    const answer = await fetch(`${cluster.server}/openapi/v3/api/v1`, { headers: { authorization } });
    const { components }: any = await answer.json();
    const prose = JSON.parse(readFileSync(join(ROOT, 'assets/prose.json'), 'utf8'));
    const pod = 'io.k8s.api.core.v1.Pod';
    expect(prose.types[pod].spec).toContain('desired behavior');
    expect(components.schemas[pod].description).toBe(prose.types[pod]['']);
    expect(components.schemas[pod].properties.spec.description).toBe(prose.types[pod].spec);
    // Nobody reaches the file itself.
    expect((await fetch(`${server.url}/prose.json`)).status).toBe(404);
  } finally {
    await server.stop();
  }
});
