/** The page's start: makes a sandbox or opens the one that the address names, and keeps it drawn. */
import { offerActions } from './actions.ts';
import { createSandbox, watch } from './api.ts';
import { byId, h, setText } from './dom.ts';
import { commandLines, type Objects, type Sandbox, sandboxOf } from './model.ts';
import { drawPod, drawScene, type Scene } from './scene.ts';

const NODES = 3;
const AGES_EVERY_MILLISECONDS = 5000;
const WATCHES: Record<keyof Scene, string> = {
  nodes: '/api/v1/nodes',
  pods: '/api/v1/pods',
  services: '/api/v1/services',
  events: '/api/v1/events',
};

function openSandbox(sandbox: Sandbox): void {
  document.body.dataset.view = 'cluster';
  setText(byId('cluster-id'), sandbox.id);
  const names = Object.keys(WATCHES) as (keyof Scene)[];
  const scene = Object.fromEntries(names.map((name) => [name, new Map()])) as Record<keyof Scene, Objects>;
  const open = new Set<string>();
  let selected: string | undefined;
  let waiting = false;

  const draw = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawScene(scene, selected, (key) => {
        selected = selected === key ? undefined : key;
        draw();
      });
      drawPod(selected === undefined ? undefined : scene.pods.get(selected));
    });
  };
  for (const name of names)
    watch(sandbox, WATCHES[name], {
      objects: scene[name],
      changed: draw,
      connected: (is) => {
        if (is) open.add(name);
        else open.delete(name);
        const live = open.size === names.length;
        byId('connection').dataset.live = String(live);
        setText(byId('connection'), live ? 'live' : 'connecting');
      },
    });
  setInterval(draw, AGES_EVERY_MILLISECONDS);
  showCommands(sandbox);
  offerActions(sandbox, () => selected);
  draw();
}

function showCommands(sandbox: Sandbox): void {
  const blocks = commandLines(location.origin, sandbox).map(({ title, lines }) =>
    h('section', {}, h('h3', {}, title), ...lines.map(copyableLine)),
  );
  byId('commands').replaceChildren(...blocks);
}

function copyableLine(line: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': `Copy: ${line}` }, 'Copy');
  button.addEventListener('click', async () => {
    // A page in a frame may not be allowed to; the line can still be chosen by hand.
    const copied = await navigator.clipboard.writeText(line).then(
      () => true,
      () => false,
    );
    setText(button, copied ? 'Copied' : 'Not allowed');
    setTimeout(() => setText(button, 'Copy'), 1500);
  });
  return h('div', { class: 'line' }, h('pre', { tabindex: '0' }, h('code', {}, line)), button);
}

function offerSandbox(): void {
  const button = byId('make') as HTMLButtonElement;
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const begun = performance.now();
      const sandbox = await createSandbox(NODES);
      setText(byId('last-request'), `POST /v1/clusters  →  a cluster in ${Math.round(performance.now() - begun)} ms`);
      history.replaceState(null, '', `#${sandbox.id}/${sandbox.token}`);
      openSandbox(sandbox);
    } catch (error) {
      const alert = byId('problem');
      alert.hidden = false;
      setText(alert, (error as Error).message);
    } finally {
      button.disabled = false;
    }
  });
}

const sandbox = sandboxOf(location.pathname, location.hash);
if (sandbox) openSandbox(sandbox);
else offerSandbox();
