/** The page's start: reads the address, makes a sandbox or opens the one that is named, and tells how it ends. */
import { type Address, readAddress, type Sandbox, type Wish } from './address.ts';
import { Connection, type Ending } from './connection.ts';
import { drawDock, USUAL_COMMANDS } from './dock.ts';
import { byId, setText } from './dom.ts';
import { type Kept, keepAlive, recall, remember, SANDBOX_TTL_SECONDS } from './keep.ts';
import { applyLook } from './look.ts';
import { hidePanel, showNotice, showPanel } from './panel.ts';
import type { Cluster, CreatedCluster } from './platform.gen.ts';
import { type ApiError, ask, createCluster, mayDo } from './platform.ts';
import { Scene } from './scene.ts';
import { BadSpec, PAGE_COMPONENTS, requestOf } from './spec.ts';
import { drawTerminal } from './terminal.ts';

const address = readAddress(location.pathname, location.search, location.hash);
/** What this reader's sandbox is kept under: how it was begun makes no other of it. */
const fragment = location.hash.replace(/&?\bloading=\w*/, '');

interface Opening {
  sandbox: Sandbox;
  /** What was just made, with all that its token may. */
  made?: CreatedCluster;
  /** What can be done once it is gone. */
  fresh: { label: string; act(): void };
}

const EMPTY = { label: 'Start an empty sandbox', act: () => location.assign(`/embed/new${location.search}`) };

/** The same address anew, begun at once: whoever asks for it has clicked already. */
const ANEW = {
  label: 'Make a fresh one',
  act: () => {
    remember(fragment, undefined);
    const eager = new URL(location.href);
    eager.searchParams.delete('loading');
    eager.hash = fragment;
    if (eager.href === location.href) location.reload();
    else location.replace(eager);
  },
};

let connection: Connection | undefined;
let stopKeeping: (() => void) | undefined;

/** Once for each page that is loaded: another sandbox is another load. */
function openSandbox({ sandbox, made, fresh }: Opening): void {
  const { options, commands = USUAL_COMMANDS } = address;
  document.body.dataset.state = 'cluster';
  named(made ?? { id: sandbox.id, name: sandbox.id });
  const scene = new Scene(options);
  connection = new Connection(
    sandbox,
    scene.store,
    {
      changed: () => scene.stirred(),
      found: named,
      phase: (phase) => showPhase(phase, scene),
      ended: (ending, message, cluster) => {
        showPhase('ended', scene);
        // A server that comes back finds it looked at still.
        if (ending !== 'unreachable') stopKeeping?.();
        showPanel({ ...endWords(ending, message, cluster), actions: endActions(ending, fresh) });
      },
    },
    options.namespace,
  );
  connection.open(made);
  scene.run(sandbox);
  drawTerminal(sandbox);
  const allow = (change: boolean, deletion: boolean): void => {
    scene.mayDelete = deletion;
    document.body.classList.toggle('read-only', !change);
    drawDock(sandbox, change || address.commands ? commands : [], change);
    scene.redraw();
  };
  if (made) allow(true, true);
  else
    askWhatMay(sandbox, options.namespace).then(
      ([change, deletion]) => allow(change, deletion),
      // The connection tells what is wrong.
      () => undefined,
    );
  byId('delete-pod').onclick = () => deletePod(sandbox, scene.pod);
}

/** One that nobody has named is just a sandbox. */
function named({ id, name }: Pick<Cluster, 'id' | 'name'>): void {
  const heading = byId('name');
  setText(heading, name === id ? 'Sandbox' : name);
  heading.title = id;
  document.title = `${heading.textContent} · Diorama`;
}

async function askWhatMay(sandbox: Sandbox, namespace = 'default'): Promise<[boolean, boolean]> {
  const may = (verb: string, group: string, resource: string): Promise<boolean> =>
    mayDo(sandbox, { namespace, verb, group, resource });
  return Promise.all([may('create', 'apps', 'deployments'), may('delete', '', 'pods')]);
}

