/**
 * Tokens of service accounts: what they say, and whether they still hold. A token ends with its account and with the object that it
 * is bound to. Models pkg/serviceaccount/{claims,legacy,jwt}.go.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Read } from '../../catalog/strategy.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { type Identity, serviceAccountGroups } from './authentication.ts';
import { type Claims, type Ref, signClaims, type TokenKey, type TokenKeySource, verifiedClaims } from './token-key.ts';

/** The API server's own audience, as the real server's default; tokens that do not name their cluster have it for their issuer too. */
export const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

/** Who issues a cluster's tokens: a token alone says which cluster it is for. */
export const issuerOf = (clusterId: string): string => `${API_AUDIENCE}/clusters/${clusterId}`;

const ISSUER = /^https:\/\/kubernetes\.default\.svc\.cluster\.local(?:\/clusters\/([^/]+))?$/;

/** The cluster that a service account's token says it is for, whoever may have signed it. */
export function clusterOfServiceAccountToken(token: string): string | undefined {
  return ISSUER.exec(issuerIn(token) ?? '')?.[1];
}

/** Who a token says has issued it; most tokens here say nothing, and to find that out by an error costs more than the rest of a request. */
function issuerIn(token: string): string | undefined {
  if (!JWT.test(token)) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
/** Three parts in base64url. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** The issuer of the tokens that lie in Secrets. */
const LEGACY_ISSUER = 'kubernetes/serviceaccount';

/** By how much clocks may differ. */
const LEEWAY_SECONDS = 60;

export interface TokenRequestClaims {
  namespace: string;
  account: Ref;
  audiences: string[];
  /** Seconds since 1970, of the cluster's clock. */
  issuedAt: number;
  expiresAt: number;
  /** From when on its use is warned of, where its life was stretched. */
  warnAfter?: number;
  pod?: Ref;
  secret?: Ref;
  /** The pod's node, or without a pod what the token is bound to. */
  node?: Ref;
}

/** @returns a JWT whose id is its own. */
export const signTokenRequest = (token: TokenRequestClaims, issuer: string, key: TokenKey): Promise<string> =>
  signClaims(claimsOf(token, issuer, crypto.randomUUID()), key);

/** What a token claims; `id`: its own. */
export function claimsOf(token: TokenRequestClaims, issuer: string, id: string): object {
  const { namespace, account, audiences, issuedAt, expiresAt, warnAfter, pod, secret, node } = token;
  return {
    aud: audiences,
    exp: expiresAt,
    iat: issuedAt,
    iss: issuer,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...(node ? { node } : {}),
      ...(pod ? { pod } : {}),
      ...(secret ? { secret } : {}),
      serviceaccount: account,
      ...(warnAfter === undefined ? {} : { warnafter: warnAfter }),
    },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  };
}

const LEGACY_CLAIM = 'kubernetes.io/serviceaccount/';

/** The token of a Secret: it has no end but the Secret's and the account's. */
export const signLegacyToken = (
  { namespace, account, secret }: { namespace: string; account: Required<Ref>; secret: string },
  key: TokenKey,
): Promise<string> =>
  signClaims(
    {
      iss: LEGACY_ISSUER,
      [`${LEGACY_CLAIM}namespace`]: namespace,
      [`${LEGACY_CLAIM}secret.name`]: secret,
      [`${LEGACY_CLAIM}service-account.name`]: account.name,
      [`${LEGACY_CLAIM}service-account.uid`]: account.uid,
      sub: `system:serviceaccount:${namespace}:${account.name}`,
    },
    key,
  );

/** Why a token does not hold, in the real authenticator's words. */
export class TokenError extends Error {}

/** A token that was signed here and has not expired. Whether what it is bound to lives is `checkAlive`'s question. */
export interface Proof {
  identity: Identity;
  /** Those of its audiences that were asked for. */
  audiences: string[];
  namespace: string;
  account: Required<Ref>;
  pod?: Ref;
  secret?: Ref;
  node?: Ref;
  /** Of a Secret's token, which must be what the Secret holds. */
  legacyText?: string;
}

/** Whether this looks like a service account's token at all; only then is its signature worth checking. */
export function isServiceAccountToken(token: string): boolean {
  const issuer = issuerIn(token);
  return issuer !== undefined && (issuer === LEGACY_ISSUER || ISSUER.test(issuer));
}

/** @param audiences whose the token must be one's of; @param now milliseconds. @throws TokenError */
export async function proveToken(
  token: string,
  keys: TokenKeySource,
  audiences: readonly string[],
  now: number,
): Promise<Proof> {
  const key = await keys.find();
  if (!key || (headerKid(token) ?? key.kid) !== key.kid) throw new TokenError('invalid signature, no keys found');
  const claims = await verifiedClaims(token, key);
  if (!claims) throw new TokenError('go-jose/go-jose: error in cryptographic primitive');
  const own: string[] = claims.aud?.length ? [claims.aud].flat() : [API_AUDIENCE];
  const common = own.filter((audience) => audiences.includes(audience));
  if (common.length === 0)
    throw new TokenError(`token audiences ${quoted(own)} is invalid for the target audiences ${quoted(audiences)}`);
  if (claims.iss === LEGACY_ISSUER) return legacyProof(token, claims, common);
  checkTimes(claims, now / 1000);
  return { ...proofOf(claims), audiences: common };
}

