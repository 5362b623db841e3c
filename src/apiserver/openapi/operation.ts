/** An operation of the API's description, and what every one has. Source: k8s.io/apiserver/pkg/endpoints/installer.go. */
import type { KindDescription } from '../../catalog/kinds.ts';

export interface Operation {
  method: 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head' | 'options';
  action: string;
  description: string;
  operationId: string;
  groupVersionKind: { group: string; kind: string; version: string };
  /** Of this method alone, in order of name. */
  parameters: string[];
  consumes: string[];
  produces: string[];
  /** Schemas by name; an answer that is '' is text. */
  body?: string;
  answer: string;
  /** Whether 201, and whether 202 is among the answers. */
  created: boolean;
  accepted: boolean;
}

export interface PathItem {
  path: string;
  /** Of every method. */
  parameters: string[];
  operations: Operation[];
}

export const PRODUCES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
export const PRODUCES_STREAMS = [
  'application/json',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/yaml',
];

export const LIST = [
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

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** `RbacAuthorizationV1`. */
export const groupTitle = (group: string, version: string): string =>
  (group === ''
    ? 'Core'
    : group
        .replace(/\.k8s\.io$/, '')
        .split('.')
        .map(capital)
        .join('')) + capital(version);

export const scopedKind = (kind: KindDescription): string => (kind.namespaced ? `Namespaced${kind.kind}` : kind.kind);

export function operation(
  kind: KindDescription,
  method: Operation['method'],
  action: string,
  [verb, subject]: [verb: string, subject: string],
  description: string,
): Operation {
  return {
    method,
    action,
    description,
    operationId: `${verb}${groupTitle(kind.group, kind.version)}${subject}`,
    groupVersionKind: { group: kind.group, kind: kind.kind, version: kind.version },
    parameters: [],
    consumes: method === 'get' ? [] : ['*/*'],
    produces: PRODUCES,
    answer: kind.schema,
    created: false,
    accepted: false,
  };
}
