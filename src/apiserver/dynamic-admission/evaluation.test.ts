import { expect, it } from 'vitest';
import { valueOfJSON } from '../../cel/json-value.ts';
import type { KubeObject } from '../../objects/object.ts';
import { compiledPolicy } from '../../resources/admissionregistration/compiled-policy.ts';
import { UNLIMITED_WORK } from '../../simulation/work-budget.ts';
import { Evaluation, MATCH_CONDITIONS_BUDGET, POLICY_BUDGET, PolicyBudgetExceeded } from './evaluation.ts';
import { conditionsHold } from './match-conditions.ts';

const compiled = (spec: object) => compiledPolicy({ metadata: { name: 'p' }, spec } as KubeObject);
const values = new Map([['object', valueOfJSON({ n: 7, text: 'a'.repeat(90_000) })]]);

it('evaluates a variable when it is first asked for, and what it costs is charged to who asked', () => {
  const { variables, validations } = compiled({
    variables: [
      { name: 'seven', expression: 'object.n' },
      { name: 'broken', expression: '1 / (int(variables.seven) - 7)' },
    ],
    validations: [
      { expression: 'variables.seven == 7' },
      { expression: 'variables.seven == 7' },
      { expression: 'variables.broken == 7' },
    ],
  });
  const evaluation = new Evaluation(values, variables, 1000, UNLIMITED_WORK);
  expect(evaluation.of(validations[0])).toEqual({ value: true });
  const first = 1000 - evaluation.left;
  expect(evaluation.of(validations[1])).toEqual({ value: true });
  const second = 1000 - first - evaluation.left;
  expect(second).toBeLessThan(first);
  expect(evaluation.of(validations[2]).error).toBe(
    `expression 'variables.broken == 7' resulted in error: composited variable "broken" fails to evaluate: division by zero`,
  );
  const scant = new Evaluation(values, variables, first - 1, UNLIMITED_WORK);
  expect(() => scant.of(validations[0])).toThrow(PolicyBudgetExceeded);
});

it(`has ${POLICY_BUDGET} for a policy and ${MATCH_CONDITIONS_BUDGET} for its conditions`, () => {
  // Dear, and done in no time: a pattern costs by its own length and by its text's.
  const costly = { expression: `!object.text.matches("a*b${'c'.repeat(300)}")` };
  const many = (count: number) => Array.from({ length: count }, () => costly);
  const one = compiled({ validations: many(1) });
  const alone = new Evaluation(values, one.variables, POLICY_BUDGET, UNLIMITED_WORK);
  alone.of(one.validations[0]);
  const cost = POLICY_BUDGET - alone.left;
  expect(cost).toBeGreaterThan(500_000);
  const within = Math.floor(POLICY_BUDGET / cost);
  const run = (count: number) => {
    const { variables, validations } = compiled({ validations: many(count) });
    const evaluation = new Evaluation(values, variables, POLICY_BUDGET, UNLIMITED_WORK);
    return validations.map((expression) => evaluation.of(expression).value);
  };
  expect(run(within)).toEqual(many(within).map(() => true));
  expect(() => run(within + 1)).toThrow('running out of cost budget');
  const holds = (count: number, failurePolicy: string) => {
    const matchConditions = many(count).map((condition, i) => ({ name: `c${i}`, ...condition }));
    return conditionsHold({ ...compiled({ matchConditions }), failurePolicy }, () => values, UNLIMITED_WORK);
  };
  const fit = Math.floor(MATCH_CONDITIONS_BUDGET / cost);
  expect(holds(fit, 'Fail')).toEqual({ holds: true });
  expect(holds(fit + 1, 'Fail').error).toContain('running out of cost budget');
  expect(holds(fit + 1, 'Ignore')).toEqual({ holds: false });
});

it('does not hold if any condition does not, whatever fails beside it', () => {
  const condition = (expression: string) => ({ name: expression, expression });
  const hold = (...expressions: string[]) =>
    conditionsHold(
      { ...compiled({ matchConditions: expressions.map(condition) }), failurePolicy: 'Fail' },
      () => values,
      UNLIMITED_WORK,
    );
  expect(hold('object.n == 7', 'object.none == 1', 'object.n == 8')).toEqual({ holds: false });
  expect(hold('object.n == 7', 'object.none == 1')).toEqual({
    holds: false,
    error: "expression 'object.none == 1' resulted in error: no such key: none",
  });
});
