/** What the server serves, for clients that ask before they act: aggregated and legacy discovery, and the version. */
import type { Catalog } from '../catalog/catalog.ts';
import type { Kind, Subresource } from '../catalog/kinds.ts';
import type { RemoteGroup } from './aggregation.ts';
import { respond } from './answer/encode.ts';
import { errorForm, matchRoute, negotiate } from './answer/negotiation.ts';
import { METRICS_RESOURCES } from './metrics-api.ts';
import { VERSION } from './non-resource/version.ts';
import { methodNotAllowed, resourceNotFound } from './route.ts';

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** What discovery tells of: the kinds served here, and the groups that another server is to answer. */
interface Served {
  catalog: Catalog;
  remote: readonly RemoteGroup[];
}

/** Undefined for a path that is none of discovery's. */
export function discovery(request: Request, url: URL, served: Served): Response | undefined {
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname;
  const body = path === '/version' ? VERSION : discoveryBody(path, wantsAggregated(request), served);
  if (body === undefined) return undefined;
  // The list of groups, and a group, are answered whatever the method.
  const aggregator = /^\/apis(\/[^/]+)?$/.test(path);
  if (request.method !== 'GET' && !aggregator) throw methodNotAllowed();
  if (!aggregator) matchRoute(request, path === '/version' ? ['application/json'] : undefined);
  const aggregated = (body as { kind?: string }).kind === 'APIGroupDiscoveryList';
  const accepted = aggregated
    ? ({ format: 'json', pretty: false } as const)
    : path === '/version'
      ? errorForm(request, url.searchParams)
      : negotiate(request, url.searchParams, 'plain');
  const response = respond(body, accepted);
  if (aggregated) response.headers.set('content-type', AGGREGATED_TYPE);
  return request.method === 'HEAD' ? new Response(null, response) : response;
}

/** Only v2: older clients ask for v2beta1 first and take the legacy documents instead. */
function wantsAggregated(request: Request): boolean {
  for (const clause of (request.headers.get('accept') ?? '').split(',')) {
    const [type, ...parameters] = clause.split(';').map((s) => s.trim());
    if (type !== 'application/json' && type !== 'application/vnd.kubernetes.protobuf') continue;
    const has = (p: string): boolean => parameters.includes(p);
    if (!parameters.some((p) => p.startsWith('as='))) return false;
    if (type === 'application/json' && has('g=apidiscovery.k8s.io') && has('v=v2') && has('as=APIGroupDiscoveryList'))
      return true;
  }
  return false;
}

function discoveryBody(path: string, aggregated: boolean, served: Served): unknown {
  if (path === '/api')
    return aggregated
      ? aggregatedGroups([''], { ...served, remote: [] })
      : {
          kind: 'APIVersions',
          versions: ['v1'],
          serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }],
        };
  if (path === '/apis')
    return aggregated
      ? aggregatedGroups(allGroups(served), served)
      : { kind: 'APIGroupList', apiVersion: 'v1', groups: allGroups(served).map((name) => groupOf(name, served)) };
  if (path === '/api/v1') return resourceList(served.catalog, '', 'v1');
  const [, root, group, version, ...more] = path.split('/');
  if (root !== 'apis' || more.length > 0 || !group) return undefined;
  if (version === undefined)
    return allGroups(served).includes(group)
      ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, served) }
      : undefined;
  if (!served.catalog.has(group)) return undefined;
  if (!served.catalog.has(group, version)) {
    // Of a group of which only definitions tell, there is nothing where they tell of nothing.
    if (served.catalog.base?.has(group) === false) return undefined;
    throw resourceNotFound();
  }
  return resourceList(served.catalog, group, version);
}

/** The groups served here and, each in its place, those of other servers. */
function allGroups({ catalog, remote }: Served): string[] {
  const names = catalog.groups.filter((group) => group !== '');
  for (const { group, before } of remote) {
    if (names.includes(group)) continue;
    const at = before === undefined ? -1 : names.indexOf(before);
    names.splice(at < 0 ? names.length : at, 0, group);
  }
  return names;
}

