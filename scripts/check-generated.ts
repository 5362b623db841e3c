/**
 * Whether what is generated is what the generators write now. They run on a copy of the tree, which is then compared with the tree.
 * Prints each stale file, and ends with 1 if there is one.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const GENERATED = ['src/**/*.gen.*', 'ui/**/*.gen.*', 'openapi/*', 'migrations/**/*.*'];
/** All but migrations, which are added to, and what is not committed. */
const WRITTEN_ANEW = /^(?!.*prose\.gen)(?:src|ui|openapi)\b/;
const COPIED = ['src', 'ui', 'scripts', 'openapi', 'migrations', 'drizzle.config.ts', 'package.json', 'tsconfig.json'];

/** As `npm run generate` runs them. */
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const GENERATORS = [...scripts.generate.matchAll(/node (scripts\/\S+)/g)].map(([, script]) => script as string);

const files = (root: string): string[] => GENERATED.flatMap((pattern) => globSync(pattern, { cwd: root }));
const text = (root: string, file: string): string | undefined =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;

const copy = mkdtempSync(join(tmpdir(), 'diorama-generated-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const run = (...command: string[]) =>
  execFileSync(process.execPath, command, { cwd: copy, stdio: ['ignore', 'pipe', 'inherit'] });
// What no generator writes is then missing.
for (const file of files(copy)) if (WRITTEN_ANEW.test(file)) rmSync(join(copy, file));
for (const script of GENERATORS) run(join(copy, script));
run(join(ROOT, 'node_modules/drizzle-kit/bin.cjs'), 'generate', '--name', 'missing');

const all = [...new Set([...files(ROOT), ...files(copy)])].sort();
const stale = all.filter((file) => text(ROOT, file) !== text(copy, file));
for (const file of stale) console.error(`${file} is not what its generator writes: npm run generate`);
if (stale.length > 0) process.exit(1);
console.log(`${all.length} generated files are up to date`);
