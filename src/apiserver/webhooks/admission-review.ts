/**
 * What an admission webhook is asked, and what may be taken from its answer.
 * Models k8s.io/apiserver/pkg/admission/plugin/webhook/request/admissionreview.go.
 */
import type { Kind } from '../../catalog/kinds.ts';
import { builtInStruct, META } from '../../catalog/schema.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { decodeValue } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import type { AdmissionRequest, Requested } from '../dynamic-admission/admission-request.ts';
import { requestJSON } from '../dynamic-admission/request-json.ts';
import { AnswerError, type ReviewType, saidType } from './review-answer.ts';

export const ADMISSION_VERSIONS = ['v1', 'v1beta1'] as const;
export type AdmissionVersion = (typeof ADMISSION_VERSIONS)[number];
const GROUP = 'admission.k8s.io';
const KIND = 'AdmissionReview';

export const admissionReviewType = (version: AdmissionVersion): ReviewType => ({
  group: GROUP,
  kind: KIND,
  version,
  versions: ADMISSION_VERSIONS,
});

/** What is asked of which of a resource's versions: the one that the webhook's rules name. */
export interface Asked {
  request: AdmissionRequest;
  requested: Requested;
  /** The resource as the rules have it, one of the equivalents of the request's. */
  kind: Kind;
  /** In the version of `kind`. */
  object: KubeObject | undefined;
  old: KubeObject | undefined;
}

/** The request of a review, but for its uid. */
export const reviewRequest = ({ request, requested, kind, object, old }: Asked): JSONObject => ({
  ...requestJSON(request, requested, { kind }),
  object: (object ?? null) as JSONObject | null,
  oldObject: (old ?? null) as JSONObject | null,
});

export const reviewText = (version: AdmissionVersion, request: JSONObject, uid: string): string =>
  JSON.stringify({ kind: KIND, apiVersion: `${GROUP}/${version}`, request: { uid, ...request } });

/** What a webhook has said. */
export interface Verdict {
  allowed: boolean;
  /** JSON of a patch. */
  patch: string | undefined;
  patchType: string | undefined;
  /** A Status. */
  result: JSONObject | undefined;
  warnings: string[];
  auditAnnotations: Record<string, string>;
}

/** It has answered, and not what it was asked, or what nobody may answer. */
export class InvalidResponse extends Error {}

/** @throws AnswerError, InvalidResponse */
export function verdictOf(review: JSONObject, version: AdmissionVersion, uid: string, mutating: boolean): Verdict {
  const response = fieldOf(review, 'response', isJSONObject, 'v1.AdmissionResponse', KIND);
  if (!response) throw new InvalidResponse('webhook response was absent');
  const said = fieldsOf(response);
  if (version === 'v1') checkIdentity(review, said.uid, uid);
  const { patch, patchType } = said;
  const verdict = {
    allowed: said.allowed,
    result: said.status,
    warnings: said.warnings,
    auditAnnotations: said.auditAnnotations,
    patch: undefined,
    patchType: undefined,
  };
  if (version !== 'v1') return mutating && patch ? { ...verdict, patch, patchType: 'JSONPatch' } : verdict;
  if (!mutating) {
    if (patch) throw new InvalidResponse('validating webhook may not return response.patch');
    if (patchType !== undefined) throw new InvalidResponse('validating webhook may not return response.patchType');
    return verdict;
  }
  if (patch && patchType === undefined)
    throw new InvalidResponse('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== undefined)
    throw new InvalidResponse('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw new InvalidResponse('webhook returned invalid response.patchType of ""');
  return { ...verdict, patch, patchType };
}

function checkIdentity(review: JSONObject, said: string, uid: string): void {
  if (said !== uid) throw new InvalidResponse(`expected response.uid=${quoteGo(uid)}, got ${quoteGo(said)}`);
  const expected = `${GROUP}/v1, Kind=${KIND}`;
  const actual = saidType(review);
  if (actual !== expected) throw new InvalidResponse(`expected webhook response of ${expected}, got ${actual}`);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTruth = (value: unknown): value is boolean => typeof value === 'boolean';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isTextMap = (value: unknown): value is Record<string, string> =>
  isJSONObject(value) && Object.values(value).every(isText);

const RESPONSE = 'AdmissionResponse';

function fieldsOf(response: JSONObject) {
  const at = <T>(name: string, is: (value: unknown) => value is T, type: string): T | undefined =>
    fieldOf(response, name, is, type, RESPONSE, 'response.');
  const patch = at('patch', isText, '[]uint8');
  return {
    uid: at('uid', isText, 'types.UID') ?? '',
    allowed: at('allowed', isTruth, 'bool') ?? false,
    status: statusOf(response.status),
    patch: patch ? textOfBase64(patch) : undefined,
    patchType: at('patchType', isText, 'v1.PatchType'),
    warnings: at('warnings', isTexts, '[]string') ?? [],
    auditAnnotations: at('auditAnnotations', isTextMap, 'map[string]string') ?? {},
  };
}

/** As Go reads it. @throws AnswerError */
function statusOf(value: unknown): JSONObject | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    return decodeValue(builtInStruct(`${META}Status`), value).value as JSONObject;
  } catch (error) {
    if (error instanceof DecodeError) throw new AnswerError(error.message);
    throw error;
  }
}

/** A member of its type; null is as one that is not there. @throws AnswerError in the decoder's words */
function fieldOf<T>(
  of: JSONObject,
  name: string,
  is: (value: unknown) => value is T,
  type: string,
  struct: string,
  path = '',
): T | undefined {
  const value = of[name];
  if (value === undefined || value === null) return undefined;
  if (is(value)) return value;
  const word = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new AnswerError(`json: cannot unmarshal ${word} into Go struct field ${struct}.${path}${name} of type ${type}`);
}

function textOfBase64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    const at = /[^A-Za-z0-9+/=\r\n]/.exec(text)?.index ?? text.length;
    throw new AnswerError(`illegal base64 data at input byte ${at}`);
  }
}
