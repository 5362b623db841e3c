import { expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { namespaceController } from './namespace.ts';

const controller = namespaceController();
const ENDING = { deletionTimestamp: '2026-01-05T09:59:00Z' };
const namespace = object('Namespace', 'ns', {
  metadata: ENDING,
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
});
const conditionsOf = (...objects: Parameters<typeof reconciled>[2]): Record<string, string> => {
  const { status } = written(reconciled(controller, 'ns', [namespace, ...objects]), 'update Namespace/status ns');
  return Object.fromEntries(
    status.conditions.map(({ type, reason, message }: LooseObject) => [type, `${reason}: ${message}`]),
  );
};

it('deletes what is in a namespace that goes: pods first, then the rest', () => {
  const things = [object('ConfigMap', 'c'), object('Secret', 's')];
  const pod = object('Pod', 'p', { spec: {} });
  expect(lines(reconciled(controller, 'ns', [namespace, pod, ...things]))).toEqual([
    'update Namespace/status ns',
    'delete pods p',
  ]);
  const result = reconciled(controller, 'ns', [namespace, ...things]);
  expect(lines(result)).toEqual(['update Namespace/status ns', 'delete configmaps c', 'delete secrets s']);
  expect(result.writes[1]).toMatchObject({ namespace: 'ns', uid: 'ConfigMap/c', propagationPolicy: 'Background' });
  expect(written(result, 'update Namespace/status ns').status.phase).toBe('Terminating');
});

it('lets it go when nothing is left, and keeps the finalizers of others', () => {
  const held = { ...namespace, spec: { finalizers: ['kubernetes', 'example.com/mine'] } };
  const result = reconciled(controller, 'ns', [held]);
  expect(lines(result)).toEqual(['update Namespace/status ns', 'update Namespace/finalize ns']);
  expect(written(result, 'update Namespace/finalize ns').spec.finalizers).toEqual(['example.com/mine']);
});

it('says what is left and who holds it', () => {
  const held = object('ConfigMap', 'c', { metadata: { ...ENDING, finalizers: ['example.com/mine'] } });
  expect(conditionsOf(held)).toMatchObject({
    NamespaceContentRemaining:
      'SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances',
    NamespaceFinalizersRemaining:
      'SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/mine in 1 resource instances',
  });
});

it('stays while a group cannot be asked', () => {
  const away = object('APIService', 'v1.example.com', {
    spec: { group: 'example.com', version: 'v1', service: { namespace: 'ns', name: 's' } },
  });
  expect(lines(reconciled(controller, 'ns', [namespace, away]))).toEqual(['update Namespace/status ns']);
  expect(conditionsOf(away).NamespaceDeletionDiscoveryFailure).toMatch(/^DiscoveryFailed: .* example.com\/v1: stale/);
  expect(keysOf(controller, { new: away }, [namespace])).toContain('ns');
});

it('waits for what is made at the last moment, and does nothing to one that stays', () => {
  const justNow = { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: '2026-01-05T10:00:00Z' } };
  expect(reconciled(controller, 'ns', [justNow])).toEqual({ writes: [], requeueAt: NOW + 5 * SECOND });
  const { deletionTimestamp: _, ...metadata } = namespace.metadata;
  expect(reconciled(controller, 'ns', [{ ...namespace, metadata }, object('Pod', 'p')])).toEqual({ writes: [] });
});
