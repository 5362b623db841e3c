/**
 * Objects as the API server's own (internal) Go types hold them: some messages print them, and updates compare them.
 * Every field is there, in Go's order and spelling; an empty list, map or pointer is null.
 */
import { isEmpty, sameValue } from './equality.ts';
import { INTERNAL_TYPES } from './generated/internal-types.gen.ts';
import type { LabelSelector } from './generated/meta-v1.gen.ts';
import { canonicalQuantity } from './quantity.ts';

interface GoField {
  /** '' for an embedded struct, whose fields lie flat. */
  name: string;
  key: string;
  type: string;
}

/** Where the JSON of v1 has another name than Go's field in small letters. */
const OTHER_KEYS: Record<string, string> = {
  'PodSpec.DeprecatedServiceAccount': 'serviceaccount',
  'RBDVolumeSource.CephMonitors': 'monitors',
  'RBDVolumeSource.RBDImage': 'image',
  'RBDVolumeSource.RBDPool': 'pool',
  'RBDVolumeSource.RadosUser': 'user',
  'AzureDiskVolumeSource.DataDiskURI': 'diskuri',
  'GlusterfsVolumeSource.EndpointsName': 'endpoints',
  'PersistentVolumeClaimSpec.VolumeAttributesClassName': 'volumeattributesclassname',
};

let table: Map<string, GoField[]> | undefined;

function fieldsOf(type: string): GoField[] {
  if (!table) {
    table = new Map();
    for (const line of INTERNAL_TYPES.split('\n')) {
      const [name = '', ...fields] = line.split('|');
      const bare = name.slice(name.indexOf('.') + 1);
      table.set(
        name,
        fields.map((field) => {
          if (field.startsWith('^')) return { name: '', key: '', type: field.slice(1) };
          const colon = field.indexOf(':');
          const go = field.slice(0, colon);
          const key = OTHER_KEYS[`${bare}.${go}`] ?? go.toLowerCase();
          return { name: go, key, type: field.slice(colon + 1) };
        }),
      );
    }
  }
  return table.get(type) ?? [];
}

function convert(type: string, given: unknown): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: the table says what it is
  const value = given as any;
  switch (type.charAt(0)) {
    case '*':
      return value === undefined || value === null ? null : convert(type.slice(1), value);
    case '[':
      return value === undefined || value === null ? null : value.map((item: unknown) => convert(type.slice(1), item));
    case 'm': {
      if (value === undefined || value === null) return null;
      const keys = Object.keys(value).sort();
      return Object.fromEntries(keys.map((key) => [key, convert(type.slice(1), value[key])]));
    }
    case '#':
      return structure(type.slice(1), value ?? {});
    case 's':
      return value ?? '';
    case 'n':
    case 'I':
      return value ?? 0;
    case 'b':
      return value ?? false;
    case 'Q':
      return value === undefined ? '0' : canonicalQuantity(value);
    default:
      return value ?? null;
  }
}

function structure(type: string, value: Record<string, unknown>): Record<string, unknown> {
  const byKey: Record<string, unknown> = {};
  for (const key in value) byKey[key.toLowerCase()] = value[key];
  const out: Record<string, unknown> = {};
  for (const field of fieldsOf(type)) {
    if (field.name) out[field.name] = convert(field.type, byKey[field.key]);
    else if (field.type === 'K') {
      if (value.kind) out.kind = value.kind;
      if (value.apiVersion) out.apiVersion = value.apiVersion;
    } else if (field.type === 'J') Object.assign(out, metadata(value.metadata as Record<string, unknown> | undefined));
    else Object.assign(out, convert(field.type, value));
  }
  return out;
}

/** Metadata keeps its JSON form; maps are sorted, as Go prints them. */
function metadata(value: Record<string, unknown> | undefined): Record<string, unknown> {
  const out: Record<string, unknown> = { ...value };
  for (const key of ['labels', 'annotations'])
    if (isEmpty(out[key])) delete out[key];
    else out[key] = convert('ms', out[key]);
  return out;
}

/** `value`, which is of the v1 form, as the internal `type` (`core.PodSpec`, `[#core.Toleration`). */
export const goValue = (type: string, value: unknown): unknown =>
  convert(/^[*[m#]/.test(type) ? type : `#${type}`, value);

/** Equality as the API server sees it: an absent list is an empty one, quantities are numbers. */
export const goEqual = (type: string, a: unknown, b: unknown): boolean =>
  sameValue(a, b) || comparable(goValue(type, a)) === comparable(goValue(type, b));

const comparable = (value: unknown): string =>
  JSON.stringify(value).replaceAll(':[]', ':null').replaceAll(':{}', ':null');

/** A map as Go prints it: keys sorted, null when there is none. */
export const goMap = (map: Record<string, string> | undefined): unknown => goValue('ms', map);

/** A LabelSelector as Go prints it. */
export function goSelector(selector: Partial<LabelSelector> | null | undefined): unknown {
  if (!selector) return null;
  const { matchLabels, ...rest } = selector;
  return isEmpty(matchLabels) ? rest : { matchLabels: goMap(matchLabels), ...rest };
}

/** JSON as Go writes it into pages: `<`, `>` and `&` escaped. */
const escapeHTML = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const prettyGoValue = (type: string, value: unknown): string =>
  escapeHTML(JSON.stringify(goValue(type, value), null, 1));
