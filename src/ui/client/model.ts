/** What the page knows of a cluster, and what it reads from an object. Pure: no document, no network. */

export interface ApiObject {
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    ownerReferences?: { kind: string; name: string }[];
  };
  spec?: any;
  status?: any;
  [field: string]: any;
}

/** A JSON frame of a watch. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: ApiObject;
}

export type Objects = Map<string, ApiObject>;

export const keyOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Takes one event into the objects; answers where a broken watch is to go on from. */
export function applyEvent(objects: Objects, { type, object }: WatchEvent): string | undefined {
  if (type === 'ADDED' || type === 'MODIFIED') objects.set(keyOf(object), object);
  else if (type === 'DELETED') objects.delete(keyOf(object));
  return object.metadata?.resourceVersion;
}

export type PodState = 'pending' | 'starting' | 'running' | 'unready' | 'done' | 'failed' | 'terminating';

/** The one word for a pod that decides its colour, and the words that `kubectl get pods` would show. */
export function podState(pod: ApiObject): { state: PodState; status: string } {
  const { phase = 'Pending', containerStatuses = [], reason } = pod.status ?? {};
  if (pod.metadata.deletionTimestamp) return { state: 'terminating', status: 'Terminating' };
  const waiting: string | undefined = containerStatuses.find((c: any) => c.state?.waiting)?.state.waiting.reason;
  if (waiting?.match(/BackOff|Err/)) return { state: 'failed', status: waiting };
  if (phase === 'Failed') return { state: 'failed', status: reason ?? 'Error' };
  if (phase === 'Succeeded') return { state: 'done', status: 'Completed' };
  if (phase === 'Running') {
    const ready = pod.status.conditions?.some((c: any) => c.type === 'Ready' && c.status === 'True');
    return ready ? { state: 'running', status: 'Running' } : { state: 'unready', status: 'Running, not ready' };
  }
  if (pod.spec?.nodeName) return { state: 'starting', status: waiting ?? 'ContainerCreating' };
  return { state: 'pending', status: 'Pending' };
}

export const isReady = (node: ApiObject): boolean =>
  (node.status?.conditions ?? []).some((c: any) => c.type === 'Ready' && c.status === 'True');

/** Multiples of it lie far apart on the circle of hues. */
const GOLDEN_ANGLE = 137.508;

/** A hue for what a pod belongs to, the same in every browser. */
export function hueOf(pod: ApiObject): number {
  const family = pod.metadata.labels?.app ?? pod.metadata.ownerReferences?.[0]?.name ?? pod.metadata.name;
  let hash = 7;
  for (const letter of family) hash = (hash * 31 + letter.charCodeAt(0)) % 9973;
  return Math.round((hash * GOLDEN_ANGLE) % 360);
}

/** `5s`, `3m`, `2h`, `4d`, as kubectl shortens ages. */
export function ageOf(timestamp: string | undefined, now: number): string {
  if (!timestamp) return '';
  const seconds = Math.max(0, Math.floor((now - Date.parse(timestamp)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export const eventTime = (event: ApiObject): string =>
  event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';

/** The newest first; of equal times, the later written one. */
export function newestEvents(events: Objects, limit: number): ApiObject[] {
  const revision = (event: ApiObject): number => Number(event.metadata.resourceVersion ?? 0);
  return [...events.values()].sort((a, b) => revision(b) - revision(a)).slice(0, limit);
}

/** `80/TCP`, `80:30007/TCP`, as kubectl writes a service's ports. */
export const portsOf = (service: ApiObject): string =>
  (service.spec?.ports ?? [])
    .map((p: any) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`)
    .join(' ');

/** The ready pods that a service's selector chooses. */
export function podsOf(service: ApiObject, pods: Iterable<ApiObject>): ApiObject[] {
  const selector = Object.entries(service.spec?.selector ?? {});
  if (selector.length === 0) return [];
  return [...pods].filter(
    (pod) =>
      pod.metadata.namespace === service.metadata.namespace &&
      podState(pod).state === 'running' &&
      selector.every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
}

export interface Sandbox {
  id: string;
  token: string;
}

/** `#ID/TOKEN` on the first page; on `/embed/ID` the token alone. */
export function sandboxOf(pathname: string, hash: string): Sandbox | undefined {
  const fragment = decodeURIComponent(hash.replace(/^#/, ''));
  const embedded = /^\/embed\/([^/]+)/.exec(pathname)?.[1];
  if (embedded) {
    const token = fragment.replace(/^token=/, '');
    return token ? { id: embedded, token } : undefined;
  }
  const [id, token] = fragment.split('/');
  return id && token ? { id, token } : undefined;
}

/** Lines to paste into a terminal; the same that `npm start` prints. */
export function commandLines(origin: string, { id, token }: Sandbox): { title: string; lines: string[] }[] {
  const server = `${origin}/clusters/${id}`;
  return [
    {
      title: 'kubectl',
      lines: [
        `curl -s ${origin}/v1/clusters/${id}/kubeconfig -H "authorization: Bearer ${token}" > kc`,
        'kubectl --kubeconfig kc create deployment web --image=nginx --replicas=3',
        'kubectl --kubeconfig kc get pods -o wide -w',
      ],
    },
    {
      title: 'curl',
      lines: [
        `curl -s ${server}/api/v1/namespaces/default/pods -H "authorization: Bearer ${token}"`,
        `curl -sN "${server}/api/v1/pods?watch=true" -H "authorization: Bearer ${token}"`,
      ],
    },
  ];
}
