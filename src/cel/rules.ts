/**
 * The rules of a schema (`x-kubernetes-validations`), compiled: what they refuse to compile with, what they may cost, and how they are
 * evaluated. Models k8s.io/apiextensions-apiserver's pkg/apiserver/schema/cel/compilation.go.
 */
import { type Compiled, compile, estimate, kubernetesEnvironment } from './cel.ts';
import { type DeclaredType, declaredSizeOf, declaredTypes, declareSchema, maxCardinality } from './declared-type.ts';
import type { Program } from './plan.ts';
import type { CelSchema } from './schema.ts';
import { BOOL, optionalOf, STRING, type Type } from './type.ts';

/** As a definition has it. */
export interface ValidationRule {
  rule: string;
  message?: string | undefined;
  messageExpression?: string | undefined;
  reason?: string | undefined;
  fieldPath?: string | undefined;
  optionalOldSelf?: boolean | undefined;
}

/** Expressions that are stored already, the rules and the message expressions. */
export interface StoredExpressions {
  rules: ReadonlySet<string>;
  messages: ReadonlySet<string>;
}

/** What an expression may cost at most for one value, and whether it can be evaluated. */
interface CompiledExpression {
  /** Why it can't be, as Kubernetes says it. */
  error: string | undefined;
  program: Program | undefined;
  maxCost: bigint;
}

export interface CompiledRule extends CompiledExpression {
  /** Nothing but space: there is no program and no error. */
  empty: boolean;
  /** Whether it is about a change, and is not evaluated for what is new, unless `optionalOldSelf`. */
  usesOldSelf: boolean;
  message: CompiledExpression | undefined;
  /** How often it may be evaluated for one object, where nothing bounds that. */
  maxCardinality: bigint;
}

const NO_ERROR = { error: undefined, program: undefined, maxCost: 0n };

/**
 * The rules of one node of a schema, in their order; undefined: the schema there can't be declared, and has no rules. `root`: the node is
 * the whole resource. `declared`: what the schema declares, if that is known. `stored`: all others are new; without it none is.
 */
export function compileRules(
  schema: CelSchema,
  rules: readonly ValidationRule[],
  root: boolean,
  declared = declare(schema, root),
  stored?: StoredExpressions,
): CompiledRule[] | undefined {
  if (!declared) return undefined;
  const types = [declaredTypes(declared)];
  return rules.map((rule) => {
    const oldSelf = rule.optionalOldSelf ? optionalOf(declared.type) : declared.type;
    const variables = new Map<string, Type>([
      ['self', declared.type],
      ['oldSelf', oldSelf],
    ]);
    return compileRule(rule, declared, (expression, kind) =>
      compile(expression, kubernetesEnvironment({ variables, types, isNew: stored?.[kind].has(expression) === false })),
    );
  });
}

/** The real one has a number behind it that is another each time. */
const TYPE_NAME = 'selfType';

/** What rules about a node of a schema, and about all below it, look at. */
export const declare = (schema: CelSchema, root: boolean): DeclaredType | undefined =>
  declareSchema(schema, root, TYPE_NAME);

function compileRule(
  rule: ValidationRule,
  declared: DeclaredType,
  compileIn: (expression: string, kind: keyof StoredExpressions) => Compiled,
): CompiledRule {
  const cardinality = maxCardinality(declared.minSize);
  const none = { usesOldSelf: false, message: undefined, maxCardinality: cardinality };
  if (rule.rule.trim() === '') return { ...NO_ERROR, ...none, empty: true };
  const compiled = compileIn(rule.rule, 'rules');
  const expression = checked(compiled, declared, BOOL, '', 'cel expression must evaluate to a bool');
  const message =
    expression.error === undefined && rule.messageExpression
      ? checked(
          compileIn(rule.messageExpression, 'messages'),
          declared,
          STRING,
          'messageExpression ',
          'messageExpression must evaluate to a string',
        )
      : undefined;
  return { ...none, ...expression, message, empty: false, usesOldSelf: refersTo(compiled, 'oldSelf') };
}

function checked(
  compiled: Compiled,
  declared: DeclaredType,
  type: Type,
  prefix: string,
  wrongType: string,
): CompiledExpression {
  const failed = (error: string): CompiledExpression => ({ ...NO_ERROR, error });
  if (compiled.errors !== undefined) return failed(`${prefix}compilation failed: ${compiled.errors}`);
  if (compiled.type !== type) return failed(wrongType);
  if (!compiled.program) {
    const what = prefix === '' ? 'program ' : prefix;
    return failed(`${what}instantiation failed: ${compiled.programError}`);
  }
  const { max } = estimate(compiled.checked!, declaredSizeOf(declared));
  return { error: undefined, program: compiled.program, maxCost: max };
}

const refersTo = ({ checked: tree }: Compiled, name: string): boolean =>
  tree !== undefined &&
  [...tree.references.values()].some((reference) => 'name' in reference && reference.name === name);
