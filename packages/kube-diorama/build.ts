/**
 * The npm package as it is published. All is compiled and bundled: it needs nothing at run time but workerd, and no Node that reads
 * TypeScript. In it are
 *
 *     dist/cli.js, index.js, chunk-*.js   the command line and the library
 *     dist/tls-door-thread.js             the door with TLS
 *     dist/index.cjs, index.d.{ts,cts}    the library for `require`, and its types
 *     dist/make-in-process.cjs            all that a cluster without a server is made of
 *     dist/worker.js, dist/d1.worker.js  what workerd runs
 *     dist/proto/                        what the bridge speaks
 *     assets/                            what the Worker reads when it is asked for
 *     migrations/, wrangler.toml         what the server's configuration is made of
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundleWorker, ROOT } from '../../scripts/local/bundle.ts';
import { licensesOf } from './licenses.ts';
import { writeTypes } from './types.ts';

const HERE = import.meta.dirname;
/** The oldest Node that the package runs on. */
const OLDEST_NODE = '20.11.0';

/** In the package the parts of a server lie elsewhere than in a checkout. */
const installed: Plugin = {
  name: 'installed',
  setup({ onResolve }) {
    onResolve({ filter: /\/in-process-loader\.ts$/ }, () => ({ path: join(HERE, 'in-process-loader.packaged.ts') }));
    onResolve({ filter: /\/installation\.ts$/ }, () => ({ path: join(HERE, 'installation.ts') }));
  },
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

/** Answers what went into them. */
async function bundleModules(outdir: string): Promise<string[]> {
  const [modules, scripts] = await Promise.all([
    build({
      ...FOR_NODE,
      entryPoints: [join(HERE, 'cli.ts'), join(HERE, 'index.ts'), join(ROOT, 'scripts/local/tls-door-thread.ts')],
      entryNames: '[name]',
      outdir,
      chunkNames: 'chunk-[hash]',
      format: 'esm',
      splitting: true,
      // Bundled packages that are CommonJS ask for Node's own modules in their own way.
      banner: {
        js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);",
      },
    }),
    build({
      ...FOR_NODE,
      entryPoints: [join(HERE, 'index.ts'), join(HERE, 'make-in-process.ts')],
      outdir,
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      define: { 'import.meta.url': 'thisUrl' },
      banner: { js: "const thisUrl=require('node:url').pathToFileURL(__filename).href;" },
    }),
  ]);
  return [...Object.keys(modules.metafile.inputs), ...Object.keys(scripts.metafile.inputs)];
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
    exports: {
      '.': {
        import: { types: './dist/index.d.ts', default: './dist/index.js' },
        require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
      },
      './package.json': './package.json',
    },
    types: './dist/index.d.ts',
    engines: { node: `>=${OLDEST_NODE}` },
    dependencies: { workerd: dependencies.workerd },
  };
}

function copyParts(folder: string): void {
  const parts: Record<string, string> = {
    'scripts/local/d1.worker.js': 'dist/d1.worker.js',
    'node_modules/etcd3/proto': 'dist/proto',
    'packages/kube-diorama/README.md': 'README.md',
    LICENSE: 'LICENSE',
    'wrangler.toml': 'wrangler.toml',
    assets: 'assets',
  };
  for (const path of globSync('migrations/*.sql', { cwd: ROOT })) parts[path] = path;
  for (const [from, to] of Object.entries(parts)) cpSync(join(ROOT, from), join(folder, to), { recursive: true });
}

/** Makes the package in `folder`, which is made anew. */
async function writePackage(folder: string): Promise<void> {
  const dist = join(folder, 'dist');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const bundled = [
    ...(await bundleWorker(join(ROOT, 'src/worker.ts'), join(dist, 'worker.js'))),
    ...(await bundleModules(dist)),
    'node_modules/etcd3/proto/',
    // What kubectl explains is made of these, see scripts/prose.ts.
    'node_modules/kubernetes-models/',
    'node_modules/@kubernetes/client-node/',
  ];
  chmodSync(join(dist, 'cli.js'), 0o755);
  writeTypes(dist);
  copyParts(folder);
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licensesOf(ROOT, bundled));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
}

/** Makes `folder/package` and packs it. Answers the path of the tarball, in `folder`. */
export async function buildPackage(folder: string): Promise<string> {
  const contents = join(folder, 'package');
  await writePackage(contents);
  for (const old of globSync('kube-diorama-*.tgz', { cwd: folder })) rmSync(join(folder, old));
  const options = ['--pack-destination', folder, '--loglevel=error'];
  execFileSync('npm', ['pack', contents, ...options], { stdio: 'ignore', shell: process.platform === 'win32' });
  const [tarball] = globSync('kube-diorama-*.tgz', { cwd: folder });
  return join(folder, tarball!);
}
