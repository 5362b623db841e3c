/** A scheduling attempt on objects given as data, with what every plugin thought of every node: the scheduler without a cluster. */

import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { viewOf } from '../objects/view.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { createRandom } from '../simulation/random.ts';
import type { WorkBudget } from '../simulation/work-budget.ts';
import type { Scores } from './framework.ts';
import { isGated } from './plugins/scheduling-gates.ts';
import { podInfo } from './pod-info.ts';
import { schedule } from './schedule.ts';
import { Snapshot } from './snapshot.ts';
import type { Status } from './status.ts';

export interface ScheduleInput {
  pod: Pod;
  nodes: Node[];
  /** Pods that are there already; those without `spec.nodeName` count only by their nomination. */
  pods: Pod[];
  /** Anything else that matters: services, claims, volumes, namespaces, priority classes, disruption budgets… */
  objects: KubeObject[];
  seed: string;
  /** Throws `WorkExceeded` when it is used up. */
  work?: WorkBudget;
}

export interface PluginScore {
  plugin: string;
  /** As the plugin counts. */
  raw: number;
  /** 0–100, times the weight. */
  weighted: number;
}

export interface NodeExplanation {
  name: string;
  fits: boolean;
  /** Who refused it, and why. */
  plugin?: string;
  reasons?: string[];
  /** Whether removing pods could help. */
  resolvable?: boolean;
  score?: number;
  scores?: PluginScore[];
}

export interface ScheduleAnswer {
  /** Null: it must wait. */
  node: string | null;
  /** Why it must wait, as its condition would say. */
  message?: string;
  /** Where preemption would make room, and at whose cost. */
  nominatedNode?: string;
  victims?: { namespace: string; name: string }[];
  nodes: NodeExplanation[];
}

export function explainSchedule(input: ScheduleInput): ScheduleAnswer {
  const view = viewOfAll([...input.nodes, ...input.pods, ...input.objects]);
  const pod = withPriority(input.pod, view);
  const snapshot = Snapshot.of(view, input.work);
  if (isGated(pod))
    return { node: null, message: 'Scheduling is blocked due to non-empty scheduling gates', nodes: [] };
  const { namespace = 'default', name } = pod.metadata;
  const result = schedule(podInfo(pod), snapshot, createRandom(input.seed, `schedule/${namespace}/${name}`));
  const scores = result.node === undefined ? undefined : result.scores;
  const scored = new Map(scores?.nodes.map((node, i) => [node.name, i]));
  const nodes = snapshot.nodes.flatMap(({ name: nodeName }): NodeExplanation[] => {
    const status = result.statuses.get(nodeName);
    if (status) {
      for (const reason of status.reasons) snapshot.work.spend(STEPS_OF_A_CHARACTER * reason.length);
      return [refusedBy(nodeName, status)];
    }
    const place = scored.get(nodeName);
    if (scores && place !== undefined) return [{ name: nodeName, fits: true, ...scoresAt(scores, place) }];
    return nodeName === result.node ? [{ name: nodeName, fits: true }] : [];
  });
  if (result.node !== undefined) return { node: result.node, nodes };
  const { nomination } = result.preemption;
  const made = nomination && {
    nominatedNode: nomination.node,
    victims: nomination.victims.map((v) => ({ namespace: v.namespace, name: v.name })),
  };
  return { node: null, message: result.message, ...made, nodes };
}

const scoresAt = ({ totals, plugins }: Scores, at: number): { score: number; scores: PluginScore[] } => ({
  score: totals[at]!,
  scores: plugins.map(({ plugin, raw, weighted }) => ({ plugin, raw: raw[at]!, weighted: weighted[at]! })),
});

/** What is said of each node is sent for each: it counts more than what is compared. */
const STEPS_OF_A_CHARACTER = 4;

const refusedBy = (name: string, status: Status): NodeExplanation => ({
  name,
  fits: false,
  plugin: status.plugin,
  reasons: status.reasons,
  resolvable: status.code === 'Unschedulable',
});

/** What the API server's admission would have put there. */
function withPriority(pod: Pod, view: View): Pod {
  const className = pod.spec?.priorityClassName;
  if (pod.spec?.priority !== undefined || !className) return pod;
  const found = view.get('priorityclasses.scheduling.k8s.io', undefined, className);
  if (!found) return pod;
  const preemptionPolicy = pod.spec.preemptionPolicy ?? found.preemptionPolicy;
  return { ...pod, spec: { ...pod.spec, priority: found.value, ...(preemptionPolicy ? { preemptionPolicy } : {}) } };
}

/** A view of objects that stand side by side; of those with one name the last counts. */
function viewOfAll(objects: KubeObject[]): View {
  const found = new Map<string, Map<string, KubeObject>>();
  for (const object of objects) {
    const kind = BUILT_IN.kind(object.apiVersion, object.kind);
    if (!kind) continue;
    const byName = found.get(kind.name) ?? new Map<string, KubeObject>();
    found.set(kind.name, byName);
    const namespace = kind.namespaced ? (object.metadata.namespace ?? 'default') : '';
    byName.set(`${namespace}/${object.metadata.name}`, object);
  }
  return viewOf({
    revision: 1,
    get: (resource, namespace, name) => found.get(resource)?.get(`${namespace ?? ''}/${name}`),
    list: (resource, namespace) =>
      [...(found.get(resource) ?? [])]
        .filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object),
  });
}
