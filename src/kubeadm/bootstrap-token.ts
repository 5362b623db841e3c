/** The tokens by which machines join: `ID.SECRET`, each a Secret in kube-system. Models k8s.io/cluster-bootstrap/token and kubeadm's bootstraptoken. */
import type { Secret } from '../objects/generated/core-v1.gen.ts';
import { timestamp } from '../objects/time.ts';
import { encodeBase64 } from '../simulation/base64.ts';
import type { Random } from '../simulation/random.ts';

/** Whom a machine belongs to that joins. */
export const NODE_TOKEN_GROUP = 'system:bootstrappers:kubeadm:default-node-token';
export const TOKEN_TTL_MS = 24 * 3600 * 1000;

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 6;
const SECRET_LENGTH = 16;

export function randomToken(random: Random): string {
  const text = (length: number): string =>
    Array.from({ length }, () => ALPHABET[random.integer(ALPHABET.length)]).join('');
  return `${text(ID_LENGTH)}.${text(SECRET_LENGTH)}`;
}

/** `expiration` in milliseconds since 1970. */
export function tokenSecret(token: string, expiration: number): Secret {
  const [id, secret] = token.split('.') as [string, string];
  const data = {
    'auth-extra-groups': NODE_TOKEN_GROUP,
    expiration: timestamp(expiration),
    'token-id': id,
    'token-secret': secret,
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, encodeBase64(new TextEncoder().encode(value))]),
    ),
  };
}
