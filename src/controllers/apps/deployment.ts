/**
 * Rolls a Deployment's pods from one template to the next by scaling its ReplicaSets.
 * Source: k8s.io/kubernetes/pkg/controller/deployment.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { conditionOf } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../objects/generated/apps-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { claim, claimKeys, controllerKeys, keyOf, parseKey } from '../owners.ts';
import { podsOf } from '../pod-groups.ts';
import { isFinished } from '../pods.ts';
import { newReplicas } from './deployment-scale.ts';
import { SetWrites } from './deployment-set-writes.ts';
import {
  byCreation,
  DESIRED_REPLICAS,
  inheritedAnnotations,
  isActiveSet,
  NONE,
  newSet,
  nextRevision,
  REVISION,
  sameTemplate,
  setName,
} from './deployment-sets.ts';
import { isComplete, progressDue, rolloutStatus, setDeploymentCondition, statusOfSets } from './deployment-status.ts';
import { deploymentSelectingAll, selectsAll } from './selecting-all.ts';
import { templateHash } from './template-hash.ts';

export const deploymentController = (): ClusterReconciler => ({
  name: 'deployment-controller',
  manager: 'kube-controller-manager',
  reads: ['deployments.apps', 'events', 'pods', 'replicasets.apps'],
  watches: [
    { resource: 'deployments.apps', keys: ({ new: deployment }) => (deployment ? [keyOf(deployment)] : []) },
    {
      resource: 'replicasets.apps',
      keys: (change, reader) =>
        claimKeys({ kind: 'Deployment', resource: 'deployments.apps' }, ({ spec }) => spec.selector, change, reader),
    },
    {
      // Only a Recreate rollout waits for pods themselves: for the last of the old ones to go.
      resource: 'pods',
      keys: (change, reader) => {
        if (change.new) return [];
        const [key] = controllerKeys('ReplicaSet', change);
        if (!key) return [];
        const { namespace, name } = parseKey(key);
        const set = reader.get('replicasets.apps', namespace, name);
        return set ? controllerKeys('Deployment', { new: set }) : [];
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const deployment = reader.get('deployments.apps', namespace, name);
    if (!deployment) return { writes: [] };
    if (selectsAll(deployment)) return deploymentSelectingAll(reader, deployment, now);
    return new Rollout(reader, deployment, now).reconcile();
  },
});

/** One reconcile of one Deployment: what it reads, and what it has decided so far. */
class Rollout {
  private readonly reader: View;
  private readonly now: number;
  private readonly old: Deployment;
  /** A copy: its annotations and status are changed in place and written at the end. */
  private readonly deployment: Deployment;
  private readonly writes: Write<KubeObject>[];
  private readonly setWrites: SetWrites;
  private readonly sets: ReplicaSet[];

