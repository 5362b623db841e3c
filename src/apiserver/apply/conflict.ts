/** Fields that others manage. Source: k8s.io/apimachinery/pkg/util/managedfields/internal/conflict.go. */
import { StatusError } from '../../objects/status.ts';
import type { Entry } from './entries.ts';
import { type FieldSet, paths, pathText } from './field-set.ts';

export interface Conflict {
  entry: Entry;
  fields: FieldSet;
}

/** 409 with a cause for each field. */
export function conflictError(conflicts: Conflict[]): StatusError {
  const found = [...conflicts]
    .sort((a, b) => (identity(a.entry) < identity(b.entry) ? -1 : 1))
    .map(({ entry, fields }) => ({ name: describe(entry), fields: paths(fields).map(pathText) }));
  const causes = found.flatMap(({ name, fields }) =>
    fields.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  const [only] = causes;
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${only!.message}: ${only!.field}`
      : `Apply failed with ${causes.length} conflicts: ${found
          .flatMap(({ name, fields }) => [`conflicts with ${name}:`, ...fields.map((field) => `- ${field}`)])
          .join('\n')}`;
  return new StatusError(409, 'Conflict', message, { causes });
}

/** How Go orders managers: by their JSON. */
const identity = (e: Entry): string =>
  JSON.stringify({
    manager: e.manager,
    operation: e.operation,
    ...(e.operation === 'Update' && { apiVersion: e.apiVersion }),
    ...(e.subresource && { subresource: e.subresource }),
  });

function describe(entry: Entry): string {
  const name =
    JSON.stringify(entry.manager) + (entry.subresource ? ` with subresource ${JSON.stringify(entry.subresource)}` : '');
  return entry.operation === 'Update' ? `${name} using ${entry.apiVersion}` : name;
}
