/** Which operations the API has on which paths: derived from the table of kinds. Source: k8s.io/apiserver/pkg/endpoints/installer.go. */
import type { KindDescription, Subresource } from '../../catalog/kinds.ts';
import { META, type Schemas } from '../../catalog/schema.ts';
import { groupResourceName } from '../../objects/status.ts';
import { connections, isConnection, LOG_PARAMETERS, PROXY } from './connections.ts';
import {
  capital,
  LIST,
  type Operation,
  operation,
  type PathItem,
  PRODUCES,
  PRODUCES_STREAMS,
  scopedKind,
} from './operation.ts';
import { watchItems } from './watch-operations.ts';

const PATCHES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];
const DELETE_OPTIONS = `${META}DeleteOptions`;
/** The part of a proxy's path that is the far end's; a query's parameter has the same name. */
export const FAR_PATH = '{path}';
const DELETE_COLLECTION = [...DELETE, ...LIST.filter((p) => p !== 'allowWatchBookmarks' && p !== 'watch')].sort();

export const groupRoot = (group: string, version: string): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

export const tagOf = (group: string, version: string): string =>
  `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replace(/\.(.)/g, (_, c: string) => c.toUpperCase())}_${version}`;

/** The paths of one resource and its subresources. */
export function pathItems(kind: KindDescription, schemas: Schemas): PathItem[] {
  const root = groupRoot(kind.group, kind.version);
  const base = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : `${root}/${kind.resource}`;
  const scope = kind.namespaced ? ['namespace'] : [];
  const items: PathItem[] = [
    { path: base, parameters: [...scope, 'pretty'], operations: collectionOperations(kind, schemas) },
    { path: `${base}/{name}`, parameters: ['name', ...scope, 'pretty'], operations: objectOperations(kind) },
  ];
  if (kind.namespaced && kind.verbs.includes('list')) {
    const all = listOperation(kind, schemas, `${kind.kind}ForAllNamespaces`);
    items.push({ path: `${root}/${kind.resource}`, parameters: ['pretty'], operations: [all] });
  }
  items.push(...watchItems(kind, root));
  for (const sub of kind.subresources) {
    const path = `${base}/{name}/${sub.name}`;
    const pretty = isConnection(sub.name) ? [] : ['pretty'];
    const operations = subresourceOperations(kind, sub, schemas);
    items.push({ path, parameters: ['name', ...scope, ...pretty], operations });
    if (sub.name === PROXY) {
      const longer = operations.map((o) => ({ ...o, operationId: `${o.operationId}WithPath` }));
      items.push({ path: `${path}/{path}`, parameters: ['name', ...scope, FAR_PATH], operations: longer });
    }
  }
  return items.filter((item) => item.operations.length > 0).map(withSharedParameters);
}

/** The part of the path stands where its name does, before a query's parameter of that name. */
const byName = (a: string, b: string): number => (sortName(a) < sortName(b) ? -1 : 1);
const sortName = (name: string): string => (name === FAR_PATH ? 'path' : `${name} `);

/** What every method takes stands once, with the path. */
function withSharedParameters({ path, parameters, operations }: PathItem): PathItem {
  const [first, ...rest] = operations;
  const shared = first!.parameters.filter((p) => rest.every((o) => o.parameters.includes(p)));
  return {
    path,
    parameters: [...parameters, ...shared].sort(byName),
    operations: operations.map((o) => ({ ...o, parameters: o.parameters.filter((p) => !shared.includes(p)) })),
  };
}

