/**
 * Custom resources of one version made into those of another by their definition's webhook, and what is checked of its answer.
 * Models k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go.
 */
import { validateAnnotations } from '../../catalog/metadata.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { sameValue } from '../../objects/equality.ts';
import type { FieldError } from '../../objects/field-error.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { validateLabels } from '../../objects/selector-validation.ts';
import { StatusError } from '../../objects/status.ts';
import type { CallWebhook } from '../../objects/webhook-call.ts';
import type { CustomlyKind } from '../custom/decode.ts';
import { AnswerError, type ReviewType, readReview, saidType } from './review-answer.ts';
import { calledURL, targetOf, uncalled } from './target.ts';

const GROUP = 'apiextensions.k8s.io';
const KIND = 'ConversionReview';
const VERSIONS = ['v1', 'v1beta1'];
const TIMEOUT_SECONDS = 30;
/** Of an answer: what is read of a list at once, 4 MB, and as much again. */
export const MAX_CONVERTED_BYTES = 8 * 1024 * 1024;

export interface ConversionPorts {
  /** Undefined: nobody can be asked. */
  call: CallWebhook | undefined;
  /** The Service that the webhook is behind, if it is. */
  service(namespace: string, name: string): Promise<View>;
}

/** Told as an error of Go's that is no Status. */
const failed = (message: string): StatusError => new StatusError(500, '', message);

/**
 * The objects, which are all of other versions, in the version `to`, in their order: by one call. @throws StatusError 500
 */
export async function convertObjects(
  { custom, group }: CustomlyKind,
  objects: readonly KubeObject[],
  to: string,
  ports: ConversionPorts,
): Promise<KubeObject[]> {
  const [first] = objects;
  if (!first) return [];
  const desired = `${group}/${to}`;
  const subject = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`;
  const { clientConfig, reviewVersions = [] } = custom.converter!;
  const version = reviewVersions.find((known) => VERSIONS.includes(known));
  if (!version) throw failed('no supported conversion review versions');
  const uid = crypto.randomUUID();
  const { service } = clientConfig;
  const view = service && (await ports.service(service.namespace, service.name));
  const target = targetOf(clientConfig, view);
  const url = calledURL(target, TIMEOUT_SECONDS);
  const request = { uid, desiredAPIVersion: desired, objects };
  const body = JSON.stringify({ kind: KIND, apiVersion: `${GROUP}/${version}`, request, response: null });
  const bundle = clientConfig.caBundle ? { caBundle: clientConfig.caBundle } : {};
  const { service: behind, problem } = target;
  const words = problem ?? (ports.call ? undefined : uncalled(target));
  const answer =
    words === undefined
      ? await ports.call!({
          url,
          body,
          timeoutSeconds: TIMEOUT_SECONDS,
          maxAnswerBytes: MAX_CONVERTED_BYTES,
          ...bundle,
          ...(behind ? { service: behind } : {}),
        })
      : { error: words };
  let converted: unknown[];
  try {
    converted = objectsIn(readReview(answer, url, typeOf(version)), version, uid);
  } catch (error) {
    if (error instanceof AnswerError) throw failed(`${subject} failed: ${error.message}`);
    throw error;
  }
  if (converted.length !== objects.length)
    throw failed(`${subject} returned ${converted.length} objects, expected ${objects.length}`);
  return converted.map((object, i) => checked(objects[i]!, object, { desired, subject, index: i, of: objects.length }));
}

const typeOf = (version: string): ReviewType => ({ group: GROUP, kind: KIND, version, versions: VERSIONS });

/** @throws AnswerError */
function objectsIn(review: JSONObject, version: string, uid: string): unknown[] {
  if (version === 'v1') {
    const expected = `${GROUP}/v1, Kind=${KIND}`;
    const actual = saidType(review);
    if (actual !== expected) throw new AnswerError(`expected webhook response of ${expected}, got ${actual}`);
  }
  const { response } = review;
  if (!isJSONObject(response)) throw new AnswerError('no response provided');
  if (version === 'v1' && response.uid !== uid)
    throw new AnswerError(`expected response.uid=${quoteGo(uid)}, got ${quoteGo(String(response.uid ?? ''))}`);
  const { status = '', message = '' } = isJSONObject(response.result) ? response.result : {};
  if (status !== 'Success')
    throw new AnswerError(String(message) || `response.result.status was '${String(status)}', not 'Success'`);
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

interface Place {
  desired: string;
  subject: string;
  index: number;
  /** How many were converted. */
  of: number;
}

/** One object of the answer, with its metadata as it was but for labels and annotations. @throws StatusError */
function checked(original: KubeObject, object: unknown, { desired, subject, index, of }: Place): KubeObject {
  const at = of > 1 ? ` converted object at index ${index}` : ' object at index 0';
  const invalid = (what: string): StatusError => failed(`${subject} returned invalid${at}: ${what}`);
  if (!isJSONObject(object))
    throw invalid(`json: cannot unmarshal ${goType(object)} into Go value of type map[string]interface {}`);
  const { apiVersion = '', kind = '' } = object;
  if (kind === '') throw invalid(`Object 'Kind' is missing in '${JSON.stringify(object)}'`);
  if (apiVersion !== desired)
    throw invalid(`invalid groupVersion (expected ${desired}, received ${String(apiVersion)})`);
  if (kind !== original.kind) throw invalid(`invalid kind (expected ${original.kind}, received ${String(kind)})`);
  const given = isJSONObject(object.metadata) ? object.metadata : {};
  const here = of > 1 ? at : ' object';
  for (const [field, name] of KEPT) {
    const before = original.metadata[field] ?? '';
    const after = typeof given[field] === 'string' ? given[field] : '';
    if (before !== after)
      throw failed(`${subject} returned invalid${here}: must have the same ${name}: ${before} != ${after}`);
  }
  const wrong = restoreMetadata(original, object);
  const where = of > 1 ? ` in object at index ${index}` : '';
  if (wrong !== undefined) throw failed(`${subject} returned invalid metadata${where}: ${wrong}`);
  return object as unknown as KubeObject;
}

const KEPT = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** In place: the metadata of the original with the labels and annotations that came back. Answers what is wrong with those. */
function restoreMetadata(original: KubeObject, object: JSONObject): string | undefined {
  const { metadata: given } = object;
  if (given === undefined) return 'missing metadata in converted object';
  if (!isJSONObject(given)) return `invalid metadata of type ${goType(given)} in converted object`;
  const metadata = cloneJSON(original.metadata) as unknown as JSONObject;
  object.metadata = metadata;
  for (const field of ['labels', 'annotations'] as const) {
    const texts = given[field];
    if (texts === undefined || texts === null) {
      delete metadata[field];
      continue;
    }
    if (!isJSONObject(texts)) return `invalid metadata.${field} of type ${goType(texts)} in converted object`;
    for (const [key, text] of Object.entries(texts))
      if (typeof text !== 'string')
        return `metadata.${field}[${key}] must be a string, but is ${goType(text)} in converted object`;
    const errors = sameValue(texts, metadata[field]) ? [] : errorsOf(field, texts as Record<string, string>);
    if (errors.length > 0) return aggregate(errors);
    metadata[field] = texts;
  }
  return undefined;
}

const errorsOf = (field: 'labels' | 'annotations', texts: Record<string, string>): FieldError[] =>
  field === 'labels' ? validateLabels(texts, 'metadata.labels') : validateAnnotations(texts, 'metadata.annotation');

function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

/** As `%T` prints what JSON became. */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
