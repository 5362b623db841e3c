import { describe, expect, it } from 'vitest';
import { compile, evaluate } from './cel.ts';
import { valueOfJSON } from './json-value.ts';
import { LazyVariables, policyEnvironment } from './policy-environment.ts';
import { INT } from './type.ts';
import type { Value } from './value.ts';

const errorsOf = (expression: string, environment = policyEnvironment({})): string | undefined =>
  compile(expression, environment).errors?.split('\n')[0];

describe('what a policy may name', () => {
  it.each([
    'object.any.thing == oldObject.thing',
    'request.userInfo.groups.exists(g, g == "system:masters") && request.kind.kind == "Pod"',
    'namespaceObject.metadata.labels["a"] == "b" || namespaceObject.status.conditions[0].type == "c"',
    'request.options.anything == 1',
  ])('%s', (expression) => {
    expect(errorsOf(expression)).toBeUndefined();
  });

  it.each([
    ['request.zzz', "ERROR: <input>:1:8: undefined field 'zzz'"],
    ['request.name > 1', "ERROR: <input>:1:14: found no matching overload for '_>_' applied to '(string, int)'"],
    ['params.a', "ERROR: <input>:1:1: undeclared reference to 'params' (in container '')"],
    ['variables.a', "ERROR: <input>:1:1: undeclared reference to 'variables' (in container '')"],
    ['jsonpatch.escapeKey("a")', "ERROR: <input>:1:1: undeclared reference to 'jsonpatch' (in container '')"],
  ])('%s is refused', (expression, error) => {
    expect(errorsOf(expression)).toBe(error);
  });

  it('is more where there is more', () => {
    expect(errorsOf('params.a', policyEnvironment({ params: true }))).toBeUndefined();
    const authorizer = policyEnvironment({ authorizer: true });
    expect(errorsOf("authorizer.requestResource.check('get').allowed()", authorizer)).toBeUndefined();
    const { program } = compile('jsonpatch.escapeKey("a/b~c")', policyEnvironment({ mutation: true }));
    expect(evaluate(program!, new Map()).value).toBe('a~1b~0c');
  });
});

it('computes a variable when it is first asked for, and once', () => {
  const environment = policyEnvironment({
    variables: new Map([
      ['n', INT],
      ['never', INT],
    ]),
  });
  expect(errorsOf('variables.b', environment)).toBe("ERROR: <input>:1:10: undefined field 'b'");
  const { program } = compile('variables.n + variables.n == object.twice', environment);
  const asked: string[] = [];
  const variable = (name: string, value: Value) => () => {
    asked.push(name);
    return value;
  };
  const variables = new LazyVariables(
    new Map([
      ['n', variable('n', 2n)],
      ['never', variable('never', 1n)],
    ]),
  );
  const values = new Map<string, Value>([
    ['object', valueOfJSON({ twice: 4 })],
    ['variables', variables],
  ]);
  expect(evaluate(program!, values).value).toBe(true);
  expect(asked).toEqual(['n']);
});
