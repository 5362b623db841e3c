/** The documentation of types, fields and parameters, where it was generated: see scripts/prose.ts. */
import type { Kind } from '../../catalog/kinds.ts';
import { groupTitle, type Operation } from './operation.ts';
import { FAR_PATH } from './operations.ts';
import { PARAMETERS, PROSE } from './prose.gen.ts';

let lines: Map<string, string> | undefined;
const parsed = new Map<string, Record<string, string>>();

/** By field of an OpenAPI type; '' is the type's own. */
export function proseOf(schema: string): Readonly<Record<string, string>> {
  let prose = parsed.get(schema);
  if (!prose) {
    lines ??= new Map(PROSE.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line]));
    const line = lines.get(schema);
    prose = line ? (JSON.parse(line.slice(line.indexOf(' '))) as Record<string, string>) : {};
    parsed.set(schema, prose);
  }
  return prose;
}

const PREFIXES: Record<string, string> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** The documents list an enum's values behind what the types themselves say. */
const ENUM = '\n\nPossible enum values:\n';

/** The documentation of a field by a short type name, `core.v1.PodStatus`, as the types have it. */
export function fieldProse(type: string, field: string): string {
  const dot = type.indexOf('.');
  const group = type.slice(0, dot);
  return proseOf(`${PREFIXES[group] ?? `io.k8s.api.${group}`}${type.slice(dot)}`)[field]?.split(ENUM)[0] ?? '';
}

/** The documentation of a parameter of an operation on a resource of `kind`. */
export function parameterProse(name: string, { operationId, groupVersionKind }: Operation, kind: Kind): string {
  if (name === 'name') return `name of the ${groupVersionKind.kind}`;
  if (name === FAR_PATH) return 'path to the resource';
  const operation = operationId.replace(groupTitle(kind.group, kind.version), '').replace(/WithPath$/, '');
  return PARAMETERS[`${name} ${operation}`] ?? PARAMETERS[name] ?? '';
}
