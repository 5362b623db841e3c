/** The cluster as one sees it: holds what is known and chosen, and draws what has changed of it. */
import type { Options, Sandbox } from './address.ts';
import { ClusterClock } from './cluster-clock.ts';
import { byId, setText } from './dom.ts';
import { EventsView, refreshAges } from './events-view.ts';
import { Filter } from './filter.ts';
import { inFrames } from './frames.ts';
import { Inspector } from './inspector.ts';
import { MapView } from './map.ts';
import { isReady, podState } from './model.ts';
import { getClock } from './platform.ts';
import { drawServices } from './services-view.ts';
import { COLLECTION_NAMES, type CollectionName, newStore } from './store.ts';
import { drawStrip } from './strip.ts';
import { Tabs } from './tabs.ts';
import type { ViewName } from './views.ts';

const TICK_MILLISECONDS = 1000;
/**
 * Between two questions for the cluster's time, which somebody else may have changed. It is asked when something changes or somebody comes
 * to look, and never by itself, so that a cluster can sleep.
 */
const CLOCK_PAUSE_MILLISECONDS = 2000;
/** Between two drawings of what is made of all objects together. */
const SUMMARY_EVERY_MILLISECONDS = 120;

export class Scene {
  readonly store = newStore();
  /** Whether the token may delete pods. */
  mayDelete = false;
  readonly #clock = new ClusterClock();
  readonly #filter: Filter;
  readonly #map: MapView;
  readonly #events: EventsView;
  readonly #inspector: Inspector;
  readonly #tabs: Tabs;
  readonly #summaries: Summary[];
  /** Counts what was chosen, after which everything is drawn anew. */
  #choices = 0;
  #askedAt = 0;
  #askTime: () => void = () => undefined;
  readonly redraw: () => void;

  constructor(options: Options) {
    const { store } = this;
    this.#filter = new Filter(store, options.namespace);
    const select = (kind: string, key: string): void => {
      this.#inspector.open(kind, key);
      this.#chosen();
    };
    this.redraw = inFrames((hasTime) => this.#draw(hasTime));
    this.#map = new MapView(select);
    this.#events = new EventsView(select, () => this.#chosen());
    this.#inspector = new Inspector(select, () => this.#chosen());
    this.#tabs = new Tabs(options.views, () => this.#chosen());
    const changed = (): void => this.#chosen();
    const filter = this.#filter;
    this.#summaries = [
      summary(['pods', 'nodes'], () => this.#drawCounts()),
      summary(['pods', 'deployments', 'replicasets', 'namespaces'], () => drawStrip(store, filter, changed), 'nodes'),
      summary(['events'], () => this.#events.draw(store, filter, this.#now), 'events'),
      summary(['services', 'pods'], () => drawServices(store, filter, select), 'services'),
      summary([...COLLECTION_NAMES], () => this.#inspector.draw(store, this.#now, this.mayDelete)),
    ];
  }

  get #now(): number {
    return this.#clock.time(Date.now());
  }

  /** Lets time go on: ages and the clock. */
  run(sandbox: Sandbox): void {
    const ask = (): void => {
      if (document.hidden) return;
      this.#askedAt = Date.now();
      getClock(sandbox).then(
        (clock) => {
          this.#clock.set(clock, Date.now());
          this.#tick();
        },
        () => undefined,
      );
    };
    this.#askTime = ask;
    ask();
    for (const event of ['pointerover', 'visibilitychange', 'keydown'])
      document.addEventListener(event, () => this.#mayAskTime());
    setInterval(() => this.#tick(), TICK_MILLISECONDS);
  }

  get pod(): string | undefined {
    return this.#inspector.pod;
  }

  /** Something has come: what has changed is drawn, and the time may be another. */
  stirred(): void {
    this.#mayAskTime();
    this.redraw();
  }

  #mayAskTime(): void {
    if (Date.now() - this.#askedAt > CLOCK_PAUSE_MILLISECONDS) this.#askTime();
  }

  /** From here on what comes is news. */
  settled(): void {
    this.#map.tiles.live = true;
    this.redraw();
  }

  #chosen(): void {
    this.#choices++;
    for (const key of this.store.pods.objects.keys()) this.store.pods.dirty.add(key);
    // Not yet there while the page is being made.
    this.redraw?.();
  }

  #tick(): void {
    if (document.hidden) return;
    setText(byId('clock'), this.#clock.text(Date.now()));
    refreshAges(this.#now);
    this.#map.refresh(this.store);
    this.redraw();
  }

  #draw(hasTime: () => boolean): boolean {
    let more = this.#map.draw({ store: this.store, filter: this.#filter, pod: this.pod, now: this.#now }, hasTime);
    const real = performance.now();
    for (const one of this.#summaries) {
      if (one.view && !this.#tabs.isSeen(one.view)) continue;
      const version = one.of.reduce((sum, name) => sum + this.store[name].version, this.#choices * CHOICE);
      if (one.drawn === version) continue;
      // What waits for the map, or for its time, is drawn in one of the next frames.
      if (!hasTime() || (real < one.notBefore && one.choices === this.#choices)) more = true;
      else {
        one.draw();
        Object.assign(one, { drawn: version, choices: this.#choices, notBefore: real + SUMMARY_EVERY_MILLISECONDS });
      }
    }
    return more;
  }

  #drawCounts(): void {
    if (!this.store.pods.complete) return;
    const nodes = [...this.store.nodes.objects.values()];
    const pods = [...this.store.pods.objects.values()];
    const running = pods.filter((pod) => podState(pod).state === 'running').length;
    const words = `${running}/${pods.length} pods`;
    const refused = this.store.nodes.refused;
    setText(byId('counts'), refused ? words : `${nodes.filter(isReady).length}/${nodes.length} nodes · ${words}`);
  }
}

/** Something that is made of all objects together, and is drawn when one of them has changed, but not too often. */
interface Summary {
  of: CollectionName[];
  draw(): void;
  /** Only where this view is seen. */
  view: ViewName | undefined;
  /** Of which version of the objects and after how many choices it was drawn. */
  drawn: number;
  choices: number;
  notBefore: number;
}

const summary = (of: CollectionName[], draw: () => void, view?: ViewName): Summary => ({
  ...{ of, draw, view },
  ...{ drawn: -1, choices: -1, notBefore: 0 },
});

/** More than the versions of any collection will be. */
const CHOICE = 1e9;
