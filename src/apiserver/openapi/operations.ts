/** Which operations the API has on which paths: derived from the table of kinds. Source: k8s.io/apiserver/pkg/endpoints/installer.go. */
import type { Kind, Subresource } from '../../resources/kinds.ts';
import { META, schemaOf } from '../../resources/schema.ts';

export interface Operation {
  method: 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head' | 'options';
  action: string;
  operationId: string;
  groupVersionKind: { group: string; kind: string; version: string };
  /** Of this method alone, in order of name. */
  parameters: string[];
  consumes: string[];
  produces: string[];
  /** Schemas by name. */
  body?: string;
  answer: string;
  created: boolean;
}

export interface PathItem {
  path: string;
  /** Of every method. */
  parameters: string[];
  operations: Operation[];
}

export const PRODUCES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const PRODUCES_STREAMS = [
  'application/json',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/yaml',
];
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
const LIST = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
  'watch',
];
const DELETE_COLLECTION = [...DELETE, ...LIST.filter((p) => p !== 'allowWatchBookmarks' && p !== 'watch')].sort();

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** `RbacAuthorizationV1`. */
export const groupTitle = (group: string, version: string): string =>
  (group === ''
    ? 'Core'
    : group
        .replace(/\.k8s\.io$/, '')
        .split('.')
        .map(capital)
        .join('')) + capital(version);

export const groupRoot = (group: string, version: string): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

export const tagOf = (group: string, version: string): string =>
  `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replace(/\.(.)/g, (_, c: string) => c.toUpperCase())}_${version}`;

/** The paths of one resource and its subresources. */
export function pathItems(kind: Kind): PathItem[] {
  const root = groupRoot(kind.group, kind.version);
  const base = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : `${root}/${kind.resource}`;
  const scope = kind.namespaced ? ['namespace'] : [];
  const items: PathItem[] = [
    { path: base, parameters: [...scope, 'pretty'], operations: collectionOperations(kind) },
    { path: `${base}/{name}`, parameters: ['name', ...scope, 'pretty'], operations: objectOperations(kind) },
  ];
  if (kind.namespaced && kind.verbs.includes('list')) {
    const all = listOperation(kind, `${kind.kind}ForAllNamespaces`);
    items.push({ path: `${root}/${kind.resource}`, parameters: ['pretty'], operations: [all] });
  }
  for (const sub of kind.subresources) {
    const path = `${base}/{name}/${sub.name}`;
    items.push({ path, parameters: ['name', ...scope, 'pretty'], operations: subresourceOperations(kind, sub) });
  }
  return items.filter((item) => item.operations.length > 0).map(withSharedParameters);
}

/** What every method takes stands once, with the path. */
function withSharedParameters({ path, parameters, operations }: PathItem): PathItem {
  const [first, ...rest] = operations;
  const shared = first!.parameters.filter((p) => rest.every((o) => o.parameters.includes(p)));
  return {
    path,
    parameters: [...parameters, ...shared].sort(),
    operations: operations.map((o) => ({ ...o, parameters: o.parameters.filter((p) => !shared.includes(p)) })),
  };
}

const scopedKind = (kind: Kind): string => (kind.namespaced ? `Namespaced${kind.kind}` : kind.kind);

function operation(kind: Kind, method: Operation['method'], action: string, verb: string, subject: string): Operation {
  return {
    method,
    action,
    operationId: `${verb}${groupTitle(kind.group, kind.version)}${subject}`,
    groupVersionKind: { group: kind.group, kind: kind.kind, version: kind.version },
    parameters: [],
    consumes: method === 'get' ? [] : ['*/*'],
    produces: PRODUCES,
    answer: kind.schema,
    created: false,
  };
}

const listSchema = (kind: Kind): string => schemaOf(kind.group, kind.version, `${kind.kind}List`) ?? '';

function listOperation(kind: Kind, subject: string): Operation {
  const base = operation(kind, 'get', 'list', 'list', subject);
  return { ...base, parameters: LIST, produces: PRODUCES_STREAMS, answer: listSchema(kind) };
}

function collectionOperations(kind: Kind): Operation[] {
  const subject = scopedKind(kind);
  const operations: Operation[] = [];
  if (kind.verbs.includes('list')) operations.push(listOperation(kind, subject));
  if (kind.verbs.includes('create')) operations.push(creation(operation(kind, 'post', 'post', 'create', subject)));
  if (kind.verbs.includes('deletecollection')) {
    operations.push({
      ...operation(kind, 'delete', 'deletecollection', 'delete', `Collection${subject}`),
      parameters: DELETE_COLLECTION,
      body: `${META}DeleteOptions`,
      answer: `${META}Status`,
    });
  }
  return operations;
}

const creation = (base: Operation): Operation => ({ ...base, parameters: WRITE, body: base.answer, created: true });

function objectOperations(kind: Kind): Operation[] {
  const subject = scopedKind(kind);
  const operations = changes(kind, subject, kind.verbs);
  if (kind.verbs.includes('delete')) {
    operations.push({
      ...operation(kind, 'delete', 'delete', 'delete', subject),
      parameters: DELETE,
      body: `${META}DeleteOptions`,
      answer: `${META}Status`,
    });
  }
  return operations;
}

function changes(kind: Kind, subject: string, verbs: string[]): Operation[] {
  const operations: Operation[] = [];
  if (verbs.includes('get')) operations.push(operation(kind, 'get', 'get', 'read', subject));
  if (verbs.includes('update')) {
    const base = operation(kind, 'put', 'put', 'replace', subject);
    operations.push({ ...base, parameters: WRITE, body: base.answer, created: true });
  }
  if (verbs.includes('patch')) {
    operations.push({
      ...operation(kind, 'patch', 'patch', 'patch', subject),
      parameters: [...WRITE, 'force'],
      consumes: PATCHES,
      body: `${META}Patch`,
      created: true,
    });
  }
  return operations;
}

const STREAM: Operation['method'][] = ['get', 'post'];

/** Subresources that are connections, with their methods. */
const CONNECT: Record<string, Operation['method'][]> = {
  attach: STREAM,
  exec: STREAM,
  portforward: STREAM,
  proxy: ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'],
};

function connection(kind: Kind, method: Operation['method'], subject: string): Operation {
  const base = operation(kind, method, 'connect', 'connect', '');
  const operationId = `connect${groupTitle(kind.group, kind.version)}${capital(method)}${subject}`;
  return { ...base, operationId, consumes: [], produces: ['*/*'], answer: '' };
}

function subresourceOperations(kind: Kind, sub: Subresource): Operation[] {
  const schema = schemaOf(sub.group, sub.version, sub.kind);
  const subject = scopedKind(kind) + sub.name.split('/').map(capital).join('');
  const own: Kind = { ...kind, group: kind.group, kind: kind.kind, schema: schema ?? kind.schema };
  const groupVersionKind = { group: sub.group || kind.group, kind: sub.kind, version: sub.version || kind.version };
  const connect = CONNECT[sub.name];
  if (connect) return connect.map((method) => ({ ...connection(own, method, subject), groupVersionKind }));
  const made = changes(own, subject, sub.verbs);
  if (sub.verbs.includes('create') && schema) made.push(creation(operation(own, 'post', 'post', 'create', subject)));
  return made.map((o) => ({ ...o, groupVersionKind }));
}
