/**
 * `npm run build:package`: the npm package as it is published, in dist/package, and its tarball beside it. All is compiled and bundled: it
 * needs nothing at run time but workerd, and no Node that reads TypeScript.
 *
 *     dist/cli.js, dist/chunk-*.js        the command line
 *     dist/worker.js, dist/d1.worker.js  what workerd runs
 *     dist/proto/                        what the bridge speaks
 *     migrations/, wrangler.toml         what the server's configuration is made of
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundleWorker, ROOT } from '../../scripts/local/bundle.ts';
import { licensesOf } from './licenses.ts';

const HERE = import.meta.dirname;
const TARBALLS = join(ROOT, 'dist');
const OUT = join(TARBALLS, 'package');
const DIST = join(OUT, 'dist');
/** The oldest Node that the package runs on. */
const OLDEST_NODE = '20.11.0';

/** In the package the parts of a server lie elsewhere than in a checkout. */
const installed: Plugin = {
  name: 'installed',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/installation\.ts$/ }, () => ({ path: join(HERE, 'installation.ts') })),
};

const FOR_NODE = {
  bundle: true,
  platform: 'node',
  target: `node${OLDEST_NODE}`,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  external: ['workerd'],
  plugins: [installed],
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: ROOT,
} satisfies BuildOptions;

/** Answers what went into it. */
async function bundleModules(): Promise<string[]> {
  const { metafile } = await build({
    ...FOR_NODE,
    entryPoints: { cli: join(HERE, 'cli.ts') },
    outdir: DIST,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    splitting: true,
    // Bundled packages that are CommonJS ask for Node's own modules in their own way.
    banner: { js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);" },
  });
  return Object.keys(metafile.inputs);
}

function manifest(): object {
  const { version, description, license, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return {
    name: 'kube-diorama',
    version,
    description,
    license,
    keywords: ['kubernetes', 'simulator', 'testing', 'kubectl', 'etcd'],
    type: 'module',
    bin: { 'kube-diorama': 'dist/cli.js' },
    engines: { node: `>=${OLDEST_NODE}` },
    dependencies: { workerd: dependencies.workerd },
  };
}

function copyParts(): void {
  cpSync(join(ROOT, 'scripts/local/d1.worker.js'), join(DIST, 'd1.worker.js'));
  cpSync(join(ROOT, 'node_modules/etcd3/proto'), join(DIST, 'proto'), { recursive: true });
  for (const path of ['LICENSE', 'wrangler.toml', ...globSync('migrations/*.sql', { cwd: ROOT })])
    cpSync(join(ROOT, path), join(OUT, path));
  cpSync(join(HERE, 'README.md'), join(OUT, 'README.md'));
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
const bundled = [
  ...(await bundleWorker(join(ROOT, 'src/worker.ts'), join(DIST, 'worker.js'), { minify: true })),
  ...(await bundleModules()),
  'node_modules/etcd3/proto/',
  // What kubectl explains is made of these, see scripts/prose.ts.
  'node_modules/kubernetes-models/',
  'node_modules/@kubernetes/client-node/',
];
chmodSync(join(DIST, 'cli.js'), 0o755);
copyParts();
writeFileSync(join(OUT, 'THIRD-PARTY-LICENSES.txt'), licensesOf(ROOT, bundled));
writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
for (const old of globSync('kube-diorama-*.tgz', { cwd: TARBALLS })) rmSync(join(TARBALLS, old));
execFileSync('npm', ['pack', OUT, '--pack-destination', TARBALLS, '--loglevel=error'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
