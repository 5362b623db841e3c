/** The lines to copy, and to run where they can be run: the very requests that kubectl would send, and what it would print. */
import type { Sandbox } from './address.ts';
import { codeOf, copyButton } from './copying.ts';
import { byId, h, setText } from './dom.ts';
import type { Ask, Run } from './kubectl/command.ts';
import { commandOf } from './kubectl/commands.ts';
import { type ApiError, ask } from './platform.ts';

/** What is offered where the address says nothing else. */
export const USUAL_COMMANDS = [
  'kubectl create deployment web --image=nginx --replicas=3',
  'kubectl scale deployment web --replicas=6',
  'kubectl expose deployment web --port=80',
  'kubectl delete deployment web',
];

/** `mayRun`: whether the token may change anything. */
export function drawDock(sandbox: Sandbox, commands: string[], mayRun: boolean): void {
  byId('dock').hidden = commands.length === 0;
  byId('dock').firstElementChild!.replaceChildren(
    ...commands.map((line) => commandLine(sandbox, line, mayRun ? commandOf(line) : undefined)),
  );
}

function commandLine(sandbox: Sandbox, line: string, run: Run | undefined): HTMLElement {
  const code = codeOf(line.replace(/^\$\s+/, ''));
  const said = h('output', {});
  const buttons = h('span', { class: 'buttons' }, copyButton(code.textContent!, code));
  const item = h('li', {}, h('div', { class: 'line' }, code, buttons), said);
  if (!run) return item;
  const button = h('button', { type: 'button', class: 'run', 'aria-label': `Run: ${line}` }, 'Run');
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    // It is not disabled, so that it keeps the focus.
    button.setAttribute('aria-disabled', 'true');
    await tell(sandbox, run, said);
    button.removeAttribute('aria-disabled');
    item.scrollIntoView({ block: 'nearest' });
  });
  buttons.append(button);
  return item;
}

/** Shows what kubectl would print, and behind it the last request. */
async function tell(sandbox: Sandbox, run: Run, said: HTMLElement): Promise<void> {
  let request = '';
  const begun = performance.now();
  const counted: Ask = (method, path, body, type) => {
    request = `${method} ${path.replace(/\?.*/, '')}`;
    return ask(sandbox, method, path, body, type);
  };
  try {
    const text = await run(counted);
    said.classList.toggle('failed', text.startsWith('error:'));
    setText(said, text);
    said.title = `${request} · ${Math.round(performance.now() - begun)} ms`;
  } catch (error) {
    const { reason, message, code } = error as ApiError;
    said.classList.add('failed');
    setText(said, code === 0 ? message : `Error from server${reason ? ` (${reason})` : ''}: ${message}`);
    said.title = request;
  }
}
