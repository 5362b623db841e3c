import { expect, it } from 'vitest';
import { lines, object, reconciled, written } from '../test-view.ts';
import { clusterAuthenticationTrust } from './cluster-authentication-trust.ts';

const NAME = 'extension-apiserver-authentication';
const controller = clusterAuthenticationTrust({ clientCA: 'CLIENTS', frontProxyCA: 'PROXY' });

it('tells other servers whom the API server trusts, and puts right what somebody wrote there', () => {
  const made = written(reconciled(controller, NAME, []), `create ConfigMap ${NAME}`);
  expect(made.metadata.namespace).toBe('kube-system');
  expect(made.data).toMatchObject({ 'client-ca-file': 'CLIENTS', 'requestheader-client-ca-file': 'PROXY' });
  const metadata = { namespace: 'kube-system' };
  const map = (data: object) => object('ConfigMap', NAME, { metadata, data: { ...made.data, ...data } });
  expect(lines(reconciled(controller, NAME, [map({ more: 'x' })]))).toEqual([]);
  const fixed = written(
    reconciled(controller, NAME, [map({ more: 'x', 'client-ca-file': 'EVIL' })]),
    `update ConfigMap ${NAME}`,
  );
  expect(fixed.data).toEqual({ ...made.data, more: 'x' });
});