const quoted = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;

function headerKid(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}

function checkTimes({ nbf = 0, exp = Number.POSITIVE_INFINITY, iat = 0 }: Claims, now: number): void {
  if (now + LEEWAY_SECONDS < nbf) throw new TokenError('service account token is not valid yet');
  if (now - LEEWAY_SECONDS > exp) throw new TokenError('service account token has expired');
  if (now + LEEWAY_SECONDS < iat) throw new TokenError('service account token is issued in the future');
}

const EXTRA = 'authentication.kubernetes.io/';

function proofOf(claims: Claims): Omit<Proof, 'audiences'> {
  const { namespace, serviceaccount: account, pod, secret, node } = claims['kubernetes.io']!;
  const extra: Record<string, string[]> = {};
  if (claims.jti) extra[`${EXTRA}credential-id`] = [`JTI=${claims.jti}`];
  if (node) {
    extra[`${EXTRA}node-name`] = [node.name];
    if (node.uid) extra[`${EXTRA}node-uid`] = [node.uid];
  }
  if (pod) {
    extra[`${EXTRA}pod-name`] = [pod.name];
    extra[`${EXTRA}pod-uid`] = [pod.uid];
  }
  return {
    identity: { ...accountIdentity(namespace, account), ...(Object.keys(extra).length > 0 ? { extra } : {}) },
    namespace,
    account,
    ...(pod ? { pod } : {}),
    ...(secret ? { secret } : {}),
    ...(node ? { node } : {}),
  };
}

function legacyProof(token: string, claims: Claims, audiences: string[]): Proof {
  const claim = (name: string): string => (claims[`${LEGACY_CLAIM}${name}`] as string | undefined) ?? '';
  const namespace = claim('namespace');
  const account = { name: claim('service-account.name'), uid: claim('service-account.uid') };
  const secret = { name: claim('secret.name') };
  return { identity: accountIdentity(namespace, account), audiences, namespace, account, secret, legacyText: token };
}

const accountIdentity = (namespace: string, { name, uid }: Required<Ref>): Identity => ({
  user: `system:serviceaccount:${namespace}:${name}`,
  uid,
  groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
});

/** What `checkAlive` must see. */
export function readsOf({ namespace, account, pod, secret, node }: Proof): Read[] {
  return [
    { resource: 'serviceaccounts', namespace, name: account.name },
    ...(secret ? [{ resource: 'secrets', namespace, name: secret.name }] : []),
    ...(pod ? [{ resource: 'pods', namespace, name: pod.name }] : []),
    // A pod's token names the node, and is not bound to it.
    ...(node && !pod ? [{ resource: 'nodes', name: node.name }] : []),
  ];
}

/** @param now milliseconds. @throws TokenError for a token that has outlived what it belongs to. */
export function checkAlive(proof: Proof, view: View, now: number): void {
  const { namespace, account, pod, secret, node, legacyText } = proof;
  if (legacyText !== undefined) checkSecretText(view.get('secrets', namespace, secret!.name), legacyText);
  const found = view.get('serviceaccounts', namespace, account.name);
  if (!found) throw new TokenError(`serviceaccounts ${JSON.stringify(account.name)} not found`);
  if (found.metadata.uid !== account.uid)
    throw new TokenError(`service account UID (${found.metadata.uid}) does not match claim (${account.uid})`);
  // An account that is going is gone at once for the token of a Secret.
  if (isGone(found, now) || (legacyText !== undefined && found.metadata.deletionTimestamp))
    throw new TokenError(`service account ${namespace}/${account.name} has been deleted`);
  if (legacyText !== undefined) return;
  if (secret) checkBound('secret', secret, view.get('secrets', namespace, secret.name), now);
  if (pod) checkBound('pod', pod, view.get('pods', namespace, pod.name), now);
  else if (node) checkBound('node', node, view.get('nodes', undefined, node.name), now);
}

const INVALIDATED = 'service account token has been invalidated';

function checkBound(what: string, ref: Ref, found: KubeObject | undefined, now: number): void {
  if (!found) throw new TokenError(INVALIDATED);
  const { uid } = found.metadata;
  if (uid !== ref.uid)
    throw new TokenError(`${what} UID (${uid}) does not match service account ${what} ref claim (${ref.uid})`);
  if (isGone(found, now)) throw new TokenError(INVALIDATED);
}

/** What is still there some time after it should have gone counts as gone. */
function isGone({ metadata }: KubeObject, now: number): boolean {
  const { deletionTimestamp } = metadata;
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < now - LEEWAY_SECONDS * 1000;
}

/** Since when a Secret's token counts for nothing, as the cleaner of unused ones marks it. */
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

function checkSecretText(secret: KubeObject | undefined, text: string): void {
  if (!secret || secret.metadata.deletionTimestamp) throw new TokenError('Token has been invalidated');
  if (secret.data?.token !== btoa(text)) throw new TokenError("Token does not match server's copy");
  const { name, namespace, labels } = secret.metadata;
  if (labels?.[INVALID_SINCE]) throw new TokenError(`the token in secret ${namespace}/${name} has been marked invalid`);
}
