/**
 * The language's own tests (cel.dev/expr 0.26.0, tests/simple), in the environment of Kubernetes. What that has not is in
 * `not-in-kubernetes.json`, by the reason.
 */
import { describe, expect, it } from 'vitest';
import { compile, evaluate, kubernetesEnvironment } from '../../src/cel/cel.ts';
import { equal } from '../../src/cel/compare.ts';
import { runtimeType } from '../../src/cel/runtime-type.ts';
import { describeType, sameType } from '../../src/cel/type.ts';
import type { Value } from '../../src/cel/value.ts';
import { describeValue } from '../../src/cel/value-text.ts';
import notInKubernetes from './not-in-kubernetes.json' with { type: 'json' };
import { readSuite, type SuiteCase } from './suite.ts';

const { cases } = readSuite();
const excused = new Set(Object.values(notInKubernetes).flat());
const FAILED = 'an error';

/** What an expression is, as text. */
function outcome({ expression, variables, values }: SuiteCase): { type: string; value: string } {
  const compiled = compile(expression, kubernetesEnvironment({ variables }));
  const type = compiled.type ? describeType(compiled.type) : '';
  if (!compiled.program) return { type, value: FAILED };
  const { value } = evaluate(compiled.program, values, Number.POSITIVE_INFINITY);
  return { type, value: value === undefined ? FAILED : shown(value) };
}

const shown = (value: Value): string => `${describeType(runtimeType(value))} ${describeValue(value)}`;

/** Whether a value is the one that is expected, which for maps is not told by their texts. */
function isExpected(test: SuiteCase): boolean {
  const compiled = compile(test.expression, kubernetesEnvironment({ variables: test.variables }));
  if (test.deduced && !(compiled.type && sameType(compiled.type, test.deduced))) return false;
  if (test.deduced && test.expected === undefined) return true;
  if (!compiled.program) return test.expected === undefined;
  const { value } = evaluate(compiled.program, test.values, Number.POSITIVE_INFINITY);
  if (value === undefined || test.expected === undefined) return value === test.expected;
  if (Number.isNaN(value)) return Number.isNaN(test.expected);
  return runtimeType(value).name === runtimeType(test.expected).name && equal(value, test.expected) === true;
}

/** Of some files all cases are of what Kubernetes has not. */
const ours = cases.filter(({ name }) => !excused.has(name));
const files = new Set(ours.map(({ name }) => name.split('/')[0]!));

describe.each([...files])('%s', (file) => {
  const of = ours.filter(({ name }) => name.startsWith(`${file}/`));
  it('is as the language has it', () => {
    const wrong = of
      .filter((test) => !isExpected(test))
      .map((test) => `${test.name}: ${test.expression} is ${outcome(test).value}`);
    expect(wrong).toEqual([]);
  });
});

it('excuses nothing that is as the language has it', () => {
  const names = new Set(cases.map(({ name }) => name));
  expect([...excused].filter((name) => !names.has(name))).toEqual([]);
  expect(cases.filter((test) => excused.has(test.name) && isExpected(test)).map(({ name }) => name)).toEqual([]);
});
