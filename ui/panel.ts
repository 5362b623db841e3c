/** What is said where there is no cluster to be seen, or none any more: a title, a sentence, and what can be done. */
import { byId, focusOn, h, setText } from './dom.ts';

export interface Notice {
  title: string;
  text?: string;
  actions?: { label: string; act(): void }[];
  /** Whether it is being worked on. */
  busy?: boolean;
}

/** Over a cluster that has been shown, that one stays to be seen, but answers nothing. */
export function showPanel({ title, text = '', actions = [], busy = false }: Notice): void {
  const panel = byId('panel');
  const focused = document.activeElement;
  const lost = ['panel', 'cluster', 'welcome'].some((id) => document.getElementById(id)?.contains(focused));
  panel.hidden = false;
  panel.classList.toggle('busy', busy);
  byId('cluster').inert = true;
  if (document.body.dataset.state === 'welcome') document.body.dataset.state = 'panel';
  setText(byId('panel-title'), title);
  setText(byId('panel-text'), text);
  const buttons = actions.map(({ label, act }, i) => {
    const button = h('button', { type: 'button', class: i === 0 ? 'primary' : 'quiet-button' }, label);
    button.addEventListener('click', act);
    return button;
  });
  byId('panel-actions').replaceChildren(...buttons);
  if (lost) focusOn(buttons[0] ?? byId('panel-title'));
}

export function hidePanel(): void {
  const panel = byId('panel');
  const lost = panel.contains(document.activeElement);
  panel.hidden = true;
  byId('cluster').inert = false;
  if (lost) focusOn(byId('name'));
}

/** A line above the views, until it is closed. */
export function showNotice(text: string): void {
  const notice = byId('notice');
  setText(notice.firstElementChild!, text);
  notice.hidden = false;
  (notice.lastElementChild as HTMLElement).onclick = () => {
    notice.hidden = true;
    focusOn(byId('name'));
  };
}
