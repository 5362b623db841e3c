/**
 * Rolls a Deployment's pods from one template to the next by scaling its ReplicaSets.
 * Source: k8s.io/kubernetes/pkg/controller/deployment.
 */
import type { KubeObject } from '../resources/object.ts';
import { matchesLabelSelector } from '../resources/selectors.ts';
import type { Reader, ReconcileResult, Reconciler, Write } from '../simulation/reconciler.ts';
import { maxSurge, maxUnavailable, newReplicas, proportion } from './deployment-scale.ts';
import { isComplete, progressDue, rolloutStatus, setDeploymentCondition, statusOfSets } from './deployment-status.ts';
import { sameJson } from './equality.ts';
import { recordEvent } from './events.ts';
import { claim, controllerKeys, controllerOf, controllerReference, keyOf, parseKey } from './owners.ts';
import { conditionOf, isFinished } from './pods.ts';
import { templateHash } from './template-hash.ts';
import { milliseconds } from './time.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const HASH_LABEL = 'pod-template-hash';
/** Annotations of a Deployment that its ReplicaSets don't get. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);
const MAX_HISTORY_CHARACTERS = 2000;
const MAX_NAME_LENGTH = 253;
/** The largest int32: as a limit or a deadline it means none. */
const NONE = 2147483647;

export const deploymentController = (): Reconciler<KubeObject> => ({
  name: 'deployment-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: 'deployments.apps', keys: ({ new: deployment }) => (deployment ? [keyOf(deployment)] : []) },
    {
      resource: 'replicasets.apps',
      keys: (change, reader) => {
        const set = change.new;
        if (!set || controllerOf(set)) return controllerKeys('Deployment', change);
        return reader
          .list('deployments.apps', set.metadata.namespace)
          .filter((deployment) => matchesLabelSelector(deployment.spec.selector, set.metadata.labels))
          .map(keyOf);
      },
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
    return new Rollout(reader, deployment, now).reconcile();
  },
});

/** One reconcile of one Deployment: what it reads, and what it has decided so far. */
class Rollout {
  private readonly reader: Reader<KubeObject>;
  private readonly now: number;
  private readonly old: KubeObject;
  /** A copy: its annotations and status are changed in place and written at the end. */
  private readonly deployment: KubeObject;
  private writes: Write<KubeObject>[] = [];
  private readonly sets: KubeObject[];

