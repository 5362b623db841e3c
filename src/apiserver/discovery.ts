/** What the server serves, for clients that ask before they act: aggregated and legacy discovery, and the version. */
import { KINDS, type Kind, type Subresource } from '../catalog/kinds.ts';
import type { RemoteGroup } from './aggregation.ts';
import { respond } from './encode.ts';
import { errorForm, matchRoute, negotiate } from './negotiation.ts';
import { methodNotAllowed, resourceNotFound } from './route.ts';
import { VERSION } from './version.ts';

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** `remote`: groups that another server is to answer. Undefined for a path that is none of discovery's. */
export function discovery(request: Request, url: URL, remote: RemoteGroup[] = []): Response | undefined {
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname;
  const body = path === '/version' ? VERSION : discoveryBody(path, wantsAggregated(request), remote);
  if (body === undefined) return undefined;
  // The list of groups, and a group, are answered whatever the method.
  const aggregator = /^\/apis(\/[^/]+)?$/.test(path);
  if (request.method !== 'GET' && !aggregator) throw methodNotAllowed();
  if (!aggregator) matchRoute(request, path === '/version' ? ['application/json'] : undefined);
  const aggregated = (body as any).kind === 'APIGroupDiscoveryList';
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

function discoveryBody(path: string, aggregated: boolean, remote: RemoteGroup[]): unknown {
  if (path === '/api')
    return aggregated
      ? aggregatedGroups([''])
      : {
          kind: 'APIVersions',
          versions: ['v1'],
          serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }],
        };
  if (path === '/apis')
    return aggregated
      ? aggregatedGroups(allGroups(remote), remote)
      : { kind: 'APIGroupList', apiVersion: 'v1', groups: allGroups(remote).map((name) => groupOf(name, remote)) };
  if (path === '/api/v1') return resourceList('', 'v1');
  const [, root, group, version, ...more] = path.split('/');
  if (root !== 'apis' || more.length > 0 || !group) return undefined;
  if (version === undefined)
    return allGroups(remote).includes(group)
      ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, remote) }
      : undefined;
  if (!groupNames().includes(group)) return undefined;
  if (!versionsOf(group).includes(version)) throw resourceNotFound();
  return resourceList(group, version);
}

const groupNames = (): string[] => [...new Set(KINDS.map((k) => k.group))].filter((g) => g !== '');

const versionsOf = (group: string): string[] => [
  ...new Set(KINDS.filter((k) => k.group === group).map((k) => k.version)),
];

/** Built-in groups and, each in its place, those of other servers. */
function allGroups(remote: RemoteGroup[]): string[] {
  const names = groupNames();
  for (const { group, before } of remote) {
    if (names.includes(group)) continue;
    const at = before === undefined ? -1 : names.indexOf(before);
    names.splice(at < 0 ? names.length : at, 0, group);
  }
  return names;
}

const remoteVersionsOf = (group: string, remote: RemoteGroup[]): string[] =>
  remote.find((other) => other.group === group)?.versions.filter((version) => !versionsOf(group).includes(version)) ??
  [];

function groupOf(group: string, remote: RemoteGroup[]): { name: string } {
  const versions = [...versionsOf(group), ...remoteVersionsOf(group, remote)].map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] } as { name: string };
}

function resourceList(group: string, version: string): unknown {
  const resources = KINDS.filter((k) => k.group === group && k.version === version).flatMap((kind) => [
    legacyResource(kind),
    ...kind.subresources.map((s) => legacySubresource(kind, s)),
  ]);
  return {
    kind: 'APIResourceList',
    ...(group ? { apiVersion: 'v1' } : {}),
    groupVersion: group ? `${group}/${version}` : version,
    resources,
  };
}

const legacyResource = (kind: Kind): unknown => ({
  name: kind.resource,
  singularName: kind.singular,
  namespaced: kind.namespaced,
  kind: kind.kind,
  verbs: kind.verbs,
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

const aggregatedGroups = (groups: string[], remote: RemoteGroup[] = []): unknown => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map((group) => ({
    metadata: group ? { name: group } : {},
    versions: [
      ...versionsOf(group).map((version) => ({
        version,
        resources: KINDS.filter((k) => k.group === group && k.version === version).map(aggregatedResource),
        freshness: 'Current',
      })),
      ...remoteVersionsOf(group, remote).map((version) => ({ version, freshness: 'Stale' })),
    ],
  })),
});

/** A kind of the resource's own group and version is named alone. */
const aggregatedResource = (kind: Kind): unknown => ({
  resource: kind.resource,
  responseKind: { group: '', version: '', kind: kind.kind },
  scope: kind.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.singular,
  verbs: kind.verbs,
  ...(kind.shortNames.length ? { shortNames: kind.shortNames } : {}),
  ...(kind.categories.length ? { categories: kind.categories } : {}),
  ...(kind.subresources.length
    ? {
        subresources: kind.subresources.map((s) => ({
          subresource: s.name,
          responseKind:
            s.group === kind.group && s.version === kind.version
              ? { group: '', version: '', kind: s.kind }
              : { group: s.group, version: s.version, kind: s.kind },
          verbs: s.verbs,
        })),
      }
    : {}),
});
