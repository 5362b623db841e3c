/**
 * How many pods a second the scheduler places on 5,000 nodes, in this process: the cases of Kubernetes' own benchmark (scheduler_perf),
 * without an API server. `npm run bench -- --scheduling [CASE…]`; figures are of processor time.
 */
import type { Node, Pod } from '../../src/objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../src/objects/object.ts';
import { viewOf } from '../../src/objects/view.ts';
import { podInfo } from '../../src/scheduler/pod-info.ts';
import { schedule } from '../../src/scheduler/schedule.ts';
import { Snapshot } from '../../src/scheduler/snapshot.ts';
import { createRandom } from '../../src/simulation/random.ts';
import { processMs } from './figures.ts';

const NODES = 5000;
const ZONES = ['moon-1', 'moon-2', 'moon-3'];
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

interface Case {
  /** Pods that are there before. */
  before: number;
  measured: number;
  /** What the pod before, and the pod that is measured, has beside its requests. */
  first?(index: number): object;
  pod(index: number): object;
}

const green = { labels: { color: 'green' } };
const term = (topologyKey: string, matchLabels: object) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels } }],
});
const requests = (cpu: string, memory: string) => ({
  containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10', resources: { requests: { cpu, memory } } }],
});

const CASES: Record<string, Case> = {
  basic: { before: 1000, measured: 1000, pod: () => ({ spec: requests('100m', '500Mi') }) },
  'node affinity': {
    before: 1000,
    measured: 1000,
    pod: () => ({
      spec: {
        ...requests('100m', '500Mi'),
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ZONES.slice(0, 2) }] }],
            },
          },
        },
      },
    }),
  },
  'anti-affinity': {
    before: 1000,
    measured: 1000,
    pod: () => ({
      metadata: green,
      spec: { ...requests('100m', '500Mi'), affinity: { podAntiAffinity: term(HOSTNAME, green.labels) } },
    }),
  },
  'pod affinity': {
    before: 1000,
    measured: 1000,
    pod: () => ({
      metadata: green,
      spec: { ...requests('100m', '500Mi'), affinity: { podAffinity: term(ZONE, green.labels) } },
    }),
  },
  spreading: {
    before: 1000,
    measured: 1000,
    first: () => ({ spec: requests('100m', '500Mi') }),
    pod: () => ({
      metadata: green,
      spec: {
        ...requests('100m', '500Mi'),
        topologySpreadConstraints: [
          {
            maxSkew: 5,
            topologyKey: ZONE,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: green.labels },
          },
        ],
      },
    }),
  },
  preemption: {
    before: 4 * NODES,
    measured: 200,
    first: () => ({ spec: { ...requests('900m', '500Mi'), priority: 0 } }),
    pod: () => ({ spec: { ...requests('3000m', '500Mi'), priority: 10 } }),
  },
};

const nodes = (): Node[] =>
  Array.from({ length: NODES }, (_, i) => {
    const name = `node-${String(i).padStart(5, '0')}`;
    const amounts = { cpu: '4', memory: '32Gi', pods: '110' };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { [HOSTNAME]: name, [ZONE]: ZONES[i % ZONES.length]! } },
      status: { capacity: amounts, allocatable: amounts },
    } as unknown as Node;
  });

const podOf = (name: string, parts: { metadata?: object; spec?: object }): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, uid: name, ...parts.metadata },
    spec: parts.spec,
    status: {},
  }) as Pod;

/** Pods a second of processor time. */
function rate({ before, measured, first, pod }: Case): number {
  const all: Record<string, KubeObject[]> = { nodes: nodes(), pods: [] };
  const snapshot = Snapshot.of(viewOf({ revision: 1, get: () => undefined, list: (resource) => all[resource] ?? [] }));
  for (let i = 0; i < before; i++)
    snapshot.assume(podInfo(podOf(`first-${i}`, (first ?? pod)(i))), snapshot.nodes[i % NODES]!.name);
  const random = createRandom('bench', 'scheduling');
  const begun = processMs();
  for (let i = 0; i < measured; i++) {
    const info = podInfo(podOf(`measured-${i}`, pod(i)));
    const result = schedule(info, snapshot, random);
    if (result.node !== undefined) snapshot.assume(info, result.node);
    else {
      const { nomination } = result.preemption;
      if (!nomination) throw new Error(result.message);
      for (const victim of nomination.victims) snapshot.node(nomination.node)!.remove(victim);
      snapshot.assume(info, nomination.node);
    }
  }
  return (1000 * measured) / (processMs() - begun);
}

export function benchScheduling(names: readonly string[]): void {
  for (const [name, scenario] of Object.entries(CASES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    rate({ ...scenario, measured: Math.ceil(scenario.measured / 10) });
    console.log(`${name.padEnd(16)} ${rate(scenario).toFixed(0).padStart(6)} pods/s`);
  }
}