async function deletePod(sandbox: Sandbox, key: string | undefined): Promise<void> {
  const [namespace, name] = key?.split('/') ?? [];
  if (!namespace || !name) return;
  try {
    await ask(sandbox, 'DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`);
  } catch (error) {
    showNotice((error as Error).message);
  }
}

const PHASES = { connecting: 'connecting', live: 'live', lost: 'reconnecting', ended: 'ended' };

function showPhase(phase: keyof typeof PHASES, scene: Scene): void {
  document.body.dataset.phase = phase;
  setText(byId('connection'), PHASES[phase]);
  byId('dock').inert = phase === 'lost';
  if (phase !== 'live') return;
  hidePanel();
  scene.settled();
}

function endWords(ending: Ending, message: string, cluster?: Cluster): { title: string; text: string } {
  if (ending === 'token') return { title: 'This token does not open it', text: message };
  if (ending === 'other') return { title: 'This token is for something else', text: message };
  if (ending === 'unreachable') return { title: 'The server does not answer', text: message };
  if (!cluster) return { title: 'There is no such sandbox', text: 'It has ended, or never was.' };
  if (Date.parse(cluster.expiresAt) <= Date.now() + 1000)
    return { title: 'This sandbox has ended', text: 'Its time was over, and all that was in it is gone.' };
  return { title: 'This sandbox was deleted', text: 'All that was in it is gone.' };
}

function endActions(ending: Ending, fresh: Opening['fresh']): { label: string; act(): void }[] {
  const again = { label: 'Try again', act: () => tryAgain() };
  return ending === 'gone' ? [fresh] : ending === 'unreachable' ? [again] : [again, fresh];
}

function tryAgain(): void {
  showPanel({ title: 'Connecting…', busy: true });
  connection?.again();
}

async function make(wish: Wish): Promise<void> {
  const begun = performance.now();
  showPanel({ title: 'Making a sandbox…', busy: true });
  try {
    const body = await requestOf(wish, SANDBOX_TTL_SECONDS);
    const made = await createCluster(body);
    const ttl = Math.round((Date.parse(made.expiresAt) - Date.parse(made.createdAt)) / 1000);
    keep({ id: made.id, token: made.token, ttl, since: Date.now() });
    openSandbox({ sandbox: made, made, fresh: ANEW });
    hidePanel();
    tellRefused(made);
    performance.measure('diorama:made', { start: begun });
  } catch (error) {
    const again = { label: 'Try again', act: () => void make(wish) };
    const isFinal = error instanceof BadSpec || (error as ApiError).code === 422;
    const title = isFinal ? 'This sandbox cannot be made' : 'The sandbox was not made';
    showPanel({ title, text: (error as Error).message, actions: [isFinal ? EMPTY : again] });
  }
}

function keep(kept: Kept): void {
  stopKeeping?.();
  remember(fragment, kept);
  stopKeeping = keepAlive(fragment, kept);
}

function tellRefused({ manifests }: CreatedCluster): void {
  const [first, ...more] = manifests?.failed ?? [];
  if (!first) return;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  showNotice(`Refused: ${first.kind} ${first.name}: ${first.message}${others}`);
}

function begin({ aim, options }: Address): void {
  if (aim.kind === 'wrong') {
    showPanel({ title: 'This address is not right', text: aim.message, actions: [EMPTY] });
  } else if (aim.kind === 'open') {
    openSandbox({ sandbox: aim.sandbox, fresh: EMPTY });
  } else if (aim.kind === 'make') {
    const kept = recall(fragment);
    if (kept) {
      keep(kept);
      openSandbox({ sandbox: kept, fresh: ANEW });
    } else if (options.loading === 'eager') void make(aim.wish);
    else
      showPanel({
        title: 'A Kubernetes cluster of your own',
        text: 'It is made for you alone, in a moment, and nothing is asked of you.',
        actions: [{ label: 'Start', act: () => void make(aim.wish) }],
      });
  }
}

/** On the first page the address becomes the sandbox's own, to be kept and to be shared. */
function offer(): void {
  const button = byId<HTMLButtonElement>('make');
  button.addEventListener('click', async () => {
    showPanel({ title: 'Making a sandbox…', busy: true });
    try {
      const made = await createCluster({ components: PAGE_COMPONENTS });
      history.replaceState(null, '', `#${made.id}/${made.token}`);
      openSandbox({ sandbox: made, made, fresh: { label: 'Make a new sandbox', act: () => location.assign('/') } });
      hidePanel();
    } catch (error) {
      const again = { label: 'Try again', act: () => button.click() };
      showPanel({ title: 'The sandbox was not made', text: (error as Error).message, actions: [again] });
    }
  });
}

applyLook(address.options);
addEventListener('hashchange', () => location.reload());
if (address.aim.kind === 'welcome') offer();
else begin(address);
