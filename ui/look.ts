/** How the page fits into another: its colours, and how high it is. */
import type { Options } from './address.ts';
import { legible, on } from './colours.ts';

/** What the accent is read on, by day and by night; as in style/base.css. */
const SHEETS = { light: '#f4efe6', dark: '#12151d' };

export function applyLook({ theme, accent, autoHeight }: Options): void {
  const { style } = document.documentElement;
  if (theme !== 'auto') style.colorScheme = theme;
  if (accent) {
    const [day, night] = [legible(accent, SHEETS.light), legible(accent, SHEETS.dark)];
    style.setProperty('--accent', `light-dark(${day}, ${night})`);
    style.setProperty('--on-accent', `light-dark(${on(day)}, ${on(night)})`);
  }
  if (autoHeight) tellHeight();
}

/** Tells the page around how high this one is, whenever that changes: `{type: 'diorama:height', height}`, in CSS pixels. */
function tellHeight(): void {
  document.body.classList.add('auto-height');
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    parent.postMessage({ type: 'diorama:height', height }, '*');
  }).observe(document.body);
}
