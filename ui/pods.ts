/** The tiles of pods: one for each, at its node, changed only when its pod has. */
import { byId, h, insertSorted, setAttribute, setText, takeAway } from './dom.ts';
import { type ApiObject, compareNames, hueOf, podState } from './model.ts';
import { whyOf } from './why.ts';

interface Tile {
  element: HTMLElement;
  home: string;
}

/** Tiles that come at once and are still seen to drop; more would only flicker. */
const MAX_DROPPING = 40;

export class PodTiles {
  readonly #tiles = new Map<string, Tile>();
  readonly #select: (key: string) => void;
  /** Whether what comes now is news, and not what was there before. */
  live = false;
  #dropping = 0;

  constructor(select: (key: string) => void) {
    this.#select = select;
    // What it is called by, and how it is, without a look at each before anybody points at one.
    byId('nodes').addEventListener('pointerover', ({ target }) => {
      const tile = (target as Element).closest('.pod');
      if (tile) setAttribute(tile, 'title', [...tile.children].map((part) => part.textContent).join('\n'));
    });
  }

  begin(): void {
    this.#dropping = 0;
  }

  remove(key: string): void {
    const tile = this.#tiles.get(key);
    if (tile) takeAway(tile.element);
    this.#tiles.delete(key);
  }

  /** Puts the pod's tile where it belongs, as it is now. `home`: what the parent is called by. */
  place(key: string, pod: ApiObject, home: string, parent: Element): HTMLElement {
    let tile = this.#tiles.get(key);
    if (!tile) {
      tile = { element: this.#made(key, pod), home: '' };
      this.#tiles.set(key, tile);
    }
    if (tile.home !== home || tile.element.parentElement !== parent) {
      tile.home = home;
      insertSorted(parent, tile.element, pod.metadata.name, (other) => other.dataset.name ?? '', compareNames);
    }
    update(tile.element, pod);
    return tile.element;
  }

  #made(key: string, pod: ApiObject): HTMLElement {
    const tile = h(
      'button',
      { class: 'pod', type: 'button', 'data-key': key },
      h('i', {}),
      h('b', {}, pod.metadata.name),
      h('small', {}),
    );
    tile.dataset.name = pod.metadata.name;
    tile.style.setProperty('--hue', String(hueOf(pod)));
    if (this.live && this.#dropping++ < MAX_DROPPING) tile.classList.add('dropping');
    tile.addEventListener('click', () => this.#select(key));
    return tile;
  }
}

function update(tile: HTMLElement, pod: ApiObject): void {
  const { state, status } = podState(pod);
  const why = whyOf(pod);
  if (tile.dataset.state !== state) tile.dataset.state = state;
  setText(tile.firstElementChild!, status);
  setText(tile.lastElementChild!, state === 'running' ? (pod.status?.podIP ?? '') : why || status);
}
