/**
 * Replays the recorded contract in this process: `node test/contract/replay.ts [--only AREA/NAME] [--show N] [--json FILE] [--write]`.
 * Prints every difference with its path, then counts by area. It fails when something differs that known-failures.json does not name, or
 * names in vain; `--write` rewrites that file.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createContractCluster } from './cluster.ts';
import type { Difference } from './compare.ts';
import { parseJSON } from './json.ts';
import { replay, type Scenario } from './scenario.ts';

const CASES = new URL('./cases/', import.meta.url);
const KNOWN_FAILURES = new URL('./known-failures.json', import.meta.url);

/** `area/name` of every recorded scenario. */
export function caseNames(): string[] {
  return readdirSync(CASES)
    .sort()
    .flatMap((area) =>
      readdirSync(new URL(`${area}/`, CASES))
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => `${area}/${file.slice(0, -'.json'.length)}`),
    );
}

/** What is known to differ: the paths, by the scenario's name. */
export const knownFailures = (): Record<string, string[]> => JSON.parse(readFileSync(KNOWN_FAILURES, 'utf8'));

/** The paths of the differences, as known-failures.json has them. */
export const pathsOf = (found: Difference[]): string[] => found.map(({ path }) => path);

/** The differences of one scenario, on a cluster of its own; empty: it passes. */
export async function replayCase(name: string): Promise<Difference[]> {
  const scenario: Scenario = parseJSON(readFileSync(new URL(`${name}.json`, CASES), 'utf8'));
  try {
    const cluster = await createContractCluster(scenario.area);
    try {
      return (await replay(scenario, cluster, 'c0ffee12345')).flat();
    } finally {
      cluster.close();
    }
  } catch (error) {
    return [{ path: 'run failed', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }];
  }
}

/** Prints what differs, but for what is known to. Answers whether that is all. */
function tell(name: string, found: Difference[], known: string[], show: number): boolean {
  const unknown = found.filter(({ path }) => !known.includes(path));
  const gone = known.filter((path) => !found.some((difference) => difference.path === path));
  const beyond = unknown.length + gone.length > 0;
  if (found.length > 0) console.log(`FAIL ${name}${beyond ? '' : `, as known: ${found.length} differences`}`);
  for (const { path, text } of unknown.slice(0, show)) console.log(`     ${path}: ${text}`);
  for (const path of gone) console.log(`     ${name}: known to differ, and does not any more: ${path}`);
  return !beyond;
}

async function main(): Promise<void> {
  const option = (name: string): string | undefined => {
    const at = process.argv.indexOf(name);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const only = option('--only');
  const known = knownFailures();
  const counts = new Map<string, { passed: number; failed: number }>();
  const report: Record<string, Difference[]> = {};
  let asKnown = true;
  for (const name of caseNames()) {
    if (only && !name.includes(only)) continue;
    const found = await replayCase(name);
    report[name] = found;
    const area = name.split('/')[0]!;
    const count = counts.get(area) ?? { passed: 0, failed: 0 };
    counts.set(area, count);
    count[found.length === 0 ? 'passed' : 'failed']++;
    asKnown = tell(name, found, known[name] ?? [], Number(option('--show') ?? 3)) && asKnown;
  }
  for (const [area, { passed, failed }] of counts) console.log(`${area}: ${passed} passed, ${failed} failed`);
  const failed = Object.entries(report).filter(([, found]) => found.length > 0);
  console.log(`${Object.keys(report).length - failed.length} passed, ${failed.length} failed`);
  const json = option('--json');
  if (json) writeFileSync(json, JSON.stringify(report, null, 1));
  if (process.argv.includes('--write') && !only) {
    const paths = Object.fromEntries(failed.map(([name, found]) => [name, pathsOf(found)]));
    writeFileSync(KNOWN_FAILURES, `${JSON.stringify(paths, null, 2)}\n`);
  }
  process.exitCode = asKnown ? 0 : 1;
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) await main();
