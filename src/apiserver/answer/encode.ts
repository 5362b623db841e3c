/** Answers: objects, lists, tables and Status errors in the form negotiated. Source: k8s.io/apiserver/pkg/endpoints/handlers/response.go. */

import { fromStored } from '../../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { invalid as invalidField } from '../../objects/field-error.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, internalError, type Status, StatusError } from '../../objects/status.ts';
import { encodeProtobuf } from '../codec/protobuf.ts';
import { printYAML } from '../codec/yaml-write.ts';
import { columnProse } from '../openapi/prose.ts';
import type { Exchange } from '../pipeline.ts';
import { withHead, withStoredVersion } from '../storage/stored.ts';
import type { Written } from '../write/decision.ts';
import { type Accepted, type Format, notAcceptable } from './negotiation.ts';
import { appendWarnings } from './warnings.ts';

const TYPES = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
} as const;

/** A body from a value, or from JSON text that is made already. */
export function respond(value: unknown, accepted: Accepted, code = 200, warnings: readonly string[] = []): Response {
  if (accepted.format === 'yaml') {
    const text = printYAML(typeof value === 'string' ? JSON.parse(value) : value);
    return new Response(text, { status: code, headers: responseHeaders('yaml', warnings) });
  }
  const message = accepted.format === 'protobuf' ? protobufOf(value) : undefined;
  if (message) return new Response(message, { status: code, headers: responseHeaders('protobuf', warnings) });
  const headers = responseHeaders('json', warnings);
  return new Response(`${jsonOf(value, accepted.pretty)}\n`, { status: code, headers });
}

export function responseHeaders(format: Format, warnings: readonly string[]): Headers {
  const headers = new Headers({ 'cache-control': 'no-cache, private', 'content-type': TYPES[format] });
  appendWarnings(headers, warnings);
  return headers;
}

/** Undefined for what has no Protobuf form: it goes out as JSON. */
const protobufOf = (value: unknown): Uint8Array<ArrayBuffer> | undefined =>
  encodeProtobuf((typeof value === 'string' ? JSON.parse(value) : value) as KubeObject) as
    | Uint8Array<ArrayBuffer>
    | undefined;

function jsonOf(value: unknown, pretty: boolean): string {
  if (!pretty) return typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(typeof value === 'string' ? JSON.parse(value) : value, null, 2);
}

/** An error as a Status, in JSON unless YAML is asked for. */
export function respondError(
  error: unknown,
  accepted: Accepted | undefined,
  warnings: readonly string[] = [],
): Response {
  const status = error instanceof StatusError ? error.status : unexpected(error);
  const form: Accepted = accepted
    ? { format: accepted.format, pretty: accepted.pretty }
    : { format: 'json', pretty: false };
  const response = respond(status, form, status.code ?? 500, warnings);
  const retry = status.details?.retryAfterSeconds;
  if (retry) response.headers.set('retry-after', String(retry));
  return response;
}

function unexpected(error: unknown): Status {
  // What etcd refuses is passed on as it says it, without a reason.
  if (error instanceof EtcdError) return new StatusError(500, '', error.message).status;
  const message = error instanceof Error ? error.message : String(error);
  console.error(error);
  return internalError(message).status;
}

/** What has come of a write, in the form asked for. */
export function respondWritten(exchange: Exchange, written: Written, code: number): Response {
  const { kind, accepted, query, warnings } = exchange;
  const { resourceVersion } = written.object.metadata;
  // What the store holds is what most clients want to have.
  if (written.text && resourceVersion && !accepted.as && accepted.format === 'json') {
    const text = withStoredVersion(kind, written.text, resourceVersion);
    if (text !== undefined) return respond(text, accepted, code, warnings);
  }
  return respond(objectBody(kind, written.object, accepted, query, written.now), accepted, code, warnings);
}

/** One object in the form asked for. */
export function objectBody(
  kind: Kind,
  object: KubeObject,
  accepted: Accepted,
  query: URLSearchParams,
  now: number,
): unknown {
  if (accepted.as === 'Table') return table(kind, [object], tableMetadata(object), accepted, query, now);
  if (accepted.as === 'PartialObjectMetadata') return partial(object, accepted);
  if (accepted.as)
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${goName(kind)})`,
    );
  return withHead(object);
}

/** As Go prints the type that the server holds within. */
export const goName = ({ equivalents, kind }: Kind): string =>
  `${equivalents[0]!.group.split('.')[0] || 'core'}.${kind}`;

const tableMetadata = (object: KubeObject): Record<string, unknown> =>
  object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion };

/** Annotations that a version carries for what the server holds otherwise; metadata alone goes without them. */
const VERSIONED_ANNOTATIONS: Record<string, string[]> = {
  'apps/DaemonSet': ['deprecated.daemonset.template.generation'],
  'autoscaling/HorizontalPodAutoscaler': [
    'autoscaling.alpha.kubernetes.io/behavior',
    'autoscaling.alpha.kubernetes.io/conditions',
    'autoscaling.alpha.kubernetes.io/current-metrics',
    'autoscaling.alpha.kubernetes.io/metrics',
  ],
};

export const partial = (object: KubeObject, accepted: Accepted): unknown => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${accepted.asVersion}`,
  metadata: plainMetadata(object),
});

function plainMetadata({ apiVersion, kind, metadata }: KubeObject): KubeObject['metadata'] {
  const hidden = VERSIONED_ANNOTATIONS[`${apiVersion.split('/')[0]}/${kind}`];
  const { annotations, ...rest } = metadata;
  if (!hidden || !annotations) return metadata;
  const shown = Object.entries(annotations).filter(([name]) => !hidden.includes(name));
  return shown.length > 0 ? { ...rest, annotations: Object.fromEntries(shown) } : rest;
}

export type IncludeObject = '' | 'None' | 'Metadata' | 'Object';

export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '' || value === 'None' || value === 'Metadata' || value === 'Object') return value;
  const error = invalidField('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: ${error.field}: ${error.message}`);
}

export function table(
  kind: Kind,
  objects: readonly KubeObject[],
  metadata: Record<string, unknown>,
  accepted: Accepted,
  query: URLSearchParams,
  now: number,
): object {
  const include = includeObject(query);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${accepted.asVersion}`,
    metadata,
    columnDefinitions: kind.table.columns(columnProse),
    rows: tableRows(kind, objects, accepted, include, now),
  };
}

export function tableRows(
  kind: Kind,
  objects: readonly KubeObject[],
  accepted: Accepted,
  include: IncludeObject,
  now: number,
): unknown[] {
  const wanted = apiVersionOf(kind.equivalents[0]!);
  // Tables are made from the stored version; a row's object is shown as the client's version has it.
  const originals = new Map<KubeObject, KubeObject>();
  const printable = objects.map((object) => {
    if (kind.custom || object.apiVersion === wanted) return object;
    const converted = fromStored(object, wanted);
    originals.set(converted, object);
    return converted;
  });
  return kind.table.rows(printable, now).map(({ object: printed, ...row }) => {
    const object = originals.get(printed) ?? printed;
    return {
      cells: row.cells,
      ...(row.conditions ? { conditions: row.conditions } : {}),
      object: include === 'None' ? null : include === 'Object' ? withHead(object) : partial(object, accepted),
    };
  });
}
