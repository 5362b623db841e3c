/** What the page reads from an object. Pure: no document, no network. */
import type { Sandbox } from './address.ts';

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
    annotations?: Record<string, string>;
    managedFields?: unknown;
    finalizers?: string[];
    deletionGracePeriodSeconds?: number;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  spec?: any;
  status?: any;
  [field: string]: any;
}

export const keyOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

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

/** Since when a node is as ready as it is. */
export const readySince = (node: ApiObject): string | undefined =>
  (node.status?.conditions ?? []).find((c: any) => c.type === 'Ready')?.lastTransitionTime;

/** What made the object and keeps it. */
export const controllerOf = ({ metadata }: ApiObject): { kind: string; name: string } | undefined =>
  metadata.ownerReferences?.find((owner) => owner.controller);

/** Hues that can be told apart, on paper and in the dark. */
const HUES = [205, 18, 150, 265, 42, 335, 180, 235];

/** A hue for what a pod belongs to, the same in every browser. */
export function hueOf(pod: ApiObject): number {
  const family = pod.metadata.labels?.app ?? controllerOf(pod)?.name ?? pod.metadata.name;
  let hash = 7;
  for (const letter of family) hash = (hash * 31 + letter.charCodeAt(0)) % 9973;
  return HUES[hash % HUES.length]!;
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

const NAMES = new Intl.Collator('en', { numeric: true });

/** `node-2` before `node-10`. */
export const compareNames = (a: string, b: string): number => NAMES.compare(a, b);

export const eventTime = (event: ApiObject): string =>
  event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';

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
