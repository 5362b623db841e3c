/**
 * Groups that another server is to answer. A metrics-server in the cluster has its program simulated (`metrics-api.ts`); there is none
 * behind all others, so that requests to them fail as they do while the real one's are away. Models k8s.io/kube-aggregator/pkg/apiserver (handler_apis.go, handler_proxy.go, handler_discovery.go).
 */
import { storageKey, storagePrefix } from '../catalog/kinds.ts';
import type { APIService } from '../objects/generated/apiregistration-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { builtIn } from '../resources/built-in.ts';
import type { BehaviourOf } from '../resources/core/pod/behaviour.ts';
import { hasMetrics, METRICS_API } from '../resources/metrics/metrics-server.ts';
import { metricsAnswer } from './metrics-api.ts';
import { prefixRange } from './pipeline.ts';
import type { Storage } from './storage/storage.ts';
import { parseStored } from './storage/stored.ts';

/** A group that another server is to answer, its versions the preferred one first. */
export interface RemoteGroup {
  group: string;
  versions: string[];
  /** Of these its server answers. */
  answered: string[];
  /** The built-in group that it comes before; undefined: it comes last. */
  before: string | undefined;
}

const API_SERVICES = builtIn('apiservices.apiregistration.k8s.io');

/** What discovery has to list besides the built-in groups: groups by their priority, versions by theirs. */
export async function remoteGroups(storage: Storage): Promise<RemoteGroup[]> {
  const { responses } = await storage.read([prefixRange(storagePrefix(API_SERVICES, undefined))]);
  const services = responses[0]!.kvs.map((kv) => parseStored(API_SERVICES, kv));
  const remote = services.filter(({ spec }) => spec?.service).sort((a, b) => rank(b) - rank(a));
  const here = services.filter(({ spec }) => !spec?.service && spec?.group);
  return [...Map.groupBy(remote, ({ spec }) => spec.group as string)]
    .map(([group, versions]) => ({ group, versions, priority: Math.max(...versions.map(priorityOf)) }))
    .sort((a, b) => b.priority - a.priority || (a.group < b.group ? -1 : 1))
    .map(({ group, versions, priority }) => ({
      group,
      versions: versions.map(({ spec }) => spec.version as string),
      answered: versions.filter((v) => hasMetrics(v as APIService)).map(({ spec }) => spec.version as string),
      before: here.sort((a, b) => priorityOf(b) - priorityOf(a)).find((s) => priorityOf(s) < priority)?.spec.group,
    }));
}

const priorityOf = ({ spec }: KubeObject): number => spec.groupPriorityMinimum ?? 0;

const rank = ({ spec }: KubeObject): number => spec.versionPriority ?? 0;

/** Whether a metrics-server answers for its group. */
export async function servesMetrics(storage: Storage): Promise<boolean> {
  const { responses } = await storage.read([{ key: storageKey(API_SERVICES, undefined, METRICS_API) }]);
  const kv = responses[0]!.kvs[0];
  return hasMetrics(kv && (parseStored(API_SERVICES, kv) as APIService));
}

/** The answer to a path below a version that nothing built in serves; undefined: nobody else is to answer it either. @throws StatusError */
export async function remoteAnswer(
  request: Request,
  url: URL,
  { storage, behaviourOf }: { storage: Storage; behaviourOf: BehaviourOf },
): Promise<Response | undefined> {
  const [, root, group, version, ...rest] = url.pathname.split('/');
  if (root !== 'apis' || !group || !version) return undefined;
  const key = storageKey(API_SERVICES, undefined, `${version}.${group}`);
  const { responses } = await storage.read([{ key }]);
  const kv = responses[0]!.kvs[0];
  const service = kv && (parseStored(API_SERVICES, kv) as APIService);
  if (!service?.spec?.service) return undefined;
  if (hasMetrics(service)) {
    const path = rest.map((part) => `/${part}`).join('');
    const answer = (await metricsAnswer(request, url, path, { storage, behaviourOf })) ?? notServed();
    return request.method === 'HEAD' ? new Response(null, answer) : answer;
  }
  return new Response('service unavailable\n', { status: 503, headers: PLAIN });
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

const notServed = (): Response => new Response('404 page not found\n', { status: 404, headers: PLAIN });
