/** The rules of a definition's schema: whether they can be read, and what they may cost. models k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation */
import { type DeclaredType, declaredField } from '../../cel/declared-type.ts';
import { type CompiledRule, compileRules, type StoredExpressions } from '../../cel/rules.ts';
import { type FieldError, forbidden, internalError, invalid } from '../../objects/field-error.ts';
import type { ValidationRule } from '../../objects/generated/apiextensions-v1.gen.ts';
import { celSchema, declaredAt, isDeclarable } from '../custom/rules.ts';
import { additionalOf, isEmbedded, itemsOf, type Schema } from '../custom/schema.ts';

/** What one rule may cost for one object. */
export const MAX_RULE_COST = 10_000_000n;
/** What all rules of a schema may cost for one object. */
export const MAX_SCHEMA_COST = 100_000_000n;
const UINT64_END = 2n ** 64n - 1n;
/** Of those that make a schema too expensive so many are told, if they take more than a hundredth of what is allowed. */
const TOLD = 4;
const WORTH_TELLING = MAX_SCHEMA_COST / 100n;

const NO_TYPE =
  'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';

interface Place {
  field: string;
  isRoot: boolean;
  /** How often what is here may be there; undefined: as often as it fits. */
  cardinality: bigint | undefined;
  /** The first schema above within which nothing can be known again. */
  uncorrelatable?: string | undefined;
  /** Rules above are of something that has no type. */
  untyped: boolean;
  /** What is declared here, where rules above have needed that. */
  declared?: DeclaredType | undefined;
}

/** Those of all schemas of a definition. */
export function expressionsIn(schemas: readonly (Schema | undefined)[]): StoredExpressions {
  const rules = new Set<string>();
  const messages = new Set<string>();
  const look = (schema: Schema | undefined): void => {
    if (!schema) return;
    for (const { rule, messageExpression } of (schema['x-kubernetes-validations'] ?? []) as ValidationRule[]) {
      rules.add(rule);
      if (messageExpression) messages.add(messageExpression);
    }
    look(additionalOf(schema));
    look(itemsOf(schema));
    for (const property of Object.values(schema.properties ?? {})) look(property);
  };
  for (const schema of schemas) look(schema);
  return { rules, messages };
}

export const NOTHING_STORED: StoredExpressions = { rules: new Set(), messages: new Set() };

/** `wrong`: what else is wrong with the schema; rules beside and above that are not looked at. */
export function validateDefinitionRules(
  schema: Schema,
  field: string,
  wrong: readonly FieldError[],
  stored = NOTHING_STORED,
): FieldError[] {
  const checking = new Checking(wrong, stored);
  checking.check(schema, { field, isRoot: true, cardinality: 1n, untyped: false });
  return [...checking.errors, ...checking.totalErrors(field)];
}

class Checking {
  readonly errors: FieldError[] = [];
  readonly #wrong: readonly FieldError[];
  readonly #stored: StoredExpressions;
  #total = 0n;
  readonly #costs: { field: string; cost: bigint }[] = [];
  constructor(wrong: readonly FieldError[], stored: StoredExpressions) {
    this.#wrong = wrong;
    this.#stored = stored;
  }

