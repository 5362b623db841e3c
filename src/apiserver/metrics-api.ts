/**
 * `metrics.k8s.io`, as metrics-server answers behind the aggregator: `nodes` and `pods`, to be read one by one and in lists.
 * Models sigs.k8s.io/metrics-server/pkg/api.
 */

import { type FieldSelector, matchesFieldSelector } from '../objects/field-selector.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import { matchesTextSelector } from '../objects/label-selector.ts';
import type { KubeObject } from '../objects/object.ts';
import { canonicalQuantity } from '../objects/quantity.ts';
import { badRequest, notFound } from '../objects/status.ts';
import { timestamp } from '../objects/time.ts';
import type { BehaviourOf } from '../resources/core/pod/behaviour.ts';
import { METRICS_GROUP, METRICS_VERSION } from '../resources/metrics/metrics-server.ts';
import { lastScrape, nodeUsage, podUsage, SCRAPE_MS, sum, type Usage } from '../resources/metrics/usage.ts';
import { includeObject, partial, respond } from './answer/encode.ts';
import { type Accepted, negotiate } from './answer/negotiation.ts';
import { listOptions } from './options.ts';
import { readView } from './pipeline.ts';
import { methodNotAllowed } from './route.ts';
import type { Storage } from './storage/storage.ts';

/** What discovery lists. */
export const METRICS_RESOURCES = [
  { name: 'nodes', namespaced: false, kind: 'NodeMetrics' },
  { name: 'pods', namespaced: true, kind: 'PodMetrics' },
] as const;

const API_VERSION = `${METRICS_GROUP}/${METRICS_VERSION}`;

export const metricsResourceList = (): object => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: API_VERSION,
  resources: METRICS_RESOURCES.map(({ name, namespaced, kind }) => ({
    name,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'list'],
  })),
});

interface Asked {
  resource: 'nodes' | 'pods';
  namespace?: string;
  name?: string;
}

const PATH = /^\/(?:(nodes)(?:\/([^/]+))?|(pods)|namespaces\/([^/]+)\/(pods)(?:\/([^/]+))?)$/;

function askedBy(path: string): Asked | undefined {
  const [, nodes, node, all, namespace, pods, pod] = PATH.exec(path) ?? [];
  if (nodes) return { resource: 'nodes', ...(node === undefined ? {} : { name: node }) };
  if (all) return { resource: 'pods' };
  if (!pods) return undefined;
  return { resource: 'pods', namespace: namespace!, ...(pod === undefined ? {} : { name: pod }) };
}

/** `path`: what comes after the version. Undefined where there is nothing. @throws StatusError */
export async function metricsAnswer(
  request: Request,
  { searchParams: query }: URL,
  path: string,
  { storage, behaviourOf }: { storage: Storage; behaviourOf: BehaviourOf },
): Promise<Response | undefined> {
  if (path === '' || path === '/') return respond(metricsResourceList(), negotiate(request, query, 'plain'));
  const asked = askedBy(path);
  if (!asked) return undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  if (query.get('watch') === 'true') throw methodNotAllowed();
  const answer = asked.name === undefined ? 'list' : 'object';
  const accepted = negotiate(request, query, answer, { tables: true, protobuf: false });
  const found = await measured(asked, storage, behaviourOf);
  if (asked.name !== undefined) {
    const [one] = found;
    if (!one) throw missing(asked);
    return respond(bodyOf([one], accepted, query) ?? one.object, accepted);
  }
  const { labels, fields } = listOptions(query);
  checkFields(fields, asked.resource);
  const items = found.filter(
    ({ object }) =>
      matchesTextSelector(labels, object.metadata.labels) && matchesFieldSelector(fields, fieldsOf(object)),
  );
  return respond(bodyOf(items, accepted, query) ?? listOf(items, asked.resource), accepted);
}

const KINDS = { nodes: 'NodeMetrics', pods: 'PodMetrics' } as const;

/** An item of a list does not say of which kind it is. */
const listOf = (found: Measured[], resource: Asked['resource']): object => ({
  kind: `${KINDS[resource]}List`,
  apiVersion: API_VERSION,
  metadata: {},
  items: found.map(({ object: { kind: _kind, apiVersion: _apiVersion, ...item } }) => item),
});

