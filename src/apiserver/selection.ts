/** Which objects of a collection a list, a watch or a deletecollection is about. */
import { type FieldSelector, matchesFieldSelector, parseFieldSelector } from '../resources/field-selector.ts';
import { apiVersionOf, type Kind, storageKey } from '../resources/kinds.ts';
import { matchesTextSelector, parseLabelSelector, type TextSelector } from '../resources/label-selector.ts';
import type { KubeObject } from '../resources/object.ts';
import { strategyFor } from '../resources/strategies.ts';
import type { ListOptions } from './options.ts';
import type { Exchange } from './pipeline.ts';
import { badRequest } from './status.ts';

export interface Selector {
  matchesAll: boolean;
  matches(object: KubeObject): boolean;
  /** The one key that can match. */
  key?: string;
}

/** Throws 400 for a selector that can't be read or names a field that the kind does not offer. */
export function selectorOf(exchange: Exchange, options: ListOptions): Selector {
  const { kind, namespace, name } = exchange;
  const labels = readLabels(options.labelSelector);
  const fields = readFields(kind, options.fieldSelector);
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

function readLabels(text: string): TextSelector {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw badRequest(
      `unable to parse requirement: ${(error as Error).message}`.replace(
        /^unable to parse requirement: (?=unable|found|invalid)/,
        '',
      ),
    );
  }
}

function readFields(kind: Kind, text: string): FieldSelector {
  let fields: FieldSelector;
  try {
    fields = parseFieldSelector(text);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
  const allowed = fieldsOf(kind, EMPTY(kind));
  for (const { field } of fields)
    if (!(field in allowed))
      throw badRequest(
        Object.keys(strategyFor(kind).selectableFields?.(EMPTY(kind)) ?? {}).length > 0
          ? `field label not supported: ${field}`
          : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
  return fields;
}

const EMPTY = (kind: Kind): KubeObject => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  metadata: { name: '' },
});

function fieldsOf(kind: Kind, object: KubeObject): Record<string, string> {
  return {
    'metadata.name': object.metadata.name,
    ...(kind.namespaced || kind.resource === 'namespaces'
      ? { 'metadata.namespace': object.metadata.namespace ?? '' }
      : { 'metadata.namespace': '' }),
    ...strategyFor(kind).selectableFields?.(object),
  };
}
