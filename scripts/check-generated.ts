/**
 * Whether what is generated is what the generators write now. They run on a copy of the tree, which is then compared with the tree.
 * Prints each stale file, and ends with 1 if there is one.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const GENERATORS = ['kinds', 'columns', 'schemas', 'types', 'base-layer', 'openapi', 'ui-types', 'ui'];
const GENERATED = ['src/**/*.gen.*', 'ui/**/*.gen.*', 'openapi/*', 'migrations/**/*.*'];
const COPIED = ['src', 'ui', 'scripts', 'openapi', 'migrations', 'drizzle.config.ts', 'package.json', 'tsconfig.json'];

const files = (root: string): string[] => GENERATED.flatMap((pattern) => globSync(pattern, { cwd: root }));
const text = (root: string, file: string): string | undefined =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;

const copy = mkdtempSync(join(tmpdir(), 'diorama-generated-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const run = (...command: string[]) =>
  execFileSync(process.execPath, command, { cwd: copy, stdio: ['ignore', 'pipe', 'inherit'] });
for (const name of GENERATORS) run(join(copy, `scripts/${name}.ts`));
run(join(ROOT, 'node_modules/drizzle-kit/bin.cjs'), 'generate', '--name', 'missing');

const all = [...new Set([...files(ROOT), ...files(copy)])].sort();
const stale = all.filter((file) => text(ROOT, file) !== text(copy, file));
for (const file of stale) console.error(`${file} is not what its generator writes: npm run generate`);
if (stale.length > 0) process.exit(1);
console.log(`${all.length} generated files are up to date`);
