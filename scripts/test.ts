/**
 * The one test command: every check of the tree, then every test. The last line is `N passed, N failed`, a check counting as one.
 * `--quick` leaves out what starts servers, browsers and clients.
 */
import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const quick = process.argv.includes('--quick');

/** Node reads `.bin` files badly on some systems, so each tool's own file is named. */
const tool = (path: string): string => join(ROOT, 'node_modules', path);
const TSC = tool('typescript/bin/tsc');

const CHECKS: { name: string; command: string[]; slow?: boolean }[] = [
  { name: 'format and lint', command: [tool('@biomejs/biome/bin/biome'), 'check', '.'] },
  { name: 'types of the Worker', command: [TSC, '--noEmit'] },
  { name: 'types of what runs in Node', command: [TSC, '--noEmit', '-p', 'tsconfig.node.json'] },
  { name: 'types of the page', command: [TSC, '--noEmit', '-p', 'ui'] },
  { name: 'import arrows', command: ['scripts/check-imports.ts'] },
  { name: 'nothing unused', command: [tool('knip/bin/knip.js'), '--no-config-hints'], slow: true },
  { name: 'generated files', command: ['scripts/check-generated.ts'], slow: true },
];

const SLOW_TESTS = [
  'test/clients/**',
  'test/browser/**',
  'test/server/**',
  'test/load/**',
  'test/fuzz/**',
  'test/etcd/{fuzz,model,slow-readers}.test.ts',
  'test/raft/safety.test.ts',
  'src/cli/**',
  'test/durability/**',
  'test/etcd-clients/**',
  'test/package/**',
  'test/docs/**',
];

let passed = 0;
let failed = 0;
let skipped = 0;

async function check({ name, command }: (typeof CHECKS)[number]): Promise<void> {
  const begun = performance.now();
  const seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
  try {
    await promisify(execFile)(process.execPath, command, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
    passed++;
    console.log(`✓ ${name} (${seconds()} s)`);
  } catch (error) {
    const { stdout, stderr } = error as ExecFileException;
    failed++;
    console.log(`✗ ${name} (${seconds()} s)\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

/** Two at a time: that is how many cores there may be. */
async function runChecks(): Promise<void> {
  const queue = CHECKS.filter(({ slow }) => !(quick && slow));
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await check(next);
  };
  await Promise.all([worker(), worker()]);
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

async function runTests(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-test-'));
  const file = join(folder, 'report.json');
  const code = await new Promise<number>((fulfil) => {
    const exclude = quick ? SLOW_TESTS.flatMap((pattern) => ['--exclude', pattern]) : [];
    const options = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...exclude];
    const child = spawn(process.execPath, [tool('vitest/vitest.mjs'), ...options], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...QUIET },
    });
    child.once('exit', (exit) => fulfil(exit ?? 1));
  });
  let found = 0;
  try {
    const report: Report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    skipped += report.numPendingTests;
    // A file that could not even be loaded has no tests; it counts as one that failed.
    const broken = report.testResults.filter((r) => r.status === 'failed' && r.assertionResults.length === 0).length;
    found = report.numFailedTests + broken;
  } catch {
    console.error('vitest left no report');
  }
  failed += code !== 0 && found === 0 ? 1 : found;
  rmSync(folder, { recursive: true, force: true });
}

/** What keeps the platform's tools from calling home. */
const QUIET = {
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
};

await promisify(execFile)(process.execPath, ['scripts/prose.ts'], { cwd: ROOT });
await runChecks();
await runTests();
if (skipped > 0) console.log(`${skipped} skipped: see above for what they need`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
