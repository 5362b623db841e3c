/**
 * What others verify service account tokens by: the issuer's document and its keys.
 * Source: OpenID Connect Discovery 1.0 (models pkg/serviceaccount/openidmetadata.go and pkg/routes/openidmetadata.go).
 */

import type { TokenAuthority } from '../identity/token-authority.ts';
import { methodNotAllowed } from '../route.ts';

const CONFIGURATION = '/.well-known/openid-configuration';
const KEYS = '/openid/v1/jwks';
export const MAX_AGE_SECONDS = 3600;

/** Undefined for any other path. `address`: where the cluster is reached. Throws 405. */
export async function issuerDiscovery(
  method: string,
  pathname: string,
  tokens: TokenAuthority,
  address: string,
): Promise<Response | undefined> {
  if (pathname !== KEYS && pathname !== CONFIGURATION) return undefined;
  if (method !== 'GET') throw methodNotAllowed();
  if (pathname === KEYS) return document({ keys: await tokens.publicKeys() }, 'application/jwk-set+json');
  const configuration = {
    issuer: tokens.issuer,
    jwks_uri: `${address}${KEYS}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  return document(configuration, 'application/json');
}

const document = (body: object, type: string): Response =>
  new Response(JSON.stringify(body), {
    headers: { 'content-type': type, 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` },
  });
