/** The generated table of types, read lazily: a type on its first use. `scripts/schemas.ts` writes it. */
import { SCHEMAS } from './generated/schemas.gen.ts';
import type { Field, Scalar, Struct, Type } from './struct.ts';

export const lines = SCHEMAS.split('\n');

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

export function structAt(i: number): Struct {
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
