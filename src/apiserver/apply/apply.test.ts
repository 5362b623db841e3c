import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import { StatusError } from '../../objects/status.ts';
import { builtIn } from '../../resources/built-in.ts';
import { apply } from './apply.ts';
import { trackUpdate } from './track.ts';

const CONFIG_MAP = builtIn('configmaps');
const DEPLOYMENT = builtIn('deployments.apps');
const AT = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:00:09Z';

const configMap = (fields: object = {}): LooseObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c' },
  ...fields,
});

const applied = (manager: string, patch: LooseObject, live?: KubeObject, more: object = {}): KubeObject =>
  apply({ kind: CONFIG_MAP, ...(live && { live }), patch, manager, force: false, now: AT, ...more });

const owned = (object: KubeObject): Record<string, unknown> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map((e: LooseObject) => [`${e.manager} ${e.operation}`, e.fieldsV1]),
  );

function refusal(run: () => unknown): StatusError['status'] {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('accepted');
}

describe('apply', () => {
  it('owns what it sends, and takes away what it no longer sends', () => {
    const first = applied('m', configMap({ data: { a: '1', b: '2' } }));
    expect(owned(first)).toEqual({ 'm Apply': { 'f:data': { 'f:a': {}, 'f:b': {} } } });
    const second = applied('m', configMap({ data: { a: '1' } }), first);
    expect(second.data).toEqual({ a: '1' });
    expect(second.metadata.name).toBe('c');
  });

  it('leaves what another applied too', () => {
    const first = applied('m', configMap({ data: { a: '1' } }));
    const both = applied('n', configMap({ data: { a: '1', b: '2' } }), first);
    const left = applied('n', configMap(), both);
    expect(left.data).toEqual({ a: '1' });
    expect(owned(left)).toEqual({ 'm Apply': { 'f:data': { 'f:a': {} } } });
  });

  it('refuses to change what others own, unless forced', () => {
    const first = applied('m', configMap({ data: { a: '1', b: '1' } }));
    const patch = configMap({ data: { a: '2', b: '2' } });
    const status = refusal(() => applied('n', patch, first));
    expect(status.code).toBe(409);
    expect(status.message).toBe('Apply failed with 2 conflicts: conflicts with "m":\n- .data.a\n- .data.b');
    expect(status.details?.causes?.[0]).toEqual({
      reason: 'FieldManagerConflict',
      message: 'conflict with "m"',
      field: '.data.a',
    });
    const forced = applied('n', patch, first, { force: true });
    expect(forced.data).toEqual({ a: '2', b: '2' });
    expect(Object.keys(owned(forced))).toEqual(['n Apply']);
  });

  it('tells updaters apart by version and subresource in conflicts', () => {
    const live = configMap({ data: { a: '1' } });
    trackUpdate({ kind: CONFIG_MAP, object: live, manager: 'u', now: AT });
    const status = refusal(() => applied('n', configMap({ data: { a: '2' } }), live));
    expect(status.message).toBe('Apply failed with 1 conflict: conflict with "u" using v1: .data.a');
  });

  it('takes what nobody tracked as owned before the first apply', () => {
    const live = configMap({ data: { a: '1' } });
    const next = applied('m', configMap({ data: { b: '2' } }), live);
    expect(owned(next)).toEqual({
      'm Apply': { 'f:data': { 'f:b': {} } },
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:a': {} } },
    });
  });

  it('merges lists by their keys and keeps the order that is applied', () => {
    const container = (name: string, image: string) => ({ name, image });
    const deployment = (containers: object[]): LooseObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { template: { spec: { containers } } },
    });
    const request = { kind: DEPLOYMENT, force: false, now: AT };
    const first = apply({ ...request, manager: 'm', patch: deployment([container('a', 'x'), container('b', 'x')]) });
    const next = apply({ ...request, live: first, manager: 'n', patch: deployment([container('c', 'y')]) });
    expect(next.spec.template.spec.containers.map((c: LooseObject) => c.name)).toEqual(['a', 'b', 'c']);
    const less = apply({ ...request, live: next, manager: 'm', patch: deployment([container('b', 'x')]) });
    expect(less.spec.template.spec.containers.map((c: LooseObject) => c.name)).toEqual(['b', 'c']);
  });

  it('refuses what the schema does not have', () => {
    expect(refusal(() => applied('m', configMap({ zzz: 1 }))).message).toBe(
      'failed to create typed patch object (/c; /v1, Kind=ConfigMap): .zzz: field not declared in schema',
    );
    expect(refusal(() => applied('m', { metadata: {} })).message).toBe('invalid object type: /, Kind=');
  });
});

describe('updates', () => {
  it('move ownership to who changes a field, at the time of the change', () => {
    const old = configMap({ data: { a: '1', b: '1' } });
    trackUpdate({ kind: CONFIG_MAP, object: old, manager: 'one', now: AT });
    const next = configMap({ data: { a: '2', b: '1' } });
    trackUpdate({ kind: CONFIG_MAP, old, object: next, manager: 'two', now: LATER });
    expect(owned(next)).toEqual({
      'one Update': { 'f:data': { '.': {}, 'f:b': {} } },
      'two Update': { 'f:data': { 'f:a': {} } },
    });
    expect(next.metadata.managedFields.map((e: LooseObject) => e.time)).toEqual([AT, LATER]);
  });

  it('keep status apart, and leave what the endpoint resets', () => {
    const deployment = (fields: object): LooseObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { replicas: 1 },
      ...fields,
    });
    const old = deployment({ status: { replicas: 5 } });
    trackUpdate({ kind: DEPLOYMENT, object: old, manager: 'm', now: AT });
    expect(JSON.stringify(owned(old))).not.toContain('status');
    const next = deployment({ status: { replicas: 6 } });
    trackUpdate({ kind: DEPLOYMENT, old, object: next, manager: 'm', subresource: 'status', now: AT });
    expect(next.metadata.managedFields[1]).toMatchObject({
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:replicas': {} } },
    });
  });

  it('forget everything when a client sends an empty list, and do not start again', () => {
    const old = configMap({ data: { a: '1' } });
    trackUpdate({ kind: CONFIG_MAP, object: old, manager: 'one', now: AT });
    const next = configMap({ metadata: { name: 'c', managedFields: [] }, data: { a: '2' } });
    trackUpdate({ kind: CONFIG_MAP, old, object: next, manager: 'one', now: AT });
    expect(next.metadata.managedFields).toBeUndefined();
  });

  it('merge the oldest of too many updaters', () => {
    let old = configMap({ data: {} });
    for (let i = 0; i < 14; i++) {
      const next = configMap({ data: { ...old.data, [`k${i}`]: 'v' } });
      const now = `2026-01-01T00:00:${10 + i}Z`;
      trackUpdate({ kind: CONFIG_MAP, ...(i > 0 && { old }), object: next, manager: `m${i}`, now });
      old = next;
    }
    expect(old.metadata.managedFields).toHaveLength(10);
    expect(old.metadata.managedFields[0].manager).toBe('ancient-changes');
  });
});
