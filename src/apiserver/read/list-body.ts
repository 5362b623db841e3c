/**
 * A list's body in every form that can be asked for: in one piece, or part by part as the client takes it, so that a list may be larger
 * than the memory of whoever makes it.
 */
import { apiVersionOf } from '../../catalog/kinds.ts';
import type { KubeObject } from '../../objects/object.ts';
import { goName, includeObject, partial, respond, responseHeaders, table, tableRows } from '../answer/encode.ts';
import { notAcceptable } from '../answer/negotiation.ts';
import { encodeProtobuf, protobufList } from '../codec/protobuf.ts';
import { printYAML } from '../codec/yaml-write.ts';
import type { Exchange } from '../pipeline.ts';
import { itemText, parseStored, withHead } from '../storage/stored.ts';
import { Unreadables } from '../storage/unreadable.ts';
import type { ListPart } from './list-scan.ts';

export interface ListMetadata {
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

/** A list without its members, and how its members are written. */
export interface ListForm {
  /** All but the members; they go into `field`, which is last. */
  head: Record<string, unknown>;
  field: 'items' | 'rows';
  /** JSON of each. */
  texts(part: ListPart): string[];
}

/** JSON of each, in the place of the part: what waits for its reader is held once. */
function textsFrom(form: ListForm, part: ListPart): string[] {
  const texts = form.texts(part);
  part.kvs.length = 0;
  if (part.objects) part.objects.length = 0;
  return texts;
}

/** Throws 406 for what is no form of a list. */
export function listForm(exchange: Exchange, metadata: ListMetadata, now: number): ListForm {
  const { kind, accepted, query } = exchange;
  if (accepted.as === 'Table') {
    const { rows: _, ...head } = table(kind, [], { ...metadata }, accepted, query, now) as Record<string, unknown>;
    const include = includeObject(query);
    return {
      head,
      field: 'rows',
      texts: (part) =>
        tableRows(kind, objectsOf(exchange, part), accepted, include, now).map((row) => JSON.stringify(row)),
    };
  }
  if (accepted.as === 'PartialObjectMetadataList')
    return {
      head: { kind: accepted.as, apiVersion: `meta.k8s.io/${accepted.asVersion}`, metadata },
      field: 'items',
      texts: (part) => objectsOf(exchange, part).map((object) => JSON.stringify(partial(object, accepted))),
    };
  if (accepted.as)
    throw notAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (*${goName(kind)}List)`,
    );
  return {
    head: {
      kind: kind.custom?.listKind ?? `${kind.kind}List`,
      apiVersion: apiVersionOf(kind),
      metadata: kind.custom ? { ...metadata, continue: metadata.continue ?? '' } : metadata,
    },
    field: 'items',
    texts(part) {
      if (part.joined !== undefined) return part.joined === '' ? [] : [part.joined];
      if (part.kvs.length === 0)
        return (part.objects ?? []).map((object) => JSON.stringify(kind.custom ? withHead(object) : bareItem(object)));
      const unreadable = new Unreadables();
      const texts = part.kvs.map((kv) => unreadable.read(() => itemText(kind, kv)));
      unreadable.check(kind);
      return texts as string[];
    },
  };
}

/** An item of a typed list. */
function bareItem({ kind: _, apiVersion: __, ...item }: KubeObject): object {
  return item;
}

export function objectsOf({ kind }: Exchange, part: ListPart): KubeObject[] {
  if (part.objects) return part.objects;
  const unreadable = new Unreadables();
  const objects = part.kvs.map((kv) => unreadable.read(() => parseStored(kind, kv)));
  unreadable.check(kind);
  return objects as KubeObject[];
}

/** A list of one part. */
export function respondWhole(exchange: Exchange, form: ListForm, part: ListPart): Response {
  const { head, tail } = jsonEnds(form);
  return respond(`${head}${form.texts(part).join(',')}${tail}`, exchange.accepted, 200, exchange.warnings);
}

/** A list of objects that are in no store. */
export function respondObjects(exchange: Exchange, objects: KubeObject[], now: number): Response {
  const part: ListPart = { kvs: [], objects, revision: 0, now };
  return respondWhole(exchange, listForm(exchange, {}, now), part);
}

/** JSON before and after the members. */
function jsonEnds({ head, field }: ListForm): { head: string; tail: string } {
  return { head: `${JSON.stringify(head).slice(0, -1)},"${field}":[`, tail: ']}' };
}

/**
 * A list of many parts. `scan` begins them anew, and always gives the same. What goes wrong after the first byte ends the answer in
 * the middle.
 */
export async function respondInParts(
  exchange: Exchange,
  form: ListForm,
  scan: () => AsyncIterable<ListPart>,
): Promise<Response> {
  const { accepted, warnings } = exchange;
  const isProtobuf = accepted.format === 'protobuf' && encodeProtobuf(form.head as unknown as KubeObject) !== undefined;
  const format = isProtobuf ? 'protobuf' : accepted.format === 'yaml' ? 'yaml' : 'json';
  const chunks = isProtobuf
    ? await protobufChunks(form, scan)
    : format === 'yaml'
      ? yamlChunks(form, scan)
      : accepted.pretty
        ? prettyChunks(form, scan)
        : jsonChunks(form, scan);
  return new Response(streamOf(chunks), { headers: responseHeaders(format, warnings) });
}

async function* jsonChunks(form: ListForm, scan: () => AsyncIterable<ListPart>): AsyncGenerator<string> {
  const { head, tail } = jsonEnds(form);
  yield head;
  let separator = '';
  for await (const part of scan()) {
    const text = textsFrom(form, part).join(',');
    if (text === '') continue;
    yield separator + text;
    separator = ',';
  }
  yield `${tail}\n`;
}

/** JSONObject are two levels down, four spaces in. */
async function* prettyChunks(form: ListForm, scan: () => AsyncIterable<ListPart>): AsyncGenerator<string> {
  yield `${JSON.stringify(form.head, null, 2).slice(0, -2)},\n  "${form.field}": [`;
  let separator = '';
  for await (const part of scan()) {
    for (const text of textsFrom(form, part)) {
      yield `${separator}\n    ${JSON.stringify(JSON.parse(text), null, 2).replaceAll('\n', '\n    ')}`;
      separator = ',';
    }
  }
  yield separator === '' ? ']\n}\n' : '\n  ]\n}\n';
}

/** Keys are in order, so that some stand before the members and some after them. */
async function* yamlChunks(form: ListForm, scan: () => AsyncIterable<ListPart>): AsyncGenerator<string> {
  const { field } = form;
  const empty = `${field}: []\n`;
  const [before, after] = printYAML({ ...form.head, [field]: [] }).split(new RegExp(`^${field}: \\[\\]\\n`, 'm'));
  yield before!;
  let isEmpty = true;
  for await (const part of scan()) {
    const text = yamlOf(field, textsFrom(form, part));
    if (text === undefined) continue;
    yield isEmpty ? text : text.slice(field.length + 2);
    isEmpty = false;
  }
  yield isEmpty ? empty + after! : after!;
}

function yamlOf(field: string, texts: string[]): string | undefined {
  if (texts.length === 0) return undefined;
  return printYAML({ [field]: texts.map((text) => JSON.parse(text) as unknown) });
}

/** An envelope says first how long it is: so the members are made twice, first for their length. */
async function protobufChunks(
  form: ListForm,
  scan: () => AsyncIterable<ListPart>,
): Promise<AsyncGenerator<Uint8Array<ArrayBuffer>>> {
  const { begin, members, end } = protobufList(form.head as unknown as KubeObject);
  const encode = (part: ListPart) => members(textsFrom(form, part).map((text) => JSON.parse(text) as unknown));
  let length = 0;
  for await (const part of scan()) length += encode(part).length;
  return (async function* () {
    yield begin(length);
    for await (const part of scan()) yield encode(part);
    yield end;
  })();
}

function streamOf(
  chunks: AsyncGenerator<string> | AsyncGenerator<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    // One part is made when the client takes it, not before.
    { highWaterMark: 0 },
  );
}
