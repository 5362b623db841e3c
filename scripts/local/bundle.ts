/** The Worker in one file, as wrangler would make it, but within a fraction of a second. */
import { join } from 'node:path';
import { build } from 'esbuild';

export const ROOT = join(import.meta.dirname, '../..');

/** Writes the bundle and answers its path. */
export async function bundleWorker(
  entry: string = join(ROOT, 'src/worker.ts'),
  outfile: string = join(ROOT, 'dist/worker.js'),
): Promise<string> {
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
  return outfile;
}
