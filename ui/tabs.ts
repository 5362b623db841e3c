/** The views: one at a time in a frame; side by side where there is room, the map always among them. */
import { byId, setText } from './dom.ts';
import { VIEWS, type ViewName } from './views.ts';

/** From this width on, the map stands beside the other views, pixels. */
const WIDE = '(min-width: 900px)';

export class Tabs {
  readonly #views: ViewName[];
  readonly #changed: () => void;
  readonly #wide = matchMedia(WIDE);
  #chosen: ViewName;

  /** `changed`: another view is seen now. */
  constructor(views: ViewName[], changed: () => void) {
    this.#views = views;
    this.#changed = changed;
    this.#chosen = views[0]!;
    for (const name of VIEWS) {
      const tab = byId(`tab-${name}`);
      tab.hidden = !views.includes(name);
      tab.addEventListener('click', () => this.choose(name));
    }
    byId('tabs').addEventListener('keydown', (event) => this.#move(event));
    this.#wide.addEventListener('change', () => this.#arrange());
    this.#arrange();
  }

  choose(name: ViewName): void {
    this.#chosen = name;
    this.#arrange();
  }

  isSeen(name: ViewName): boolean {
    return !byId(`view-${name}`).hidden;
  }

  /** What is told beside a view's name. */
  mark(name: ViewName, count: number): void {
    const tab = byId(`tab-${name}`);
    const mark = tab.querySelector('small') ?? tab.appendChild(document.createElement('small'));
    setText(mark, count > 0 ? String(count) : '');
  }

  /** With room, the map is no tab but stands beside the others. */
  get #split(): boolean {
    return this.#wide.matches && this.#views.length > 1 && this.#views.includes('nodes');
  }

  get #tabs(): ViewName[] {
    return this.#split ? this.#views.filter((name) => name !== 'nodes') : this.#views;
  }

  #arrange(): void {
    const tabs = this.#tabs;
    if (!tabs.includes(this.#chosen)) this.#chosen = tabs[0]!;
    byId('cluster').classList.toggle('split', this.#split);
    byId('tabs').hidden = tabs.length < 2;
    for (const name of VIEWS) {
      const [tab, view] = [byId(`tab-${name}`), byId(`view-${name}`)];
      const isTab = tabs.includes(name);
      tab.hidden = !isTab;
      tab.setAttribute('aria-selected', String(name === this.#chosen));
      tab.tabIndex = name === this.#chosen ? 0 : -1;
      view.hidden = name !== this.#chosen && !(this.#split && name === 'nodes');
      view.setAttribute('role', isTab && tabs.length > 1 ? 'tabpanel' : 'region');
    }
    this.#changed();
  }

  #move(event: KeyboardEvent): void {
    const tabs = this.#tabs;
    const at = tabs.indexOf(this.#chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(tabs[(to + tabs.length) % tabs.length]!);
    byId(`tab-${this.#chosen}`).focus();
  }
}
