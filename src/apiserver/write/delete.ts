/** delete and deletecollection. */
import type { Kind } from '../../catalog/kinds.ts';
import { builtInStruct, META } from '../../catalog/schema.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { own } from '../../objects/own.ts';
import { badRequest, type Status, StatusError } from '../../objects/status.ts';
import { objectBody, respond } from '../answer/encode.ts';
import { bodyMediaType, parseYAML, typeMeta } from '../codec/body.ts';
import { decodeValue } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { JSONSyntaxError, parseJSON } from '../codec/json-text.ts';
import { decodeProtobuf, ProtobufError } from '../codec/protobuf.ts';
import { YAMLSyntaxError } from '../codec/yaml/tokens.ts';
import { commit } from '../commit.ts';
import { type DeleteOptions, deleteOptions, listOptions, type SentDeleteOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { listForm, objectsOf, respondInParts, respondWhole } from '../read/list-body.ts';
import { Gathered, type ListPart, PART_BYTES, type ScanOptions, scanList } from '../read/list-scan.ts';
import { selectorOf } from '../read/selection.ts';
import { readBody } from './body.ts';
import { answersWithObject } from './deletion.ts';
import { decideEnd, decideRemoval, isUnfinished, type Removed } from './removal.ts';

export async function remove(exchange: Exchange): Promise<Response> {
  const { kind, name, query, accepted } = exchange;
  const options = await readDeleteOptions(exchange);
  warnOfKept(exchange, options);
  const { deletion, now } = await deleteOne(exchange, name!, options);
  const code = deletion.outcome !== 'deleted' && options.orphanDependents === false ? 202 : 200;
  const body =
    deletion.outcome === 'deleted' && !answersWithObject(kind)
      ? deletedStatus(kind, deletion.object)
      : objectBody(kind, deletion.object, accepted, query, now);
  return respond(body, accepted, code, exchange.warnings);
}

const JOBS_KEEP_PODS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

function warnOfKept({ kind, warnings }: Exchange, options: DeleteOptions): void {
  if (kind.name === 'jobs.batch' && !options.propagationPolicy && options.orphanDependents === undefined)
    warnings.push(JOBS_KEEP_PODS);
}

async function readDeleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const { request, query } = exchange;
  const bytes = await readBody(exchange);
  const type = bodyMediaType(request.headers.get('content-type'));
  const options = deleteOptions(query, bytes.length > 0 ? decodeOptions(bytes, type) : undefined);
  exchange.dryRun = options.dryRun;
  return options;
}

const DELETE_OPTIONS = { group: '', version: 'v1', kind: 'DeleteOptions' };

/** Clients name the version of the group that they speak to; all are the same type. Throws 400. */
function decodeOptions(bytes: Uint8Array, type: string): SentDeleteOptions {
  try {
    if (type === 'application/vnd.kubernetes.protobuf')
      return decodeProtobuf(bytes, DELETE_OPTIONS).value as SentDeleteOptions;
    const text = new TextDecoder().decode(bytes);
    const { value, notes } = type === 'application/yaml' ? parseYAML(text) : parseJSON(text);
    checkOptionsKind(value);
    return decodeValue(builtInStruct(`${META}DeleteOptions`), value, notes).value as SentDeleteOptions;
  } catch (error) {
    const message = (error as Error).message;
    if (error instanceof JSONSyntaxError) throw badRequest(`couldn't get version/kind; json parse error: ${message}`);
    if (error instanceof DecodeError || error instanceof ProtobufError || error instanceof YAMLSyntaxError)
      throw badRequest(message);
    throw error;
  }
}

/** What the scheme of options knows besides, in whatever version it is said to be. */
const OF_ANY_VERSION = new Set([
  'APIGroup',
  'APIGroupList',
  'APIResourceList',
  'APIVersions',
  'CreateOptions',
  'Status',
  'UpdateOptions',
]);
/** The same of a version, with the version that its Go type is of. */
const OF_VERSION: Record<string, Record<string, string>> = {
  'meta.k8s.io/v1': {
    GetOptions: 'v1',
    ListOptions: 'v1',
    PartialObjectMetadata: 'v1',
    PartialObjectMetadataList: 'v1',
    PatchOptions: 'v1',
    Table: 'v1',
    TableOptions: 'v1',
    WatchEvent: 'v1',
  },
  'meta.k8s.io/v1beta1': {
    PartialObjectMetadata: 'v1',
    PartialObjectMetadataList: 'v1beta1',
    Table: 'v1',
    TableOptions: 'v1',
  },
};

