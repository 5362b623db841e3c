import { expect, it } from 'vitest';
import type { ValidatingAdmissionPolicy } from '../../objects/generated/admissionregistration-v1.gen.ts';
import { BUILT_IN } from '../built-in.ts';
import { expressionWarnings, MAX_CHECKED_KINDS } from './type-checking.ts';

const rule = (apiGroups: string[], apiVersions: string[], resources: string[]) => ({
  apiGroups,
  apiVersions,
  operations: ['*'],
  resources,
});

const PODS = rule([''], ['v1'], ['pods']);

const warnings = (resourceRules: object[], expression: string, spec: object = {}) =>
  expressionWarnings(
    {
      spec: { matchConstraints: { resourceRules }, validations: [{ expression }], ...spec },
    } as ValidatingAdmissionPolicy,
    BUILT_IN,
  );

const first = (resourceRules: object[], expression: string, spec: object = {}): string =>
  warnings(resourceRules, expression, spec)[0]?.warning.split('\n', 1)[0] ?? '';

it('checks objects, parameters and variables by their schemas', () => {
  expect(first([PODS], 'object.spec.containers.all(c, c.image.startsWith("a"))')).toBe('');
  expect(first([PODS], 'object.spec.containers.all(c, c.images == "")')).toBe(
    "/v1, Kind=Pod: ERROR: <input>:1:32: undefined field 'images'",
  );
  expect(first([PODS], 'oldObject.metadata.creationTimestamp < timestamp("2026-01-01T00:00:00Z")')).toBe('');
  expect(first([PODS], 'object.spec.hostNetwork == 1')).toContain('found no matching overload');
  // A number or a text, and what may be either.
  const probe = 'object.spec.containers[0].livenessProbe.httpGet.port';
  expect(first([PODS], `${probe} == 80 || ${probe} == "http"`)).toBe('');
  const variables = [{ name: 'names', expression: 'object.spec.containers.map(c, c.name)' }];
  expect(first([PODS], 'variables.names[0] == "a"', { variables })).toBe('');
  expect(first([PODS], 'variables.names[0] == 1', { variables })).toContain('found no matching overload');
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  expect(first([PODS], 'params.data["a"] == "b"', { paramKind })).toBe('');
  expect(first([PODS], 'params.date["a"] == "b"', { paramKind })).toContain("undefined field 'date'");
  expect(first([PODS], 'params.max > 1', { paramKind: { apiVersion: 'example.com/v1', kind: 'Unknown' } })).toBe('');
});

it('goes by the rules that name something, each kind by itself', () => {
  const apps = rule(['apps'], ['v1'], ['replicasets', 'deployments', 'deployments/scale']);
  const [warning] = warnings([apps], 'object.replicas > 1');
  expect(warning!.warning.split('\n').filter((line) => line.includes('Kind='))).toEqual([
    "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'",
    "apps/v1, Kind=ReplicaSet: ERROR: <input>:1:7: undefined field 'replicas'",
  ]);
  expect(warnings([rule(['*'], ['v1'], ['pods'])], 'object.zzz')).toEqual([]);
  expect(warnings([rule([''], ['v1'], ['*'])], 'object.zzz')).toEqual([]);
  const messageExpression = 'string(object.zzz)';
  expect(warnings([PODS], 'true', { validations: [{ expression: 'true', messageExpression }] })[0]!.fieldRef).toBe(
    'spec.validations[0].messageExpression',
  );
});

it(`looks at ${MAX_CHECKED_KINDS} kinds of a rule`, () => {
  const core = BUILT_IN.kinds.filter(({ group, version }) => group === '' && version === 'v1');
  const told = (count: number): number => {
    const resources = core.slice(0, count).map(({ resource }) => resource);
    const [warning] = warnings([rule([''], ['v1'], resources)], 'object.zzz');
    return warning!.warning.split('\n').filter((line) => line.includes('Kind=')).length;
  };
  expect(core.length).toBeGreaterThan(MAX_CHECKED_KINDS);
  expect(told(MAX_CHECKED_KINDS)).toBe(MAX_CHECKED_KINDS);
  expect(told(MAX_CHECKED_KINDS + 1)).toBe(MAX_CHECKED_KINDS);
});