/** `a Pod`, `an Event`, and `Endpoints`. */
function withArticle(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return noun;
  return `${/^[AEIOU]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** Kinds whose deletion is answered with what was deleted. Source: the strategies' ReturnDeletedObject. */
const RETURNS_DELETED = new Set([
  'persistentvolumeclaims',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'persistentvolumes',
  'deviceclasses.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
]);

function listOperation(kind: KindDescription, schemas: Schemas, subject: string): Operation {
  const verbs = kind.verbs.includes('watch') ? 'list or watch' : 'list';
  const base = operation(kind, 'get', 'list', ['list', subject], `${verbs} objects of kind ${kind.kind}`);
  const answer = schemas.nameOf(kind.group, kind.version, `${kind.kind}List`) ?? '';
  return { ...base, parameters: LIST, produces: PRODUCES_STREAMS, answer };
}

function collectionOperations(kind: KindDescription, schemas: Schemas): Operation[] {
  const subject = scopedKind(kind);
  const operations: Operation[] = [];
  if (kind.verbs.includes('list')) operations.push(listOperation(kind, schemas, subject));
  if (kind.verbs.includes('create')) operations.push(creation(kind, subject, `create ${withArticle(kind.kind)}`));
  if (kind.verbs.includes('deletecollection')) {
    const names: [string, string] = ['delete', `Collection${subject}`];
    operations.push({
      ...operation(kind, 'delete', 'deletecollection', names, `delete collection of ${kind.kind}`),
      parameters: DELETE_COLLECTION,
      body: DELETE_OPTIONS,
      answer: `${META}Status`,
    });
  }
  return operations;
}

function creation(kind: KindDescription, subject: string, description: string): Operation {
  const base = operation(kind, 'post', 'post', ['create', subject], description);
  return { ...base, parameters: WRITE, body: base.answer, created: true, accepted: true };
}

function objectOperations(kind: KindDescription): Operation[] {
  const subject = scopedKind(kind);
  const operations = changes(kind, subject, kind.verbs, '');
  if (kind.verbs.includes('delete')) {
    operations.push({
      ...operation(kind, 'delete', 'delete', ['delete', subject], `delete ${withArticle(kind.kind)}`),
      parameters: DELETE,
      body: DELETE_OPTIONS,
      answer: RETURNS_DELETED.has(groupResourceName(kind)) ? kind.schema : `${META}Status`,
      accepted: true,
    });
  }
  return operations;
}

/** `part` is the subresource, and '' the whole object. */
function changes(kind: KindDescription, subject: string, verbs: string[], part: string): Operation[] {
  const operations: Operation[] = [];
  const what = `${part === '' ? '' : `${part} of `}the specified ${kind.kind}`;
  if (verbs.includes('get')) operations.push(operation(kind, 'get', 'get', ['read', subject], `read ${what}`));
  if (verbs.includes('update')) {
    const base = operation(kind, 'put', 'put', ['replace', subject], `replace ${what}`);
    operations.push({ ...base, parameters: WRITE, body: base.answer, created: true });
  }
  if (verbs.includes('patch')) {
    operations.push({
      ...operation(kind, 'patch', 'patch', ['patch', subject], `partially update ${what}`),
      parameters: [...WRITE, 'force'],
      consumes: PATCHES,
      body: `${META}Patch`,
      created: true,
    });
  }
  return operations;
}

function subresourceOperations(kind: KindDescription, sub: Subresource, schemas: Schemas): Operation[] {
  const schema = schemas.nameOf(sub.group, sub.version, sub.kind);
  const subject = scopedKind(kind) + sub.name.split('/').map(capital).join('');
  const own: KindDescription = { ...kind, schema: schema ?? kind.schema };
  const groupVersionKind = { group: sub.group || kind.group, kind: sub.kind, version: sub.version || kind.version };
  const made = isConnection(sub.name)
    ? connections(kind, sub.name, subject)
    : sub.name === LOG
      ? logOperations(own, subject)
      : changes(own, subject, sub.verbs, sub.name);
  if (sub.verbs.includes('create') && schema && !isConnection(sub.name))
    made.push(creation(own, subject, `create ${sub.name} of ${withArticle(kind.kind)}`));
  return made.map((o) => ({ ...o, groupVersionKind }));
}

const LOG = 'log';

/** A log is text, whatever else the document says that it can be. */
const logOperations = (kind: KindDescription, subject: string): Operation[] =>
  changes(kind, subject, ['get'], LOG).map((o) => ({
    ...o,
    parameters: LOG_PARAMETERS,
    produces: [...PRODUCES, 'text/plain'],
    answer: '',
  }));
