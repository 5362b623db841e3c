/**
 * What an audit log is told of a request, once that is answered: `audit.k8s.io/v1` at the level Metadata. Models
 * k8s.io/apiserver/pkg/audit (request.go) as far as the API server knows it: not where a client is, and not whom it acts for.
 */
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { Identity } from '../identity/authentication.ts';
import type { Route } from '../route.ts';

/** Keeps an event, a line of JSON. */
export type KeepAudit = (event: string) => Promise<void>;

/** Characters of an event: beyond them it goes without its annotations, and its URI is cut. */
export const MAX_AUDIT_EVENT_CHARACTERS = 16 * 1024;
const CUT_URI_CHARACTERS = 2048;

export interface Audited {
  request: Request;
  url: URL;
  identity: Identity;
  route: Route;
  /** Of what is made, where the URL has none. */
  name: string | undefined;
  annotations: ReadonlyMap<string, string>;
  response: Response;
  /** The cluster's time, milliseconds, when it came in and when it was answered. */
  receivedAt: number;
  answeredAt: number;
}

/** `id`: what the answer is marked with. */
export async function auditEvent(id: string, audited: Audited): Promise<string> {
  const event = await eventOf(id, audited);
  const text = JSON.stringify(event);
  if (text.length <= MAX_AUDIT_EVENT_CHARACTERS) return text;
  const { annotations: _, responseStatus, ...rest } = event;
  const requestURI = rest.requestURI.slice(0, CUT_URI_CHARACTERS);
  return JSON.stringify({ ...rest, requestURI, responseStatus: { metadata: {}, code: responseStatus.code } });
}

async function eventOf(id: string, audited: Audited) {
  const { request, url, identity, annotations, response, receivedAt, answeredAt } = audited;
  const { user: username, uid, groups, extra } = identity;
  const userAgent = request.headers.get('user-agent');
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: id,
    stage: 'ResponseComplete',
    requestURI: url.pathname + url.search,
    ...actOf(audited),
    user: { username, ...(uid === undefined ? {} : { uid }), groups, ...(extra ? { extra } : {}) },
    ...(userAgent ? { userAgent } : {}),
    responseStatus: await statusOf(response),
    requestReceivedTimestamp: microTime(receivedAt),
    stageTimestamp: microTime(answeredAt),
    ...(annotations.size > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
  };
}

/** The verb, and the object that it is about. */
function actOf({ request, route, name: made }: Audited): { verb: string; objectRef?: JSONObject } {
  if (!('resource' in route)) return { verb: request.method.toLowerCase() };
  const { verb, kind, namespace, name = made, subresource } = route.resource;
  const parts = { resource: kind.resource.split('.')[0]!, namespace, name, apiGroup: kind.group || undefined };
  const objectRef = { ...parts, apiVersion: kind.version, subresource };
  return { verb, objectRef: JSON.parse(JSON.stringify(objectRef)) };
}

/** Of a refusal all that it says. */
async function statusOf(response: Response): Promise<JSONObject & { code: number }> {
  const { status: code } = response;
  const told = { metadata: {}, code };
  if (code < 400 || !(response.headers.get('content-type') ?? '').includes('json')) return told;
  const body: unknown = await response.clone().json();
  if (!isJSONObject(body) || body.kind !== 'Status') return told;
  const { kind: _, apiVersion: __, ...status } = body;
  return { ...status, ...told };
}

const microTime = (at: number): string => new Date(at).toISOString().replace('Z', '000Z');
