import { expect, it } from 'vitest';
import type { Notary } from '../../simulation/notary.ts';
import { keysOf, lines, NOW, object, reconciled, written } from '../test-view.ts';
import { serviceAccountTokenController } from './serviceaccount-token.ts';

const notary: Notary = {
  secretToken: ({ account, secret }) => ({ value: `token of ${account.name} for ${secret}` }),
  certificate: () => undefined,
  tokenKid: () => 'kid',
};
const controller = serviceAccountTokenController('PEM', notary);
const account = object('ServiceAccount', 'robot', { secrets: [{ name: 'token' }, { name: 'other' }] });
const secret = (annotations: Record<string, string> = {}, data?: Record<string, string>) =>
  object('Secret', 'token', {
    metadata: { annotations: { 'kubernetes.io/service-account.name': 'robot', ...annotations } },
    type: 'kubernetes.io/service-account-token',
    ...(data ? { data } : {}),
  });

it('fills a Secret that is to hold a token', () => {
  const filled = written(reconciled(controller, 'ns/token', [account, secret()]), 'update Secret token');
  expect(filled.data).toEqual({
    token: btoa('token of robot for token'),
    'ca.crt': btoa('PEM'),
    namespace: btoa('ns'),
  });
  expect(filled.metadata.annotations).toMatchObject({ 'kubernetes.io/service-account.uid': 'ServiceAccount/robot' });
  expect(lines(reconciled(controller, 'ns/token', [account, filled]))).toEqual([]);
});

it('asks again for a signature that has not come', () => {
  const slow = serviceAccountTokenController('PEM', { ...notary, secretToken: () => undefined });
  const result = reconciled(slow, 'ns/token', [account, secret()]);
  expect(lines(result)).toEqual([]);
  expect(result.requeueAt).toBeGreaterThan(NOW);
  const broken = serviceAccountTokenController('PEM', { ...notary, secretToken: () => ({ error: 'no key' }) });
  expect(reconciled(broken, 'ns/token', [account, secret()]).error).toBe('no key');
});

it('deletes the Secret of an account that is gone, or is another one by now', () => {
  expect(lines(reconciled(controller, 'ns/token', [secret()]))).toEqual(['delete secrets token']);
  const older = secret({ 'kubernetes.io/service-account.uid': 'before' });
  expect(lines(reconciled(controller, 'ns/token', [account, older]))).toEqual(['delete secrets token']);
  expect(keysOf(controller, { old: account }, [secret()])).toEqual(['ns/token']);
});

it('takes a Secret that is gone out of its account', () => {
  const result = reconciled(controller, 'ns/token', [account]);
  expect(written(result, 'update ServiceAccount robot').secrets).toEqual([{ name: 'other' }]);
});