const missing = ({ resource, namespace, name }: Asked): Error =>
  notFound(
    { group: METRICS_GROUP, resource: resource === 'nodes' ? 'nodemetrics' : 'podmetrics' },
    namespace === undefined ? name! : `${namespace}/${name}`,
  );

/** An object of either kind, and what it tells in all. */
interface Measured {
  object: KubeObject;
  total: Usage;
}

const WINDOW = `${SCRAPE_MS / 1000}s`;
const BYTES_OF_KI = 1024;

const quantities = ({ cpu, memory }: Usage): Record<'cpu' | 'memory', string> => ({
  cpu: canonicalQuantity(`${cpu}m`),
  memory: `${Math.ceil(memory / BYTES_OF_KI)}Ki`,
});

async function measured(asked: Asked, storage: Storage, behaviourOf: BehaviourOf): Promise<Measured[]> {
  const { now } = await storage.read([]);
  const { resource, namespace, name } = asked;
  const wanted = {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  const view = await readView(storage, resource === 'nodes' ? [wanted, { resource: 'pods' }] : [wanted]);
  const objects = view.list(resource, namespace).filter(({ metadata }) => name === undefined || metadata.name === name);
  const base = ({ metadata }: KubeObject): KubeObject => ({
    kind: KINDS[resource],
    apiVersion: API_VERSION,
    metadata: {
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      creationTimestamp: timestamp(now),
      ...(metadata.labels ? { labels: metadata.labels } : {}),
    },
    timestamp: timestamp(lastScrape(now)),
    window: WINDOW,
  });
  if (resource === 'pods')
    return (objects as Pod[]).flatMap((pod) => {
      const found = podUsage(pod, behaviourOf, now);
      if (!found) return [];
      const containers = found.containers.map((c) => ({ name: c.name, usage: quantities(c.usage) }));
      return [{ object: { ...base(pod), containers }, total: sum(found.containers.map(({ usage }) => usage)) }];
    });
  const byNode = Map.groupBy(view.list('pods') as Pod[], (pod) => pod.spec?.nodeName ?? '');
  return (objects as Node[]).flatMap((node) => {
    const total = nodeUsage(node, byNode.get(node.metadata.name) ?? [], behaviourOf, now);
    return total ? [{ object: { ...base(node), usage: quantities(total) }, total }] : [];
  });
}

const fieldsOf = ({ metadata }: KubeObject): Record<string, string> => ({
  'metadata.name': metadata.name,
  'metadata.namespace': metadata.namespace ?? '',
});

function checkFields(fields: FieldSelector, resource: Asked['resource']): void {
  const known = resource === 'pods' ? ['metadata.name', 'metadata.namespace'] : ['metadata.name'];
  for (const { field } of fields) if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
}

/** A table, or metadata alone, where that is asked for. */
function bodyOf(found: Measured[], accepted: Accepted, query: URLSearchParams): unknown {
  if (accepted.as === undefined) return undefined;
  if (accepted.as === 'PartialObjectMetadata') return partial(found[0]!.object, accepted);
  const apiVersion = `meta.k8s.io/${accepted.asVersion}`;
  if (accepted.as === 'PartialObjectMetadataList')
    return { kind: accepted.as, apiVersion, metadata: {}, items: found.map(({ object }) => partial(object, accepted)) };
  const include = includeObject(query);
  return {
    kind: 'Table',
    apiVersion,
    metadata: {},
    columnDefinitions: COLUMNS,
    rows: found.map(({ object, total }) => ({
      cells: [object.metadata.name, ...Object.values(quantities(total)), WINDOW],
      object: include === 'None' ? null : include === 'Object' ? object : partial(object, accepted),
    })),
  };
}

const column = (name: string, format: string, description = ''): object => ({
  name,
  type: 'string',
  format,
  description,
  priority: 0,
});

const COLUMNS = [
  column('Name', 'name', 'Name of the resource'),
  column('cpu', 'quantity'),
  column('memory', 'quantity'),
  column('Window', 'duration'),
];
