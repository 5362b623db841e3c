/** The cluster as one sees it: nodes with their pods, services, events. Draws what the model holds; asks nothing. */
import { byId, h, keyed, setText } from './dom.ts';
import {
  type ApiObject,
  ageOf,
  eventTime,
  hueOf,
  isReady,
  keyOf,
  newestEvents,
  type Objects,
  podState,
  podsOf,
  portsOf,
} from './model.ts';

export interface Scene {
  nodes: Objects;
  pods: Objects;
  services: Objects;
  events: Objects;
}

const EVENTS_SHOWN = 60;

export type SelectPod = (key: string) => void;

export function drawScene(scene: Scene, selected: string | undefined, select: SelectPod): void {
  const pods = [...scene.pods.values()];
  const nodes = [...scene.nodes.values()].sort((a, b) => compareNames(a.metadata.name, b.metadata.name));
  drawCounts(nodes, pods, scene.services);
  drawNodes(nodes, pods, selected, select);
  const waiting = pods.filter((pod) => !pod.spec?.nodeName);
  byId('waiting').hidden = waiting.length === 0;
  drawPods(byId('waiting-pods'), waiting, selected, select);
  drawServices([...scene.services.values()], pods);
  drawEvents(scene.events);
}

/** `node-2` before `node-10`. */
const compareNames = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

const podCount = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`);

function drawCounts(nodes: ApiObject[], pods: ApiObject[], services: Objects): void {
  const running = pods.filter((pod) => podState(pod).state === 'running').length;
  setText(byId('node-count'), `${nodes.filter(isReady).length}/${nodes.length}`);
  setText(byId('pod-count'), `${running}/${pods.length}`);
  setText(byId('service-count'), String(services.size));
}

function drawNodes(nodes: ApiObject[], pods: ApiObject[], selected: string | undefined, select: SelectPod): void {
  const byNode = Map.groupBy(pods, (pod) => pod.spec?.nodeName ?? '');
  keyed(
    byId('nodes'),
    nodes,
    keyOf,
    (node) =>
      h(
        'article',
        { class: 'node' },
        h('header', {}, h('h3', {}, node.metadata.name), h('span', { class: 'ready' })),
        h('div', { class: 'pods' }),
        h('footer', {}, h('span', { class: 'capacity' }), h('span', { class: 'range' })),
      ),
    (element, node) => {
      const ready = isReady(node);
      const there = byNode.get(node.metadata.name) ?? [];
      element.classList.toggle('down', !ready);
      element.classList.toggle('cordoned', node.spec?.unschedulable === true);
      setText(
        element.querySelector('.ready')!,
        node.spec?.unschedulable ? 'cordoned' : ready ? podCount(there.length) : 'not ready',
      );
      const { cpu = '?', memory = '?' } = node.status?.capacity ?? {};
      setText(element.querySelector('.capacity')!, `${cpu} CPU · ${memory}`);
      setText(element.querySelector('.range')!, node.spec?.podCIDR ?? '');
      drawPods(element.querySelector('.pods')!, there, selected, select);
    },
  );
}

function drawPods(parent: Element, pods: ApiObject[], selected: string | undefined, select: SelectPod): void {
  const sorted = pods.sort((a, b) => compareNames(a.metadata.name, b.metadata.name));
  keyed(
    parent,
    sorted,
    (pod) => pod.metadata.uid ?? keyOf(pod),
    (pod) => {
      const tile = h('button', { class: 'pod', type: 'button' }, h('span', { 'aria-hidden': 'true' }));
      tile.style.setProperty('--hue', String(hueOf(pod)));
      tile.addEventListener('click', () => select(keyOf(pod)));
      return tile;
    },
    (tile, pod) => {
      const { state, status } = podState(pod);
      tile.setAttribute('data-state', state);
      tile.setAttribute('aria-pressed', String(keyOf(pod) === selected));
      tile.setAttribute('aria-label', `pod ${pod.metadata.name}: ${status}`);
      tile.setAttribute('title', `${pod.metadata.name}\n${status}${pod.status?.podIP ? `\n${pod.status.podIP}` : ''}`);
    },
  );
}

function drawServices(services: ApiObject[], pods: ApiObject[]): void {
  const sorted = services.sort((a, b) => compareNames(keyOf(a), keyOf(b)));
  keyed(
    byId('services'),
    sorted,
    keyOf,
    (service) =>
      h(
        'li',
        {},
        h('b', {}, service.metadata.name),
        h('span', { class: 'kind' }),
        h('code', {}),
        h('span', { class: 'dots' }),
      ),
    (row, service) => {
      const behind = podsOf(service, pods);
      setText(row.querySelector('.kind')!, service.spec?.type ?? 'ClusterIP');
      setText(row.querySelector('code')!, `${service.spec?.clusterIP ?? 'pending'} ${portsOf(service)}`);
      const dots = row.querySelector<HTMLElement>('.dots')!;
      setText(dots, service.spec?.selector ? `${behind.length} ready` : 'no selector');
      dots.classList.toggle('none', behind.length === 0);
    },
  );
}

function drawEvents(events: Objects): void {
  const newest = newestEvents(events, EVENTS_SHOWN);
  byId('no-events').hidden = newest.length > 0;
  const now = Date.now();
  keyed(
    byId('events'),
    newest,
    keyOf,
    (event) =>
      h(
        'li',
        { class: event.type === 'Warning' ? 'warning' : undefined },
        h('time', {}),
        h('b', {}),
        h('span', { class: 'about' }),
        h('p', {}),
      ),
    (row, event) => {
      setText(row.querySelector('time')!, ageOf(eventTime(event), now));
      setText(row.querySelector('b')!, `${event.reason ?? ''}${event.count > 1 ? ` ×${event.count}` : ''}`);
      const { kind = '', name = '' } = event.involvedObject ?? {};
      setText(row.querySelector('.about')!, `${kind.toLowerCase()}/${name}`);
      setText(row.querySelector('p')!, event.message ?? '');
    },
  );
}

/** What is known of the pod that was chosen; hidden when it is gone. */
export function drawPod(pod: ApiObject | undefined): void {
  byId('pod').hidden = !pod;
  if (!pod) return;
  setText(byId('pod-name'), pod.metadata.name);
  const images = (pod.spec?.containers ?? []).map((c: any) => c.image).join(', ');
  const restarts = (pod.status?.containerStatuses ?? []).reduce((n: number, c: any) => n + (c.restartCount ?? 0), 0);
  const facts: [string, string][] = [
    ['status', podState(pod).status],
    ['namespace', pod.metadata.namespace ?? ''],
    ['node', pod.spec?.nodeName ?? 'none yet'],
    ['address', pod.status?.podIP ?? 'none yet'],
    ['image', images],
    ['restarts', String(restarts)],
    ['age', ageOf(pod.metadata.creationTimestamp, Date.now())],
  ];
  keyed(
    byId('pod-facts'),
    facts,
    ([name]) => name,
    ([name]) => h('div', {}, h('dt', {}, name), h('dd', {})),
    (row, [, value]) => setText(row.querySelector('dd')!, value),
  );
}
