import { expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { bootstrapSigner } from './bootstrap-signer.ts';

const base64 = (text: string): string => btoa(text);
const base64url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** By the platform's own cryptography. */
async function hmac(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const how = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), how, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(text));
  return base64url(String.fromCharCode(...new Uint8Array(signature)));
}

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

it('signs the cluster’s information with each token that may, as a JSON Web Signature without its content', async () => {
  const signer = bootstrapSigner();
  const others = [token('cccccc', { 'usage-bootstrap-signing': 'false' }), token('dddddd', expiresIn(-1))];
  const cluster = info({ kubeconfig: 'apiVersion: v1\n', 'jws-kubeconfig-gone00': 'old' });
  const result = reconciled(signer, 'kube-public/cluster-info', [cluster, token('abcdef', expiresIn(60)), ...others]);
  const signed = written(result, 'update ConfigMap cluster-info');
  expect(Object.keys(signed.data)).toEqual(['kubeconfig', 'jws-kubeconfig-abcdef']);
  const [header, nothing, signature] = signed.data['jws-kubeconfig-abcdef'].split('.');
  expect(atob(header)).toBe('{"alg":"HS256","kid":"abcdef"}');
  expect(nothing).toBe('');
  const payload = base64url('apiVersion: v1\n');
  expect(signature).toBe(await hmac('0123456789abcdef', `${header}.${payload}`));
  expect(lines(reconciled(signer, 'kube-public/cluster-info', [signed, token('abcdef', expiresIn(60))]))).toEqual([]);
  expect(keysOf(signer, { old: token('abcdef') })).toEqual(['kube-public/cluster-info']);
});
