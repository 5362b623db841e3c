/**
 * An object of which only what most readers ask for is in memory: its name and metadata, and short values beside them. The rest is read
 * when it is looked at. It is copied, listed and compared as any object, which reads all of it.
 */
import { heapBytes } from './heap-bytes.ts';
import { type Member, membersOf } from './json-members.ts';
import { putLate, readFrom } from './late-fields.ts';
import type { KubeObject, ObjectMeta } from './object.ts';
import { setOwn } from './own.ts';

/** Values beside the metadata that are kept: types, reasons, times. */
const KEPT_CHARACTERS = 40;
/** What metadata may take in memory, bytes; of more only what names the object is kept. */
export const MAX_KEPT_METADATA = 1024;

const READ_LATE = new Set(['annotations', 'managedFields']);
const METADATA = ['metadata'] as const;
const NAMING = new Set(['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp']);

/** Reads the whole object. */
type Load = () => KubeObject;

/** A field whose value is read when it is looked at. */
const LATE = Symbol('late');

type Fields = (readonly [field: string, value: unknown])[];

/** `load` answers the same object; what it answers is shared. */
export function partialObject(object: KubeObject, load: Load): KubeObject {
  const body: Fields = [];
  for (const field in object) body.push([field, isShort(object[field]) ? object[field] : LATE]);
  const metadata: Fields = [];
  for (const field in object.metadata)
    metadata.push([field, READ_LATE.has(field) ? LATE : object.metadata[field as 'name']]);
  return partialOf(body, metadata, load);
}

/**
 * The same from the text of an object as it is stored, of which no more is parsed than is kept; with fields that it has even if they are not in
 * the text. Undefined where there is no metadata with a name.
 */
export function partialOfText(
  text: string,
  { modRevision, always }: { modRevision: number; always: readonly string[] },
  load: Load,
): KubeObject | undefined {
  const members = membersOf(text);
  const metadata = members?.find(({ name }) => name === 'metadata');
  const metadataMembers = metadata && membersOf(text, metadata.start);
  if (!members || !metadataMembers) return undefined;
  const fields = readMembers(text, metadataMembers, ({ name }) => !READ_LATE.has(name));
  if (typeof fields.find(([field]) => field === 'name')?.[1] !== 'string') return undefined;
  const body = readMembers(text, members, (member) => isSurelyShort(text, member));
  const missing = always.filter((field) => !members.some(({ name }) => name === field));
  return partialOf(
    [...body, ...missing.map((field) => [field, LATE] as const)],
    [...fields.filter(([field]) => field !== 'resourceVersion'), ['resourceVersion', String(modRevision)]],
    load,
  );
}

/** Some members with their values, which are read together, as one reading costs more than what it reads; the others are late. */
function readMembers(text: string, members: readonly Member[], isRead: (member: Member) => boolean): Fields {
  const read = members.filter(isRead);
  const values: Record<string, unknown> = JSON.parse(`{${read.map(({ from, end }) => text.slice(from, end)).join()}}`);
  return members.map((member) => [member.name, read.includes(member) ? values[member.name] : LATE] as const);
}

function partialOf(body: Fields, metadata: Fields, load: Load): KubeObject {
  const partial: Record<string, unknown> = {};
  for (const [field, value] of body) {
    if (field === 'metadata') partial[field] = partialMetadata(metadata, load);
    else if (value === LATE) putLate(partial, field);
    else setOwn(partial, field, value);
  }
  readFrom(partial, { load, path: [] });
  return partial as KubeObject;
}

function partialMetadata(fields: Fields, load: Load): ObjectMeta {
  let weight = 0;
  for (const [field, value] of fields) if (value !== LATE && !READ_LATE.has(field)) weight += heapBytes(value);
  const isLight = weight <= MAX_KEPT_METADATA;
  const partial: Record<string, unknown> = {};
  let isWhole = true;
  for (const [field, value] of fields)
    if (value !== LATE && !READ_LATE.has(field) && (isLight || NAMING.has(field))) setOwn(partial, field, value);
    else {
      putLate(partial, field);
      isWhole = false;
    }
  if (!isWhole) readFrom(partial, { load, path: METADATA });
  return partial as unknown as ObjectMeta;
}

const isShort = (value: unknown): boolean =>
  typeof value === 'string' ? value.length <= KEPT_CHARACTERS : typeof value !== 'object' || value === null;

/** What is short as it is written is no longer than that; some of what is written long is short, and is read late all the same. */
const isSurelyShort = (text: string, { start, end }: Member): boolean =>
  end - start <= KEPT_CHARACTERS + 2 && text[start] !== '{' && text[start] !== '[';
