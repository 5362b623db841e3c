/**
 * A request's body as an object of the kind that the path expects: JSON, YAML or Protobuf, with the real server's refusals.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers (create, update, transformDecodeError).
 */

import type { Schemas, Struct } from '../../catalog/schema.ts';
import { printValue } from '../../objects/field-error.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { decodeFlawless, decodeValue } from './decode.ts';
import { DecodeError } from './decode-error.ts';
import { outlineOf } from './json-outline.ts';
import { JSONSyntaxError, type ParsedJSON, parseJSON, parsePlain, readJSON } from './json-text.ts';
import { decodeProtobuf, ProtobufError } from './protobuf.ts';
import type { RepeatedKey } from './yaml/mapping.ts';
import { parseYAMLDocument } from './yaml/parse.ts';
import { refuseInfinite } from './yaml/resolve.ts';
import { YAMLSyntaxError } from './yaml/tokens.ts';

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
  /** Versions of the same form that a body may still name. */
  olderVersions?: readonly string[];
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface DecodedBody {
  object: KubeObject;
  /** For `Warning: 299` headers. */
  warnings: string[];
}

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** The body's media type; JSON when the client says none. Throws 415. */
export function bodyMediaType(contentType: string | null | undefined): string {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  if (type === '') return 'application/json';
  if (MEDIA_TYPES.includes(type)) return type;
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${MEDIA_TYPES.join(', ')}`,
  );
}

/**
 * @param expected the kind that the path stands for; a body may leave its kind and version out.
 * @param schemas the types that a body may be of.
 * Throws a `StatusError` 400 with the decoder's words.
 */
export function decodeBody(
  body: Uint8Array,
  mediaType: string,
  expected: GroupVersionKind,
  validation: FieldValidation,
  schemas: Schemas,
): DecodedBody {
  if (mediaType === 'application/vnd.kubernetes.protobuf') return decodeProtobufBody(body, expected);
  const flawless = mediaType === YAML ? undefined : decodeFlawlessBody(decoder.decode(body), expected, schemas);
  if (flawless) return { object: flawless, warnings: [] };
  const parsed = parseBody(body, mediaType, expected);
  const actual = interpret(parsed.value, expected, body);
  const cannot = (reason: string): StatusError =>
    badRequest(
      `${actual.kind} in version ${JSON.stringify(actual.version)} cannot be handled as a ${expected.kind}: ${reason}`,
    );
  try {
    const struct = structOf(actual, schemas);
    const decoded = decodeValue(struct, parsed.value, parsed.notes);
    const strict = [...(parsed.repeated ?? []), ...decoded.strict];
    checkConversion(actual, expected, struct.go);
    if (strict.length && validation === 'Strict') throw cannot(`strict decoding error: ${strict.join(', ')}`);
    checkVersion(actual, expected);
    return { object: named(decoded.value, actual), warnings: validation === 'Warn' ? strict.flatMap(asWarnings) : [] };
  } catch (error) {
    if (error instanceof DecodeError) throw cannot(error.message);
    throw error;
  }
}

const YAML = 'application/yaml';
const decoder = new TextDecoder();

/** The value of a JSON or YAML document. `isUntried`: most likely there is nothing to be noted of it. Throws 400. */
export function parseBody(
  body: Uint8Array,
  mediaType: string,
  expected: GroupVersionKind,
  isUntried = false,
): ParsedJSON {
  const text = decoder.decode(body);
  try {
    return mediaType === YAML ? parseYAML(text) : isUntried ? parseJSON(text) : readJSON(text);
  } catch (error) {
    if (error instanceof YAMLSyntaxError)
      throw unrecognized(expected, `error converting YAML to JSON: ${error.message}`, body);
    if (!(error instanceof JSONSyntaxError)) throw error;
    throw unrecognized(expected, `couldn't get version/kind; json parse error: ${error.message}`, body);
  }
}

/** What most bodies are: JSON of the kind that is expected, of which nothing is to be said. undefined for others. */
function decodeFlawlessBody(text: string, expected: GroupVersionKind, schemas: Schemas): KubeObject | undefined {
  const plain = parsePlain(text, outlineOf(text));
  if (!plain || typeof plain.value !== 'object' || plain.value === null || Array.isArray(plain.value)) return undefined;
  const { kind = expected.kind, apiVersion: version = apiVersion(expected) } = plain.value as Record<string, unknown>;
  if (kind !== expected.kind || version !== apiVersion(expected)) return undefined;
  const name = schemas.nameOf(expected.group, expected.version, expected.kind);
  const struct = name ? schemas.find(name) : undefined;
  const object = struct && decodeFlawless(struct, plain.value, plain.members);
  return object && named(object as KubeObject, expected);
}

const apiVersion = ({ group, version }: GroupVersionKind): string => (group ? `${group}/${version}` : version);

function named(object: KubeObject, kind: GroupVersionKind): KubeObject {
  object.kind = kind.kind;
  object.apiVersion = apiVersion(kind);
  return object;
}

/** What the body says it is, with what it leaves out from `expected`. */
function interpret(value: unknown, expected: GroupVersionKind, body: Uint8Array): GroupVersionKind {
  let actual: GroupVersionKind;
  try {
    actual = typeMeta(value);
  } catch (error) {
    if (error instanceof DecodeError) throw unrecognized(expected, error.message, body);
    throw error;
  }
  if (!actual.kind) actual.kind = expected.kind;
  if (actual.group === expected.group && expected.olderVersions?.includes(actual.version))
    actual.version = expected.version;
  if (!actual.version && !actual.group) {
    actual.group = expected.group;
    actual.version = expected.version;
  }
  return actual;
}