  constructor(reader: View, deployment: Deployment, now: number) {
    this.reader = reader;
    this.now = now;
    this.old = deployment;
    this.deployment = {
      ...deployment,
      metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations } },
      status: { ...deployment.status },
    };
    const { claimed, writes } = claim(
      deployment,
      deployment.spec.selector,
      reader.list('replicasets.apps', deployment.metadata.namespace),
    );
    this.writes = writes;
    this.setWrites = new SetWrites(this.deployment, writes, (message) => this.event('ScalingReplicaSet', message));
    this.sets = claimed.toSorted(byCreation);
  }

  reconcile(): ReconcileResult<KubeObject> {
    const { deployment } = this;
    if (deployment.metadata.deletionTimestamp) this.statusOnly();
    else {
      this.pausedCondition();
      if (deployment.spec.paused || this.isScalingEvent()) this.scaleAll();
      else if (deployment.spec.strategy?.type === 'Recreate') this.recreate();
      else this.roll();
    }
    if (!sameData(deployment.status, this.old.status) || !sameData(deployment.metadata, this.old.metadata)) {
      this.writes.push({ verb: 'update', subresource: 'status', object: deployment });
    }
    const requeueAt = progressDue(deployment, this.now);
    return { writes: this.writes, ...(requeueAt === undefined ? {} : { requeueAt }) };
  }

  private statusOnly(): void {
    const current = this.currentSet(false);
    this.deployment.status = statusOfSets(this.allSets(current), current, this.deployment, this.now);
  }

  /** Paused, or its size changed: every set gets its share, and nothing is rolled. */
  private scaleAll(): void {
    const current = this.currentSet(false);
    const old = this.oldSets(current);
    this.setWrites.scaleProportionally(current, old);
    if (this.deployment.spec.paused) this.setWrites.cleanUp(old);
    this.deployment.status = statusOfSets(this.allSets(current), current, this.deployment, this.now);
  }

  private roll(): void {
    const current = this.currentSet(true)!;
    const old = this.oldSets(current);
    const all = this.allSets(current);
    const scaled =
      this.setWrites.scaleUpNew(current, all) || this.setWrites.scaleDownOld(current, old.filter(isActiveSet), all);
    if (!scaled && isComplete(this.deployment, this.deployment.status ?? {})) this.setWrites.cleanUp(old);
    this.deployment.status = rolloutStatus(all, current, this.deployment, this.now);
  }

  private recreate(): void {
    const before = this.currentSet(false);
    const old = this.oldSets(before);
    const active = old.filter(isActiveSet);
    if (active.length > 0) {
      for (const set of active) this.setWrites.scale(set, 0);
      this.deployment.status = rolloutStatus(this.allSets(before), before, this.deployment, this.now);
      return;
    }
    if (this.oldPodsRun(before, old)) {
      this.deployment.status = rolloutStatus(this.allSets(before), before, this.deployment, this.now);
      return;
    }
    const current = this.currentSet(true)!;
    this.setWrites.scale(current, this.replicas);
    if (isComplete(this.deployment, this.deployment.status ?? {})) this.setWrites.cleanUp(old);
    this.deployment.status = rolloutStatus(this.allSets(current), current, this.deployment, this.now);
  }

  private get replicas(): number {
    return this.deployment.spec.replicas ?? 1;
  }

  private allSets(current: ReplicaSet | undefined): ReplicaSet[] {
    return current ? [...this.oldSets(current), current] : this.sets;
  }

  private oldSets(current: ReplicaSet | undefined): ReplicaSet[] {
    return this.sets.filter((set) => set.metadata.name !== current?.metadata.name);
  }

  private oldPodsRun(current: ReplicaSet | undefined, old: ReplicaSet[]): boolean {
    if (old.some((set) => (set.status?.replicas ?? 0) > 0)) return true;
    const others = old.filter((set) => set.metadata.uid !== current?.metadata.uid);
    return others.some((set) => podsOf(this.reader, set).some((pod) => !isFinished(pod)));
  }

  private isScalingEvent(): boolean {
    return this.sets.filter(isActiveSet).some((set) => {
      const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
      return desired !== undefined && Number(desired) !== this.replicas;
    });
  }

  private pausedCondition(): void {
    const { deployment } = this;
    if (!hasDeadline(deployment)) return;
    const reason = conditionOf(deployment, 'Progressing')?.reason;
    if (reason === 'ProgressDeadlineExceeded') return;
    const paused = Boolean(deployment.spec.paused);
    if (paused === (reason === 'DeploymentPaused')) return;
    this.setCondition(
      'Progressing',
      'Unknown',
      `Deployment${paused ? 'Paused' : 'Resumed'}`,
      `Deployment is ${paused ? 'paused' : 'resumed'}`,
    );
  }

  /** The set with the Deployment's own template, its annotations up to date; made if there is none and `make`. */
  private currentSet(make: boolean): ReplicaSet | undefined {
    const { deployment } = this;
    const found = this.sets.find((set) => sameTemplate(set.spec.template!, deployment.spec.template));
    const revision = nextRevision(this.oldSets(found));
    if (found) return this.refreshSet(found, revision);
    if (!make) return undefined;
    return this.makeSet(revision);
  }

  private refreshSet(set: ReplicaSet, revision: string): ReplicaSet {
    const { deployment } = this;
    const annotations = inheritedAnnotations(deployment, set.metadata.annotations ?? {}, revision);
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    let current = set;
    if (!sameData(annotations, set.metadata.annotations) || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
      current = {
        ...set,
        metadata: { ...set.metadata, annotations },
        spec: { ...set.spec, ...(minReadySeconds === 0 && !set.spec.minReadySeconds ? {} : { minReadySeconds }) },
      };
      this.setWrites.replace(current);
    }
    deployment.metadata.annotations = {
      ...deployment.metadata.annotations,
      [REVISION]: annotations[REVISION] ?? revision,
    };
    if (hasDeadline(deployment) && !conditionOf(deployment, 'Progressing')) {
      this.setCondition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${set.metadata.name}"`);
    }
    return current;
  }

  private makeSet(revision: string): ReplicaSet {
    const { deployment } = this;
    const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount);
    const name = setName(deployment, hash);
    const taken = this.reader.get('replicasets.apps', deployment.metadata.namespace, name);
    if (taken) {
      // Another template has this hash: the next attempt counts that in.
      deployment.status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
      return this.makeSet(revision);
    }
    const before = deployment.status;
    const set = newSet(deployment, hash, revision);
    set.spec.replicas = newReplicas(deployment, [...this.sets, set], set);
    this.writes.push({
      verb: 'create',
      object: set,
      refused: (why) => this.notMade(before, `Failed to create new replica set "${name}": ${why}`),
    });
    if (set.spec.replicas > 0) {
      this.writes.push(this.event('ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${set.spec.replicas}`));
    }
    deployment.metadata.annotations = { ...deployment.metadata.annotations, [REVISION]: revision };
    if (hasDeadline(deployment)) {
      this.setCondition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`);
    }
    return set;
  }

  private notMade(before: DeploymentStatus | undefined, message: string): Write<KubeObject>[] {
    const reason = 'ReplicaSetCreateError';
    const event = this.event(reason, message, 'Warning');
    if (!hasDeadline(this.deployment)) return [event];
    const condition = { type: 'Progressing', status: 'False', reason, message };
    const status = setDeploymentCondition(before ?? {}, condition, this.now);
    return [{ verb: 'update', subresource: 'status', object: { ...this.old, status }, bestEffort: true }, event];
  }

  private setCondition(type: string, status: string, reason: string, message: string): void {
    this.deployment.status = setDeploymentCondition(
      this.deployment.status ?? {},
      { type, status, reason, message },
      this.now,
    );
  }

  private event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): Write<KubeObject> {
    return recordEvent(
      this.reader,
      this.old,
      { component: 'deployment-controller' },
      { type, reason, message },
      this.now,
    );
  }
}

const hasDeadline = (deployment: Deployment): boolean => (deployment.spec.progressDeadlineSeconds ?? NONE) !== NONE;
