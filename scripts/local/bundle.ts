/** The Worker in one file, as wrangler would make it, but within a fraction of a second. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

export const ROOT = join(import.meta.dirname, '../..');

/** The one part of the source that is not committed. */
const PROSE = join(ROOT, 'src/apiserver/openapi/prose.gen.ts');

/**
 * `minify`: for a file that is shipped, and then without a map to the sources. Answers the paths of what went into it, from the root of the
 * repository.
 */
export async function bundleWorker(entry: string, outfile: string, { minify = false } = {}): Promise<string[]> {
  if (!existsSync(PROSE)) execFileSync(process.execPath, [join(ROOT, 'scripts/prose.ts')]);
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    ...(minify ? { legalComments: 'none' } : { sourcemap: 'inline', sourcesContent: false }),
    keepNames: true,
    metafile: true,
    logLevel: 'warning',
    absWorkingDir: ROOT,
  });
  return Object.keys(metafile.inputs);
}
