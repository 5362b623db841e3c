/** The cluster as one scheduling cycle sees it: nodes with their pods, and the other objects that plugins look up. */
import type { KindTypes } from '../objects/generated/kind-types.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { UNLIMITED_WORK, type WorkBudget } from '../simulation/work-budget.ts';
import { NodeInfo } from './node-info.ts';
import { isTerminal, type PodInfo, podInfo } from './pod-info.ts';
import { type HeldTerm, type PlaceChange, type PodQuestion, Tallies, type Tally } from './tallies.ts';

/** One node as it would be with other pods. */
interface NodeChange extends PlaceChange {
  place: NodeInfo;
  /** As it is. */
  before: NodeInfo;
}

export class Snapshot {
  /** What looking through it may cost. */
  readonly work: WorkBudget;
  private readonly all: NodeInfo[];
  private readonly byName: Map<string, NodeInfo>;
  private readonly view: View;
  private readonly lists: Map<string, KubeObject[]>;
  /** Pods that preempted for a node and wait for it. */
  private readonly nominated: Map<string, PodInfo[]>;
  private images: Map<string, { size: number; nodes: number }> | undefined;
  private claims: Map<string, number> | undefined;
  private readonly tallies: Tallies;
  private readonly change: NodeChange | undefined;
  private changed: NodeInfo[] | undefined;

  private constructor(parts: {
    view: View;
    all: NodeInfo[];
    byName: Map<string, NodeInfo>;
    lists: Map<string, KubeObject[]>;
    nominated: Map<string, PodInfo[]>;
    work: WorkBudget;
    tallies: Tallies;
    change?: NodeChange;
  }) {
    this.view = parts.view;
    this.all = parts.all;
    this.byName = parts.byName;
    this.lists = parts.lists;
    this.nominated = parts.nominated;
    this.work = parts.work;
    this.tallies = parts.tallies;
    this.change = parts.change;
    if (!parts.change) for (const node of this.all) node.join(this.tallies);
  }

  static of(view: View, work: WorkBudget = UNLIMITED_WORK): Snapshot {
    const nodes = view.list('nodes').map((node) => new NodeInfo(node));
    const snapshot = Snapshot.over(view, nodes, new Tallies(), work);
    for (const pod of view.list('pods')) {
      if (isTerminal(pod)) continue;
      const node = pod.spec?.nodeName;
      if (node) snapshot.byName.get(node)?.add(podInfo(pod));
      else if (pod.status?.nominatedNodeName) snapshot.nominate(podInfo(pod), pod.status.nominatedNodeName);
    }
    return snapshot;
  }

  /** On nodes that have their pods already; `tallies`: what they count by. */
  static over(view: View, all: NodeInfo[], tallies: Tallies, work: WorkBudget = UNLIMITED_WORK): Snapshot {
    const byName = new Map(all.map((node) => [node.name, node]));
    return new Snapshot({ view, all, byName, lists: new Map(), nominated: new Map(), work, tallies });
  }

  /** By name. */
  get nodes(): NodeInfo[] {
    if (!this.change) return this.all;
    const { before, place } = this.change;
    this.changed ??= this.all.map((node) => (node === before ? place : node));
    return this.changed;
  }

  get size(): number {
    return this.all.length;
  }

  node(name: string): NodeInfo | undefined {
    return this.change?.place.name === name ? this.change.place : this.byName.get(name);
  }

  /** Count a pod on a node before the store says so. */
  assume(pod: PodInfo, nodeName: string): void {
    this.byName.get(nodeName)?.add(pod);
    this.nominate(pod, undefined);
    this.claims = undefined;
  }

  nominate(pod: PodInfo, nodeName: string | undefined): void {
    for (const [node, pods] of this.nominated) {
      const left = pods.filter((p) => p.uid !== pod.uid || p.name !== pod.name);
      if (left.length !== pods.length) this.nominated.set(node, left);
    }
    if (nodeName) this.nominated.set(nodeName, [...(this.nominated.get(nodeName) ?? []), pod]);
  }

  /** Others that wait for the node and are at least as important as the pod. */
  nominatedFor(nodeName: string, pod: PodInfo): PodInfo[] {
    return (this.nominated.get(nodeName) ?? []).filter(
      (p) => p.priority >= pod.priority && (p.namespace !== pod.namespace || p.name !== pod.name),
    );
  }

  /** The same cluster with one node as it would be. */
  with(place: NodeInfo): Snapshot {
    const before = this.byName.get(place.name)!;
    const [was, is] = [new Set(before.pods), new Set(place.pods)];
    const come = place.pods.filter((pod) => !was.has(pod));
    const gone = before.pods.filter((pod) => !is.has(pod));
    const { view, all, byName, lists, nominated, work, tallies } = this;
    const change = { before, place, come, gone };
    return new Snapshot({ view, all, byName, lists, nominated, work, tallies, change });
  }

  get<Resource extends keyof KindTypes>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): KindTypes[Resource] | undefined {
    return this.view.get(resource, namespace, name);
  }

  list<Resource extends keyof KindTypes>(resource: Resource, namespace?: string): KindTypes[Resource][] {
    const key = `${resource}/${namespace ?? ''}`;
    let objects = this.lists.get(key) as KindTypes[Resource][] | undefined;
    if (!objects) {
      objects = this.view.list(resource, namespace);
      this.lists.set(key, objects);
    }
    return objects;
  }

  namespaceLabels(namespace: string): Record<string, string> {
    return this.view.get('namespaces', undefined, namespace)?.metadata.labels ?? {};
  }

  /** How big an image is and on how many nodes it lies. */
  image(name: string): { size: number; nodes: number } | undefined {
    if (!this.images) {
      this.images = new Map();
      for (const { node } of this.nodes)
        for (const image of node.status?.images ?? [])
          for (const imageName of image.names ?? []) {
            const seen = this.images.get(imageName);
            this.images.set(imageName, { size: image.sizeBytes ?? 0, nodes: (seen?.nodes ?? 0) + 1 });
          }
    }
    return this.images.get(name);
  }

  /** The question of this name, whoever asks it first. */
  question(name: string, asked: PodQuestion): PodQuestion {
    return this.tallies.question(name, asked);
  }

  /** How many pods count for a question of this name, by the values of a label of their nodes. */
  tally(name: string, question: PodQuestion, key: string): Tally {
    const tally = this.tallies.tally(name, question, key, this.all);
    return this.change ? this.tallies.tallyAfter(tally, question, key, this.change) : tally;
  }

  /** The rules that pods on nodes have about others. */
  held(): Iterable<HeldTerm> {
    return this.change ? this.tallies.heldAfter(this.change) : this.tallies.held();
  }

  /** Whether all nodes have a label. */
  isEverywhere(label: string): boolean {
    return this.tallies.isEverywhere(label, this.all);
  }

  /** How many pods on nodes use a claim. */
  claimUsers(namespace: string, claim: string): number {
    if (!this.claims) {
      this.claims = new Map();
      for (const node of this.nodes)
        for (const { pod, namespace: ns } of node.pods)
          for (const volume of pod.spec?.volumes ?? []) {
            const used = volume.persistentVolumeClaim?.claimName;
            if (used) this.claims.set(`${ns}/${used}`, (this.claims.get(`${ns}/${used}`) ?? 0) + 1);
          }
    }
    return this.claims.get(`${namespace}/${claim}`) ?? 0;
  }
}
