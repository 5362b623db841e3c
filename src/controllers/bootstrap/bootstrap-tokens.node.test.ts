import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { bootstrapSigner } from './bootstrap-signer.ts';
import { tokenCleaner } from './token-cleaner.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const token = (id: string, values: Record<string, string> = {}) =>
  object('Secret', `bootstrap-token-${id}`, {
    metadata: { namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(
      Object.entries({
        'token-id': id,
        'token-secret': '0123456789abcdef',
        'usage-bootstrap-signing': 'true',
        ...values,
      }).map(([key, value]) => [key, base64(value)]),
    ),
  });
const info = (data: Record<string, string>) =>
  object('ConfigMap', 'cluster-info', { metadata: { namespace: 'kube-public' }, data });
const expiresIn = (seconds: number) => ({ expiration: new Date(NOW + seconds * SECOND).toISOString() });

it('signs the cluster’s information with each token that may, as a JSON Web Signature without its content', () => {
  const signer = bootstrapSigner();
  const others = [token('cccccc', { 'usage-bootstrap-signing': 'false' }), token('dddddd', expiresIn(-1))];
  const cluster = info({ kubeconfig: 'apiVersion: v1\n', 'jws-kubeconfig-gone00': 'old' });
  const result = reconciled(signer, 'kube-public/cluster-info', [cluster, token('abcdef', expiresIn(60)), ...others]);
  const signed = written(result, 'update ConfigMap cluster-info');
  expect(Object.keys(signed.data)).toEqual(['kubeconfig', 'jws-kubeconfig-abcdef']);
  const [header, nothing, signature] = signed.data['jws-kubeconfig-abcdef'].split('.');
  expect(Buffer.from(header, 'base64url').toString()).toBe('{"alg":"HS256","kid":"abcdef"}');
  expect(nothing).toBe('');
  const payload = Buffer.from('apiVersion: v1\n').toString('base64url');
  expect(signature).toBe(createHmac('sha256', '0123456789abcdef').update(`${header}.${payload}`).digest('base64url'));
  expect(lines(reconciled(signer, 'kube-public/cluster-info', [signed, token('abcdef', expiresIn(60))]))).toEqual([]);
  expect(keysOf(signer, { old: token('abcdef') })).toEqual(['kube-public/cluster-info']);
});

it('deletes a token when its time is over, and not before', () => {
  const key = 'kube-system/bootstrap-token-abcdef';
  const at = (values: Record<string, string>) => reconciled(tokenCleaner(), key, [token('abcdef', values)]);
  expect(at({})).toEqual({ writes: [] });
  expect(at(expiresIn(1))).toEqual({ writes: [], requeueAt: NOW + SECOND });
  expect(lines(at(expiresIn(0)))).toEqual(['delete secrets bootstrap-token-abcdef']);
  expect(lines(at({ expiration: 'soon' }))).toEqual(['delete secrets bootstrap-token-abcdef']);
  expect(keysOf(tokenCleaner(), { new: object('Secret', 's', { type: 'Opaque' }) })).toEqual([]);
});
