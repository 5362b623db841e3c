/** The cluster as one scheduling cycle sees it: nodes with their pods, and the other objects that plugins look up. */
import type { KindTypes } from '../objects/generated/kind-types.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { UNLIMITED_WORK, type WorkBudget } from '../simulation/work-budget.ts';
import { NodeInfo, type PodQuestion } from './node-info.ts';
import { isTerminal, type PodInfo, podInfo } from './pod-info.ts';

export class Snapshot {
  /** By name. */
  readonly nodes: NodeInfo[];
  /** What looking through it may cost. */
  readonly work: WorkBudget;
  private readonly byName: Map<string, NodeInfo>;
  private readonly view: View;
  private readonly lists: Map<string, KubeObject[]>;
  /** Pods that preempted for a node and wait for it. */
  private readonly nominated: Map<string, PodInfo[]>;
  private images: Map<string, { size: number; nodes: number }> | undefined;
  private claims: Map<string, number> | undefined;
  private readonly questions: Map<string, PodQuestion>;

  private constructor(
    view: View,
    nodes: NodeInfo[],
    lists: Map<string, KubeObject[]>,
    nominated: Map<string, PodInfo[]>,
    work: WorkBudget,
    questions: Map<string, PodQuestion>,
  ) {
    this.view = view;
    this.questions = questions;
    this.work = work;
    this.nodes = nodes;
    this.byName = new Map(nodes.map((n) => [n.name, n]));
    this.lists = lists;
    this.nominated = nominated;
  }

  static of(view: View, work: WorkBudget = UNLIMITED_WORK): Snapshot {
    const snapshot = new Snapshot(
      view,
      view.list('nodes').map((node) => new NodeInfo(node)),
      new Map(),
      new Map(),
      work,
      new Map(),
    );
    for (const pod of view.list('pods')) {
      if (isTerminal(pod)) continue;
      const node = pod.spec?.nodeName;
      if (node) snapshot.byName.get(node)?.add(podInfo(pod));
      else if (pod.status?.nominatedNodeName) snapshot.nominate(podInfo(pod), pod.status.nominatedNodeName);
    }
    return snapshot;
  }

  /** On nodes that have their pods already; `questions`: what they count by. */
  static over(view: View, nodes: NodeInfo[], questions: Map<string, PodQuestion>): Snapshot {
    return new Snapshot(view, nodes, new Map(), new Map(), UNLIMITED_WORK, questions);
  }

  node(name: string): NodeInfo | undefined {
    return this.byName.get(name);
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
  with(changed: NodeInfo): Snapshot {
    const nodes = this.nodes.map((n) => (n.name === changed.name ? changed : n));
    return new Snapshot(this.view, nodes, this.lists, this.nominated, this.work, this.questions);
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
    const known = this.questions.get(name);
    if (known) return known;
    this.questions.set(name, asked);
    return asked;
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
