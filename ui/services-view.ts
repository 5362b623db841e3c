/** The services, each with its address and how many pods are ready behind it. */
import { byId, h, keyed, setText } from './dom.ts';
import type { Filter } from './filter.ts';
import { compareNames, keyOf, podState, podsOf, portsOf } from './model.ts';
import type { Store } from './store.ts';

/** Services that are drawn. */
const MAX_SERVICES = 60;

/** `select`: what a service's name does. */
export function drawServices(store: Store, filter: Filter, select: (kind: string, key: string) => void): void {
  const all = [...store.services.objects.values()].filter((service) => filter.inNamespace(service));
  byId('no-services').hidden = all.length > 0 || !store.services.complete;
  all.sort((a, b) => compareNames(keyOf(a), keyOf(b)));
  const running = [...store.pods.objects.values()].filter((pod) => podState(pod).state === 'running');
  keyed(
    byId('services'),
    all.slice(0, MAX_SERVICES),
    keyOf,
    (service) => {
      const title = h('button', { type: 'button', class: 'name' }, service.metadata.name);
      title.addEventListener('click', () => select('Service', keyOf(service)));
      return h('li', {}, title, h('span', { class: 'kind' }), h('code', {}), h('span', { class: 'ready' }));
    },
    (row, service) => {
      const behind = podsOf(service, running).length;
      setText(row.children[1]!, service.spec?.type ?? 'ClusterIP');
      setText(row.children[2]!, `${service.spec?.clusterIP ?? 'no address yet'} ${portsOf(service)}`);
      setText(row.children[3]!, service.spec?.selector ? `${behind} ready` : 'no selector');
      row.classList.toggle('none', behind === 0);
    },
  );
}