  check(schema: Schema, place: Place): void {
    const rules: ValidationRule[] = schema['x-kubernetes-validations'] ?? [];
    const untyped = place.untyped || (rules.length > 0 && !isDeclarable(schema));
    const isWhole = place.isRoot || isEmbedded(schema);
    const declared = untyped ? undefined : declaredAt(schema, isWhole, place.declared);
    this.#checkBelow(schema, { ...place, declared, untyped, isRoot: false });
    if (rules.length === 0 || this.#isWrongAt(place.field)) return;
    const at = `${place.field}.x-kubernetes-validations`;
    const compiled = untyped ? undefined : compileRules(celSchema(schema), rules, isWhole, declared, this.#stored);
    if (!compiled) this.errors.push(internalError(at, NO_TYPE));
    else for (const [i, rule] of compiled.entries()) this.#checkRule(rule, rules[i]!, `${at}[${i}]`, place);
  }

  #checkBelow(schema: Schema, place: Place): void {
    const { field } = place;
    const factor = elementsOf(schema);
    const cardinality =
      place.cardinality === undefined || factor === undefined ? undefined : product(place.cardinality, factor);
    const below = { ...place, cardinality };
    const additional = additionalOf(schema);
    const element = place.declared?.element;
    if (additional) this.check(additional, { ...below, declared: element, field: `${field}.additionalProperties` });
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      this.check(property, {
        ...below,
        declared: place.declared && declaredField(place.declared, name),
        field: `${field}.properties[${name}]`,
      });
    const items = itemsOf(schema);
    if (!items) return;
    const uncorrelatable = schema['x-kubernetes-list-type'] === 'map' ? undefined : field;
    this.check(items, {
      ...below,
      declared: element,
      field: `${field}.items`,
      uncorrelatable: place.uncorrelatable ?? uncorrelatable,
    });
  }

  #isWrongAt = (field: string): boolean =>
    this.#wrong.some((error) => error.field.startsWith(field) && !/^\w/.test(error.field.slice(field.length)));

  #checkRule(compiled: CompiledRule, rule: ValidationRule, field: string, place: Place): void {
    const { errors } = this;
    this.#count(compiled.maxCost, compiled, 'estimated rule cost', `${field}.rule`, place);
    if (compiled.error !== undefined) errors.push(invalid(`${field}.rule`, printed(rule), compiled.error));
    const { message } = compiled;
    if (message?.error !== undefined) errors.push(invalid(`${field}.messageExpression`, printed(rule), message.error));
    else if (message)
      this.#count(message.maxCost, undefined, 'estimated messageExpression cost', `${field}.messageExpression`, place);
    if (compiled.usesOldSelf) {
      if (place.uncorrelatable !== undefined)
        errors.push(
          invalid(
            `${field}.rule`,
            rule.rule,
            `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`,
          ),
        );
    } else if (rule.optionalOldSelf !== undefined)
      errors.push(
        invalid(`${field}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
      );
  }

  /** `times`: the rule that is asked so often; undefined: what is asked once. */
  #count(max: bigint, times: CompiledRule | undefined, name: string, field: string, place: Place): void {
    const cost = times ? product(max, place.cardinality ?? times.maxCardinality) : max;
    if (cost > MAX_RULE_COST) this.errors.push(forbidden(field, costWords(name, cost, MAX_RULE_COST)));
    this.#total = capped(this.#total + cost);
    if (cost < WORTH_TELLING) return;
    this.#costs.push({ field, cost });
    this.#costs.sort((a, b) => (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : 0));
    this.#costs.splice(TOLD);
  }

  totalErrors(field: string): FieldError[] {
    if (this.#total <= MAX_SCHEMA_COST) return [];
    const words = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#costs.map((told) => forbidden(told.field, words)),
      forbidden(field, costWords(name, this.#total, MAX_SCHEMA_COST)),
    ];
  }
}

const capped = (cost: bigint): bigint => (cost > UINT64_END ? UINT64_END : cost);
const product = (a: bigint, b: bigint): bigint => capped(a * b);

/** How many there may be of what is below a schema; undefined: as many as fit. */
function elementsOf(schema: Schema): bigint | undefined {
  const most = (count: number | undefined): bigint | undefined =>
    count === undefined ? undefined : BigInt(Math.max(0, count));
  if (schema.type === 'array') return most(schema.maxItems);
  return schema.type === 'object' && schema.additionalProperties !== undefined ? most(schema.maxProperties) : 1n;
}

const BEYOND_TELLING = 100;
const HARDLY = 1.5;

function costWords(name: string, cost: bigint, limit: bigint): string {
  const factor = Number(cost) / Number(limit);
  const told =
    factor > BEYOND_TELLING
      ? `more than ${BEYOND_TELLING}x`
      : factor < HARDLY
        ? `${factor.toFixed(6)}x`
        : `${factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${told} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** As the server's own type prints a rule. */
const printed = (rule: ValidationRule): object => ({
  Rule: rule.rule,
  Message: rule.message ?? '',
  MessageExpression: rule.messageExpression ?? '',
  Reason: rule.reason ?? null,
  FieldPath: rule.fieldPath ?? '',
  OptionalOldSelf: rule.optionalOldSelf ?? null,
});
