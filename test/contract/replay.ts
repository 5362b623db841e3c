/**
 * Replays the recorded contract in this process: `node test/contract/replay.ts [--only AREA/NAME] [--show N] [--json FILE] [--write]`.
 * Prints every difference with its path, then counts by area; `--write` rewrites known-failures.json.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createContractCluster } from './cluster.ts';
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

export const knownFailures = (): string[] => JSON.parse(readFileSync(KNOWN_FAILURES, 'utf8'));

/** The differences of one scenario, on a cluster of its own; empty: it passes. */
export async function replayCase(name: string): Promise<string[]> {
  const scenario: Scenario = JSON.parse(readFileSync(new URL(`${name}.json`, CASES), 'utf8'));
  try {
    const cluster = await createContractCluster(scenario.area);
    try {
      return (await replay(scenario, cluster, 'c0ffee12345')).flat();
    } finally {
      cluster.close();
    }
  } catch (error) {
    return [`run failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

async function main(): Promise<void> {
  const option = (name: string): string | undefined => {
    const at = process.argv.indexOf(name);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const only = option('--only');
  const show = Number(option('--show') ?? 3);
  const counts = new Map<string, { passed: number; failed: number }>();
  const report: Record<string, string[]> = {};
  for (const name of caseNames()) {
    if (only && !name.includes(only)) continue;
    const found = await replayCase(name);
    report[name] = found;
    const area = name.split('/')[0]!;
    const count = counts.get(area) ?? { passed: 0, failed: 0 };
    counts.set(area, count);
    if (found.length === 0) count.passed++;
    else {
      count.failed++;
      console.log(`FAIL ${name}`);
      for (const line of found.slice(0, show)) console.log(`     ${line}`);
    }
  }
  for (const [area, { passed, failed }] of counts) console.log(`${area}: ${passed} passed, ${failed} failed`);
  const failed = Object.keys(report).filter((name) => report[name]!.length > 0);
  console.log(`${Object.keys(report).length - failed.length} passed, ${failed.length} failed`);
  const json = option('--json');
  if (json) writeFileSync(json, JSON.stringify(report, null, 1));
  if (process.argv.includes('--write') && !only) writeFileSync(KNOWN_FAILURES, `${JSON.stringify(failed, null, 2)}\n`);
  process.exitCode = failed.length ? 1 : 0;
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) await main();
