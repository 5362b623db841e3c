/** Who signs for the reconcilers. Signing takes its time: an answer that is not there yet is there when the key is reconciled again. */
import type { Errands, Outcome } from './errands.ts';
import type { Work } from './work.ts';

export interface SecretTokenRequest {
  namespace: string;
  account: { name: string; uid: string };
  secret: string;
}

export interface CertificateOrder {
  /** DER, as they stand in the request: its Name, its key, and its SubjectAltName if it has one. */
  subject: Uint8Array<ArrayBuffer>;
  spki: Uint8Array<ArrayBuffer>;
  names?: Uint8Array<ArrayBuffer>;
  usages: string[];
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
}

/** A token that a program finds in a volume of its pod. */
export interface PodTokenClaims {
  namespace: string;
  account: { name: string; uid: string };
  pod: { name: string; uid: string };
  node: { name: string; uid: string };
  /** Empty: the API server's own. */
  audience: string;
  /** How long it was asked for, and since when it holds: seconds. */
  seconds: number;
  issuedAt: number;
  /** Tells it from others. */
  id: string;
}

/** Who signs the tokens of pods: at once, or undefined while it cannot yet; then the pod is woken when it can. */
export type SignPodToken = (claims: PodTokenClaims) => string | undefined;

/** How signatures are made. */
export interface Signatures {
  secretToken(request: SecretTokenRequest): Promise<string>;
  /** PEM. */
  certificate(order: CertificateOrder): Promise<string>;
  /** The name of the key that tokens are signed with; undefined while there is none. */
  tokenKid(): string | undefined;
  /** At once; undefined while there is no key. */
  podToken(claims: PodTokenClaims): string | undefined;
  /** Makes the key that tokens are signed with, if there is none. */
  prepareTokens(): Promise<void>;
}

export interface Notary {
  secretToken(request: SecretTokenRequest, work: Work): Outcome<string> | undefined;
  certificate(order: CertificateOrder, work: Work): Outcome<string> | undefined;
  tokenKid(): string | undefined;
}

/** After so long a reconciler asks again for what has not come, in the cluster's milliseconds. */
export const ASK_AGAIN_MS = 10_000;

/** A notary whose signatures are errands: two that ask for the same are the same. */
export function createNotary(signatures: Signatures, errands: Errands): Notary {
  return {
    secretToken: (request, work) =>
      errands.ask(`token ${JSON.stringify(request)}`, work, () => signatures.secretToken(request)),
    certificate: (order, work) =>
      errands.ask(`certificate ${work.key} ${order.subject} ${order.spki} ${order.names} ${order.usages}`, work, () =>
        signatures.certificate(order),
      ),
    tokenKid: () => signatures.tokenKid(),
  };
}
