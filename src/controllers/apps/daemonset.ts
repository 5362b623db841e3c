/** Keeps one pod on each node that suits it. Source: k8s.io/kubernetes/pkg/controller/daemon. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { DaemonSet, DaemonSetStatus } from '../../objects/generated/apps-v1.gen.ts';
import type { Node, Pod, Toleration } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { milliseconds } from '../../objects/time.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { eventsOf } from '../event-correlation.ts';
import { recordEvent } from '../events.ts';
import { claim, claimKeys, keyOf, parseKey } from '../owners.ts';
import { candidatesOf } from '../pod-groups.ts';
import { availableAt, deletePod, isAvailable, isFinished, isReady, podFromTemplate } from '../pods.ts';
import { onlyOn, type Suits, suits, targetOf, tolerationsOf } from './daemonset-nodes.ts';
import { rollout, surges } from './daemonset-rollout.ts';
import { daemonSetStatus } from './daemonset-status.ts';
import { DAEMON_SET_NAMING, hashOf, REVISION_LABEL, type Revisions, revisionsOf, truncated } from './revisions.ts';
import { daemonSetSelectingAll, selectsAll } from './selecting-all.ts';

const DAEMON_SETS = 'daemonsets.apps';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** Between a pod that failed and the next on its node, doubled each time. */
const FAILED_BACKOFF_BASE_MS = 1000;
export const FAILED_BACKOFF_LIMIT_MS = 900_000;

export const daemonSetController = (): ClusterReconciler => ({
  name: 'daemonset-controller',
  manager: 'kube-controller-manager',
  reads: ['controllerrevisions.apps', 'daemonsets.apps', 'events', 'nodes', 'pods'],
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
          old && node && sameData(old.metadata.labels, node.metadata.labels) && sameData(old.spec, node.spec);
        return same ? [] : reader.list(DAEMON_SETS).map(keyOf);
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const set = reader.get(DAEMON_SETS, namespace, name);
    if (!set) return { writes: [] };
    return selectsAll(set) ? daemonSetSelectingAll(reader, set, now) : new DaemonSetSync(reader, set, now).reconcile();
  },
});

class DaemonSetSync {
  private readonly reader: View;
  private readonly set: DaemonSet;
  private readonly now: number;
  private readonly writes: Write<KubeObject>[];
  private readonly revisions: Revisions;
  private readonly byNode = new Map<string, Pod[]>();
  private readonly tolerations: Toleration[];
  private dueAt: number | undefined;

  constructor(reader: View, set: DaemonSet, now: number) {
    this.reader = reader;
    this.set = set;
    this.now = now;
    const { claimed, writes } = claim(set, set.spec.selector, candidatesOf(reader, set));
    for (const pod of claimed) {
      const node = targetOf(pod);
      this.byNode.set(node, [...(this.byNode.get(node) ?? []), pod]);
    }
    this.revisions = revisionsOf(reader, set, DAEMON_SET_NAMING);
    this.writes = [...writes, ...this.revisions.writes];
    this.tolerations = tolerationsOf(set);
  }

