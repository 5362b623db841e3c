import { expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND } from '../test-view.ts';
import { tokenCleaner } from './token-cleaner.ts';

const token = (expiration?: string) =>
  object('Secret', 'bootstrap-token-abcdef', {
    metadata: { namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: expiration === undefined ? {} : { expiration: btoa(expiration) },
  });
const inSeconds = (seconds: number): string => new Date(NOW + seconds * SECOND).toISOString();
const at = (expiration?: string) =>
  reconciled(tokenCleaner(), 'kube-system/bootstrap-token-abcdef', [token(expiration)]);

it('deletes a token when its time is over, and not before', () => {
  expect(at()).toEqual({ writes: [] });
  expect(at(inSeconds(1))).toEqual({ writes: [], requeueAt: NOW + SECOND });
  expect(lines(at(inSeconds(0)))).toEqual(['delete secrets bootstrap-token-abcdef']);
  expect(lines(at('soon'))).toEqual(['delete secrets bootstrap-token-abcdef']);
  expect(keysOf(tokenCleaner(), { new: object('Secret', 's', { type: 'Opaque' }) })).toEqual([]);
});
