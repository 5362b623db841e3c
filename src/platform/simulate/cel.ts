/** `/v1/simulate/cel`: an expression where Kubernetes evaluates such, on values sent in the body. */
import { type Compiled, compile, estimate, evaluate, kubernetesEnvironment, PER_CALL_LIMIT } from '../../cel/cel.ts';
import { declaredSizeOf, declaredTypes, declareSchema } from '../../cel/declared-type.ts';
import { resultJSON } from '../../cel/json-result.ts';
import { valueOfJSON } from '../../cel/json-value.ts';
import { JSON_PATCH_TYPE } from '../../cel/mutation-types.ts';
import { policyEnvironment } from '../../cel/policy-environment.ts';
import { asResource, type CelSchema } from '../../cel/schema.ts';
import { valueOfSchema } from '../../cel/schema-value.ts';
import { BOOL, listOf, optionalOf, STRING, sameType, struct, type Type, typeName } from '../../cel/type.ts';
import { CelOptional, NONE, type Value } from '../../cel/value.ts';
import { WorkExceeded } from '../../simulation/work-budget.ts';
import { ProblemError } from '../http/problem.ts';
import type { z } from '../zod.ts';
import type { celAnswer, celRequest } from './cel-schemas.ts';

type Request = z.output<typeof celRequest>;
type Answer = z.input<typeof celAnswer>;

/** What an expression may name there, with its value, and what it must be of. */
interface Place {
  values: Map<string, Value>;
  expected: Type | undefined;
  compile: (expression: string) => Compiled;
  estimate: (compiled: Compiled) => { min: bigint; max: bigint };
  /** As the server says what it refuses. */
  wrongType: (type: Type) => string;
}

const POLICY_VARIABLES = ['object', 'oldObject', 'request', 'namespaceObject', 'params'];
const EXPECTED: Record<Request['place'], Type | undefined> = {
  rule: BOOL,
  messageExpression: STRING,
  policy: BOOL,
  policyMessage: STRING,
  policyVariable: undefined,
  applyConfiguration: struct('Object'),
  jsonPatch: listOf(JSON_PATCH_TYPE),
  matchCondition: BOOL,
};

function policyPlace({ place, values }: Request): Place {
  const mutation = place === 'applyConfiguration' || place === 'jsonPatch';
  const environment = policyEnvironment({ params: place !== 'matchCondition', mutation });
  const expected = EXPECTED[place];
  return {
    values: new Map(POLICY_VARIABLES.map((name) => [name, valueOfJSON(values[name] ?? null)])),
    expected,
    compile: (expression) => compile(expression, environment),
    estimate: (compiled) => estimate(compiled.checked!),
    wrongType: (type) => `must evaluate to ${typeName(expected!)} but got ${typeName(type)}`,
  };
}

function rulePlace({ place, schema: body, resource, optionalOldSelf, values }: Request): Place {
  const schema = body as CelSchema | undefined;
  const declared = schema && declareSchema(schema, resource, 'selfType');
  if (!declared || !schema)
    throw new ProblemError(422, '/schema: a rule is about a value whose type the schema tells.', [
      { pointer: '/schema', detail: 'the type of the value is not told' },
    ]);
  const oldType = optionalOldSelf ? optionalOf(declared.type) : declared.type;
  const variables = new Map([
    ['self', declared.type],
    ['oldSelf', oldType],
  ]);
  const environment = kubernetesEnvironment({ variables, types: [declaredTypes(declared)] });
  const read = (json: unknown): Value => valueOfSchema(json, resource ? asResource(schema) : schema);
  const known = new Map<string, Value>([['self', read(values.self)]]);
  if (Object.hasOwn(values, 'oldSelf'))
    known.set('oldSelf', optionalOldSelf ? new CelOptional(read(values.oldSelf)) : read(values.oldSelf));
  else if (optionalOldSelf) known.set('oldSelf', NONE);
  return {
    values: known,
    expected: EXPECTED[place],
    compile: (expression) => compile(expression, environment),
    estimate: (compiled) => estimate(compiled.checked!, declaredSizeOf(declared)),
    wrongType: () =>
      place === 'rule' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string',
  };
}

/**
 * What comes of it. `costLimit`: what may be spent for who asks.
 * Throws `WorkExceeded` beyond that, and `ProblemError` where a schema is needed that there is not.
 */
export function simulateCel(request: Request, costLimit: number): Answer {
  const place =
    request.place === 'rule' || request.place === 'messageExpression' ? rulePlace(request) : policyPlace(request);
  const compiled = place.compile(request.expression);
  if (compiled.errors !== undefined) return { refused: `compilation failed: ${compiled.errors}` };
  const type = compiled.type!;
  const answer = { type: typeName(type), ...estimated(place.estimate(compiled)) };
  if (place.expected && !sameType(type, place.expected)) return { ...answer, refused: place.wrongType(type) };
  if (!compiled.program) return { ...answer, refused: `program instantiation failed: ${compiled.programError}` };
  const result = evaluate(compiled.program, place.values, Math.min(costLimit, PER_CALL_LIMIT));
  if (result.overBudget && costLimit < PER_CALL_LIMIT) throw new WorkExceeded(costLimit);
  if (result.value === undefined) return { ...answer, spentCost: result.cost, error: result.error };
  return { ...answer, spentCost: result.cost, value: resultJSON(result.value) };
}

const estimated = ({ min, max }: { min: bigint; max: bigint }) => ({
  estimatedCost: { min: Number(min), max: Number(max) },
});
