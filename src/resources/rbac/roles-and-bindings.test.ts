import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import {
  MANAGER_TOLD_CHARACTERS,
  validateFieldManager,
  validateMetadata,
  validateMetadataUpdate,
} from '../../catalog/metadata.ts';
import type { StageContext } from '../../catalog/strategy.ts';
import { roles } from './roles-and-bindings.ts';

const role = (rules: object[], metadata: object = {}): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'x', namespace: 'default', ...metadata },
  rules,
});
const said = (errors: { field: string; message: string }[] | undefined) =>
  errors?.map((e) => `${e.field}: ${e.message}`);

describe('roles', () => {
  it('need verbs, groups and resources; missing verbs come last', () => {
    expect(said(roles.validate?.(role([{ verbs: null, resources: ['pods'] }]), {} as StageContext))).toEqual([
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].verbs: Required value',
    ]);
  });
  it('may be named almost anything', () => {
    const named = (name: string) => validateMetadata(role([], { name }), { namespaced: true }, 'path');
    expect(named('system:Node Reader')).toEqual([]);
    expect(said(named('a/b'))).toEqual([`metadata.name: Invalid value: "a/b": may not contain '/'`]);
  });
});

describe('metadata', () => {
  it('of an object that is going takes no new finalizers', () => {
    const old = role([], { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a.io/b'] });
    const next = role([], { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a.io/b', 'c.io/d'] });
    expect(said(validateMetadataUpdate(next, old))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c.io/d"}',
    ]);
  });
  it('has at most 256 KiB of annotations and no other namespace later', () => {
    const big = role([], { annotations: { k: 'v'.repeat(256 * 1024) } });
    expect(said(validateMetadata(big, { namespaced: true }, 'path'))).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ]);
    expect(said(validateMetadataUpdate(role([], { namespace: 'b' }), role([])))).toEqual([
      'metadata.namespace: Invalid value: "b": field is immutable',
    ]);
  });
  it('of a field manager tells each bad character, until it has quoted enough', () => {
    expect(said(validateFieldManager('a\n\u0007é\n', 'fieldManager'))).toEqual([
      String.raw`fieldManager: Invalid value: "a\n\aé\n": invalid character U+000A (at position 1)`,
      String.raw`fieldManager: Invalid value: "a\n\aé\n": invalid character U+0007 (at position 2)`,
      String.raw`fieldManager: Invalid value: "a\n\aé\n": invalid character U+000A (at position 5)`,
    ]);
    expect(validateFieldManager('\n'.repeat(128), 'fieldManager')).toHaveLength(128);
    const within = Math.sqrt(MANAGER_TOLD_CHARACTERS) - 1;
    expect(validateFieldManager('\n'.repeat(within), 'fieldManager')).toHaveLength(within + 1);
    const long = '\n'.repeat(16 * 1024);
    expect(validateFieldManager(long, 'fieldManager')).toHaveLength(MANAGER_TOLD_CHARACTERS / long.length + 1);
  });
});
