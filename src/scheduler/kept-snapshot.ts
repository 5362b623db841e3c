/**
 * The scheduler's snapshot from one reconcile to the next: it follows from the objects alone, but most of them are the same as the last
 * time, and to count them all anew would cost each of a thousand pods as much as the thousand.
 */
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { NodeInfo } from './node-info.ts';
import { inListOrder } from './plugins/priority-sort.ts';
import { isTerminal, type PodInfo, podInfo } from './pod-info.ts';
import { Snapshot } from './snapshot.ts';
import { Tallies } from './tallies.ts';

/** Questions that nodes count by; when there are more, all is counted anew. */
export const MAX_QUESTIONS = 64;

/** What is known of a pod, as it was when it was looked at. */
interface Known {
  info: PodInfo | undefined;
  /** The node that it is on, or that it was taken to be on. */
  node: string | undefined;
  /** It was placed there, and the store has not said so yet. */
  isAssumed: boolean;
  nominated: string | undefined;
  /** The reconcile that saw it last. */
  seen: number;
}

class KeptSnapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  /** By the object: another one is another state of the pod. */
  readonly #pods = new Map<Pod, Known>();
  readonly #tallies = new Tallies();
  /** Those that have got pods since they were in the order of lists. */
  readonly #disordered = new Set<NodeInfo>();
  #round = 0;

  /** Whether it can be brought up to date; if not, another one is to be begun. */
  canFollow(view: View): boolean {
    if (this.#tallies.questions > MAX_QUESTIONS) return false;
    const nodes = view.list('nodes');
    return nodes.length === this.#nodes.size && nodes.every(({ metadata }) => this.#nodes.has(metadata.name));
  }

  begin(view: View): void {
    for (const node of view.list('nodes')) this.#nodes.set(node.metadata.name, new NodeInfo(node));
  }

  /** Up to date with the view. */
  of(view: View): Snapshot {
    this.#round++;
    this.#tallies.forgetPassing();
    const nodes = view.list('nodes').map((node) => this.#nodeOf(node));
    const snapshot = Snapshot.over(view, nodes, this.#tallies);
    const come: Known[] = [];
    for (const pod of view.list('pods')) {
      let known = this.#pods.get(pod);
      if (!known) {
        known = knownOf(pod);
        this.#pods.set(pod, known);
        come.push(known);
      } else if (known.isAssumed) this.#takeAway(known);
      known.seen = this.#round;
      if (known.nominated !== undefined) snapshot.nominate(podInfo(pod), known.nominated);
    }
    // What a pod was goes before what it is comes.
    for (const [pod, known] of this.#pods)
      if (known.seen !== this.#round) {
        this.#takeAway(known);
        this.#pods.delete(pod);
      }
    for (const known of come) this.#put(known);
    for (const node of this.#disordered) node.pods.sort(inListOrder);
    this.#disordered.clear();
    return snapshot;
  }

  /** A pod has been placed, which the store has yet to say. */
  assumed(info: PodInfo, node: string): void {
    const known = this.#pods.get(info.pod);
    const on = this.#nodes.get(node);
    if (!known || !on) return;
    known.info = info;
    known.node = node;
    known.isAssumed = true;
    this.#disordered.add(on);
  }

  #nodeOf(node: ConstructorParameters<typeof NodeInfo>[0]): NodeInfo {
    const known = this.#nodes.get(node.metadata.name)!;
    if (known.node === node) return known;
    const changed = new NodeInfo(node);
    for (const pod of known.pods) changed.add(pod);
    known.leave();
    this.#tallies.forgetPlaces();
    this.#nodes.set(node.metadata.name, changed);
    if (this.#disordered.delete(known)) this.#disordered.add(changed);
    return changed;
  }

  #put({ info, node }: Known): void {
    const on = node === undefined ? undefined : this.#nodes.get(node);
    if (!info || !on) return;
    on.add(info);
    this.#disordered.add(on);
  }

  #takeAway(known: Known): void {
    if (known.node !== undefined && known.info) this.#nodes.get(known.node)?.remove(known.info);
    if (!known.isAssumed) return;
    known.isAssumed = false;
    known.node = undefined;
    known.info = undefined;
  }
}

function knownOf(pod: Pod): Known {
  const known: Known = { info: undefined, node: undefined, isAssumed: false, nominated: undefined, seen: 0 };
  if (isTerminal(pod)) return known;
  const node = pod.spec?.nodeName;
  if (node) return { ...known, info: podInfo(pod), node };
  return { ...known, nominated: pod.status?.nominatedNodeName || undefined };
}

/** By who sees the objects, as long as he does. */
const kept = new WeakMap<View, KeptSnapshot>();

interface Following {
  snapshot: Snapshot;
  /** A pod has been placed, which the store has yet to say. */
  assumed(info: PodInfo, node: string): void;
}

/** Nobody waits any more: what is known of the others would hold them in memory as they were. */
export const forgetSnapshot = (view: View): void => void kept.delete(view);

export function keptSnapshot(view: View): Following {
  let known = kept.get(view);
  if (!known?.canFollow(view)) {
    known = new KeptSnapshot();
    known.begin(view);
    kept.set(view, known);
  }
  const following = known;
  return {
    snapshot: following.of(view),
    assumed: (info, node) => following.assumed(info, node),
  };
}
