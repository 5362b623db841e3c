import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { serviceAccountController } from './serviceaccount.ts';

const controller = serviceAccountController();
const namespace = object('Namespace', 'ns');
const account = object('ServiceAccount', 'default');

it('gives every namespace its default account, again when it is deleted', () => {
  const result = reconciled(controller, 'ns', [namespace]);
  expect(lines(result)).toEqual(['create ServiceAccount default']);
  expect(written(result, 'create ServiceAccount default').metadata.namespace).toBe('ns');
  expect(keysOf(controller, { old: account })).toEqual(['ns']);
  expect(keysOf(controller, { new: account })).toEqual([]);
});

it('makes none where there is one, and none in a namespace that goes', () => {
  expect(lines(reconciled(controller, 'ns', [namespace, account]))).toEqual([]);
  const ending = object('Namespace', 'ns', { metadata: { deletionTimestamp: '2026-01-05T09:59:00Z' } });
  expect(lines(reconciled(controller, 'ns', [ending]))).toEqual([]);
});