const remoteVersionsOf = (group: string, { catalog, remote }: Served): string[] =>
  remote.find((other) => other.group === group)?.versions.filter((version) => !catalog.has(group, version)) ?? [];

function groupOf(group: string, served: Served): { name: string } {
  const versions = [...served.catalog.versions(group), ...remoteVersionsOf(group, served)].map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] } as { name: string };
}

function resourceList(catalog: Catalog, group: string, version: string): unknown {
  const resources = catalog
    .kindsIn(group, version)
    .flatMap((kind) => [legacyResource(kind), ...kind.subresources.map((s) => legacySubresource(kind, s))]);
  return {
    kind: 'APIResourceList',
    ...(group ? { apiVersion: 'v1' } : {}),
    groupVersion: group ? `${group}/${version}` : version,
    resources,
  };
}

/** Of a kind whose definition is on its way out: nothing new is made, and nothing changed. */
const LAST_VERBS = ['delete', 'deletecollection', 'get', 'list', 'watch'];

const offeredVerbs = (kind: Kind): string[] => (kind.custom?.isTerminating ? LAST_VERBS : kind.verbs);

const legacyResource = (kind: Kind): unknown => ({
  name: kind.resource,
  singularName: kind.singular,
  namespaced: kind.namespaced,
  kind: kind.kind,
  verbs: offeredVerbs(kind),
  ...(kind.shortNames.length ? { shortNames: kind.shortNames } : {}),
  ...(kind.categories.length ? { categories: kind.categories } : {}),
  ...(kind.storageVersionHash ? { storageVersionHash: kind.storageVersionHash } : {}),
});

const legacySubresource = (kind: Kind, subresource: Subresource): unknown => ({
  name: `${kind.resource}/${subresource.name}`,
  singularName: '',
  namespaced: kind.namespaced,
  ...(subresource.group !== kind.group || subresource.version !== kind.version
    ? { ...(subresource.group ? { group: subresource.group } : {}), version: subresource.version }
    : {}),
  kind: subresource.kind,
  verbs: subresource.verbs,
});

const aggregatedGroups = (groups: string[], served: Served): unknown => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map((group) => ({
    metadata: group ? { name: group } : {},
    versions: [
      ...served.catalog.versions(group).map((version) => ({
        version,
        resources: served.catalog.kindsIn(group, version).map(aggregatedResource),
        freshness: 'Current',
      })),
      ...remoteVersionsOf(group, served).map((version) =>
        isAnswered(group, version, served)
          ? { version, resources: METRICS_RESOURCES.map(remoteResource), freshness: 'Current' }
          : { version, freshness: 'Stale' },
      ),
    ],
  })),
});

const isAnswered = (group: string, version: string, { remote }: Served): boolean =>
  remote.some((other) => other.group === group && other.answered.includes(version));

const remoteResource = ({ name, kind, namespaced }: (typeof METRICS_RESOURCES)[number]): unknown => ({
  resource: name,
  responseKind: { group: '', version: '', kind },
  scope: namespaced ? 'Namespaced' : 'Cluster',
  singularResource: '',
  verbs: ['get', 'list'],
});

/** A kind of the resource's own group and version is named alone. */
const aggregatedResource = (kind: Kind): unknown => ({
  resource: kind.resource,
  responseKind: kind.custom
    ? { group: kind.group, version: kind.version, kind: kind.kind }
    : { group: '', version: '', kind: kind.kind },
  scope: kind.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.singular,
  verbs: offeredVerbs(kind),
  ...(kind.shortNames.length ? { shortNames: kind.shortNames } : {}),
  ...(kind.categories.length ? { categories: kind.categories } : {}),
  ...(kind.subresources.length
    ? {
        subresources: kind.subresources.map((s) => ({
          subresource: s.name,
          responseKind:
            s.group === kind.group && s.version === kind.version && !kind.custom
              ? { group: '', version: '', kind: s.kind }
              : { group: s.group, version: s.version, kind: s.kind },
          verbs: s.verbs,
        })),
      }
    : {}),
});
