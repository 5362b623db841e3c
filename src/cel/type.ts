/** CEL's types: what an expression, a variable, an argument may be declared as. Models cel-go's common/types/types.go. */

export type Kind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'duration'
  | 'timestamp'
  | 'list'
  | 'map'
  | 'type'
  | 'opaque'
  | 'struct'
  | 'parameter';

export interface Type {
  readonly kind: Kind;
  readonly name: string;
  readonly params: readonly Type[];
}

const NO_PARAMS: readonly Type[] = [];
const simple = (kind: Kind, name: string = kind): Type => ({ kind, name, params: NO_PARAMS });

export const DYN = simple('dyn');
/** The type of what has none because something is wrong with it; fits everywhere, so that one mistake is told once. */
export const ERROR = simple('error', '*error*');
export const NULL = simple('null', 'null_type');
export const BOOL = simple('bool');
export const INT = simple('int');
export const UINT = simple('uint');
export const DOUBLE = simple('double');
export const STRING = simple('string');
export const BYTES = simple('bytes');
export const DURATION = simple('duration', 'google.protobuf.Duration');
export const TIMESTAMP = simple('timestamp', 'google.protobuf.Timestamp');
/** The type of types of which nothing more is known. */
export const TYPE = simple('type');

export const listOf = (element: Type): Type => ({ kind: 'list', name: 'list', params: [element] });
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', name: 'map', params: [key, value] });
export const typeOfType = (type: Type): Type => ({ kind: 'type', name: 'type', params: [type] });
export const optionalOf = (type: Type): Type => opaque('optional_type', type);
export const parameter = (name: string): Type => simple('parameter', name);
export const opaque = (name: string, ...params: Type[]): Type => ({ kind: 'opaque', name, params });
/** An object with declared fields, which are found by its name. */
export const struct = (name: string): Type => simple('struct', name);

export const isDyn = (type: Type): boolean => type.kind === 'dyn';
export const isOptional = (type: Type): boolean => type.kind === 'opaque' && type.name === 'optional_type';

/** What an optional may hold; `wrapped`: it is one. */
export const unwrapOptional = (type: Type): [inner: Type, wrapped: boolean] =>
  isOptional(type) ? [type.params[0]!, true] : [type, false];

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    a.params.length === b.params.length &&
    a.params.every((param, index) => sameType(param, b.params[index]!))
  );
}

/** As messages of the checker name it. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'duration':
    case 'timestamp':
    case 'null':
      return type.kind;
    case 'error':
      return '!error!';
    default:
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(describeType).join(', ')})`;
  }
}

/** As `cel.Type.String()` names it, which is what Kubernetes' own messages show. */
export const typeName = (type: Type): string =>
  type.params.length === 0 ? type.name : `${type.name}(${type.params.map(typeName).join(', ')})`;
