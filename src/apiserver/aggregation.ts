/**
 * Groups that another server is to answer. There is none behind any of them yet, so that requests to them fail as they do while the real
 * one's are away. Models k8s.io/kube-aggregator/pkg/apiserver (handler_apis.go, handler_proxy.go, handler_discovery.go).
 */
import { storageKey, storagePrefix } from '../catalog/kinds.ts';
import type { KubeObject } from '../objects/object.ts';
import { builtIn } from '../resources/built-in.ts';
import { prefixRange } from './pipeline.ts';
import type { Storage } from './storage/storage.ts';
import { parseStored } from './storage/stored.ts';

/** A group that another server is to answer, its versions the preferred one first. */
export interface RemoteGroup {
  group: string;
  versions: string[];
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
      before: here.sort((a, b) => priorityOf(b) - priorityOf(a)).find((s) => priorityOf(s) < priority)?.spec.group,
    }));
}

const priorityOf = ({ spec }: KubeObject): number => spec.groupPriorityMinimum ?? 0;

const rank = ({ spec }: KubeObject): number => spec.versionPriority ?? 0;

/** The answer to a path below a version that nothing built in serves; undefined: nobody else is to answer it either. */
export async function remoteAnswer(path: string, storage: Storage): Promise<Response | undefined> {
  const [, root, group, version] = path.split('/');
  if (root !== 'apis' || !group || !version) return undefined;
  const key = storageKey(API_SERVICES, undefined, `${version}.${group}`);
  const { responses } = await storage.read([{ key }]);
  const kv = responses[0]!.kvs[0];
  if (!kv || !parseStored(API_SERVICES, kv).spec?.service) return undefined;
  return new Response('service unavailable\n', {
    status: 503,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
}
