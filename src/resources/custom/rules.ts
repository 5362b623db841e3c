/** The rules of a schema and of all below it, ready to be asked. models validator in k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel */
import { type CompiledRule, compileRules, type ValidationRule } from '../../cel/rules.ts';
import { asResource, type CelSchema } from '../../cel/schema.ts';
import { followFieldPath } from './field-path.ts';
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type Schema } from './schema.ts';

export interface Rule extends CompiledRule {
  source: ValidationRule;
  /** Of the field that an error is about, from the one that the rule is about. */
  path: string;
}

/** Of a schema that has rules, or one below it has. */
export interface RuleNode {
  schema: Schema;
  /** As which values are read. */
  read: CelSchema;
  rules: readonly Rule[];
  items?: RuleNode | undefined;
  additional?: RuleNode | undefined;
  properties?: ReadonlyMap<string, RuleNode> | undefined;
}

/** As CEL looks at it. */
export const celSchema = (schema: Schema): CelSchema => schema as CelSchema;

/** Undefined: there are none. `root`: the schema is that of a whole object. */
export function rulesOf(schema: Schema, root: boolean): RuleNode | undefined {
  if (!isDeclarable(schema)) return undefined;
  const items = itemsOf(schema);
  const additional = additionalOf(schema);
  const below = {
    items: items && rulesOf(items, isEmbedded(items)),
    additional: additional && rulesOf(additional, isEmbedded(additional)),
    properties: propertiesOf(schema),
  };
  const rules = compiledRules(schema, root);
  if (rules.length === 0 && !below.items && !below.additional && !below.properties) return undefined;
  const read = celSchema(schema);
  return { schema, read: root ? asResource(read) : read, rules, ...below };
}

function propertiesOf(schema: Schema): RuleNode['properties'] {
  const nodes = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const node = rulesOf(property, isEmbedded(property));
    if (node) nodes.set(name, node);
  }
  return nodes.size > 0 ? nodes : undefined;
}

function compiledRules(schema: Schema, root: boolean): Rule[] {
  const sources = schema['x-kubernetes-validations'] ?? [];
  if (sources.length === 0) return [];
  const compiled = compileRules(celSchema(schema), sources, root) ?? [];
  return compiled.map((rule, i) => ({ ...rule, source: sources[i]!, path: pathOf(sources[i]!, schema) }));
}

function pathOf({ fieldPath }: ValidationRule, schema: Schema): string {
  const followed = fieldPath ? followFieldPath(fieldPath, schema) : undefined;
  return followed && 'path' in followed ? followed.path : '';
}

/** What no type is said of is not seen by rules, nor is what is below it. */
export function isDeclarable(schema: Schema): boolean {
  if (isIntOrString(schema)) return true;
  const items = itemsOf(schema);
  const additional = additionalOf(schema);
  if (schema.type === 'array') return items !== undefined && isDeclarable(items);
  if (schema.type === 'object') return !additional || isDeclarable(additional);
  return ['string', 'boolean', 'number', 'integer'].includes(schema.type ?? '');
}
