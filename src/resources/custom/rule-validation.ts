/** What the rules of a schema find wrong with a value. models Validator in k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go */
import { type Evaluated, evaluate } from '../../cel/cel.ts';
import type { Program } from '../../cel/plan.ts';
import type { ValidationRule } from '../../cel/rules.ts';
import { valueOfSchema } from '../../cel/schema-value.ts';
import { CelOptional, NONE, type Value } from '../../cel/value.ts';
import {
  duplicate,
  duplicateUntold,
  type FieldError,
  forbidden,
  invalid,
  invalidUntold,
  required,
} from '../../objects/field-error.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { isJSONObject } from '../../objects/json.ts';
import { byteLength } from '../../objects/names.ts';
import { own } from '../../objects/own.ts';
import { type Correlation, correlatedItem, correlatedMember, isUnchanged } from './correlation.ts';
import { NOWHERE } from './problems.ts';
import type { Rule, RuleNode } from './rules.ts';
import type { Schema } from './schema.ts';

/** What all rules of an object may cost together: Kubernetes' RuntimeCELCostBudget. */
export const RULES_COST_BUDGET = 10_000_000;
/** Bytes of a text that a rule makes of its own. */
export const MAX_RULE_MESSAGE_BYTES = 5 * 1024;

interface Change {
  /** What was, as far as rules may look at it. */
  old?: unknown;
  /** What was, as far as errors are forgiven by it; with `old`, unless every change is new. */
  before?: Correlation | undefined;
  /** Told of what is forgiven. */
  warn?: ((text: string) => void) | undefined;
  /** What all that is asked may cost, and what is left of it: below nothing when that was not enough. */
  budget?: { left: number };
}

/** `field`: of the value, '' for an object as a whole. */
export function validateRules(node: RuleNode, value: unknown, field = '', change: Change = {}): FieldError[] {
  const checking = new Checking(change);
  checking.check(node, { value, old: change.old, field, now: change.before && new Compared(change.before, value) });
  return checking.errors;
}

/** A part of an object beside what it was. */
class Compared {
  readonly before: Correlation;
  readonly value: unknown;
  #same: boolean | undefined;
  constructor(before: Correlation, value: unknown) {
    this.before = before;
    this.value = value;
  }

  get isSame(): boolean {
    this.#same ??= isUnchanged(this.before, this.value);
    return this.#same;
  }
}

interface Question {
  asked: Asked;
  place: Place;
  schema: Schema;
}

interface Place {
  value: unknown;
  old: unknown;
  field: string;
  now?: Compared | undefined;
  /** The nearest above that can be compared. */
  above?: Compared | undefined;
}

/** One validation of one object, which may cost so much and no more. */
class Checking {
  readonly errors: FieldError[] = [];
  readonly #warn: Change['warn'];
  readonly #budget: { left: number };
  #stopped = false;
  constructor({ warn, budget = { left: RULES_COST_BUDGET } }: Change) {
    this.#warn = warn;
    this.#budget = budget;
  }

  check(node: RuleNode, place: Place): void {
    if (this.#stopped || place.value === null || place.value === undefined) return;
    this.#checkRules(node, place);
    if (Array.isArray(place.value)) this.#checkItems(node, place.value, place);
    else if (isJSONObject(place.value)) this.#checkMembers(node, place);
  }

  #checkItems({ schema, items }: RuleNode, list: unknown[], place: Place): void {
    if (!items) return;
    const before = Array.isArray(place.old) ? { old: place.old, schema } : undefined;
    for (const [i, value] of list.entries()) {
      if (this.#stopped) return;
      const old = before && correlatedItem(before, value)?.old;
      this.check(items, { value, old, field: `${place.field}[${i}]`, ...below(place, value, i) });
    }
  }

  #checkMembers({ additional, properties }: RuleNode, place: Place): void {
    const value = place.value as Record<string, unknown>;
    const before = isJSONObject(place.old) ? place.old : {};
    if (additional)
      for (const name of Object.keys(value)) {
        const field = `${place.field}[${name}]`;
        this.check(additional, {
          value: value[name],
          old: own(before, name),
          field,
          ...below(place, value[name], name),
        });
      }
    for (const [name, node] of properties ?? []) {
      const member = own(value, name);
      if (member === undefined || member === null) continue;
      const field = place.field === '' ? name : `${place.field}.${name}`;
      this.check(node, { value: member, old: own(before, name), field, ...below(place, member, name) });
    }
  }

  #checkRules({ rules, read, schema }: RuleNode, place: Place): void {
    if (rules.length === 0) return;
    const asked = new Asked(place, read);
    for (const rule of rules) {
      if (this.#budget.left <= 0) this.#stop(place, schema, OUT_OF_BUDGET);
      if (this.#stopped) return;
      if (rule.error !== undefined) this.#fail(place, schema, `rule compile error: ${rule.error}`);
      if (rule.program && (!rule.usesOldSelf || asked.hasOld || rule.source.optionalOldSelf))
        this.#ask(rule, rule.program, { asked, place, schema });
    }
  }

  #fail({ field }: Place, { type = '' }: Schema, words: string): void {
    this.errors.push(invalid(field || NOWHERE, type, words));
  }