  reconcile(): ReconcileResult<KubeObject> {
    const nodes = this.reader.list('nodes');
    if (!this.set.metadata.deletionTimestamp) {
      const before = this.writes.length;
      this.place(nodes);
      // A rollout goes on when what is placed now has come, or gone.
      const settled = this.writes.length === before;
      if (settled && this.set.spec.updateStrategy?.type !== 'OnDelete') this.roll(nodes);
    }
    const status = this.status(nodes);
    if (!sameData(status, this.set.status)) {
      this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.set, status } });
    }
    const pods = [...this.byNode.values()].flat();
    const hashes = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]));
    const inUse = this.revisions.all.filter((r) => r === this.revisions.update || hashes.has(hashOf(r)));
    this.writes.push(...truncated(this.set, this.revisions, new Set(inUse.map((r) => r.metadata.name))));
    const due = pods.map((pod) => availableAt(pod, this.minReadySeconds) ?? 0).filter((at) => at > this.now);
    if (this.dueAt !== undefined) due.push(this.dueAt);
    return { writes: this.writes, ...(due.length > 0 ? { requeueAt: Math.min(...due) } : {}) };
  }

  private get minReadySeconds(): number {
    return this.set.spec.minReadySeconds ?? 0;
  }

  private get hash(): string {
    return hashOf(this.revisions.update);
  }

  private suits(node: Node): Suits {
    return suits(this.set, this.tolerations, node);
  }

  /** Pods on the node, but for those that have ended and wait for something else to let them go. */
  private on(node: string): Pod[] {
    return (this.byNode.get(node) ?? []).filter((pod) => !(isFinished(pod) && pod.metadata.deletionTimestamp));
  }

  private place(nodes: Node[]): void {
    const names = new Set(nodes.map((node) => node.metadata.name));
    for (const node of nodes) {
      const { name } = node.metadata;
      const { run, stay } = this.suits(node);
      const pods = this.on(name);
      const live = pods.filter((pod) => !pod.metadata.deletionTimestamp);
      if (run && pods.length === 0) this.create(name);
      else if (stay) this.tidy(name, live, run);
      else for (const pod of live) this.remove(pod);
    }
    for (const [node, pods] of this.byNode) {
      if (names.has(node)) continue;
      for (const pod of pods) if (!pod.metadata.deletionTimestamp) this.remove(pod);
    }
  }

  /** Takes away what has ended, and what is too much. */
  private tidy(node: string, live: Pod[], run: boolean): void {
    for (const pod of live.filter(isFinished)) this.replaceFinished(node, pod);
    const running = live.filter((pod) => !isFinished(pod)).sort(oldestFirst);
    if (!surges(this.set)) {
      for (const pod of running.slice(1)) this.remove(pod);
      return;
    }
    if (running.length === 0 && run) this.create(node);
    if (running.length < 2) return;
    const fresh = running.filter((pod) => this.isNew(pod));
    const old = running.filter((pod) => !this.isNew(pod));
    for (const pod of [...fresh.slice(1), ...old.slice(1)]) this.remove(pod);
    if (fresh[0] && old[0] && (!isReady(old[0]) || this.isAvailable(fresh[0]))) this.remove(old[0]);
  }

  /** A pod that fails again and again, as one that its node rejects, is replaced after ever longer pauses. */
  private replaceFinished(node: string, pod: Pod): void {
    if (pod.status?.phase === 'Succeeded') {
      const message = `Found succeeded daemon pod ${keyOf(pod)} on node ${node}, will try to delete it`;
      this.event('SucceededDaemonPod', message);
      this.remove(pod);
      return;
    }
    const before = this.failuresOn(node);
    const delay = before === 0 ? 0 : Math.min(FAILED_BACKOFF_LIMIT_MS, FAILED_BACKOFF_BASE_MS * 2 ** (before - 1));
    const due = milliseconds(pod.metadata.creationTimestamp) + delay;
    if (due > this.now) {
      this.dueAt = Math.min(this.dueAt ?? due, due);
      return;
    }
    const message = `Found failed daemon pod ${keyOf(pod)} on node ${node}, will try to kill it`;
    this.event('FailedDaemonPod', message, 'Warning');
    this.remove(pod);
  }

  /** As its own events tell, which are as old as an hour. */
  private failuresOn(node: string): number {
    const events = eventsOf(this.reader, this.set);
    const ending = `on node ${node}, will try to kill it`;
    return events.filter(({ reason, message }) => reason === 'FailedDaemonPod' && message?.endsWith(ending)).length;
  }

  private isNew(pod: Pod): boolean {
    return pod.metadata.labels?.[REVISION_LABEL] === this.hash;
  }

  private isAvailable(pod: Pod): boolean {
    return isAvailable(pod, this.minReadySeconds, this.now);
  }

  private roll(nodes: Node[]): void {
    const onNodes = nodes.map((node) => ({
      node: node.metadata.name,
      run: this.suits(node).run,
      pods: this.on(node.metadata.name).filter((pod) => !pod.metadata.deletionTimestamp),
    }));
    const { remove, createOn } = rollout(this.set, onNodes, {
      isNew: (pod) => this.isNew(pod),
      isAvailable: (pod) => this.isAvailable(pod),
    });
    for (const node of createOn) this.create(node);
    for (const pod of remove) this.remove(pod);
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

  private remove(pod: Pod): void {
    const again = this.writes.some((write) => write.verb === 'delete' && write.name === pod.metadata.name);
    if (again) return;
    const refused = (message: string): Write<KubeObject>[] => [
      this.record('FailedDelete', `Error deleting: ${message}`, 'Warning'),
    ];
    this.writes.push({ ...deletePod(pod), refused });
    this.event('SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  private status(nodes: Node[]): DaemonSetStatus {
    const onNodes = nodes.map((node) => {
      const pods = this.on(node.metadata.name);
      return { run: this.suits(node).run, pods: pods.toSorted(oldestFirst) };
    });
    return daemonSetStatus(this.set, onNodes, {
      collisionCount: this.revisions.collisionCount,
      isNew: (pod) => this.isNew(pod),
      isAvailable: (pod) => this.isAvailable(pod),
    });
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

const oldestFirst = (a: Pod, b: Pod): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
