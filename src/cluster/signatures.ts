/** What signs for a cluster: its key for tokens, and the authority of its clients' certificates. */
import { API_AUDIENCE, claimsOf, signLegacyToken } from '../apiserver/identity/service-account-token.ts';
import { signClaimsAtOnce } from '../apiserver/identity/signature-at-once.ts';
import type { TokenKey } from '../apiserver/identity/token-key.ts';
import { STRETCHED_SECONDS, STRETCHED_TO_SECONDS } from '../apiserver/identity/token-request.ts';
import {
  type Authority,
  CLIENT_AUTHORITY,
  certifyRequest,
  createAuthority,
} from '../resources/certificates/x509/authority.ts';
import type { PodTokenClaims, Signatures } from '../simulation/notary.ts';

/** The authorities of a cluster. Nothing is ever signed for a front proxy, so of that one only the certificate is kept. */
export interface ClusterAuthorities {
  client: Authority;
  /** PEM. */
  frontProxyCA: string;
}

const YEARS = 10;

/** Nobody has its key, so all clusters of a process have the same one; it holds at any time that a cluster's clock can show. */
let frontProxyCA: string | undefined;
const FIRST_INSTANT = { now: 3600_000, years: 8000 };

/** `now`: the cluster's time, milliseconds. Takes about a millisecond. */
export async function createAuthorities(now: number): Promise<ClusterAuthorities> {
  if (!frontProxyCA) {
    const made = await createAuthority({ commonName: 'front-proxy-ca', ...FIRST_INSTANT });
    // Others may have made one meanwhile.
    frontProxyCA ??= made.certificate;
  }
  return { client: await createAuthority({ commonName: CLIENT_AUTHORITY, now, years: YEARS }), frontProxyCA };
}

/** Where the keys are. */
export interface Keys {
  /** Who issues the cluster's tokens. */
  issuer: string;
  /** Undefined while there is none. */
  tokenKey(): TokenKey | undefined;
  makeTokenKey(): Promise<TokenKey>;
  authorities(): Promise<ClusterAuthorities>;
}

function podTokenClaims({ audience, seconds, issuedAt, id, ...token }: PodTokenClaims, issuer: string): object {
  const isOwn = audience === '' || audience === API_AUDIENCE;
  const stretched = isOwn && seconds === STRETCHED_SECONDS;
  return claimsOf(
    {
      ...token,
      audiences: [audience || API_AUDIENCE],
      issuedAt,
      expiresAt: issuedAt + (stretched ? STRETCHED_TO_SECONDS : seconds),
      ...(stretched ? { warnAfter: issuedAt + STRETCHED_SECONDS } : {}),
    },
    issuer,
    id,
  );
}

export const signaturesOf = (keys: Keys): Signatures => ({
  secretToken: async (request) => signLegacyToken(request, await keys.makeTokenKey()),
  certificate: async (order) => certifyRequest((await keys.authorities()).client, order),
  tokenKid: () => keys.tokenKey()?.kid,
  podToken(claims) {
    const key = keys.tokenKey();
    return key && signClaimsAtOnce(podTokenClaims(claims, keys.issuer), key);
  },
  async prepareTokens() {
    await keys.makeTokenKey();
  },
});
