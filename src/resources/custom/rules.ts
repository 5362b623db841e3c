/** The rules of a schema and of all below it, ready to be asked. models validator in k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel */
import { type DeclaredType, declaredField } from '../../cel/declared-type.ts';
import { type CompiledRule, compileRules, declare, type ValidationRule } from '../../cel/rules.ts';
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

/** By the schema, which is the same one as long as it is remembered; of one that is a whole object, and of one that is a part. */
const known = { true: new WeakMap<Schema, RuleNode>(), false: new WeakMap<Schema, RuleNode>() };
const NONE: RuleNode = { schema: {}, read: {}, rules: [] };

/** Undefined: there are none. `root`: the schema is that of a whole object; `known`: what is declared of it, if that is known. */
export function rulesOf(schema: Schema, root: boolean, declared?: DeclaredType): RuleNode | undefined {
  const nodes = known[`${root}`];
  let node = nodes.get(schema);
  if (!node) {
    node = readRules(schema, root, declared) ?? NONE;
    nodes.set(schema, node);
  }
  return node === NONE ? undefined : node;
}

function readRules(schema: Schema, root: boolean, known?: DeclaredType): RuleNode | undefined {
  if (!isDeclarable(schema)) return undefined;
  const declared = declaredAt(schema, root, known);
  const items = itemsOf(schema);
  const additional = additionalOf(schema);
  const below = {
    items: items && rulesOf(items, isEmbedded(items), declared?.element),
    additional: additional && rulesOf(additional, isEmbedded(additional), declared?.element),
    properties: propertiesOf(schema, declared),
  };
  const rules = compiledRules(schema, root, declared);
  if (rules.length === 0 && !below.items && !below.additional && !below.properties) return undefined;
  const read = celSchema(schema);
  return { schema, read: root ? asResource(read) : read, rules, ...below };
}

/** What rules here and below look at; undefined: nobody has said, and there are none here. */
export const declaredAt = (schema: Schema, root: boolean, known?: DeclaredType): DeclaredType | undefined =>
  known ?? (schema['x-kubernetes-validations']?.length ? declare(celSchema(schema), root) : undefined);

function propertiesOf(schema: Schema, declared: DeclaredType | undefined): RuleNode['properties'] {
  const nodes = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const node = rulesOf(property, isEmbedded(property), declared && declaredField(declared, name));
    if (node) nodes.set(name, node);
  }
  return nodes.size > 0 ? nodes : undefined;
}

function compiledRules(schema: Schema, root: boolean, declared: DeclaredType | undefined): Rule[] {
  const sources = schema['x-kubernetes-validations'] ?? [];
  if (sources.length === 0) return [];
  const compiled = compileRules(celSchema(schema), sources, root, declared) ?? [];
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
