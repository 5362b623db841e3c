/** What a real v1.37.2 control plane came to, or refused, in its own words: expressions of recorded policies and rules. */
import { describe, expect, it } from 'vitest';
import { compile, evaluate, kubernetesEnvironment } from '../../src/cel/cel.ts';
import { valueOfJSON } from '../../src/cel/json-value.ts';
import { compileRules } from '../../src/cel/rules.ts';
import type { CelSchema } from '../../src/cel/schema.ts';
import { DYN } from '../../src/cel/type.ts';
import recorded from './recorded.json' with { type: 'json' };

const environment = kubernetesEnvironment({
  variables: new Map(['object', 'oldObject', 'request', 'params', 'namespaceObject'].map((name) => [name, DYN])),
});
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

function outcome(expression: string, object: unknown = {}): unknown {
  const { program, programError, errors } = compile(expression, environment);
  if (!program) return programError ?? errors;
  const { value, error } = evaluate(program, new Map([['object', valueOfJSON(object)]]));
  return typeof value === 'string' ? value.replace(TIME, '<time>') : error;
}

// A warning is sent once, however many expressions come to it.
it.each(recorded.values)('$name', ({ expressions, results }) => {
  expect([...new Set(expressions.map((expression) => outcome(expression)))]).toEqual(results);
});

it.each(recorded.failures)('$name: $expression', ({ expression, object, error }) => {
  expect(outcome(expression, object)).toBe(error);
});

describe('what is refused', () => {
  it.each(recorded.refusals)('$name: $expression', (refusal) => {
    const { expression, message, program } = refusal;
    if ('schema' in refusal) {
      const schema = refusal.schema as CelSchema;
      expect(compileRules(schema, [{ rule: expression }], false)![0]!.error).toBe(`compilation failed: ${message}`);
      return;
    }
    const compiled = compile(expression, environment);
    expect(compiled.errors ?? compiled.programError).toBe(message ?? program);
  });
});