const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** What a value says it is; '' for what it leaves out. Throws `DecodeError`. */
export function typeMeta(value: unknown): GroupVersionKind {
  const refuse = (message: string) =>
    new DecodeError(`couldn't get version/kind; json parse error: json: cannot unmarshal ${message}`);
  if (value === null || value === undefined) return { group: '', version: '', kind: '' };
  const word = (v: unknown) => (Array.isArray(v) ? 'array' : typeof v === 'boolean' ? 'bool' : typeof v);
  if (typeof value !== 'object' || Array.isArray(value))
    throw refuse(`${word(value)} into Go value of type ${TYPE_META}`);
  const { apiVersion: version = '', kind = '' } = value as Record<string, unknown>;
  for (const [name, field] of [
    ['apiVersion', version],
    ['kind', kind],
  ] as const) {
    if (typeof field !== 'string' && field !== null) {
      throw refuse(`${word(field)} into Go struct field .${name} of type string`);
    }
  }
  const parts = ((version as string | null) ?? '').split('/');
  if (parts.length > 2) throw new DecodeError(`unexpected GroupVersion string: ${version}`);
  const [group, name] = parts.length === 2 ? parts : ['', parts[0]];
  return { group: group!, version: name!, kind: (kind as string | null) ?? '' };
}

export function unrecognized(expected: GroupVersionKind, reason: string, body: Uint8Array): StatusError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): ${reason} (${summary(body)})`,
  );
}

/** The first 30 bytes of a body: as text if it may be JSON, else in hexadecimal. */
function summary(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const head = body.slice(0, 30);
  const more = body.length > 30 ? ' ...' : '';
  if (body[0] === 0x7b) return new TextDecoder().decode(head) + more;
  return [...head].map((b) => b.toString(16).padStart(2, '0')).join('') + more;
}

/** The type of a kind that is served. Throws `DecodeError`. */
export function structOf(kind: GroupVersionKind, schemas: Schemas): Struct {
  const name = schemas.nameOf(kind.group, kind.version, kind.kind);
  const struct = name ? schemas.find(name) : undefined;
  if (struct) return struct;
  throw new DecodeError(
    `no kind ${JSON.stringify(kind.kind)} is registered for version ${JSON.stringify(apiVersion(kind))} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** A kind that exists must be the path's. `go` is its type's name. Throws `DecodeError`. */
export function checkConversion(actual: GroupVersionKind, expected: GroupVersionKind, go: string): void {
  if (actual.kind === expected.kind && (actual.group === expected.group || sameObject(actual, expected))) return;
  const internal = expected.group === '' ? 'core' : expected.group.split('.')[0];
  throw new DecodeError(`converting (${go}) to (${internal}.${expected.kind}): unknown conversion`);
}

function checkVersion(actual: GroupVersionKind, expected: GroupVersionKind): void {
  if (apiVersion(actual) !== apiVersion(expected)) {
    throw badRequest(
      `the API version in the data (${apiVersion(actual)}) does not match the expected API version (${apiVersion(expected)})`,
    );
  }
}

/** Events live in two groups. */
const sameObject = (a: GroupVersionKind, b: GroupVersionKind): boolean =>
  a.kind === 'Event' && [a.group, b.group].every((g) => g === '' || g === 'events.k8s.io');

function decodeProtobufBody(body: Uint8Array, expected: GroupVersionKind): DecodedBody {
  try {
    const { apiVersion: version, kind, value, struct } = decodeProtobuf(body, expected);
    const parts = version.split('/');
    const actual = { group: parts.length === 2 ? parts[0]! : '', version: parts[parts.length - 1]!, kind };
    try {
      checkConversion(actual, expected, struct.go);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw badRequest(
        `${actual.kind} in version ${JSON.stringify(actual.version)} cannot be handled as a ${expected.kind}: ${error.message}`,
      );
    }
    checkVersion(actual, expected);
    return { object: named(value, actual), warnings: [] };
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(expected, error.message, body);
    throw error;
  }
}

/** One document as Kubernetes reads YAML. Throws `YAMLSyntaxError`. */
export function parseYAML(text: string): ParsedYAML {
  const { value, repeated } = parseYAMLDocument(text);
  if (typeof value === 'number') refuseInfinite(value);
  return { value, notes: new WeakMap(), repeated: repeatedKeys(repeated) };
}

interface ParsedYAML extends ParsedJSON {
  /** Keys that stand more than once in a mapping, in the words of the strict reader. */
  repeated: string[];
}

/** As many as are told. */
export const MAX_REPEATED = 100;

function repeatedKeys(repeated: readonly RepeatedKey[]): string[] {
  if (repeated.length === 0) return [];
  const lines = repeated
    .slice(0, MAX_REPEATED)
    .map(({ key, line }) => `  line ${line}: key ${printValue(key)} already set in map`);
  return [`${REPEATED}${lines.join('\n')}`];
}

const REPEATED = 'error converting YAML to JSON: yaml: unmarshal errors:\n';

/** What a strict reader says, as warnings: the repeated keys of YAML are one each. */
export const asWarnings = (words: string): string[] =>
  words.startsWith(REPEATED)
    ? words
        .slice(REPEATED.length)
        .split('\n')
        .map((line) => line.trim())
    : [words];
