/** The nodes with their pods in them, and the pods that have no node with the reason why. */
import { byId, h, keyed, setAttribute, setText } from './dom.ts';
import type { Filter } from './filter.ts';
import { type ApiObject, ageOf, compareNames, controllerOf, isReady, keyOf, podState, readySince } from './model.ts';
import { PodTiles } from './pods.ts';
import { coresOf } from './quantity.ts';
import type { Store } from './store.ts';
import { whyOf } from './why.ts';

/** Nodes that are drawn; a cluster of more says how many more there are. */
const MAX_CARDS = 60;
/** Pods of a node that have their names beside them; more are a grid, then a dense one, and then a bar by state. */
const MAX_NAMED = 14;
const MAX_GRID = 60;
const MAX_TILES = 250;
/** Lines of pods that have no node, and names in one of them. */
const MAX_WAITING = 8;
const MAX_NAMES = 3;

type Density = 'named' | 'grid' | 'dense' | 'bar';

function densityOf(count: number): Density {
  if (count <= MAX_NAMED) return 'named';
  return count <= MAX_GRID ? 'grid' : count <= MAX_TILES ? 'dense' : 'bar';
}

interface Card {
  element: HTMLElement;
  pods: HTMLElement;
  density: Density;
}

export interface MapContext {
  store: Store;
  filter: Filter;
  /** The key of the pod that is chosen. */
  pod: string | undefined;
  /** The cluster's time, milliseconds. */
  now: number;
}

/** What has no node yet is at home here. */
const NOWHERE = '';

export class MapView {
  readonly tiles: PodTiles;
  readonly #select: (kind: string, key: string) => void;
  readonly #cards = new Map<string, Card>();
  /** Keys of pods by their node, and the other way round. */
  readonly #there = new Map<string, Set<string>>();
  readonly #homes = new Map<string, string>();
  readonly #stale = new Set<string>();
  #nodes: string[] = [];
  #refused = false;

  constructor(select: (kind: string, key: string) => void) {
    this.#select = select;
    this.tiles = new PodTiles((key) => select('Pod', key));
  }

  /** Answers whether there is more to draw. */
  draw(context: MapContext, hasTime: () => boolean): boolean {
    const { pods, nodes } = context.store;
    this.tiles.begin();
    if (nodes.dirty.size > 0 || nodes.refused !== this.#refused) {
      this.#refused = nodes.refused;
      for (const key of nodes.dirty) this.#stale.add(key.slice(1));
      nodes.dirty.clear();
      this.#drawCards(context);
    }
    for (const key of pods.dirty) {
      if (!hasTime()) break;
      pods.dirty.delete(key);
      this.#place(key, context);
    }
    for (const home of this.#stale) {
      if (!hasTime()) break;
      this.#stale.delete(home);
      if (home === NOWHERE) this.#drawWaiting(context);
      else this.#drawCard(home, context);
    }
    return pods.dirty.size > 0 || this.#stale.size > 0;
  }

  /** Ages go on: nodes that are not ready tell since when. */
  refresh(store: Store): void {
    for (const node of store.nodes.objects.values()) if (!isReady(node)) this.#stale.add(node.metadata.name);
  }

