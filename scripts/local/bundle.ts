/** The Worker in one file, as wrangler would make it, but within a fraction of a second. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

export const ROOT = join(import.meta.dirname, '../..');

/** The one part of the source that is not committed. */
const PROSE = join(ROOT, 'src/apiserver/openapi/prose.gen.ts');

export async function bundleWorker(entry: string, outfile: string): Promise<void> {
  if (!existsSync(PROSE)) execFileSync(process.execPath, [join(ROOT, 'scripts/prose.ts')]);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    sourcemap: 'inline',
    sourcesContent: false,
    keepNames: true,
    logLevel: 'warning',
    absWorkingDir: ROOT,
  });
}
