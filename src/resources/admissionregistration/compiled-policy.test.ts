import { expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { compiledPolicy, MAX_COMPILED_CHARACTERS } from './compiled-policy.ts';

const policy = (expression: string, spec: object = {}): KubeObject =>
  ({ metadata: { name: 'p' }, spec: { validations: [{ expression }], ...spec } }) as KubeObject;

it(`compiles what is written the same once, as long as all that has ${MAX_COMPILED_CHARACTERS} characters`, () => {
  const once = compiledPolicy(policy('object.a == 1'));
  expect(compiledPolicy(policy('object.a == 1'))).toBe(once);
  expect(compiledPolicy(policy('object.a == 1', { paramKind: { kind: 'X' } }))).not.toBe(once);
  const own = policy('object.a == 2');
  expect(compiledPolicy(own)).toBe(compiledPolicy(own));
  // As much as there is room for, with the brackets around it; and more.
  const around = JSON.stringify([false, null, null, [['', null]], null, null]).length;
  const long = (length: number) => compiledPolicy(policy('true'.padEnd(length - around)));
  const most = long(MAX_COMPILED_CHARACTERS);
  expect(long(MAX_COMPILED_CHARACTERS)).toBe(most);
  const more = long(MAX_COMPILED_CHARACTERS + 1);
  expect(long(MAX_COMPILED_CHARACTERS + 1)).not.toBe(more);
});

it('tells by each expression what is wrong with it, and whether any asks what somebody may do', () => {
  const compiled = compiledPolicy(
    policy('zzz == 1', { variables: [{ name: 'may', expression: 'authorizer.path("/").check("get").allowed()' }] }),
  );
  expect(compiled.validations[0]!.error?.detail).toContain("undeclared reference to 'zzz'");
  expect(compiled.asksAuthorizer).toBe(true);
  expect(compiledPolicy(policy('true')).asksAuthorizer).toBe(false);
});