  #drawCards(context: MapContext): void {
    const { store } = context;
    const known = new Set([...store.nodes.objects.values()].map((node) => node.metadata.name));
    // A token that may not see nodes still sees where pods are.
    for (const home of this.#there.keys()) if (home !== NOWHERE && store.nodes.refused) known.add(home);
    this.#nodes = [...known].sort(compareNames);
    const shown = this.#nodes.slice(0, MAX_CARDS);
    keyed(
      byId('nodes'),
      shown,
      (name) => name,
      (name) => this.#made(name, context),
      () => undefined,
    );
    for (const name of [...this.#cards.keys()].filter((name) => !shown.includes(name))) {
      for (const key of this.#there.get(name) ?? []) this.tiles.remove(key);
      this.#cards.delete(name);
    }
    const more = this.#nodes.length - shown.length;
    const none = byId('no-nodes');
    none.hidden = shown.length > 0 && more === 0;
    const words = more > 0 ? `and ${more} more nodes` : store.nodes.complete ? 'No nodes.' : '';
    setText(none, store.nodes.refused && shown.length === 0 ? 'This token may not see nodes.' : words);
  }

  #made(name: string, { store }: MapContext): HTMLElement {
    const title = h('button', { type: 'button', class: 'name' }, name);
    title.addEventListener('click', () => this.#select('Node', `/${name}`));
    const pods = h('div', { class: 'pods named' });
    const element = h(
      'article',
      { class: 'node' },
      h('header', {}, h('h2', {}, title), h('span', { class: 'ready' })),
      h('div', { class: 'load', hidden: '' }, h('i', {})),
      pods,
    );
    this.#cards.set(name, { element, pods, density: 'named' });
    for (const key of this.#there.get(name) ?? []) store.pods.dirty.add(key);
    this.#stale.add(name);
    return element;
  }

  #place(key: string, context: MapContext): void {
    const pod = context.store.pods.objects.get(key);
    const home = pod && (pod.spec?.nodeName ?? NOWHERE);
    const before = this.#homes.get(key);
    if (before !== undefined && before !== home) {
      this.#there.get(before)?.delete(key);
      this.#stale.add(before);
    }
    if (!pod || home === undefined) {
      this.#homes.delete(key);
      this.tiles.remove(key);
      return;
    }
    this.#homes.set(key, home);
    let there = this.#there.get(home);
    if (!there) {
      there = new Set();
      this.#there.set(home, there);
      if (home !== NOWHERE && context.store.nodes.refused) this.#drawCards(context);
    }
    there.add(key);
    this.#stale.add(home);
    const card = this.#cards.get(home);
    if (!card || card.density === 'bar' || !context.filter.inNamespace(pod)) {
      this.tiles.remove(key);
      return;
    }
    const tile = this.tiles.place(key, pod, home, card.pods);
    tile.classList.toggle('dim', !context.filter.matches(pod));
    setAttribute(tile, 'aria-pressed', String(key === context.pod));
  }

  #drawCard(name: string, context: MapContext): void {
    const card = this.#cards.get(name);
    if (!card) return;
    const { objects } = context.store.pods;
    const there = this.#there.get(name) ?? new Set();
    const pods = [...there].map((key) => objects.get(key)).filter((pod) => pod !== undefined);
    const density = densityOf(there.size);
    if (density !== card.density) {
      card.pods.className = `pods ${density}`;
      card.pods.replaceChildren();
      for (const key of there) {
        this.tiles.remove(key);
        if (density !== 'bar') context.store.pods.dirty.add(key);
      }
      card.density = density;
    }
    if (density === 'bar') drawBar(card.pods, pods);
    const node = context.store.nodes.objects.get(`/${name}`);
    const [words, state] = nodeWords(node, there.size, context.now);
    card.element.dataset.state = state;
    setText(card.element.querySelector('.ready')!, words);
    drawLoad(card.element.querySelector<HTMLElement>('.load')!, node, pods);
  }

  #drawWaiting({ store, filter }: MapContext): void {
    const groups = new Map<string, ApiObject[]>();
    for (const key of this.#there.get(NOWHERE) ?? []) {
      const pod = store.pods.objects.get(key);
      if (!pod || !filter.inNamespace(pod)) continue;
      const group = `${whyOf(pod)}\n${controllerOf(pod)?.name ?? ''}`;
      groups.set(group, [...(groups.get(group) ?? []), pod]);
    }
    const waiting = byId('waiting');
    waiting.hidden = groups.size === 0;
    keyed(
      waiting.firstElementChild!,
      [...groups].slice(0, MAX_WAITING),
      ([group]) => group,
      () => h('li', {}, h('i', {}), h('span', { class: 'names' }), h('span', { class: 'why' })),
      (line, [, pods]) => {
        keyed(
          line.querySelector('.names')!,
          pods.slice(0, MAX_NAMES),
          keyOf,
          (pod) => {
            const name = h('button', { type: 'button', class: 'name' }, pod.metadata.name);
            name.addEventListener('click', () => this.#select('Pod', keyOf(pod)));
            return name;
          },
          () => undefined,
        );
        const more = pods.length - MAX_NAMES;
        setText(line.lastElementChild!, `${more > 0 ? `and ${more} more, ` : ''}pending: ${whyOf(pods[0]!)}`);
      },
    );
  }
}

/** `3 pods`, `✕ not ready 12s`; what is told by a colour is told in words. */
function nodeWords(node: ApiObject | undefined, count: number, now: number): [string, string] {
  const pods = count === 1 ? '1 pod' : `${count} pods`;
  if (node && !isReady(node)) return [`✕ not ready ${ageOf(readySince(node), now)}`, 'down'];
  if (node?.spec?.unschedulable) return [`cordoned · ${pods}`, 'cordoned'];
  return [pods, 'ready'];
}

/** How much of the node's processors its pods have asked for, if they have asked for any. */
function drawLoad(line: HTMLElement, node: ApiObject | undefined, pods: ApiObject[]): void {
  const asked = pods.reduce((sum, pod) => sum + requestedCores(pod), 0);
  const all = coresOf(node?.status?.allocatable?.cpu ?? node?.status?.capacity?.cpu);
  line.hidden = asked === 0 || all === 0;
  if (line.hidden) return;
  const words = `${Number(asked.toFixed(1))} of ${Number(all.toFixed(1))} cpu asked for`;
  if (line.title === words) return;
  line.title = words;
  line.setAttribute('role', 'img');
  line.setAttribute('aria-label', words);
  (line.firstElementChild as HTMLElement).style.width = `${Math.min(100, (asked / all) * 100)}%`;
}

const requestedCores = (pod: ApiObject): number =>
  ['Succeeded', 'Failed'].includes(pod.status?.phase)
    ? 0
    : (pod.spec?.containers ?? []).reduce((sum: number, c: any) => sum + coresOf(c.resources?.requests?.cpu), 0);

/** Too many to be drawn one by one: how many are in which state. */
function drawBar(parent: Element, pods: ApiObject[]): void {
  const counts = [...Map.groupBy(pods, (pod) => podState(pod).state)].sort(([a], [b]) => (a < b ? -1 : 1));
  keyed(
    parent,
    counts,
    ([state]) => state,
    ([state]) => h('span', { class: 'share', 'data-state': state }),
    (share, [state, { length }]) => {
      (share as HTMLElement).style.flexGrow = String(length);
      setText(share, `${length} ${state}`);
    },
  );
}
