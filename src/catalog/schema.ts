/**
 * The types of the API: every struct with its fields in Go's order, as the JSON, the protobuf, the OpenAPI and the merge rules see them.
 * Read lazily from the generated table, a type on its first use.
 */
import { SCHEMAS } from './generated/schemas.gen.ts';

/** Types with a JSON form of their own are `Time`, `Quantity`… `any` and `JSON` take whatever comes. */
export type Scalar =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'bytes'
  | 'any'
  | 'Time'
  | 'MicroTime'
  | 'Duration'
  | 'Quantity'
  | 'IntOrString'
  | 'FieldsV1'
  | 'RawExtension'
  | 'JSON'
  | 'JSONSchemaPropsOrBool'
  | 'JSONSchemaPropsOrArray'
  | 'JSONSchemaPropsOrStringArray';

export type Type =
  | { form: 'scalar'; scalar: Scalar; go: string; pointer: boolean }
  | { form: 'struct'; struct: Struct; go: string; pointer: boolean }
  | {
      form: 'list';
      element: Type;
      go: string;
      pointer: boolean /** Has a Go name, so protobuf wraps it. */;
      named: boolean;
    }
  | { form: 'map'; element: Type; go: string; pointer: boolean };

export interface Field {
  /** In JSON; '' for a struct whose fields stand in its owner's place. */
  name: string;
  /** In protobuf; 0: not there. */
  number: number;
  type: Type;
  /** Left out of JSON when empty (`omitempty`), or when it is Go's zero value (`omitzero`). */
  omit: '' | 'empty' | 'zero';
  required: boolean;
  listType?: 'map' | 'set' | 'atomic';
  listKeys?: string[];
  /** A map or struct that is owned as one. */
  atomicMap: boolean;
  granularMap: boolean;
  patchStrategy?: string;
  patchMergeKey?: string;
  /** What OpenAPI says the default is. */
  default: unknown;
  enum?: string[];
  /** OpenAPI refers to the type directly and not within `allOf`. */
  plainReference: boolean;
  /** Go's names of the inlined structs that the field comes from, outermost first. */
  embedding: readonly string[];
}

export interface Struct {
  /** As in OpenAPI, `io.k8s.api.core.v1.Pod`. */
  name: string;
  /** As Go prints it, `v1.Pod`. */
  go: string;
  declared: Field[];
  /** With inlined structs dissolved, in Go's order. */
  fields: Field[];
  byName: Map<string, Field>;
  inOpenAPI: boolean;
  /** Owned as one by managers of fields. */
  atomic: boolean;
  groupVersionKinds: { group: string; version: string; kind: string }[];
  unions?: unknown;
}

export const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

const lines = SCHEMAS.split('\n');
const index = new Map(lines.map((line, i) => [line.slice(0, line.indexOf('|')), i]));
const parsed: (Struct | undefined)[] = [];

const SCALARS: Record<string, [Scalar, string]> = {
  s: ['string', 'string'],
  b: ['bool', 'bool'],
  i: ['int32', 'int32'],
  l: ['int64', 'int64'],
  d: ['float64', 'float64'],
  y: ['bytes', '[]uint8'],
  a: ['any', 'interface {}'],
  T: ['Time', 'v1.Time'],
  M: ['MicroTime', 'v1.MicroTime'],
  D: ['Duration', 'v1.Duration'],
  Q: ['Quantity', 'resource.Quantity'],
  I: ['IntOrString', 'intstr.IntOrString'],
  F: ['FieldsV1', 'v1.FieldsV1'],
  R: ['RawExtension', 'runtime.RawExtension'],
  J: ['JSON', 'v1.JSON'],
  B: ['JSONSchemaPropsOrBool', 'v1.JSONSchemaPropsOrBool'],
  A: ['JSONSchemaPropsOrArray', 'v1.JSONSchemaPropsOrArray'],
  S: ['JSONSchemaPropsOrStringArray', 'v1.JSONSchemaPropsOrStringArray'],
};

/** Equal types are one object. */
const types = new Map<string, Type>();

function typeOf(code: string): Type {
  let type = types.get(code);
  if (!type) {
    type = makeType(code);
    types.set(code, type);
  }
  return type;
}

function makeType(code: string): Type {
  const head = code[0]!;
  if (head === '#') return new StructType(Number(code.slice(1)), false);
  if (head === '*')
    return code[1] === '#' ? new StructType(Number(code.slice(2)), true) : { ...typeOf(code.slice(1)), pointer: true };
  const end = code[1] === '<' ? code.indexOf('>') : 0;
  const name = end ? code.slice(2, end) : '';
  const rest = code.slice(end + 1);
  if (head === '[') {
    const element = typeOf(rest);
    return { form: 'list', element, go: name || `[]${element.go}`, pointer: false, named: name !== '' };
  }
  if (head === '{') {
    const element = typeOf(rest);
    return { form: 'map', element, go: name || `map[string]${element.go}`, pointer: false };
  }
  const [scalar, go] = SCALARS[head]!;
  return { form: 'scalar', scalar, go: name || go, pointer: false };
}