  #stop(place: Place, schema: Schema, words: string): void {
    this.#fail(place, schema, words);
    this.#budget.left = -1;
    this.#stopped = true;
  }

  #ask(rule: Rule, program: Program, { asked, place, schema }: Question): void {
    const result = evaluate(program, asked.variables(rule.source));
    if (result.cost > this.#budget.left) {
      this.#stop(place, schema, OUT_OF_BUDGET);
      return;
    }
    this.#budget.left -= result.cost;
    if (result.overBudget) this.#stop(place, schema, failure(result, rule.source));
    else if (result.error !== undefined) this.#fail(place, schema, failure(result, rule.source));
    else if (result.value !== true) this.#refuse(rule, { asked, place, schema });
  }

  #refuse(rule: Rule, { asked, place, schema }: Question): void {
    const told = this.#wordsOf(rule, asked);
    if ('stopped' in told) this.#stop(place, schema, told.stopped);
    else this.#tell(rule, place, schema.type ?? '', told.words);
  }

  /** What is told of a rule that does not hold, or why all ends. */
  #wordsOf({ message, source }: Rule, asked: Asked): { words: string } | { stopped: string } {
    const plain = { words: plainWords(source) };
    if (!message?.program) return plain;
    const { value, error, overBudget, cost } = evaluate(message.program, asked.variables(source));
    if (cost > this.#budget.left) return { stopped: MESSAGE_OUT_OF_BUDGET };
    if (overBudget)
      return {
        stopped: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${quoteGo(source.messageExpression ?? '')}`,
      };
    this.#budget.left -= cost;
    const words = error === undefined && typeof value === 'string' ? value.trim() : '';
    const isUsable = words !== '' && !words.includes('\n') && byteLength(words) <= MAX_RULE_MESSAGE_BYTES;
    return isUsable ? { words } : plain;
  }

  #tell({ source, path, usesOldSelf }: Rule, place: Place, type: string, words: string): void {
    const field = [place.field, path].filter(Boolean).join('.') || NOWHERE;
    const error = errorFor(source.reason, field, words, isWhole(type) ? undefined : { value: place.value });
    const known = place.now ?? place.above;
    if (!usesOldSelf && known?.isSame) this.#warn?.(`${error.field}: ${error.message}`);
    else this.errors.push(error);
  }
}

/** What is below can be forgiven too, if it can be known again, or all of the above is as it was. */
function below(place: Place, value: unknown, at: string | number): Pick<Place, 'now' | 'above'> {
  const { now, above } = place;
  if (!now) return { above };
  // At the root, which has nothing above it, it is not visible what these were.
  if (!above && (at === 'apiVersion' || at === 'kind')) return {};
  const before = typeof at === 'string' ? correlatedMember(now.before, at) : correlatedItem(now.before, value);
  return { now: before && new Compared(before, value), above: now };
}

const MESSAGE_OUT_OF_BUDGET =
  'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run';
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

const isWhole = (type: string): boolean => type === 'object' || type === 'array';

/** The variables of rules, read when the first one asks. */
class Asked {
  readonly hasOld: boolean;
  readonly #self: Value;
  readonly #old: Value | undefined;
  constructor({ value, old }: Place, schema: RuleNode['read']) {
    this.hasOld = old !== undefined && old !== null;
    this.#self = valueOfSchema(value, schema);
    this.#old = this.hasOld ? valueOfSchema(old, schema) : undefined;
  }

  variables({ optionalOldSelf }: ValidationRule): Map<string, Value> {
    const variables = new Map<string, Value>([['self', this.#self]]);
    const old = this.#old;
    if (optionalOldSelf) variables.set('oldSelf', old === undefined ? NONE : new CelOptional(old));
    else if (old !== undefined) variables.set('oldSelf', old);
    return variables;
  }
}

const nameOf = ({ message, rule }: ValidationRule): string => (message || rule).trim();
const plainWords = (source: ValidationRule): string =>
  source.message ? source.message.trim() : `failed rule: ${nameOf(source)}`;

function failure({ error = '', overBudget }: Evaluated, source: ValidationRule): string {
  if (overBudget)
    return `'${error}': no further validation rules will be run due to call cost exceeds limit for rule: ${nameOf(source)}`;
  if (error.startsWith('no such overload'))
    return `'${error}': call arguments did not match a supported operator, function or macro signature for rule: ${nameOf(source)}`;
  return `${error} evaluating rule: ${nameOf(source)}`;
}

/** `told`: the value, unless it is too much to tell. */
function errorFor(reason: string | undefined, field: string, words: string, told?: { value: unknown }): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, words);
    case 'FieldValueRequired':
      return required(field, words);
    case 'FieldValueDuplicate':
      return told ? duplicate(field, told.value) : duplicateUntold(field);
    default:
      return told ? invalid(field, told.value, words) : invalidUntold(field, words);
  }
}
