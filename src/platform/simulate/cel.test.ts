import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { PER_CALL_LIMIT } from '../../cel/cel.ts';
import { MAX_EXPRESSION_SIZE } from '../../cel/parse.ts';
import type { PlatformBindings } from '../bindings.ts';
import { ANONYMOUS_LIMITS, TOKEN_LIMITS } from './limits.ts';
import { serveSimulate } from './simulate.ts';
import { testApp } from './test-app.ts';

const app = testApp(serveSimulate);

async function post(body: unknown, opened = false): Promise<{ status: number; body: LooseObject }> {
  const response = await app.request(
    '/v1/simulate/cel',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    { OPENED: opened } as PlatformBindings,
  );
  return { status: response.status, body: await response.json() };
}

const schema = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    'max-replicas': { type: 'integer' },
    names: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 5 } },
  },
};

describe('POST /v1/simulate/cel', () => {
  it('evaluates a rule on a value of its schema, and says what it costs', async () => {
    const { status, body } = await post({
      expression: 'self.replicas <= self.max__dash__replicas && self.names.all(n, n.startsWith("a"))',
      place: 'rule',
      schema,
      values: { self: { replicas: 1, 'max-replicas': 2, names: ['a', 'ab'] } },
    });
    expect(status).toBe(200);
    expect(body).toEqual({ type: 'bool', value: true, estimatedCost: { min: 5, max: 58 }, spentCost: 18 });
  });

  it('refuses what the API server refuses, in its words', async () => {
    const refused = async (expression: string, place: string) =>
      (await post({ expression, place, schema })).body.refused;
    expect(await refused('self.zzz > 1', 'rule')).toBe(
      "compilation failed: ERROR: <input>:1:5: undefined field 'zzz'\n | self.zzz > 1\n | ....^",
    );
    expect(await refused('1', 'rule')).toBe('cel expression must evaluate to a bool');
    expect(await refused('1', 'messageExpression')).toBe('messageExpression must evaluate to a string');
    expect(await refused('"a"', 'policy')).toBe('must evaluate to bool but got string');
    expect(await refused('int("x") > 0', 'policy')).toBe(
      "program instantiation failed: type conversion error from 'string' to 'int'",
    );
  });

  it('says why an evaluation fails', async () => {
    const { body } = await post({
      expression: '1 / int(object.v) > 0',
      place: 'policy',
      values: { object: { v: '0' } },
    });
    expect(body).toMatchObject({ type: 'bool', error: 'division by zero' });
  });

  it('has the variables of its place', async () => {
    const values = { object: { a: 1 }, params: { max: 2 } };
    const ask = async (place: string, expression: string) => (await post({ place, expression, values })).body;
    expect((await ask('policy', 'object.a < params.max')).value).toBe(true);
    expect((await ask('policyVariable', 'object')).value).toEqual({ a: 1 });
    expect((await ask('matchCondition', 'params == null')).refused).toContain("undeclared reference to 'params'");
    expect((await ask('policy', 'oldObject == null')).value).toBe(true);
  });

  it('makes what a mutation would', async () => {
    const ask = async (place: string, expression: string) =>
      (await post({ place, expression, values: { object: { metadata: { name: 'a' } } } })).body;
    const patch = await ask('jsonPatch', '[JSONPatch{op: "add", path: "/" + jsonpatch.escapeKey("a/b"), value: 1}]');
    expect([patch.type, patch.value]).toEqual(['list(JSONPatch)', [{ op: 'add', path: '/a~1b', value: 1 }]]);
    const applied = await ask(
      'applyConfiguration',
      'Object{metadata: Object.metadata{labels: {"n": object.metadata.name}}}',
    );
    expect(applied.value).toEqual({ metadata: { labels: { n: 'a' } } });
    expect((await ask('jsonPatch', '"x"')).refused).toBe('must evaluate to list(JSONPatch) but got string');
    expect((await ask('applyConfiguration', '1')).refused).toBe('must evaluate to Object but got int');
  });

  it('has what was as an optional, if that is asked for', async () => {
    const rule = { expression: 'oldSelf.hasValue()', place: 'rule', schema: { type: 'string' }, optionalOldSelf: true };
    expect((await post({ ...rule, values: { self: 'a' } })).body.value).toBe(false);
    expect((await post({ ...rule, values: { self: 'a', oldSelf: 'b' } })).body.value).toBe(true);
  });

  it('shows values as JSON', async () => {
    const value = async (expression: string) => (await post({ expression, place: 'policyVariable' })).body.value;
    expect(await value('[9223372036854775807, 1]')).toEqual(['9223372036854775807', 1]);
    expect(await value('{"a": b"abc", "b": b""}')).toEqual({ a: 'YWJj', b: '' });
    expect(await value('[duration("90s"), duration("1h")]')).toEqual(['90s', '3600s']);
    expect(await value('timestamp("2026-01-01T00:00:00Z")')).toBe('2026-01-01T00:00:00Z');
    expect(await value('[optional.of(1), optional.none()]')).toEqual([{ optional: 1 }, { optional: null }]);
    expect(await value('type(1u)')).toBe('uint');
    expect(await value('1.0 / 0.0')).toBe('+Inf');
  });

  it('needs a schema that tells the type of the value', async () => {
    expect((await post({ expression: 'true', place: 'rule' })).status).toBe(422);
    expect((await post({ expression: 'true', place: 'rule', schema: {} })).body.errors[0].pointer).toBe('/schema');
    expect((await post({ expression: 'true', place: 'rule', schema: { type: 'string' } })).status).toBe(200);
  });

  it('takes an expression as long as Kubernetes does', async () => {
    const padded = (size: number): string => 'true'.padEnd(size);
    const ask = async (size: number) => (await post({ expression: padded(size), place: 'policy' })).body;
    expect((await ask(MAX_EXPRESSION_SIZE)).value).toBe(true);
    expect((await ask(MAX_EXPRESSION_SIZE + 1)).refused).toContain(
      `expression code point size exceeds limit: size: ${MAX_EXPRESSION_SIZE + 1}, limit ${MAX_EXPRESSION_SIZE}`,
    );
  });

  it('spends more for who has a cluster, and never more than Kubernetes', async () => {
    // Each element costs as much as is said, beside a few steps for all.
    const ask = (elements: number, opened: boolean) =>
      post({ expression: `lists.range(${elements}).size() > 0`, place: 'policy' }, opened);
    expect((await ask(ANONYMOUS_LIMITS.celCost - 20, false)).status).toBe(200);
    expect((await ask(ANONYMOUS_LIMITS.celCost, false)).body.detail).toContain(
      'With the token of a cluster it may be more.',
    );
    expect(TOKEN_LIMITS.celCost).toBe(PER_CALL_LIMIT);
    expect((await ask(TOKEN_LIMITS.celCost - 20, true)).body.value).toBe(true);
    expect((await ask(TOKEN_LIMITS.celCost, true)).body.error).toBe('operation cancelled: actual cost limit exceeded');
  });
});