  constructor(reader: Reader<KubeObject>, deployment: KubeObject, now: number) {
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
    if (!sameJson(deployment.status, this.old.status) || !sameJson(deployment.metadata, this.old.metadata)) {
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
    this.scaleProportionally(current, old);
    if (this.deployment.spec.paused) this.cleanUp(old);
    this.deployment.status = statusOfSets(this.allSets(current), current, this.deployment, this.now);
  }

  private roll(): void {
    const current = this.currentSet(true)!;
    const old = this.oldSets(current);
    const all = this.allSets(current);
    const scaled = this.scaleUpNew(current, all) || this.scaleDownOld(current, old.filter(isActiveSet), all);
    if (!scaled && isComplete(this.deployment, this.deployment.status)) this.cleanUp(old);
    this.deployment.status = rolloutStatus(all, current, this.deployment, this.now);
  }

  private recreate(): void {
    const before = this.currentSet(false);
    const old = this.oldSets(before);
    const active = old.filter(isActiveSet);
    if (active.length > 0) {
      for (const set of active) this.scale(set, 0);
      this.deployment.status = rolloutStatus(this.allSets(before), before, this.deployment, this.now);
      return;
    }
    if (this.oldPodsRun(before, old)) {
      this.deployment.status = rolloutStatus(this.allSets(before), before, this.deployment, this.now);
      return;
    }
    const current = this.currentSet(true)!;
    this.scale(current, this.replicas);
    if (isComplete(this.deployment, this.deployment.status)) this.cleanUp(old);
    this.deployment.status = rolloutStatus(this.allSets(current), current, this.deployment, this.now);
  }

  private get replicas(): number {
    return this.deployment.spec.replicas ?? 1;
  }

  private allSets(current: KubeObject | undefined): KubeObject[] {
    return current ? [...this.oldSets(current), current] : this.sets;
  }

  private oldSets(current: KubeObject | undefined): KubeObject[] {
    return this.sets.filter((set) => set.metadata.name !== current?.metadata.name);
  }

  private oldPodsRun(current: KubeObject | undefined, old: KubeObject[]): boolean {
    if (old.some((set) => (set.status?.replicas ?? 0) > 0)) return true;
    const uids = new Set(old.map((set) => set.metadata.uid));
    uids.delete(current?.metadata.uid);
    return this.reader
      .list('pods', this.deployment.metadata.namespace)
      .some((pod) => uids.has(controllerOf(pod)?.uid) && !isFinished(pod));
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
  private currentSet(make: boolean): KubeObject | undefined {
    const { deployment } = this;
    const found = this.sets.find((set) => sameTemplate(set.spec.template, deployment.spec.template));
    const revision = String(1 + Math.max(0, ...this.oldSets(found).map(revisionOf)));
    if (found) return this.refreshSet(found, revision);
    if (!make) return undefined;
    return this.makeSet(revision);
  }

  private refreshSet(set: KubeObject, revision: string): KubeObject {
    const { deployment } = this;
    const annotations = this.setAnnotations(set.metadata.annotations ?? {}, revision);
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    let current = set;
    if (!sameJson(annotations, set.metadata.annotations) || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
      current = {
        ...set,
        metadata: { ...set.metadata, annotations },
        spec: { ...set.spec, ...(minReadySeconds === 0 && !set.spec.minReadySeconds ? {} : { minReadySeconds }) },
      };
      this.replace(current);
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

  private makeSet(revision: string): KubeObject {
    const { deployment } = this;
    const { template, selector } = deployment.spec;
    const hash = templateHash(template, deployment.status.collisionCount);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    const name = `${deployment.metadata.name.slice(0, MAX_NAME_LENGTH - 1 - hash.length)}-${hash}`;
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        namespace: deployment.metadata.namespace as string,
        labels,
        annotations: {
          ...this.setAnnotations({}, revision),
          [DESIRED_REPLICAS]: String(this.replicas),
          [MAX_REPLICAS]: String(this.replicas + maxSurge(deployment)),
        },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: 0,
        ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
      status: { replicas: 0 },
    };
    const taken = this.reader.get('replicasets.apps', deployment.metadata.namespace, name);
    if (taken) {
      // Another template has this hash: the next attempt counts that in.
      deployment.status = { ...deployment.status, collisionCount: (deployment.status.collisionCount ?? 0) + 1 };
      return this.makeSet(revision);
    }
    set.spec.replicas = newReplicas(deployment, [...this.sets, set], set);
    this.writes.push({
      verb: 'create',
      object: set,
      refused: (message) => [
        this.event('ReplicaSetCreateError', `Failed to create new replica set "${name}": ${message}`, 'Warning'),
      ],
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

  /** The Deployment's annotations over the set's, and its revision; a revision that it had before goes into its history. */
  private setAnnotations(own: Record<string, string>, revision: string): Record<string, string> {
    const annotations = { ...own };
    for (const [key, value] of Object.entries(this.deployment.metadata.annotations ?? {})) {
      if (!OWN_ANNOTATIONS.has(key)) annotations[key] = value;
    }
    const before = own[REVISION];
    if (Number(before ?? 0) >= Number(revision)) return annotations;
    annotations[REVISION] = revision;
    if (before !== undefined) {
      const history = (own[REVISION_HISTORY] ?? '').split(',').filter((item) => item !== '');
      history.push(before);
      while (history.join(',').length > MAX_HISTORY_CHARACTERS) history.shift();
      annotations[REVISION_HISTORY] = history.join(',');
    }
    return annotations;
  }

  private scaleUpNew(current: KubeObject, all: KubeObject[]): boolean {
    if (current.spec.replicas === this.replicas) return false;
    if (current.spec.replicas > this.replicas) return this.scale(current, this.replicas);
    return this.scale(current, newReplicas(this.deployment, all, current));
  }

  private scaleDownOld(current: KubeObject, old: KubeObject[], all: KubeObject[]): boolean {
    if (old.length === 0) return false;
    const minAvailable = this.replicas - maxUnavailable(this.deployment);
    const newUnavailable = current.spec.replicas - available(current);
    const room = sum(all, wanted) - minAvailable - newUnavailable;
    if (room <= 0) return false;
    // Pods that serve nobody go first: the rollout must not wait for them.
    const targets = new Map(old.map((set) => [set.metadata.name, wanted(set)]));
    let cleaned = 0;
    for (const set of old) {
      const unhealthy = Math.min(room - cleaned, wanted(set) - available(set));
      if (unhealthy <= 0) continue;
      targets.set(set.metadata.name, wanted(set) - unhealthy);
      cleaned += unhealthy;
    }
    let spare = sum(all, available) - minAvailable;
    for (const set of old) {
      const target = targets.get(set.metadata.name)!;
      const down = Math.max(0, Math.min(target, spare));
      targets.set(set.metadata.name, target - down);
      spare -= down;
    }
    let scaled = false;
    for (const set of old) scaled = this.scale(set, targets.get(set.metadata.name)!) || scaled;
    return scaled;
  }

  private scaleProportionally(current: KubeObject | undefined, old: KubeObject[]): void {
    const active = [...old, ...(current ? [current] : [])].filter(isActiveSet);
    if (active.length <= 1) {
      const only = active[0] ?? current ?? old.at(-1);
      if (only) this.scale(only, this.replicas);
      return;
    }
    if (current && isSaturated(this.deployment, current, this.replicas)) {
      for (const set of old.filter(isActiveSet)) this.scale(set, 0);
      return;
    }
    if (this.deployment.spec.strategy?.type === 'Recreate') return;
    const allowed = this.replicas > 0 ? this.replicas + maxSurge(this.deployment) : 0;
    const missing = allowed - sum(active, wanted);
    const newerFirst = missing > 0 ? -1 : 1;
    active.sort((a, b) => wanted(b) - wanted(a) || newerFirst * byCreation(a, b));
    let added = 0;
    const sizes = active.map((set) => {
      const share =
        missing === 0 ? 0 : proportion(set, this.deployment, missing, added, set.metadata.annotations?.[MAX_REPLICAS]);
      added += share;
      return wanted(set) + share;
    });
    if (missing !== 0) sizes[0] = Math.max(0, sizes[0]! + missing - added);
    active.forEach((set, i) => {
      this.scale(set, sizes[i]!, true);
    });
  }

  /** Answers whether the size changed. `force`: bring the annotations up to date even when it doesn't. */
  private scale(set: KubeObject, replicas: number, force = false): boolean {
    const annotations = {
      ...set.metadata.annotations,
      [DESIRED_REPLICAS]: String(this.replicas),
      [MAX_REPLICAS]: String(this.replicas + maxSurge(this.deployment)),
    };
    const before = wanted(set);
    if (before === replicas && (!force || sameJson(annotations, set.metadata.annotations))) return false;
    this.replace({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
    if (before === replicas) return false;
    const direction = before < replicas ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`;
    this.writes.push(this.event('ScalingReplicaSet', message));
    return true;
  }

  /** One write per set: a second change of the same set joins the first. */
  private replace(set: KubeObject): void {
    const at = this.writes.findIndex(
      (write) =>
        write.verb === 'update' &&
        write.object.kind === 'ReplicaSet' &&
        write.object.metadata.name === set.metadata.name,
    );
    if (at >= 0) this.writes[at] = { verb: 'update', object: set };
    else this.writes.push({ verb: 'update', object: set });
  }

  private cleanUp(old: KubeObject[]): void {
    const limit = this.deployment.spec.revisionHistoryLimit ?? NONE;
    const alive = old.filter((set) => !set.metadata.deletionTimestamp).sort((a, b) => revisionOf(a) - revisionOf(b));
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

  private setCondition(type: string, status: string, reason: string, message: string): void {
    this.deployment.status = setDeploymentCondition(
      this.deployment.status,
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

const wanted = (set: KubeObject): number => set.spec.replicas ?? 0;
const available = (set: KubeObject): number => set.status?.availableReplicas ?? 0;
const isActiveSet = (set: KubeObject): boolean => wanted(set) > 0;
const sum = (sets: KubeObject[], of: (set: KubeObject) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);
const revisionOf = (set: KubeObject): number => Number(set.metadata.annotations?.[REVISION] ?? 0) || 0;
const hasDeadline = (deployment: KubeObject): boolean => (deployment.spec.progressDeadlineSeconds ?? NONE) !== NONE;

const byCreation = (a: KubeObject, b: KubeObject): number =>
  milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

function isSaturated(deployment: KubeObject, set: KubeObject, replicas: number): boolean {
  const desired = Number(set.metadata.annotations?.[DESIRED_REPLICAS]);
  return wanted(set) === deployment.spec.replicas && desired === replicas && available(set) === replicas;
}

function sameTemplate(a: KubeObject['spec'], b: KubeObject['spec']): boolean {
  return sameJson(withoutHash(a), withoutHash(b));
}

function withoutHash(template: any): any {
  if (!template.metadata?.labels?.[HASH_LABEL]) return template;
  const { [HASH_LABEL]: _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}
