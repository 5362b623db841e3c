/** The services, each with its address and how many pods are ready behind it. */
import { byId, h, keyed, setText } from './dom.ts';
import type { Filter } from './filter.ts';
import { compareNames, keyOf, podState, podsOf, portsOf } from './model.ts';
import type { Store } from './store.ts';

/** Services that are drawn. */
const MAX_SERVICES = 60;

export function drawServices(store: Store, filter: Filter, changed: () => void): void {
  const all = [...store.services.objects.values()].filter((service) => filter.inNamespace(service));
  byId('no-services').hidden = all.length > 0 || !store.services.complete;
  all.sort((a, b) => compareNames(keyOf(a), keyOf(b)));
  const running = [...store.pods.objects.values()].filter((pod) => podState(pod).state === 'running');
  keyed(
    byId('services'),
    all.slice(0, MAX_SERVICES),
    keyOf,
    (service) => {
      const { name, namespace = '' } = service.metadata;
      const title = h('button', { type: 'button', class: 'name' }, name);
      title.addEventListener('click', () => {
        filter.owner = isChosen(filter, namespace, name) ? undefined : { kind: 'Service', namespace, name };
        changed();
      });
      return h('li', {}, title, h('span', { class: 'kind' }), h('code', {}), h('span', { class: 'ready' }));
    },
    (row, service) => {
      const { name, namespace = '' } = service.metadata;
      const behind = podsOf(service, running).length;
      row.firstElementChild!.setAttribute('aria-pressed', String(isChosen(filter, namespace, name)));
      setText(row.children[1]!, service.spec?.type ?? 'ClusterIP');
      setText(row.children[2]!, `${service.spec?.clusterIP ?? 'no address yet'} ${portsOf(service)}`);
      setText(row.children[3]!, service.spec?.selector ? `${behind} ready` : 'no selector');
      row.classList.toggle('none', behind === 0);
    },
  );
}

const isChosen = ({ owner }: Filter, namespace: string, name: string): boolean =>
  owner?.kind === 'Service' && owner.namespace === namespace && owner.name === name;
