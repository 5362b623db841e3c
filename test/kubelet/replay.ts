/**
 * Lives the recorded lives of pods again in this process: `node test/kubelet/replay.ts [NAME …] [--show N] [--write]`. Each has a cluster of
 * its own with a node as the recorded one, at a realistic pace, whose time goes as fast as it can be computed. Times are left apart.
 * It fails where something differs that known-failures.json does not name, or names in vain; `--write` rewrites that file.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { SimulationSpec } from '../../src/cluster/simulation-spec.ts';
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { frozen } from '../../src/simulation/frozen.ts';
import type { LooseObject } from '../loose-object.ts';
import { mistake } from '../mistake.ts';
import { compareLives } from './compare.ts';
import { recordedImageFor } from './images.ts';
import { Life, TOKEN } from './life.ts';

const CASES = new URL('./cases/', import.meta.url);
const KNOWN_FAILURES = new URL('./known-failures.json', import.meta.url);
const START = Date.parse('2026-01-05T10:00:00Z');
const ROOT_CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** What needs the real kubectl, or hands on the node itself: shared/kubelet/replay.py does the first against a server. */
const ELSEWHERE = new Set([
  'attach',
  'cp',
  'debug-target-missing',
  'exec-crashloop',
  'init-running',
  'kubelet-restart',
  'port-forward',
  'sandbox-killed',
]);

export const caseNames = (): string[] =>
  readdirSync(CASES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => !ELSEWHERE.has(name))
    .sort();

interface KnownFailure {
  /** The parts that differ. */
  parts: string[];
  reason: string;
}

/** The cases that are known to differ. */
export const knownFailures = (): Record<string, KnownFailure> => JSON.parse(readFileSync(KNOWN_FAILURES, 'utf8'));

const spec = (): SimulationSpec => ({
  id: 'lives',
  seed: 'lives',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.244.0.0/16',
  nodePortRange: [30000, 32767],
  components: componentsOf('full'),
  createdAt: START,
  nodes: [
    {
      name: 'node-1',
      capacity: { cpu: '2', memory: '24581696Ki', 'ephemeral-storage': '100Gi', pods: '110' },
      labels: {},
      taints: [],
    },
  ],
  clock: { start: START, speed: 1, paused: false },
  behaviours: [{ match: {}, pace: 'realistic' }],
});

/** What differs, by part; `run` says that it could not be lived. */
export async function replayLife(name: string): Promise<Record<string, string[]>> {
  const recorded: LooseObject = JSON.parse(readFileSync(new URL(`${name}.json`, CASES), 'utf8'));
  const failed = (work: { reconciler: string; key: string }, error: unknown): void => {
    mistake(error);
    if (process.env.LIVES_FAILURES) console.log(work.reconciler, work.key, error);
  };
  const cluster = await createSteppedCluster({
    spec: spec(),
    adminToken: TOKEN,
    rootCA: ROOT_CA,
    failed,
    share: frozen,
    imageFor: recordedImageFor,
  });
  try {
    const got = await new Life(recorded, cluster).live();
    if (process.env.LIVES_DUMP) console.log(JSON.stringify(got, null, 1));
    return compareLives(recorded, got);
  } catch (error) {
    return { run: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  } finally {
    cluster.close();
  }
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const at = words.indexOf('--show');
  const show = at < 0 ? 3 : Number(words.splice(at, 2)[1]);
  const writes = words.includes('--write');
  const names = words.filter((word) => !word.startsWith('--'));
  const known = knownFailures();
  const found: Record<string, KnownFailure> = {};
  let isAsKnown = true;
  let passed = 0;
  for (const name of names.length > 0 ? names : caseNames()) {
    const parts = await replayLife(name);
    const differ = Object.keys(parts);
    if (differ.length === 0) passed++;
    else found[name] = { parts: differ, reason: known[name]?.reason ?? '' };
    if (differ.join() !== (known[name]?.parts ?? []).join()) isAsKnown = false;
    if (differ.length === 0) continue;
    console.log(`FAIL ${name}: ${differ.join(', ')}`);
    for (const lines of Object.values(parts)) for (const line of lines.slice(0, show)) console.log(`     ${line}`);
  }
  console.log(`${passed} passed, ${Object.keys(found).length} failed`);
  if (writes && names.length === 0) writeFileSync(KNOWN_FAILURES, `${JSON.stringify(found, null, 2)}\n`);
  process.exitCode = isAsKnown ? 0 : 1;
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) await main();
