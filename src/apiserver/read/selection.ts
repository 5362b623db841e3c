/** Which objects of a collection a list, a watch or a deletecollection is about. */

import { apiVersionOf, type Kind, storageKey } from '../../catalog/kinds.ts';
import { type FieldSelector, matchesFieldSelector } from '../../objects/field-selector.ts';
import { matchesTextSelector } from '../../objects/label-selector.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest } from '../../objects/status.ts';
import type { ListOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';

export interface Selector {
  matchesAll: boolean;
  matches(object: KubeObject): boolean;
  /** The one key that can match. */
  key?: string;
}

/** Throws 400 for a selector that can't be read or names a field that the kind does not offer. */
export function selectorOf(exchange: Exchange, options: ListOptions): Selector {
  const { kind, namespace, name } = exchange;
  const { labels } = options;
  const fields = knownFields(kind, options.fields);
  if (name !== undefined && fields.length > 0 && !fields.some((t) => t.field === 'metadata.name' && t.value === name))
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  if (name !== undefined) fields.push({ field: 'metadata.name', operator: '=', value: name });
  const only = fields.find((t) => t.field === 'metadata.name' && t.operator === '=')?.value;
  const within = namespace ?? fields.find((t) => t.field === 'metadata.namespace' && t.operator === '=')?.value;
  const key = only && (!kind.namespaced || within) ? storageKey(kind, within, only) : undefined;
  if (labels.length === 0 && fields.length === 0) return { matchesAll: true, matches: () => true };
  return {
    matchesAll: false,
    matches: (object) =>
      matchesTextSelector(labels, object.metadata.labels) &&
      (fields.length === 0 || matchesFieldSelector(fields, fieldsOf(kind, object))),
    ...(key === undefined ? {} : { key }),
  };
}

function knownFields(kind: Kind, fields: FieldSelector): FieldSelector {
  const allowed = fieldsOf(kind, EMPTY(kind));
  if (WITHOUT_NAMESPACE.has(`${kind.group}/${kind.kind}`) || (kind.custom && !kind.namespaced))
    delete allowed['metadata.namespace'];
  for (const { field } of fields) if (!Object.hasOwn(allowed, field)) throw badRequest(unknownField(kind, field));
  return [...fields];
}

/** Kinds with a list of fields of their own, whose refusals are worded otherwise. */
const OWN_FIELDS = new Set([
  '/Pod',
  '/Node',
  '/ReplicationController',
  '/Event',
  '/Namespace',
  '/Secret',
  '/Service',
  'events.k8s.io/Event',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/ClusterTrustBundle',
  'certificates.k8s.io/PodCertificateRequest',
]);

/** Of those with a list of their own, the ones whose list lacks the namespace. */
const WITHOUT_NAMESPACE = new Set([
  '/Node',
  '/Namespace',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/ClusterTrustBundle',
  'certificates.k8s.io/PodCertificateRequest',
  'resource.k8s.io/ResourceSlice',
]);

function unknownField(kind: Kind, field: string): string {
  if (kind.custom) return `field label not supported: ${field}`;
  if (OWN_FIELDS.has(`${kind.group}/${kind.kind}`)) return `field label not supported: ${field}`;
  if (kind.name === 'jobs.batch') return `field label ${JSON.stringify(field)} not supported for Job`;
  if (kind.name === 'resourceslices.resource.k8s.io')
    return `field label not supported for ${apiVersionOf(kind)}, Kind=ResourceSlice: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

const EMPTY = (kind: Kind): KubeObject => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  metadata: { name: '' },
});

function fieldsOf(kind: Kind, object: KubeObject): Record<string, string> {
  return {
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace ?? '',
    ...kind.strategy.selectableFields?.(object),
  };
}
