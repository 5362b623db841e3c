/** The kinds that the page's commands speak of, under all the names that kubectl knows them by. */

export interface Kind {
  /** As kubectl prints it: `deployment.apps`. */
  shown: string;
  plural: string;
  root: string;
  namespaced: boolean;
}

const kind = (shown: string, plural: string, root: string, names: string, namespaced = true): [string[], Kind] => [
  [shown, shown.split('.')[0]!, plural, ...names.split(' ')],
  { shown, plural, root, namespaced },
];

const KINDS = [
  kind('pod', 'pods', '/api/v1', 'po'),
  kind('service', 'services', '/api/v1', 'svc'),
  kind('configmap', 'configmaps', '/api/v1', 'cm'),
  kind('namespace', 'namespaces', '/api/v1', 'ns', false),
  kind('node', 'nodes', '/api/v1', 'no', false),
  kind('deployment.apps', 'deployments', '/apis/apps/v1', 'deploy deployments.apps deploy.apps'),
  kind('replicaset.apps', 'replicasets', '/apis/apps/v1', 'rs replicasets.apps'),
  kind('statefulset.apps', 'statefulsets', '/apis/apps/v1', 'sts statefulsets.apps'),
  kind('daemonset.apps', 'daemonsets', '/apis/apps/v1', 'ds daemonsets.apps'),
  kind('job.batch', 'jobs', '/apis/batch/v1', 'jobs.batch'),
];

export const kindOf = (name: string): Kind | undefined =>
  KINDS.find(([names]) => names.includes(name.toLowerCase()))?.[1];

/** Where the collection, or with a name the object, is. */
export function pathOf({ root, plural, namespaced }: Kind, namespace: string, name?: string): string {
  const place = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${place}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

export interface Reference {
  kind: Kind;
  name: string;
}

/** `deployment web`, `deployment/web`, `pods a b`; undefined if it is something else. */
export function references(words: string[]): Reference[] | undefined {
  if (words.length === 0) return undefined;
  const slashed = words.every((word) => /^[^/]+\/[^/]+$/.test(word));
  const pairs = slashed ? words.map((word) => word.split('/')) : words.slice(1).map((name) => [words[0]!, name]);
  const found = pairs.map(([kind, name]) => ({ kind: kindOf(kind!), name: name! }));
  if (found.length === 0 || found.some(({ kind, name }) => !kind || name.includes('/'))) return undefined;
  return found as Reference[];
}
