/** The strip above the map: the namespaces, and who the pods belong to, each with how many it has of how many it wants. */
import { byId, h, keyed, setAttribute, setText } from './dom.ts';
import type { Filter } from './filter.ts';
import { type ApiObject, compareNames, controllerOf, keyOf } from './model.ts';
import type { Store } from './store.ts';
import type { About } from './stories.ts';
import { whyNotAll } from './why.ts';

/** Owners that are shown; a namespace may be chosen to see others. */
const MAX_OWNERS = 40;

/** A deployment and its replica sets, or another controller of pods. */
interface Owner extends About {
  short: string;
  ready: number;
  wanted?: number;
  trouble: string;
}

const SHORT: Record<string, string> = {
  Deployment: 'deploy',
  ReplicaSet: 'rs',
  StatefulSet: 'sts',
  DaemonSet: 'ds',
  Job: 'job',
};

const about = (kind: string, { metadata }: ApiObject): About => ({
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

const isChosen = ({ owner }: Filter, { kind, namespace, name }: About): boolean =>
  owner?.kind === kind && owner.namespace === namespace && owner.name === name;

/** A deployment, and behind it its replica sets that have pods, or are to. */
function ownersOf(store: Store, filter: Filter): Owner[] {
  const found: Owner[] = [];
  const sets = Map.groupBy(store.replicasets.objects.values(), (set) => {
    const owner = controllerOf(set);
    return `${set.metadata.namespace}/${owner?.kind === 'Deployment' ? owner.name : ''}`;
  });
  const add = (kind: string, object: ApiObject): void => {
    const { replicas = 1 } = object.spec ?? {};
    const { readyReplicas = 0 } = object.status ?? {};
    const trouble = kind === 'Deployment' ? whyNotAll(object) : '';
    found.push({ ...about(kind, object), short: SHORT[kind]!, ready: readyReplicas, wanted: replicas, trouble });
  };
  const inOrder = [...store.deployments.objects.values()].filter((one) => filter.inNamespace(one));
  inOrder.sort((a, b) => compareNames(keyOf(a), keyOf(b)));
  const living = (set: ApiObject): boolean => set.spec?.replicas > 0 || set.status?.replicas > 0;
  for (const deployment of inOrder) {
    add('Deployment', deployment);
    for (const set of sets.get(keyOf(deployment)) ?? [])
      if (living(set) || isChosen(filter, about('ReplicaSet', set))) add('ReplicaSet', set);
  }
  for (const set of store.replicasets.objects.values())
    if (!controllerOf(set) && filter.inNamespace(set)) add('ReplicaSet', set);
  return [...found, ...othersOf(store, filter)];
}

/** Controllers that are not watched are known by their pods. */
function othersOf(store: Store, filter: Filter): Owner[] {
  const others = new Map<string, Owner>();
  for (const pod of store.pods.objects.values()) {
    const owner = controllerOf(pod);
    if (!owner || owner.kind === 'ReplicaSet' || !filter.inNamespace(pod)) continue;
    const namespace = pod.metadata.namespace ?? '';
    const key = `${owner.kind}/${namespace}/${owner.name}`;
    const known = others.get(key) ?? {
      kind: owner.kind,
      namespace,
      name: owner.name,
      short: SHORT[owner.kind] ?? owner.kind.toLowerCase(),
      ready: 0,
      trouble: '',
    };
    known.ready++;
    others.set(key, known);
  }
  return [...others.values()];
}

/** The last part of a replica set's name, which stands behind its deployment's. */
const shownName = ({ kind, name }: Owner, before: Owner | undefined): string => {
  const family = before?.kind === 'ReplicaSet' ? before.name.replace(/-[^-]*$/, '') : before?.name;
  return kind === 'ReplicaSet' && family && name.startsWith(`${family}-`) ? name.slice(family.length) : name;
};

export function drawStrip(store: Store, filter: Filter, changed: () => void): void {
  drawNamespaces(store, filter, changed);
  const owners = ownersOf(store, filter);
  byId('strip').hidden = owners.length === 0 && byId<HTMLSelectElement>('namespace').hidden;
  const shown = owners.slice(0, MAX_OWNERS);
  keyed(
    byId('owners'),
    shown,
    ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`,
    (owner) => {
      const chip = h(
        'button',
        { type: 'button', class: 'chip' },
        h('small', {}, owner.short),
        h('span', {}),
        h('b', {}),
      );
      chip.addEventListener('click', () => {
        const { kind, namespace, name } = owner;
        filter.owner = isChosen(filter, owner) ? undefined : { kind, namespace, name };
        changed();
      });
      return h('li', { class: owner.kind === 'ReplicaSet' ? 'inner' : undefined }, chip);
    },
    (item, owner) => {
      const chip = item.firstElementChild!;
      const counts = owner.wanted === undefined ? `${owner.ready}` : `${owner.ready}/${owner.wanted}`;
      setText(chip.children[1]!, shownName(owner, shown[shown.indexOf(owner) - 1]));
      setText(chip.children[2]!, counts);
      setAttribute(chip, 'aria-pressed', String(isChosen(filter, owner)));
      setAttribute(chip, 'title', `${owner.kind} ${owner.name}${owner.trouble ? `: ${owner.trouble}` : ''}`);
      chip.classList.toggle('lacking', owner.trouble !== '' || (owner.wanted ?? 0) > owner.ready);
    },
  );
}

const SYSTEM = /^kube-/;

function drawNamespaces(store: Store, filter: Filter, changed: () => void): void {
  const select = byId<HTMLSelectElement>('namespace');
  const names = [...store.namespaces.objects.values()].map(({ metadata }) => metadata.name);
  // Where those of the system are empty, nobody asks for them.
  const used = new Set([...store.pods.objects.values()].map(({ metadata }) => metadata.namespace));
  const shown = names.filter((name) => !SYSTEM.test(name) || used.has(name)).sort(compareNames);
  select.hidden = shown.length < 2;
  if (!select.onchange)
    select.onchange = () => {
      filter.namespace = select.value || undefined;
      changed();
    };
  keyed(
    select,
    ['', ...shown],
    (name) => name,
    (name) => h('option', { value: name }, name || 'all namespaces'),
    () => undefined,
  );
  if (select.value !== (filter.namespace ?? '')) select.value = filter.namespace ?? '';
}
