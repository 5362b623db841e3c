/** Keeps one pod on each node that suits it. Source: k8s.io/kubernetes/pkg/controller/daemon. */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, ReconcileResult, Reconciler, Write } from '../simulation/reconciler.ts';
import { scaled } from './deployment-scale.ts';
import { sameJson } from './equality.ts';
import { recordEvent } from './events.ts';
import { selectsNode, type Taint, type Toleration, tolerates } from './nodes.ts';
import { claim, claimKeys, keyOf, parseKey } from './owners.ts';
import { availableAt, deletePod, isAvailable, isFinished, isReady, podFromTemplate } from './pods.ts';
import { hashOf, type Revisions, revisionsOf, truncated } from './revisions.ts';

const DAEMON_SETS = 'daemonsets.apps';
const REVISION_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** Every daemon pod has these, whatever its template says. */
const TOLERATIONS: Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

export const daemonSetController = (): Reconciler<KubeObject> => ({
  name: 'daemonset-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: DAEMON_SETS, keys: ({ new: set }) => (set ? [keyOf(set)] : []) },
    {
      resource: 'pods',
      keys: (change, reader) =>
        claimKeys({ kind: 'DaemonSet', resource: DAEMON_SETS }, ({ spec }) => spec.selector, change, reader),
    },
    {
      resource: 'nodes',
      keys: ({ old, new: node }, reader) => {
        const same =
          old && node && sameJson(old.metadata.labels, node.metadata.labels) && sameJson(old.spec, node.spec);
        return same ? [] : reader.list(DAEMON_SETS).map(keyOf);
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const set = reader.get(DAEMON_SETS, namespace, name);
    return set ? new DaemonSetSync(reader, set, now).reconcile() : { writes: [] };
  },
});

class DaemonSetSync {
  private readonly reader: Reader<KubeObject>;
  private readonly set: KubeObject;
  private readonly now: number;
  private readonly writes: Write<KubeObject>[];
  private readonly revisions: Revisions;
  private readonly byNode = new Map<string, KubeObject[]>();
  private readonly tolerations: Toleration[];

  constructor(reader: Reader<KubeObject>, set: KubeObject, now: number) {
    this.reader = reader;
    this.set = set;
    this.now = now;
    const { claimed, writes } = claim(set, set.spec.selector, reader.list('pods', set.metadata.namespace));
    for (const pod of claimed) {
      const node = targetOf(pod);
      this.byNode.set(node, [...(this.byNode.get(node) ?? []), pod]);
    }
    this.revisions = revisionsOf(reader, set);
    this.writes = [...writes, ...this.revisions.writes];
    const { spec } = set.spec.template;
    this.tolerations = [
      ...(spec.tolerations ?? []),
      ...TOLERATIONS,
      ...(spec.hostNetwork ? [HOST_NETWORK_TOLERATION] : []),
    ];
  }

  reconcile(): ReconcileResult<KubeObject> {
    const nodes = this.reader.list('nodes');
    if (!this.set.metadata.deletionTimestamp) {
      this.place(nodes);
      if (this.set.spec.updateStrategy?.type !== 'OnDelete') this.roll(nodes);
    }
    const status = this.status(nodes);
    if (!sameJson(status, this.set.status)) {
      this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.set, status } });
    }
    const pods = [...this.byNode.values()].flat();
    const hashes = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]));
    const inUse = this.revisions.all.filter((r) => r === this.revisions.update || hashes.has(hashOf(r)));
    this.writes.push(...truncated(this.set, this.revisions, new Set(inUse.map((r) => r.metadata.name))));
    const due = pods.map((pod) => availableAt(pod, this.minReadySeconds) ?? 0).filter((at) => at > this.now);
    return { writes: this.writes, ...(due.length > 0 ? { requeueAt: Math.min(...due) } : {}) };
  }

  private get minReadySeconds(): number {
    return this.set.spec.minReadySeconds ?? 0;
  }

  private get hash(): string {
    return hashOf(this.revisions.update);
  }

  /** Whether a pod is to be made on the node, and whether one that is there may stay. */
  private suits(node: KubeObject): { run: boolean; stay: boolean } {
    if (!selectsNode(this.set.spec.template.spec, node)) return { run: false, stay: false };
    const kept = ((node.spec?.taints ?? []) as Taint[]).filter((taint) => !tolerates(this.tolerations, taint));
    const evicting = kept.some((taint) => taint.effect === 'NoExecute');
    return { run: kept.every((taint) => taint.effect === 'PreferNoSchedule'), stay: !evicting };
  }

  private place(nodes: KubeObject[]): void {
    const names = new Set(nodes.map((node) => node.metadata.name));
    for (const node of nodes) {
      const { run, stay } = this.suits(node);
      const pods = this.byNode.get(node.metadata.name) ?? [];
      const live = pods.filter((pod) => !pod.metadata.deletionTimestamp);
      if (!stay) {
        for (const pod of live) this.remove(pod);
        continue;
      }
      for (const pod of live.filter(isFinished)) {
        const failed = pod.status.phase === 'Failed';
        const verb = failed ? 'failed daemon pod' : 'succeeded daemon pod';
        const message = `Found ${verb} ${keyOf(pod)} on node ${node.metadata.name}, will try to ${failed ? 'kill' : 'delete'} it`;
        this.event(failed ? 'FailedDaemonPod' : 'SucceededDaemonPod', message, failed ? 'Warning' : 'Normal');
        this.remove(pod);
      }
      if (run && pods.length === 0) this.create(node.metadata.name);
      for (const pod of live
        .filter((p) => !isFinished(p))
        .sort(oldestFirst)
        .slice(1))
        this.remove(pod);
    }
    for (const [node, pods] of this.byNode) {
      if (names.has(node)) continue;
      for (const pod of pods) if (!pod.metadata.deletionTimestamp) this.remove(pod);
    }
  }

  /** Takes away old pods, as many as may be unavailable at once; new ones follow where they were. */
  private roll(nodes: KubeObject[]): void {
    const wanted = nodes.filter((node) => this.suits(node).run);
    const limit = this.set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
    const allowed = Math.max(1, scaled(limit, wanted.length, true));
    let unavailable = 0;
    const candidates: KubeObject[] = [];
    for (const node of wanted) {
      const pods = (this.byNode.get(node.metadata.name) ?? []).filter((pod) => !pod.metadata.deletionTimestamp);
      const pod = pods[0];
      const available = pod !== undefined && isAvailable(pod, this.minReadySeconds, this.now);
      if (!pod || pod.metadata.labels?.[REVISION_LABEL] === this.hash) {
        if (!available) unavailable++;
      } else if (!available) {
        // It serves nobody: replacing it costs nothing.
        unavailable++;
        this.remove(pod);
      } else candidates.push(pod);
    }
    for (const pod of candidates.slice(0, Math.max(0, allowed - unavailable))) this.remove(pod);
  }

  private create(node: string): void {
    const pod = podFromTemplate(this.set.spec.template, this.set);
    const generation = this.set.metadata.annotations?.[GENERATION_ANNOTATION];
    pod.metadata.labels = {
      ...pod.metadata.labels,
      [REVISION_LABEL]: this.hash,
      ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
    };
    pod.spec.tolerations = this.tolerations;
    pod.spec.affinity = onlyOn(node, pod.spec.affinity);
    this.writes.push({
      verb: 'create',
      object: pod,
      created: (made) => [this.record('SuccessfulCreate', `Created pod: ${made.metadata.name}`)],
      refused: (message) => [this.record('FailedCreate', `Error creating: ${message}`, 'Warning')],
    });
  }

  private remove(pod: KubeObject): void {
    const again = this.writes.some((write) => write.verb === 'delete' && write.name === pod.metadata.name);
    if (again) return;
    this.writes.push(deletePod(pod));
    this.event('SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  private status(nodes: KubeObject[]): Record<string, any> {
    let desired = 0;
    let current = 0;
    let misscheduled = 0;
    let ready = 0;
    let available = 0;
    let updated = 0;
    for (const node of nodes) {
      const pods = this.byNode.get(node.metadata.name) ?? [];
      const { run } = this.suits(node);
      if (!run) {
        if (pods.length > 0) misscheduled++;
        continue;
      }
      desired++;
      const pod = pods.toSorted(oldestFirst)[0];
      if (!pod) continue;
      current++;
      if (pod.metadata.labels?.[REVISION_LABEL] === this.hash) updated++;
      if (!isReady(pod)) continue;
      ready++;
      if (isAvailable(pod, this.minReadySeconds, this.now)) available++;
    }
    const { collisionCount, conditions } = this.set.status ?? {};
    return {
      currentNumberScheduled: current,
      numberMisscheduled: misscheduled,
      desiredNumberScheduled: desired,
      numberReady: ready,
      observedGeneration: this.set.metadata.generation ?? 0,
      ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
      ...(available > 0 ? { numberAvailable: available } : {}),
      ...(desired > available ? { numberUnavailable: desired - available } : {}),
      ...(collisionCount === undefined ? {} : { collisionCount }),
      ...(conditions ? { conditions } : {}),
    };
  }

  private event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.writes.push(this.record(reason, message, type));
  }

  private record(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): Write<KubeObject> {
    return recordEvent(
      this.reader,
      this.set,
      { component: 'daemonset-controller' },
      { type, reason, message },
      this.now,
    );
  }
}

const oldestFirst = (a: KubeObject, b: KubeObject): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');

/** The node that the pod is on, or is meant for. */
function targetOf(pod: KubeObject): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms: any[] =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    for (const { key, values } of matchFields) if (key === 'metadata.name') return values[0];
  }
  return '';
}

/** The affinity, with every term narrowed to one node. */
function onlyOn(node: string, affinity: any): any {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const nodeSelectorTerms = required
    ? required.nodeSelectorTerms.map((term: object) => ({ ...term, matchFields }))
    : [{ matchFields }];
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
}
