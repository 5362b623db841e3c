/** Identifiers and secrets of the platform: random, and nothing of the simulation depends on them. */
import { clusterOfServiceAccountToken } from '../apiserver/identity/service-account-token.ts';
import { encodeBase64url } from '../simulation/base64.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ten letters and digits that may also be a host name's first label; it starts with a letter. */
export const newClusterId = (): string => newLabel();

export const newTokenId = (): string => newLabel();

function newLabel(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return [...bytes].map((byte, index) => ALPHABET[byte % (index === 0 ? 26 : 32)]).join('');
}

/** 256 random bits, behind a prefix that scanners for leaked secrets can look for and the cluster that it opens. */
export function newToken(clusterId: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `diorama_${clusterId}_${encodeBase64url(bytes)}`;
}

/** The cluster that a token says it opens, whether or not it does. Tokens of clusters that are older than such tokens say nothing. */
export function clusterOfToken(token: string): string | undefined {
  const id = /^diorama_([a-z2-7]+)_/.exec(token)?.[1] ?? clusterOfServiceAccountToken(token);
  return id !== undefined && isClusterId(id) ? id : undefined;
}

/** Whether a text has the form of the ids that are made here. */
export const isClusterId = (text: string): boolean => /^[a-z][a-z2-7]{9}$/.test(text);
