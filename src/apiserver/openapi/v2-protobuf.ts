/** The Swagger document as Protobuf, which is how kubectl asks for it. Source: openapiv2/OpenAPIv2.proto of github.com/google/gnostic-models. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { SwaggerForm } from './v2.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document that this server has made; what its members are is Swagger's own schema
type Json = Record<string, any>;

const BYTES = WireType.LengthDelimited;

function bytesOf(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

export const SWAGGER_BYTES: SwaggerForm<Uint8Array> = {
  path: (name, item) => bytesOf((writer) => named(writer, 2, { [name]: item }, pathItem)),
  definition: (name, value) => bytesOf((writer) => named(writer, 1, { [name]: value }, schema)),
  *document({ swagger, info }, paths, definitions) {
    yield bytesOf((writer) => {
      text(writer, 1, swagger);
      message(writer, 2, () => {
        text(writer, 1, info.title);
        text(writer, 2, info.version);
      });
    });
    yield* field(8, paths);
    yield* field(9, definitions);
  },
};

/** A message of parts, before which stands how long they are together: so all are there before the first. */
function* field(number: number, parts: readonly (() => Uint8Array)[]): Generator<Uint8Array> {
  const made = parts.map((part) => part());
  const length = made.reduce((sum, part) => sum + part.length, 0);
  yield bytesOf((writer) => writer.tag(number, BYTES).uint32(length));
  made.reverse();
  for (let part = made.pop(); part; part = made.pop()) yield part;
}

function text(writer: BinaryWriter, number: number, value: string | undefined): void {
  if (value) writer.tag(number, BYTES).string(value);
}

function texts(writer: BinaryWriter, number: number, values: string[] | undefined): void {
  for (const value of values ?? []) writer.tag(number, BYTES).string(value);
}

function flag(writer: BinaryWriter, number: number, value: boolean | undefined): void {
  if (value) writer.tag(number, WireType.Varint).bool(true);
}

function message(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, BYTES).fork();
  write();
  writer.join();
}

/** A map as a list of messages with a name and a value. */
function named(
  writer: BinaryWriter,
  number: number,
  map: Json,
  write: (writer: BinaryWriter, value: Json) => void,
): void {
  for (const [name, value] of Object.entries(map)) {
    message(writer, number, () => {
      text(writer, 1, name);
      message(writer, 2, () => write(writer, value));
    });
  }
}

/** Any value, as YAML: JSON is YAML. */
function anyValue(writer: BinaryWriter, value: unknown): void {
  text(writer, 2, `${JSON.stringify(value)}\n`);
}

function extensions(writer: BinaryWriter, number: number, object: Json): void {
  const own = Object.entries(object).filter(([key]) => key.startsWith('x-'));
  named(writer, number, Object.fromEntries(own), anyValue);
}

function schema(writer: BinaryWriter, value: Json): void {
  text(writer, 1, value.$ref);
  text(writer, 2, value.format);
  text(writer, 4, value.description);
  texts(writer, 19, value.required);
  for (const item of value.enum ?? []) message(writer, 20, () => anyValue(writer, item));
  if (value.additionalProperties) {
    message(writer, 21, () => message(writer, 1, () => schema(writer, value.additionalProperties)));
  }
  if (value.type) message(writer, 22, () => text(writer, 1, value.type));
  if (value.items) message(writer, 23, () => message(writer, 1, () => schema(writer, value.items)));
  if (value.properties) message(writer, 25, () => named(writer, 1, value.properties, schema));
  extensions(writer, 31, value);
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

function pathItem(writer: BinaryWriter, item: Json): void {
  for (const [i, method] of METHODS.entries()) {
    if (item[method]) message(writer, i + 2, () => operation(writer, item[method]));
  }
  for (const parameter of item.parameters ?? []) message(writer, 9, () => parametersItem(writer, parameter));
}

function operation(writer: BinaryWriter, value: Json): void {
  texts(writer, 1, value.tags);
  text(writer, 5, value.operationId);
  texts(writer, 6, value.produces);
  texts(writer, 7, value.consumes);
  for (const parameter of value.parameters) message(writer, 8, () => parametersItem(writer, parameter));
  message(writer, 9, () => named(writer, 1, value.responses, response));
  texts(writer, 10, value.schemes);
  extensions(writer, 13, value);
}

function response(writer: BinaryWriter, value: Json): void {
  message(writer, 1, () => {
    text(writer, 1, value.description);
    if (value.schema) message(writer, 2, () => message(writer, 1, () => schema(writer, value.schema)));
  });
}

function parametersItem(writer: BinaryWriter, value: Json): void {
  message(writer, 1, () => {
    if (value.in === 'body') message(writer, 1, () => bodyParameter(writer, value));
    else message(writer, 2, () => message(writer, value.in === 'path' ? 4 : 3, () => plainParameter(writer, value)));
  });
}

function bodyParameter(writer: BinaryWriter, value: Json): void {
  text(writer, 2, value.name);
  text(writer, 3, value.in);
  flag(writer, 4, value.required);
  message(writer, 5, () => schema(writer, value.schema));
}

/** In the path or in the query: after the name their fields' numbers differ by one. */
function plainParameter(writer: BinaryWriter, value: Json): void {
  const offset = value.in === 'path' ? 0 : 1;
  flag(writer, 1, value.required);
  text(writer, 2, value.in);
  text(writer, 4, value.name);
  text(writer, 5 + offset, value.type);
  flag(writer, 19 + offset, value.uniqueItems);
}
