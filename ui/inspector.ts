/** What is known of the object that was chosen: its facts, why it is as it is, and its own events. */
import { byId, focusOn, h, keyed, setText } from './dom.ts';
import { drawLines } from './events-view.ts';
import { type ApiObject, ageOf, controllerOf, isReady, keyOf, podState, podsOf, portsOf } from './model.ts';
import type { CollectionName, Store } from './store.ts';
import { aboutOf, storiesOf } from './stories.ts';
import { whyNotAll, whyOf } from './why.ts';

const COLLECTION_OF: Record<string, CollectionName> = {
  Pod: 'pods',
  Node: 'nodes',
  Service: 'services',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  Namespace: 'namespaces',
};
/** Pods of a node or a service that are listed. */
const MAX_PODS = 60;

type Facts = [string, string][];

export class Inspector {
  readonly #select: (kind: string, key: string) => void;
  #chosen: { kind: string; key: string } | undefined;
  /** Where the focus was, and goes back to. */
  #from: Element | null = null;

  /** `changed`: something else is chosen, or nothing. */
  constructor(select: (kind: string, key: string) => void, changed: () => void) {
    this.#select = select;
    const close = (): void => {
      this.close();
      changed();
    };
    byId('close').addEventListener('click', close);
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#chosen) close();
    });
  }

  /** The chosen pod's key. */
  get pod(): string | undefined {
    return this.#chosen?.kind === 'Pod' ? this.#chosen.key : undefined;
  }

  get isOpen(): boolean {
    return this.#chosen !== undefined;
  }

  open(kind: string, key: string): void {
    if (!this.#chosen) this.#from = document.activeElement;
    this.#chosen = this.#chosen?.kind === kind && this.#chosen.key === key ? undefined : { kind, key };
    byId('inspector').hidden = !this.#chosen;
    if (this.#chosen) queueMicrotask(() => focusOn(byId('inspector-title')));
    else this.close();
  }

  close(): void {
    const inside = byId('inspector').contains(document.activeElement);
    this.#chosen = undefined;
    byId('inspector').hidden = true;
    const back = this.#from?.isConnected ? (this.#from as HTMLElement) : byId('name');
    if (inside || document.activeElement === document.body) focusOn(back);
  }

  draw(store: Store, now: number, mayDelete: boolean): void {
    if (!this.#chosen) return;
    const { kind, key } = this.#chosen;
    const collection = COLLECTION_OF[kind];
    const object = collection && store[collection].objects.get(key);
    setText(byId('inspector-title'), `${kind.toLowerCase()}/${key.slice(key.indexOf('/') + 1)}`);
    const remove = byId('delete-pod');
    const offered = kind === 'Pod' && object && mayDelete && !object.metadata.deletionTimestamp;
    if (!offered && document.activeElement === remove) focusOn(byId('inspector-title'));
    remove.hidden = !offered;
    setText(byId('inspector-why'), whyText(kind, object, collection !== undefined));
    drawFacts(object ? factsOf(kind, object, now) : []);
    const own = [...store.events.objects.values()].filter((event) => {
      const about = aboutOf(event);
      return about.kind === kind && `${kind === 'Node' ? '' : about.namespace}/${about.name}` === key;
    });
    const lines = storiesOf(own).flatMap((story) => story.lines);
    drawLines(byId('inspector-events'), lines.slice(0, 12).map(alone), this.#select);
    this.#drawPods(object ? podsAt(kind, object, [...store.pods.objects.values()]) : []);
  }

  /** The pods of it, as words. */
  #drawPods(pods: ApiObject[]): void {
    keyed(
      byId('inspector-pods'),
      pods.slice(0, MAX_PODS),
      keyOf,
      (pod) => {
        const name = h('button', { type: 'button', class: 'name' }, pod.metadata.name);
        name.addEventListener('click', () => this.#select('Pod', keyOf(pod)));
        return h('li', {}, name, h('span', {}));
      },
      (item, pod) => setText(item.lastElementChild!, podState(pod).status),
    );
    if (pods.length > MAX_PODS) byId('inspector-pods').append(h('li', {}, `and ${pods.length - MAX_PODS} more`));
  }
}

/** The pods on a node, or ready behind a service. */
function podsAt(kind: string, object: ApiObject, pods: ApiObject[]): ApiObject[] {
  if (kind === 'Node') return pods.filter((pod) => pod.spec?.nodeName === object.metadata.name);
  return kind === 'Service' ? podsOf(object, pods) : [];
}

/** Its own events need not name it. */
const alone = <Line extends { about: unknown[] }>(line: Line): Line => ({ ...line, about: [] });

function whyText(kind: string, object: ApiObject | undefined, known: boolean): string {
  if (!object) return known ? 'It is gone.' : '';
  if (kind === 'Pod') return whyOf(object);
  return kind === 'Deployment' ? whyNotAll(object) : '';
}

function factsOf(kind: string, object: ApiObject, now: number): Facts {
  const { metadata, spec = {}, status = {} } = object;
  const owner = controllerOf(object);
  const facts: Facts = [];
  if (kind === 'Pod') {
    const containers: any[] = spec.containers ?? [];
    const restarts = (status.containerStatuses ?? []).reduce((n: number, c: any) => n + (c.restartCount ?? 0), 0);
    facts.push(
      ['status', podState(object).status],
      ['node', spec.nodeName ?? 'none yet'],
      ['address', status.podIP ?? 'none yet'],
      ['image', containers.map((c) => c.image).join(', ')],
      ['restarts', String(restarts)],
    );
  } else if (kind === 'Node')
    facts.push(
      ['status', isReady(object) ? 'Ready' : 'NotReady'],
      ['cpu', String(status.capacity?.cpu ?? '')],
      ['memory', String(status.capacity?.memory ?? '')],
      ['pods’ addresses', spec.podCIDR ?? ''],
      ['taints', (spec.taints ?? []).map((t: any) => `${t.key}:${t.effect}`).join(', ')],
    );
  else if (kind === 'Service')
    facts.push(['type', spec.type ?? 'ClusterIP'], ['address', spec.clusterIP ?? ''], ['ports', portsOf(object)]);
  else if (spec.replicas !== undefined)
    facts.push(['wanted', String(spec.replicas)], ['ready', String(status.readyReplicas ?? 0)]);
  if (owner) facts.push(['owner', `${owner.kind.toLowerCase()}/${owner.name}`]);
  if (metadata.namespace) facts.push(['namespace', metadata.namespace]);
  facts.push(['age', ageOf(metadata.creationTimestamp, now)]);
  return facts.filter(([, value]) => value !== '');
}

function drawFacts(facts: Facts): void {
  keyed(
    byId('facts'),
    facts,
    ([name]) => name,
    ([name]) => h('div', {}, h('dt', {}, name), h('dd', {})),
    (row, [, value]) => setText(row.lastElementChild!, value),
  );
}
