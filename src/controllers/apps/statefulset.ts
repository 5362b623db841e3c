/**
 * Keeps pods with names and storage of their own, one after the other unless told otherwise.
 * Source: k8s.io/kubernetes/pkg/controller/statefulset.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { StatefulSet } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { eventsOf } from '../event-correlation.ts';
import { recordEvent } from '../events.ts';
import { claim, claimKeys, keyOf, parseKey } from '../owners.ts';
import { availableAt, deletePod, isAvailable, isFinished } from '../pods.ts';
import { newestOf, replacementDue } from './replacement-pause.ts';
import { REVISION_LABEL, type Revisions, revisionsOf, STATEFUL_SET_NAMING, truncated } from './revisions.ts';
import {
  claimsOf,
  isLeaving,
  newClaim,
  type PodClaim,
  retention,
  setsNamedIn,
  withClaims,
} from './statefulset-claims.ts';
import { identityOf, newPod, ordinalOf, POD_NAME_LABEL } from './statefulset-pod.ts';
import { podsToReplace } from './statefulset-rollout.ts';
import { statefulSetStatus } from './statefulset-status.ts';

export const statefulSetController = (): ClusterReconciler => ({
  name: 'statefulset-controller',
  manager: 'kube-controller-manager',
  reads: ['controllerrevisions.apps', 'events', 'persistentvolumeclaims', 'pods', 'statefulsets.apps'],
  watches: [
    { resource: 'statefulsets.apps', keys: ({ new: set }) => (set ? [keyOf(set)] : []) },
    {
      resource: 'pods',
      keys: (change, reader) =>
        claimKeys({ kind: 'StatefulSet', resource: 'statefulsets.apps' }, ({ spec }) => spec.selector, change, reader),
    },
    // A pod is made again when what its predecessor left is gone.
    {
      resource: 'persistentvolumeclaims',
      keys: ({ old, new: claim }) => (old && !claim ? setsNamedIn(old) : []),
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const set = reader.get('statefulsets.apps', namespace, name);
    return set ? new StatefulSetSync(reader, set, now).reconcile() : { writes: [] };
  },
});

class StatefulSetSync {
  private readonly reader: View;
  private readonly set: StatefulSet;
  private readonly now: number;
  private readonly writes: Write<KubeObject>[];
  private readonly pods: Pod[];
  readonly revisions: Revisions;
  readonly currentName: string;
  private dueAt: number | undefined;

  constructor(reader: View, set: StatefulSet, now: number) {
    this.reader = reader;
    this.set = set;
    this.now = now;
    const mine = reader.list('pods', set.metadata.namespace).filter((pod) => ordinalOf(this.set, pod) !== undefined);
    const { claimed, writes } = claim(set, set.spec.selector, mine);
    this.pods = claimed;
    this.revisions = revisionsOf(reader, set, STATEFUL_SET_NAMING);
    this.writes = [...writes, ...this.revisions.writes];
    this.currentName = set.status?.currentRevision || this.updateName;
  }

  reconcile(): ReconcileResult<KubeObject> {
    if (!this.set.metadata.deletionTimestamp) this.act();
    const status = statefulSetStatus(this.set, this.pods, this, this.now);
    if (!sameData(status, this.set.status)) {
      this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.set, status } });
    }
    const inUse = new Set([this.currentName, this.updateName, ...this.pods.map((pod) => this.revisionOf(pod))]);
    this.writes.push(...truncated(this.set, this.revisions, inUse));
    const due = this.pods.map((pod) => availableAt(pod, this.minReadySeconds) ?? 0).filter((at) => at > this.now);
    if (this.dueAt !== undefined) due.push(this.dueAt);
    return { writes: this.writes, ...(due.length > 0 ? { requeueAt: Math.min(...due) } : {}) };
  }

  private get updateName(): string {
    return this.revisions.update.metadata.name;
  }

  private get minReadySeconds(): number {
    return this.set.spec.minReadySeconds ?? 0;
  }

  private get start(): number {
    return this.set.spec.ordinals?.start ?? 0;
  }

  private get replicas(): number {
    return this.set.spec.replicas ?? 1;
  }

  private get partition(): number {
    return this.set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  }

  private get isOrdered(): boolean {
    return this.set.spec.podManagementPolicy !== 'Parallel';
  }

  private revisionOf(pod: Pod): string {
    return pod.metadata.labels?.[REVISION_LABEL] ?? '';
  }

  private act(): void {
    const wanted = Array.from({ length: this.replicas }, (_, i) => this.start + i);
    const byOrdinal = new Map(this.pods.map((pod) => [ordinalOf(this.set, pod)!, pod]));
    if (!this.fill(wanted, byOrdinal)) return;
    const surplus = [...byOrdinal]
      .filter(([ordinal]) => !wanted.includes(ordinal))
      .sort(([a], [b]) => b - a)
      .map(([, pod]) => pod);
    const slots = wanted.map((ordinal) => byOrdinal.get(ordinal));
    if (!this.shrink(surplus, slots)) return;
    if (this.set.spec.updateStrategy?.type === 'OnDelete') return;
    const isOld = (pod: Pod): boolean => this.revisionOf(pod) !== this.updateName;
    for (const pod of podsToReplace(this.set, slots, { isOld, isAvailable: (p) => this.isAvailable(p) }))
      this.remove(pod);
  }

  /** Creates what is missing; false: something must happen first. */
  private fill(wanted: number[], byOrdinal: Map<number, Pod>): boolean {
    for (const ordinal of wanted) {
      const pod = byOrdinal.get(ordinal);
      if (!pod) {
        this.create(ordinal);
        if (this.isOrdered) return false;
      } else if (isFinished(pod) && !pod.metadata.deletionTimestamp) {
        // It is made again when it is gone.
        const due = replacementDue(this.removalsOf(pod), newestOf([pod]));
        if (due <= this.now) this.remove(pod);
        else this.dueAt = Math.min(this.dueAt ?? due, due);
        if (this.isOrdered) return false;
      } else {
        if (pod.status?.phase === 'Pending') this.supply(pod);
        if (this.isOrdered && !this.isHealthy(pod)) return false;
        this.keep(pod);
      }
    }
    return true;
  }

  /** Takes away what is too much, the highest first; false: something must happen first. */
  private shrink(surplus: Pod[], slots: (Pod | undefined)[]): boolean {
    for (const pod of surplus) this.retain(claimsOf(this.reader, this.set, pod.metadata.name), pod, true);
    const all = [...slots, ...surplus.toReversed()];
    const firstUnavailable = all.find((pod) => !pod || !this.isAvailable(pod));
    for (const pod of surplus) {
      if (pod.metadata.deletionTimestamp) {
        if (this.isOrdered) return false;
        continue;
      }
      if (this.isOrdered && !this.isHealthy(pod) && pod !== firstUnavailable) return false;
      this.remove(pod);
      if (this.isOrdered) return false;
    }
    return true;
  }

  private isAvailable(pod: Pod): boolean {
    return !pod.metadata.deletionTimestamp && isAvailable(pod, this.minReadySeconds, this.now);
  }

  private isHealthy(pod: Pod | undefined): boolean {
    if (!pod || pod.metadata.deletionTimestamp) return false;
    return pod.status?.phase === 'Running' && isAvailable(pod, this.minReadySeconds, this.now);
  }

  /** A pod below the partition comes back as it was. */
  private create(ordinal: number): void {
    const { name } = this.set.metadata;
    const isRolling = this.set.spec.updateStrategy?.type !== 'OnDelete';
    const old = this.revisions.all.find((revision) => revision.metadata.name === this.currentName);
    const keepsOld = old && isRolling && ordinal - this.start < this.partition;
    const revision = keepsOld ? old : this.revisions.update;
    const pod = newPod(this.set, ordinal, revision);
    const podName = pod.metadata.name;
    const claims = claimsOf(this.reader, this.set, podName);
    if (claims.some((wanted) => isLeaving(this.set, pod, wanted))) return;
    const ending = claims.find(({ claim }) => claim?.metadata.deletionTimestamp);
    if (ending) {
      const why = `Create Pod ${podName} in StatefulSet ${name} failed error: pvc ${ending.name} is being deleted`;
      this.writes.push(this.record('FailedCreate', why, 'Warning'));
      return;
    }
    const volumes = withClaims(claims, pod.spec.volumes);
    if (volumes) pod.spec.volumes = volumes;
    this.createClaims(claims, podName, 'Create');
    this.writes.push({
      verb: 'create',
      object: pod,
      created: () => [this.record('SuccessfulCreate', `Create Pod ${podName} in StatefulSet ${name} successful`)],
      refused: this.failed('Create', podName),
    });
  }

  /** What is said when something cannot be done to a pod. */
  private failed(verb: 'Create' | 'Update' | 'Delete', pod: string): (message: string) => Write<KubeObject>[] {
    const what = `${verb} Pod ${pod} in StatefulSet ${this.set.metadata.name} failed error`;
    return (message) => [this.record(`Failed${verb}`, `${what}: ${message}`, 'Warning')];
  }

  private createClaims(claims: PodClaim[], podName: string, verb: 'Create' | 'Update'): void {
    for (const wanted of claims) {
      if (wanted.claim) continue;
      const failed = `Create Claim ${wanted.name} for Pod ${podName} in StatefulSet ${this.set.metadata.name} failed error`;
      this.writes.push({
        verb: 'create',
        object: newClaim(this.set, wanted),
        ignoreExisting: true,
        refused: (message) => [
          this.record('FailedCreate', `${failed}: ${message}`, 'Warning'),
          ...this.failed(verb, podName)(`failed to create PVC ${wanted.name}: ${message}`),
        ],
      });
      const done = `Create Claim ${wanted.name} Pod ${podName} in StatefulSet ${this.set.metadata.name} success`;
      this.event('SuccessfulCreate', done);
    }
  }

  /** What a pod that waits may wait for. */
  private supply(pod: Pod): void {
    const claims = claimsOf(this.reader, this.set, pod.metadata.name);
    this.createClaims(claims, pod.metadata.name, 'Update');
    this.retain(claims, pod, false);
  }

  /** What a pod in its place must have: its name's label, and claims that go with whom they should. */
  private keep(pod: Pod): void {
    const { name, labels } = pod.metadata;
    const isRetained =
      pod.status?.phase === 'Pending' || this.retain(claimsOf(this.reader, this.set, name), pod, false);
    const isNamed = labels?.[POD_NAME_LABEL] === name;
    if (isNamed && isRetained) return;
    if (!isNamed) {
      const named = { ...labels, ...identityOf(name, ordinalOf(this.set, pod)!) };
      const object = { ...pod, metadata: { ...pod.metadata, labels: named } };
      this.writes.push({ verb: 'update', object, refused: this.failed('Update', name) });
    }
    this.event('SuccessfulUpdate', `Update Pod ${name} in StatefulSet ${this.set.metadata.name} successful`);
  }

  /** True: the pod's claims go with whom they should already. */
  private retain(claims: PodClaim[], pod: Pod, isSurplus: boolean): boolean {
    const { writes, conflicting } = retention(claims, this.set, pod, isSurplus);
    this.writes.push(...writes);
    for (const name of conflicting) {
      const what = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller`;
      this.writes.push(
        this.record('ConflictingController', `${what}, the retention policy is ignored for this claim`, 'Warning'),
      );
    }
    return writes.length === 0;
  }

  /** How often it was taken away before, as the set's own events tell, which are as old as an hour. */
  private removalsOf(pod: Pod): number {
    const found = eventsOf(this.reader, this.set).find(({ message }) => message === this.removal(pod));
    return found?.count ?? 0;
  }

  private removal(pod: Pod): string {
    return `Delete Pod ${pod.metadata.name} in StatefulSet ${this.set.metadata.name} successful`;
  }

  private remove(pod: Pod): void {
    this.writes.push({ ...deletePod(pod), refused: this.failed('Delete', pod.metadata.name) });
    this.event('SuccessfulDelete', this.removal(pod));
  }

  private event(reason: string, message: string): void {
    this.writes.push(this.record(reason, message));
  }

  private record(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): Write<KubeObject> {
    return recordEvent(
      this.reader,
      this.set,
      { component: 'statefulset-controller' },
      { type, reason, message },
      this.now,
    );
  }
}