/** Structs refer to one another in circles, so a type finds its struct when it is asked for. */
class StructType {
  readonly form = 'struct';
  readonly pointer: boolean;
  readonly go: string;
  readonly #index: number;
  constructor(index: number, pointer: boolean) {
    this.#index = index;
    this.go = lines[index]!.split('|', 2)[1]!;
    this.pointer = pointer;
  }
  get struct(): Struct {
    return structAt(this.#index);
  }
}

function structAt(i: number): Struct {
  let struct = parsed[i];
  if (!struct) {
    struct = parseStruct(lines[i]!);
    parsed[i] = struct;
  }
  return struct;
}

function parseStruct(line: string): Struct {
  const [name, go, flags, ...cells] = line.split('|') as [string, string, string, ...string[]];
  const struct: Struct = {
    name,
    go,
    declared: cells.map(parseField),
    fields: [],
    byName: new Map(),
    inOpenAPI: false,
    atomic: false,
    groupVersionKinds: [],
  };
  for (const flag of flags.split(';')) {
    if (flag === 'o') struct.inOpenAPI = true;
    else if (flag === 'A') struct.atomic = true;
    else if (flag.startsWith('u=')) struct.unions = JSON.parse(flag.slice(2));
    else if (flag.startsWith('g=')) {
      const [group, version, kind] = flag.slice(2).split('/') as [string, string, string];
      struct.groupVersionKinds.push({ group, version, kind });
    }
  }
  for (const field of struct.declared) {
    if (field.name || field.type.form !== 'struct') struct.fields.push(field);
    else {
      const within = field.type.go.slice(field.type.go.indexOf('.') + 1);
      struct.fields.push(...field.type.struct.fields.map((f) => ({ ...f, embedding: [within, ...f.embedding] })));
    }
  }
  for (const field of struct.fields) struct.byName.set(field.name, field);
  return struct;
}

function parseField(cell: string): Field {
  const [name, number, code, ...flags] = cell.split(';') as [string, string, string, ...string[]];
  const field: Field = {
    name,
    number: Number(number),
    type: typeOf(code),
    omit: '',
    required: false,
    atomicMap: false,
    granularMap: false,
    default: undefined,
    plainReference: false,
    embedding: [],
  };
  for (const flag of flags) applyFlag(field, flag);
  if (!flags.some((f) => f.startsWith('d='))) field.default = impliedDefault(field);
  return field;
}

function applyFlag(field: Field, flag: string): void {
  const value = flag.slice(2);
  switch (flag[0]) {
    case 'e':
      field.omit = 'empty';
      break;
    case 'z':
      field.omit = 'zero';
      break;
    case 'r':
      field.required = true;
      break;
    case 'k':
      field.listType = 'map';
      field.listKeys = value.split(',');
      break;
    case 'S':
      field.listType = 'set';
      break;
    case 'A':
      if (field.type.form === 'list' || field.type.form === 'scalar') field.listType = 'atomic';
      else field.atomicMap = true;
      break;
    case 'G':
      field.granularMap = true;
      break;
    case 'p':
      field.patchStrategy = value;
      break;
    case 'm':
      field.patchMergeKey = value;
      break;
    case 'd':
      if (value) field.default = JSON.parse(value);
      break;
    case 'v':
      field.enum = value.split(',');
      break;
    case 'f':
      field.plainReference = true;
      break;
  }
}

function impliedDefault({ type, omit }: Field): unknown {
  if (type.pointer || omit === 'zero') return undefined;
  if (type.form === 'struct') return {};
  if (omit || type.form !== 'scalar') return undefined;
  if (type.scalar === 'string') return '';
  if (type.scalar === 'bool') return false;
  return type.scalar === 'int32' || type.scalar === 'int64' ? 0 : undefined;
}

/** A type by its OpenAPI name. */
export function findSchema(name: string): Struct | undefined {
  const i = index.get(name);
  return i === undefined ? undefined : structAt(i);
}

/** All types' names, in order. */
export const schemaNames = (): string[] => [...index.keys()];

/** Kinds that every group knows. */
const META_KINDS = new Map(
  [
    'CreateOptions',
    'DeleteOptions',
    'GetOptions',
    'ListOptions',
    'PatchOptions',
    'Status',
    'UpdateOptions',
    'WatchEvent',
  ].map((kind) => [kind, META + kind]),
);

/** What a client may ask for in place of the objects themselves. */
const TABLES = new Map(
  ['PartialObjectMetadata', 'PartialObjectMetadataList', 'Table'].map((kind) => [
    `meta.k8s.io/v1/${kind}`,
    META + kind,
  ]),
);

let kinds: Map<string, string> | undefined;

/** The OpenAPI name of a registered kind: any object, list or options type; undefined: no such kind. */
export function schemaOf(group: string, version: string, kind: string): string | undefined {
  if (!kinds) {
    kinds = new Map();
    for (const line of lines) {
      for (const match of line.split('|', 3)[2]!.matchAll(/g=([^;]*)/g)) kinds.set(match[1]!, line.split('|', 1)[0]!);
    }
  }
  return kinds.get(`${group}/${version}/${kind}`) ?? META_KINDS.get(kind) ?? TABLES.get(`${group}/${version}/${kind}`);
}
