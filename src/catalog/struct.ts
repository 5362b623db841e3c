/** A type of the API: a struct with its fields in Go's order, as the JSON, the protobuf, the OpenAPI and the merge rules see them. */

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
