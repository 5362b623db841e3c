/** The writes by which a rollout gives its ReplicaSets their sizes, and lets the oldest go. Source: k8s.io/kubernetes/pkg/controller/deployment. */

import { sameData } from '../../objects/equality.ts';
import type { Deployment, ReplicaSet } from '../../objects/generated/apps-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { maxUnavailable, newReplicas, proportionalSizes, scaleDownTargets } from './deployment-scale.ts';
import {
  available,
  byRevision,
  isActiveSet,
  isSaturated,
  NONE,
  sizeAnnotations,
  sum,
  wanted,
} from './deployment-sets.ts';

export class SetWrites {
  private readonly deployment: Deployment;
  /** Those of the reconcile, in order. */
  private readonly writes: Write<KubeObject>[];
  /** The event that tells of a change of size. */
  private readonly event: (message: string) => Write<KubeObject>;

  constructor(deployment: Deployment, writes: Write<KubeObject>[], event: (message: string) => Write<KubeObject>) {
    this.deployment = deployment;
    this.writes = writes;
    this.event = event;
  }

  private get replicas(): number {
    return this.deployment.spec.replicas ?? 1;
  }

  /** Answers whether the size changed. `force`: bring the annotations up to date even when it doesn't. */
  scale(set: ReplicaSet, replicas: number, force = false): boolean {
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(this.deployment) };
    const before = wanted(set);
    if (before === replicas && (!force || sameData(annotations, set.metadata.annotations))) return false;
    this.replace({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
    if (before === replicas) return false;
    const direction = before < replicas ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`;
    this.writes.push(this.event(message));
    return true;
  }

  /** One write per set: a second change of the same set joins the first. */
  replace(set: ReplicaSet): void {
    const at = this.writes.findIndex(
      (write) =>
        write.verb === 'update' &&
        write.object.kind === 'ReplicaSet' &&
        write.object.metadata.name === set.metadata.name,
    );
    if (at >= 0) this.writes[at] = { verb: 'update', object: set };
    else this.writes.push({ verb: 'update', object: set });
  }

  scaleUpNew(current: ReplicaSet, all: ReplicaSet[]): boolean {
    if (current.spec.replicas === this.replicas) return false;
    if ((current.spec.replicas ?? 0) > this.replicas) return this.scale(current, this.replicas);
    return this.scale(current, newReplicas(this.deployment, all, current));
  }

  scaleDownOld(current: ReplicaSet, old: ReplicaSet[], all: ReplicaSet[]): boolean {
    if (old.length === 0) return false;
    const minAvailable = this.replicas - maxUnavailable(this.deployment);
    const newUnavailable = (current.spec.replicas ?? 0) - available(current);
    const room = sum(all, wanted) - minAvailable - newUnavailable;
    if (room <= 0) return false;
    const targets = scaleDownTargets(old, room, sum(all, available) - minAvailable);
    let scaled = false;
    for (const set of old) scaled = this.scale(set, targets.get(set.metadata.name)!) || scaled;
    return scaled;
  }

  scaleProportionally(current: ReplicaSet | undefined, old: ReplicaSet[]): void {
    const active = [...old, ...(current ? [current] : [])].filter(isActiveSet);
    if (active.length <= 1) {
      const only = active[0] ?? current ?? old.at(-1);
      if (only) this.scale(only, this.replicas);
      return;
    }
    if (current && isSaturated(this.deployment, current)) {
      for (const set of old.filter(isActiveSet)) this.scale(set, 0);
      return;
    }
    if (this.deployment.spec.strategy?.type === 'Recreate') return;
    const sizes = proportionalSizes(active, this.deployment);
    for (const [set, size] of sizes) this.scale(set, size, true);
  }

  cleanUp(old: ReplicaSet[]): void {
    const limit = this.deployment.spec.revisionHistoryLimit ?? NONE;
    const alive = old.filter((set) => !set.metadata.deletionTimestamp).sort(byRevision);
    for (const set of alive.slice(0, Math.max(0, alive.length - limit))) {
      const settled = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
      if ((set.status?.replicas ?? 0) !== 0 || wanted(set) !== 0 || !settled) continue;
      this.writes.push({
        verb: 'delete',
        resource: 'replicasets.apps',
        namespace: set.metadata.namespace as string,
        name: set.metadata.name,
      });
    }
  }
}
