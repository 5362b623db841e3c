import { describe, expect, it } from 'vitest';
import { compile, evaluate } from './cel.ts';
import { resultJSON } from './json-result.ts';
import { valueOfJSON } from './json-value.ts';
import { JSON_PATCH_TYPE, misnamedObjects } from './mutation-types.ts';
import { LazyVariables, policyEnvironment } from './policy-environment.ts';
import { INT, listOf, sameType } from './type.ts';
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

describe('what a mutating policy makes', () => {
  const environment = policyEnvironment({ mutation: true });
  const made = (expression: string): Value => {
    const { program, errors } = compile(expression, environment);
    expect(errors).toBeUndefined();
    return evaluate(program!, new Map([['object', valueOfJSON({ spec: { names: ['a', 'b'] } })]])).value!;
  };

  it('is an object with whatever fields', () => {
    const value = made(
      'Object{metadata: Object.metadata{labels: {"a": "b"}}, spec: Object.spec{list: object.spec.names.map(n, Object.spec.list.item{name: n})}}',
    );
    expect(resultJSON(value)).toEqual({
      metadata: { labels: { a: 'b' } },
      spec: { list: [{ name: 'a' }, { name: 'b' }] },
    });
    expect(made('Object{a: 1} == Object{a: 1} && Object{a: 1} != Object{a: 2}')).toBe(true);
  });

  it('is named after where it is', () => {
    expect(misnamedObjects(made('Object{spec: Object.spec{a: 1}}'))).toEqual([]);
    expect(misnamedObjects(made('Object{spec: Object.metadata{a: 1}}'))).toEqual([
      'unexpected type name "Object.metadata", expected "Object.spec", which matches field name path from root Object type',
    ]);
  });

  it('is a list of patches', () => {
    const patches = '[JSONPatch{op: "add", path: "/a", value: 1}, JSONPatch{op: "remove", path: "/b"}]';
    expect(sameType(compile(patches, environment).type!, listOf(JSON_PATCH_TYPE))).toBe(true);
    expect(resultJSON(made(patches))).toEqual([
      { op: 'add', path: '/a', value: 1 },
      { op: 'remove', path: '/b' },
    ]);
    expect(errorsOf('JSONPatch{op: 1}', environment)).toBe(
      "ERROR: <input>:1:13: expected type of field 'op' is 'string' but provided type is 'int'",
    );
    expect(errorsOf('JSONPatch{zzz: 1}', environment)).toBe("ERROR: <input>:1:14: undefined field 'zzz'");
  });
});
