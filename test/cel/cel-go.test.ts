/**
 * The same as the real thing: errors, types, estimates, values and costs of cel-go v0.29.2 in the environment of
 * k8s.io/apiserver v0.37.2, for expressions of their own tests, such with something broken in them, and rules of
 * schemas. `cel-go.json` is what a Go program with both told; left out are what makes them panic, messages of protobuf and optionals in maps.
 */
import { describe, expect, it } from 'vitest';
import { type Compiled, compile, estimate, evaluate, kubernetesEnvironment } from '../../src/cel/cel.ts';
import { declaredSizeOf, declaredTypes, declareSchema } from '../../src/cel/declared-type.ts';
import { runtimeType } from '../../src/cel/runtime-type.ts';
import type { CelSchema } from '../../src/cel/schema.ts';
import { valueOfSchema } from '../../src/cel/schema-value.ts';
import { DYN, INT, listOf, mapOf, STRING, struct, typeName } from '../../src/cel/type.ts';
import { ArrayList, EntryMap, type Value } from '../../src/cel/value.ts';
import { describeValue } from '../../src/cel/value-text.ts';
import recorded from './cel-go.json' with { type: 'json' };

interface Outcome {
  readonly expression: string;
  readonly errors?: string;
  readonly type?: string;
  readonly estimate?: string;
  readonly program?: string;
  readonly error?: string;
  readonly value?: string;
  readonly cost?: number;
}

/** Of what the real one told of an expression, ours. */
function outcome(compiled: Compiled, variables: ReadonlyMap<string, Value>, told: Outcome, size?: Size): Outcome {
  const { expression } = told;
  if (!compiled.checked) return { expression, errors: compiled.errors! };
  const { min, max } = estimate(compiled.checked, size);
  const checked = { expression, type: typeName(compiled.type!), estimate: `${min}-${max}` };
  if (!compiled.program) return { ...checked, program: compiled.programError! };
  const { value, error, cost } = evaluate(compiled.program, variables);
  if (value === undefined) return { ...checked, error: error! };
  const text = `${typeName(runtimeType(value))}(${describeValue(value)})`;
  return { ...checked, ...('value' in told && { value: text }), cost };
}

type Size = Parameters<typeof estimate>[1];

const environment = kubernetesEnvironment({
  variables: new Map([
    ['x', DYN],
    ['s', STRING],
    ['n', INT],
    ['l', listOf(INT)],
    ['m', mapOf(STRING, STRING)],
    ['authorizer', struct('kubernetes.authorization.Authorizer')],
  ]),
});
const variables = new Map<string, Value>([
  ['x', null],
  ['s', 'hello'],
  ['n', 3n],
  ['l', new ArrayList([1n, 2n, 3n])],
  ['m', EntryMap.ofPairs([['a', 'b']])],
]);

it.each(recorded.expressions as readonly Outcome[])('$expression', (told) => {
  expect(outcome(compile(told.expression, environment), variables, told)).toEqual(told);
});

describe.each(recorded.schemas)('of schema %#', ({ schema, value, root, rules }) => {
  const declared = declareSchema(schema as CelSchema, root, 'selfType')!;
  const bound = kubernetesEnvironment({
    variables: new Map([
      ['self', declared.type],
      ['oldSelf', declared.type],
    ]),
    types: [declaredTypes(declared)],
  });
  const self = valueOfSchema(value, schema as CelSchema);
  const values = new Map([
    ['self', self],
    ['oldSelf', self],
  ]);

  it.each(rules as readonly Outcome[])('$expression', (told) => {
    expect(outcome(compile(told.expression, bound), values, told, declaredSizeOf(declared))).toEqual(told);
  });
});
