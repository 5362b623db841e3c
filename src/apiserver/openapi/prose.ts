/** The documentation of types, fields and parameters, as it was generated: see scripts/prose.ts. */
import type { KindDescription } from '../../catalog/kinds.ts';
import { groupTitle, type Operation } from './operation.ts';
import { FAR_PATH } from './operations.ts';
import { COLUMN_PROSE } from './prose.gen.ts';

/** `assets/prose.json`. It is large and seldom asked for, so it is no part of the code. */
export interface Prose {
  /** By OpenAPI type, then by field; '' is the type's own. */
  types: Record<string, Record<string, string>>;
  /** By `parameter`, and by `parameter operation` for operations that say something else than most. */
  parameters: Record<string, string>;
}

/** Reads it, or has it already. */
export type ProseSource = () => Promise<Prose>;

export const WITHOUT_PROSE: Prose = { types: {}, parameters: {} };

/** What a column of tables says of the field that it shows, by a short type name, `core.v1.PodStatus`. */
export const columnProse = (type: string, field: string): string => COLUMN_PROSE[`${type}.${field}`] ?? '';

/** The documentation of a parameter of an operation on a resource of `kind`. */
export function parameterProse(
  { parameters }: Prose,
  name: string,
  { operationId, groupVersionKind }: Operation,
  kind: KindDescription,
): string {
  if (name === 'name') return `name of the ${groupVersionKind.kind}`;
  if (name === FAR_PATH) return 'path to the resource';
  const operation = operationId.replace(groupTitle(kind.group, kind.version), '').replace(/WithPath$/, '');
  return parameters[`${name} ${operation}`] ?? parameters[name] ?? '';
}
