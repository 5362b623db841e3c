/**
 * A webhook's answer, as client-go's REST client reads it: the review that it holds, or what is wrong.
 * Models k8s.io/client-go/rest/request.go (transformResponse, Result.Into) and k8s.io/apimachinery/pkg/api/errors.
 */
import { quoteGo } from '../../objects/go-quote.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { WebhookAnswer } from '../../objects/webhook-call.ts';
import { tooManyRequests } from '../answer/flow-control.ts';
import { parseYAML, typeMeta } from '../codec/body.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { JSONSyntaxError, parseJSON } from '../codec/json-text.ts';
import { YAMLSyntaxError } from '../codec/yaml/tokens.ts';

/** What came back is no review that can be read, or nothing came; in Go's words. */
export class AnswerError extends Error {}

/** What kind of review an answer is to be, and the versions that there are of it. */
export interface ReviewType {
  group: string;
  kind: string;
  version: string;
  versions: readonly string[];
}

const FIRST_SUCCESS = 200;
const LAST_SUCCESS = 206;

/** @throws AnswerError; StatusError 429 where nobody was asked: that is no webhook's failure, which might be ignored */
export function readReview(answer: WebhookAnswer, url: string, type: ReviewType): JSONObject {
  if ('busy' in answer) throw tooManyRequests(answer.busy);
  if ('error' in answer) throw new AnswerError(`Post ${quoteGo(url)}: ${answer.error}`);
  if ('unread' in answer)
    throw new AnswerError(
      `unexpected error when reading response body. Please retry. Original error: ${answer.unread}`,
    );
  const { status, contentType, body } = answer;
  if (status < FIRST_SUCCESS || status > LAST_SUCCESS) throw new AnswerError(statusWords(answer));
  if (body === '')
    throw new AnswerError(
      `0-length response with status code: ${status} and content type: ${contentType || 'application/json'}`,
    );
  const value = documentOf(body);
  checkType(value, type);
  return value;
}

/** JSON, or what YAML makes of all that does not begin as an object of it. @throws AnswerError */
function documentOf(body: string): JSONObject {
  try {
    const { value } = /^\s*\{/.test(body) ? parseJSON(body) : parseYAML(body);
    typeMeta(value);
    return isJSONObject(value) ? value : {};
  } catch (error) {
    if (error instanceof JSONSyntaxError)
      throw new AnswerError(`couldn't get version/kind; json parse error: ${error.message}`);
    if (error instanceof YAMLSyntaxError || error instanceof DecodeError) throw new AnswerError(error.message);
    throw error;
  }
}

/** What says nothing of itself is taken for what is expected. @throws AnswerError */
function checkType(value: JSONObject, { group, kind, version, versions }: ReviewType): void {
  const said = typeMeta(value);
  const unversioned = said.version === '' && said.group === '';
  const actual = {
    group: unversioned ? group : said.group,
    version: unversioned ? version : said.version,
    kind: said.kind || kind,
  };
  if (actual.group === group && actual.kind === kind && versions.includes(actual.version)) {
    if (actual.version === version) return;
    throw new AnswerError(`converting (${actual.version}.${kind}) to (${version}.${kind}): unknown conversion`);
  }
  const apiVersion = actual.group ? `${actual.group}/${actual.version}` : actual.version;
  throw new AnswerError(
    `no kind ${quoteGo(actual.kind)} is registered for version ${quoteGo(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** As an answer's `GroupVersionKind` is printed: what it says itself, and nothing for what it leaves out. */
export function saidType(review: JSONObject): string {
  const { group, version, kind } = typeMeta(review);
  return `${group}/${version}, Kind=${kind}`;
}

/** Characters of an answer that an error quotes. */
export const MAX_QUOTED = 2048;

const WORDS: Record<number, string> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

function statusWords({ status, contentType, body }: { status: number; contentType: string; body: string }): string {
  const told = statusMessage(body);
  if (told !== undefined) return told;
  const isText = contentType === '' || contentType.trim().toLowerCase().startsWith('text/');
  const said = isText ? body.slice(0, MAX_QUOTED).trim() : 'unknown';
  if (status === 403 || status === 415) return said;
  if (status === 406)
    return said === '' || said === 'unknown'
      ? 'the server was unable to respond with a content type that the client supports'
      : said;
  if (WORDS[status] !== undefined) return WORDS[status];
  if (status >= 500) return `an error on the server (${quoteGo(said)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

/** The message of a body that is a Status of a failure. */
function statusMessage(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (!isJSONObject(value) || value.kind !== 'Status' || value.status !== 'Failure') return undefined;
    return typeof value.message === 'string' ? value.message : '';
  } catch {
    return undefined;
  }
}
