/** The Worker in one file, as wrangler would make it, but within a fraction of a second. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export const ROOT = join(import.meta.dirname, '../..');

/** What is made of installed packages and is not committed. */
const PROSE = ['src/apiserver/openapi/prose.gen.ts', 'assets/prose.json'].map((path) => join(ROOT, path));

/** What stands for which package in the bundle, from wrangler.toml, as wrangler itself reads it: for that very name and none below it. */
function aliases(): Plugin {
  const [, section = ''] = /^\[alias\]\n((?:.+\n)+)/m.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')) ?? [];
  const paths = new Map(
    [...section.matchAll(/^(\S+) = "(.+)"$/gm)].map(([, name, path]) => [name!, join(ROOT, path!)]),
  );
  return {
    name: 'aliases',
    setup({ onResolve }) {
      onResolve({ filter: /^[^.]/ }, ({ path }) => {
        const found = paths.get(path);
        return found === undefined ? undefined : { path: found };
      });
    },
  };
}

/** Minified unless said otherwise, without a map to the sources. Answers the paths of what went into it, from the root of the repository. */
export async function bundleWorker(entry: string, outfile: string, { minify = true } = {}): Promise<string[]> {
  if (!PROSE.every((file) => existsSync(file))) execFileSync(process.execPath, [join(ROOT, 'scripts/prose.ts')]);
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
    legalComments: 'none',
    plugins: [aliases()],
    metafile: true,
    logLevel: 'warning',
    absWorkingDir: ROOT,
  });
  return Object.keys(metafile.inputs);
}
