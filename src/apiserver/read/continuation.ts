/** The token with which a list goes on. Source: k8s.io/apiserver/pkg/storage/continue.go and etcd3/compact.go. */

import { isJSONObject } from '../../objects/json.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { decodeBase64url, encodeBase64url } from '../../simulation/base64.ts';
import { JSONSyntaxError, parseJSON } from '../codec/json-text.ts';
import { cannotDecode } from '../patch/strict.ts';

/** Where a list goes on: its own revision, or the newest one after that is gone, and the next key below the prefix. */
export interface Continuation {
  /** 0: the newest. */
  revision: number;
  start: string;
  /** When the list began, to some seconds: the cluster's milliseconds; absent in tokens that somebody else made. */
  at?: number;
}

/**
 * A real API server lets etcd forget what is older than this. Here history is kept, because the past can be visited; but no client may
 * come to rely on a token that a real cluster would not take any more.
 */
export const CONTINUE_LIFETIME = 5 * 60 * 1000;

/** Two lists of one moment get one token, so its time is told in steps of this. */
const AGE_STEP = 10 * 1000;

const VERSION = 'meta.k8s.io/v1';
const NEWEST = -1;

/** Goes on behind `last`, a key below the list's prefix. */
export function encodeContinue(revision: number, last: string, at: number): string {
  return encode({ v: VERSION, rv: revision, start: `${last}\0`, at: at - (at % AGE_STEP) });
}

const encode = (token: Record<string, unknown>): string =>
  encodeBase64url(new TextEncoder().encode(JSON.stringify(token)));

/** Throws 400. */
export function decodeContinue(token: string): Continuation {
  const wrong = (words: string): StatusError =>
    badRequest(`invalid continue token: continue key is not valid: ${words}`);
  const bytes = base64Bytes(token);
  if (typeof bytes === 'number') throw wrong(`illegal base64 data at input byte ${bytes}`);
  let value: unknown;
  try {
    value = parseJSON(new TextDecoder('latin1').decode(bytes)).value;
  } catch (error) {
    if (!(error instanceof JSONSyntaxError)) throw error;
    throw wrong(error.message);
  }
  const { v, rv, start, at } = isJSONObject(value) ? value : {};
  if (typeof rv !== 'number' && rv !== undefined && rv !== null)
    throw wrong(cannotDecode(rv, 'Go struct field continueToken.rv of type int64'));
  if (v !== VERSION) throw wrong(`server does not recognize this encoded version ${v ?? ''}`);
  if (!rv) throw wrong('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (!start) throw wrong('encoded start key empty (version meta.k8s.io/v1)');
  const key = new TextDecoder().decode(Uint8Array.from(String(start), (c) => c.charCodeAt(0)));
  if (key.includes('//') || key.split('/').some((part) => part === '..' || part === '.')) throw wrong(key);
  return { revision: Math.max(rv, 0), start: key, ...(typeof at === 'number' ? { at } : {}) };
}

/** The bytes, or the place of the first that is not of the URL alphabet or stands alone. */
function base64Bytes(token: string): Uint8Array | number {
  const at = token.search(/[^A-Za-z0-9_-]/);
  if (at >= 0) return at;
  if (token.length % 4 === 1) return token.length - 1;
  return decodeBase64url(token);
}

const EXPIRED = `The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.`;

/** 410, with a token that goes on at `start` in what there is by then. */
export function expiredContinue(start: string): StatusError {
  const error = new StatusError(410, 'Expired', EXPIRED);
  error.status.metadata = {
    continue: encode({ v: VERSION, rv: NEWEST, start: start.endsWith('\0') ? start : `${start}\0` }),
  };
  return error;
}

export const isExpired = ({ at }: Continuation, now: number): boolean =>
  at !== undefined && now - at > CONTINUE_LIFETIME;
