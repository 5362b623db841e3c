/** The lines that open the same cluster from somebody's own terminal. */
import type { Sandbox } from './address.ts';
import { codeOf, copyButton } from './copying.ts';
import { byId, h } from './dom.ts';
import { commandLines } from './model.ts';

export function drawTerminal(sandbox: Sandbox): void {
  const line = (text: string): HTMLElement => {
    const code = codeOf(text);
    return h('div', { class: 'line' }, code, h('span', { class: 'buttons' }, copyButton(text, code)));
  };
  const blocks = commandLines(location.origin, sandbox).map(({ title, lines }) =>
    h('section', {}, h('h2', {}, title), ...lines.map(line)),
  );
  byId('lines').replaceChildren(...blocks);
}
