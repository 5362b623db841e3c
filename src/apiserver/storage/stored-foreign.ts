/** Values that another program wrote at an object's key: a real API server's Protobuf, or JSON in any form. */

import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import type { KeyValue } from '../../etcd/types.ts';
import type { KubeObject } from '../../objects/object.ts';
import { decodeValue } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { JSONSyntaxError, parseJSON } from '../codec/json-text.ts';
import { decodeProtobuf, isProtobuf, ProtobufError } from '../codec/protobuf.ts';
import { UnreadableError } from './unreadable.ts';

const decoder = new TextDecoder();

/** Throws `UnreadableError`, in the words of the real decoders. */
export function parseForeign(kind: Kind, kv: KeyValue, value: Uint8Array): KubeObject {
  try {
    const object = isProtobuf(value) ? fromProtobuf(value) : fromJSON(kind, decoder.decode(value));
    checkKind(kind, object);
    return object;
  } catch (error) {
    if (!(error instanceof Problem || error instanceof ProtobufError || error instanceof DecodeError)) throw error;
    throw new UnreadableError(kv.key, kv.modRevision, error.message);
  }
}

class Problem extends Error {}

function fromProtobuf(bytes: Uint8Array): KubeObject {
  const { kind, apiVersion, value } = decodeProtobuf(bytes);
  return withMetadata({ ...value, kind, apiVersion });
}

function fromJSON(kind: Kind, text: string): KubeObject {
  if (!text.trimStart().startsWith('{')) throw new Problem(base64Problem(text));
  const { value, notes } = parsed(text);
  const { kind: name, apiVersion } = value as Partial<KubeObject>;
  const own = name === undefined && apiVersion === undefined;
  const struct = kind.struct;
  const decoded = struct ? decodeValue(struct, value, notes).value : value;
  return withMetadata({
    ...(decoded as object),
    kind: own ? kind.kind : name,
    apiVersion: own ? apiVersionOf(kind) : apiVersion,
  } as KubeObject);
}

function parsed(text: string): ReturnType<typeof parseJSON> {
  try {
    return parseJSON(text);
  } catch (error) {
    if (!(error instanceof JSONSyntaxError)) throw error;
    throw new Problem(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

const withMetadata = (object: KubeObject): KubeObject => ({ ...object, metadata: object.metadata ?? {} }) as KubeObject;

/** Versions of a kind are converted into one another; other kinds are not. */
function checkKind(kind: Kind, { kind: name, apiVersion }: KubeObject): void {
  if (name === kind.kind && apiVersion !== undefined && isVersionOf(kind, apiVersion)) return;
  const [group = '', version = ''] = String(apiVersion).includes('/')
    ? String(apiVersion).split('/')
    : ['', apiVersion];
  if (name === kind.kind && group === kind.group)
    throw new Problem(
      `no kind "${name}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  const internal = `${(kind.group || 'core').split('.')[0]}.${kind.kind}`;
  throw new Problem(`converting (${version}.${name}) to (${internal}): unknown conversion`);
}

/** Events and autoscalers are the built-in kinds that are served in several versions, or stored in another group's. */
const isVersionOf = (kind: Kind, apiVersion: string): boolean =>
  kind.equivalents.some((other) => apiVersionOf(other) === apiVersion);

/** What is no object's text is taken for base64. */
function base64Problem(text: string): string {
  const illegal = text.search(/[^A-Za-z0-9+/]/);
  const at = illegal >= 0 ? illegal : text.length - (text.length % 4);
  return `illegal base64 data at input byte ${at}`;
}