/** A body that says what it is must be options. */
function checkOptionsKind(value: unknown): void {
  const { kind: said, apiVersion } = isJSONObject(value) ? value : {};
  if (value !== null) typeMeta(value);
  if (typeof said !== 'string' || said === '' || said === DELETE_OPTIONS.kind) return;
  const version = String(apiVersion || 'meta.k8s.io/v1');
  const known = OF_ANY_VERSION.has(said) ? 'v1' : own(own(OF_VERSION, version) ?? {}, said);
  if (known) throw badRequest(`converting (${known}.${said}) to (v1.DeleteOptions): unknown conversion`);
  throw badRequest(
    `no kind ${JSON.stringify(said)} is registered for version ${JSON.stringify(version)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** Deletes one object. `isAdmitted`: policies and webhooks have been asked already. */
export async function deleteOne(
  exchange: Exchange,
  name: string,
  options: DeleteOptions,
  isAdmitted = false,
): Promise<Removed> {
  const place = { ...exchange, name };
  const author = { manager: exchange.manager, isAdmitted };
  const asked = { ...exchange, deleteOptions: sentForm(options) };
  const removed = await commit(asked, [], name, (seen) => decideRemoval(place, options, author, seen));
  if (!isUnfinished(removed) || exchange.dryRun) return removed;
  return commit(asked, [], name, (seen) => decideEnd(place, removed, seen));
}

/** As a client sends them. */
const sentForm = ({ dryRun, ...options }: DeleteOptions): JSONObject => ({
  ...options,
  ...(dryRun ? { dryRun: ['All'] } : {}),
});

export const deletedStatus = (kind: Kind, object: KubeObject): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name: object.metadata.name,
    ...(kind.group ? { group: kind.group } : {}),
    kind: kind.resource,
    ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
  },
});

export async function removeCollection(exchange: Exchange): Promise<Response> {
  const listed = listOptions(exchange.query);
  const options = await readDeleteOptions(exchange);
  warnOfKept(exchange, options);
  const selector = selectorOf(exchange, listed);
  const scan = (how?: ScanOptions) => scanList(exchange, listed, selector, how);
  let place: Pick<ListPart, 'revision' | 'now'> | undefined;
  const gathered = new Gathered();
  for await (const part of scan()) {
    place ??= { revision: part.revision, now: part.now };
    gathered.add(part);
    const named = namesIn(exchange, part);
    // While they are deleted, what is not to be answered at once is not held.
    if (!gathered.whole) part.kvs.length = 0;
    await removeAll(exchange, named, options);
  }
  // They are answered as they were before.
  const plain = { ...exchange, accepted: { format: exchange.accepted.format, pretty: exchange.accepted.pretty } };
  const form = listForm(plain, { resourceVersion: String(place!.revision) }, place!.now);
  if (gathered.whole) return respondWhole(plain, form, gathered.whole);
  exchange.storage.held?.give();
  return respondInParts(plain, form, () => scan({ again: place!.revision, firstPartBytes: PART_BYTES }));
}

type Named = Pick<KubeObject['metadata'], 'name' | 'namespace'>;

const namesIn = (exchange: Exchange, part: ListPart): Named[] =>
  objectsOf(exchange, part).map(({ metadata: { name, namespace } }) => (namespace ? { name, namespace } : { name }));

async function removeAll(exchange: Exchange, named: readonly Named[], options: DeleteOptions): Promise<void> {
  for (const { name, namespace } of named) {
    try {
      await deleteOne({ ...exchange, ...(namespace ? { namespace } : {}) }, name, options);
    } catch (error) {
      if (!(error instanceof StatusError) || error.status.code !== 404) throw error;
    }
  }
}
