/**
 * Server-side apply: what a manager wants of an object, merged with what others want.
 * Source: structured-merge-diff/merge/update.go and k8s.io/apimachinery/pkg/util/managedfields.
 */
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import { sameJSON, sameValue } from '../../objects/equality.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { compare } from './compare.ts';
import { type Conflict, conflictError } from './conflict.ts';
import { type Entry, isEntryOf, readEntries } from './entries.ts';
import { difference, type FieldSet, intersection, union, without } from './field-set.ts';
import { fieldsOf, removeFields, withNamedFields } from './fields-of.ts';
import { merge } from './merge.ts';
import { type ObjectType, typeOf } from './object-type.ts';
import { type Paths, resetFieldsOf } from './reset-fields.ts';
import type { Shape } from './shape.ts';
import { setManagedFields, strip } from './track.ts';

export interface ApplyRequest {
  kind: Kind;
  /** What is stored; absent when the object is to be created. */
  live?: KubeObject;
  /** What the client sent, as it is. */
  patch: JSONObject;
  manager: string;
  force: boolean;
  subresource?: string;
  /** RFC 3339, to the second. */
  now: string;
  /** Fills in defaults of the merged object, in place. */
  defaults?(object: KubeObject): void;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The object that results, decoded and defaulted, with its managedFields; it may share parts with `live` and `patch`.
 * Throws a `StatusError`: 400 for a patch of another kind, 409 with causes for conflicts, 500 for what the schema does not allow.
 */
export function apply(request: ApplyRequest): KubeObject {
  const { kind, patch, live, manager } = request;
  checkPatch(kind, patch);
  const type = typeOf(kind)!;
  const errors = type.check(patch);
  if (errors.length) throw untyped(kind, patch, errors);
  const result = applyUnlessConflicts(request, type, request.force);
  const object = 'conflicts' in result ? applyOverLastApplied(request, type, result.conflicts) : result.object;
  if (manager === 'kubectl' && live?.metadata.annotations?.[LAST_APPLIED]) {
    object.metadata.annotations = { ...object.metadata.annotations, [LAST_APPLIED]: `${JSON.stringify(patch)}\n` };
  }
  return object;
}

/** What is no text counts as none, as for all readers of untyped objects. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const metadataOf = ({ metadata }: JSONObject): JSONObject => (isJSONObject(metadata) ? metadata : {});

function checkPatch(kind: Kind, patch: JSONObject): void {
  const apiVersion = textOf(patch.apiVersion);
  if (apiVersion !== apiVersionOf(kind) || patch.kind !== kind.kind) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${textOf(patch.kind)}`);
  }
  const { managedFields } = metadataOf(patch);
  if (managedFields !== undefined && managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
}

/** How messages name what is applied. */
const describe = (kind: Kind, patch: JSONObject): string =>
  `${textOf(metadataOf(patch).namespace)}/${textOf(metadataOf(patch).name)}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;

function untyped(kind: Kind, patch: JSONObject, errors: string[]): StatusError {
  const what = errors.length === 1 ? errors[0] : `errors:\n${errors.map((e) => `  ${e}`).join('\n')}`;
  return new StatusError(500, '', `failed to create typed patch object (${describe(kind, patch)}): ${what}`);
}

type Outcome = { object: KubeObject } | { conflicts: Conflict[] };

function applyUnlessConflicts(request: ApplyRequest, type: ObjectType, force: boolean): Outcome {
  const { kind, patch, now } = request;
  const subresource = request.subresource ?? '';
  const reset = resetFieldsOf(kind, subresource);
  const key = {
    manager: request.manager || 'unknown',
    operation: 'Apply' as const,
    apiVersion: apiVersionOf(kind),
    subresource,
  };
  const live = request.live ?? type.empty;
  let entries = readEntries(live.metadata?.managedFields) ?? [];
  if (request.live && entries.length === 0) entries = beforeFirstApply(request, type, request.live, reset);
  const previous = entries.find((e) => isEntryOf(e, key));
  const wanted = without(fieldsOf(type.shape, patch, previous?.fields), reset);
  const others = entries.filter((e) => e !== previous);
  const fields = strip(wanted);
  const isSame = sameValue(fields, previous?.fields);
  const mine: Entry = {
    ...key,
    ...(previous?.time && { time: previous.time }),
    fields: isSame ? previous?.fields : fields,
  };

  const bare = withoutManagedFields(live);
  let merged = merge(type.shape, bare, patch) as JSONObject;
  if (previous?.fields && !isSame) merged = prune(type, merged, previous.fields, union(wanted, allFields(others)));
  // Only what others own may be in conflict.
  const comparison = others.length > 0 ? compare(type.shape, bare, merged) : {};
  const changed = without(comparison.changed, reset);
  const removed = without(comparison.removed, reset);
  const conflicts: Conflict[] = [];
  const kept = others.map((entry) => {
    const taken = intersection(entry.fields, changed);
    if (taken) conflicts.push({ entry, fields: taken });
    const fields = difference(difference(entry.fields, taken), removed);
    return fields === entry.fields ? entry : { ...entry, fields };
  });
  if (conflicts.length && !force) return { conflicts };
  if (!request.live || !sameJSON(bare, merged)) mine.time = now;
  const object = convert(type, merged, () => describe(kind, patch));
  object.apiVersion = apiVersionOf(kind);
  object.kind = kind.kind;
  request.defaults?.(object);
  setManagedFields(object, [...kept, mine]);
  return { object };
}

function convert(type: ObjectType, merged: unknown, who: () => string): KubeObject {
  try {
    return type.convert(merged);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new StatusError(500, '', `failed to convert new object (${who()}) to proper version: ${error.message}`);
  }
}

const allFields = (entries: Entry[]): FieldSet | undefined =>
  entries.reduce<FieldSet | undefined>((all, e) => union(all, e.fields), undefined);

function withoutManagedFields(object: KubeObject): KubeObject {
  if (!object.metadata?.managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Objects that nobody tracked: all that they have is one manager's. */
function beforeFirstApply({ kind, now }: ApplyRequest, type: ObjectType, live: KubeObject, reset: Paths): Entry[] {
  const fields = without(strip(compare(type.shape, type.empty, live).changed), reset);
  const apiVersion = apiVersionOf(kind);
  return [{ manager: 'before-first-apply', operation: 'Update', apiVersion, subresource: '', time: now, fields }];
}

/** Takes away what the manager applied last time, unless it or somebody else owns it now. */
function prune(type: ObjectType, merged: JSONObject, last: FieldSet, owned: FieldSet | undefined): JSONObject {
  const left = difference(last, owned);
  if (!left) return merged;
  // All of it lies in some of the object's fields: the others are not looked at.
  const concerned: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const key in merged) (`f:${key}` in left ? concerned : rest)[key] = merged[key];
  const pruned = pruneFields(type.shape, concerned, left, owned);
  const result: Record<string, unknown> = {};
  for (const key in merged) {
    const value = key in rest ? rest[key] : pruned[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function pruneFields(shape: Shape, object: JSONObject, left: FieldSet, owned: FieldSet | undefined): JSONObject {
  const named = (set: FieldSet | undefined) => withNamedFields(shape, set);
  const fieldsIn = (value: unknown) => named(fieldsOf(shape, value));
  const all = fieldsIn(object);
  const keep = union(fieldsIn(removeFields(shape, object, named(left))), named(owned));
  const pruned = removeFields(shape, object, difference(all, keep));
  const gone = difference(all, fieldsIn(pruned));
  return removeFields(shape, object, intersection(gone, named(left))) as JSONObject;
}

/** kubectl may take over what it once set by client-side apply, as the annotation tells. */
function applyOverLastApplied(request: ApplyRequest, type: ObjectType, conflicts: Conflict[]): KubeObject {
  const allowed = request.manager === 'kubectl' ? fromLastApplied(request, type) : undefined;
  const left = conflicts
    .map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) }))
    .filter((c): c is Conflict => c.fields !== undefined);
  if (left.length) throw conflictError(left);
  const result = applyUnlessConflicts(request, type, true);
  if ('conflicts' in result) throw conflictError(result.conflicts);
  return result.object;
}

function fromLastApplied(request: ApplyRequest, type: ObjectType): FieldSet | undefined {
  const text = request.live?.metadata.annotations?.[LAST_APPLIED];
  if (!text) return undefined;
  try {
    const applied = JSON.parse(text);
    if (applied.apiVersion !== apiVersionOf(request.kind)) return undefined;
    const { changed, removed } = compare(type.shape, applied, request.live);
    return difference(difference(fieldsOf(type.shape, applied), changed), removed);
  } catch {
    return undefined;
  }
}
