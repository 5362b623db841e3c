/** Bootstrap tokens, by which a machine trusts a cluster and is trusted by it. Source: k8s.io/cluster-bootstrap/token. */
import type { Secret } from '../../objects/generated/core-v1.gen.ts';
import { decodeBase64 } from '../../simulation/base64.ts';

export const TOKEN_NAMESPACE = 'kube-system';
export const TOKEN_TYPE = 'bootstrap.kubernetes.io/token';
const NAME = /^bootstrap-token-([a-z0-9]{6})$/;

export interface BootstrapToken {
  id: string;
  secret: string;
}

export const isBootstrapToken = ({ type, metadata }: Secret): boolean =>
  type === TOKEN_TYPE && metadata.namespace === TOKEN_NAMESPACE;

function dataOf({ data }: Secret, key: string): string {
  const value: string | undefined = data?.[key];
  return value === undefined ? '' : new TextDecoder().decode(decodeBase64(value));
}

/** Milliseconds; undefined: it does not end. What is no time has ended, as nobody can tell when it does. */
export function expirationOf(secret: Secret): number | undefined {
  const text = dataOf(secret, 'expiration');
  if (text === '') return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}

/** The token, where it may sign what a joining machine reads. */
export function signingToken(secret: Secret, now: number): BootstrapToken | undefined {
  const id = dataOf(secret, 'token-id');
  const token = { id, secret: dataOf(secret, 'token-secret') };
  const isValid =
    isBootstrapToken(secret) &&
    NAME.exec(secret.metadata.name)?.[1] === id &&
    token.secret !== '' &&
    dataOf(secret, 'usage-bootstrap-signing') === 'true' &&
    now <= (expirationOf(secret) ?? now);
  return isValid ? token : undefined;
}
