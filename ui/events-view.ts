/** The events as stories: the cause in front, what it brought about below it, each with a way to its object. */
import { byId, h, keyed, setText } from './dom.ts';
import type { Filter } from './filter.ts';
import { ageOf } from './model.ts';
import type { Store } from './store.ts';
import { type About, type Story, type StoryLine, storiesOf } from './stories.ts';
import { shortFitMessage } from './why.ts';

/** Stories that are drawn at first, and as many again at each wish for older ones. */
const PAGE = 30;
/** Objects that a line names. */
const MAX_NAMES = 3;
/** Reasons that a line names. */
const MAX_REASONS = 4;

export class EventsView {
  readonly #select: (kind: string, key: string) => void;
  #stories: Story[] = [];
  #shown = PAGE;

  /** `select`: what an object's name does; `redraw` asks for a drawing. */
  constructor(select: (kind: string, key: string) => void, redraw: () => void) {
    this.#select = select;
    byId('older').addEventListener('click', () => {
      this.#shown += PAGE;
      redraw();
    });
  }

  draw(store: Store, filter: Filter, now: number): void {
    const { namespace } = filter;
    const events = [...store.events.objects.values()];
    this.#stories = storiesOf(
      namespace === undefined ? events : events.filter(({ metadata }) => metadata.namespace === namespace),
    );
    byId('no-events').hidden = this.#stories.length > 0 || !store.events.complete;
    byId('older').hidden = this.#stories.length <= this.#shown;
    keyed(
      byId('events'),
      this.#stories.slice(0, this.#shown),
      ({ key }) => key,
      () => h('li', {}, h('time', {}), h('ul', {})),
      (item, story) => {
        drawAge(item.firstElementChild as HTMLElement, story.time, now);
        drawLines(item.lastElementChild!, story.lines, this.#select);
      },
    );
  }
}

function drawAge(element: HTMLElement, time: string, now: number): void {
  if (element.dataset.at !== time) {
    element.dataset.at = time;
    element.setAttribute('datetime', time);
  }
  setText(element, ageOf(time, now));
}

/** Tells all ages that are on the page anew. */
export function refreshAges(now: number): void {
  for (const element of document.querySelectorAll<HTMLElement>('time[data-at]'))
    if (element.offsetParent) setText(element, ageOf(element.dataset.at, now));
}

export function drawLines(parent: Element, lines: StoryLine[], select: (kind: string, key: string) => void): void {
  keyed(
    parent,
    lines,
    ({ reason, about }) => `${reason}/${about[0]?.kind}`,
    ({ warning }) =>
      h('li', { class: warning ? 'warning' : undefined }, h('b', {}), h('span', { class: 'about' }), h('p', {})),
    (item, line) => {
      const times = Math.ceil(line.count / line.reasons.length);
      setText(item.children[0]!, `${reasonsOf(line)}${times > 1 ? ` ×${times}` : ''}`);
      drawAbout(item.children[1]!, line.again ? [] : line.about, select);
      setText(item.children[2]!, line.reasons.length > 1 ? '' : messageOf(line));
    },
  );
}

/** A routine of many steps is told by its first and its last. */
const reasonsOf = ({ reasons }: StoryLine): string =>
  reasons.length > MAX_REASONS ? `${reasons[0]} … ${reasons.at(-1)}` : reasons.join(' · ');

const messageOf = ({ reason, message }: StoryLine): string =>
  reason === 'FailedScheduling' ? shortFitMessage(message) : message;

function drawAbout(parent: Element, about: About[], select: (kind: string, key: string) => void): void {
  keyed(
    parent,
    about.slice(0, MAX_NAMES),
    ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`,
    ({ kind, namespace, name }) => {
      const link = h('button', { type: 'button', class: 'name' }, `${kind.toLowerCase()}/${name}`);
      link.addEventListener('click', () => select(kind, `${kind === 'Node' ? '' : namespace}/${name}`));
      return link;
    },
    () => undefined,
  );
  const more = about.length - MAX_NAMES;
  if (more > 0) parent.append(h('span', { 'data-key': 'more' }, `and ${more} more`));
}
