/**
 * A document as it is kept between requests: packed (gzip), where it is long, since what definitions say repeats itself much. A client that
 * takes it packed has it so, and for others it is unpacked on its way.
 */
import { concatenated } from '../../simulation/concatenated.ts';

/** Bytes from which on a document of one group, and that of all groups, is kept packed: there are many of the one kind, and one of the other. */
export const PACKED_FROM_BYTES = { group: 1024 ** 2, all: 8 * 1024 ** 2 };
/** Bytes of a document that are handed on at a time: whoever does not read it holds so much of it, and not a copy of the whole. */
const PIECE_BYTES = 256 * 1024;
/** Bytes of a document that are packed at a time. */
const GATHERED_BYTES = 64 * 1024;

export interface KeptDocument {
  bytes: Uint8Array;
  isPacked: boolean;
}

/** Keeps what is made piece by piece, so that a long document is never there as a whole. */
export async function keepDocument(
  pieces: Iterable<string | Uint8Array>,
  of: keyof typeof PACKED_FROM_BYTES,
): Promise<KeptDocument> {
  const gathering = gathered(pieces);
  const begin: Uint8Array[] = [];
  let length = 0;
  for (let next = gathering.next(); !next.done; next = gathering.next()) {
    begin.push(next.value);
    length += next.value.length;
    if (length >= PACKED_FROM_BYTES[of]) return { bytes: await packed(begin, gathering), isPacked: true };
  }
  return { bytes: concatenated(begin), isPacked: false };
}

/** Small pieces are put together. */
function* gathered(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    const part = typeof piece === 'string' ? encoder.encode(piece) : piece;
    parts.push(part);
    length += part.length;
    if (length < GATHERED_BYTES) continue;
    yield concatenated(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield concatenated(parts);
}

async function packed(begin: Uint8Array[], rest: Iterator<Uint8Array>): Promise<Uint8Array> {
  const first = begin.values();
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = first.next();
        const { done, value } = next.done ? rest.next() : next;
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
  const pieces: Uint8Array[] = [];
  const reader = recoded(source, new CompressionStream('gzip')).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) pieces.push(part.value);
  return concatenated(pieces);
}

/** What comes out of it has the form that it takes, for which the platforms' types have different words. */
const recoded = (
  source: ReadableStream<Uint8Array>,
  by: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> => source.pipeThrough(by as unknown as ReadableWritablePair<Uint8Array, Uint8Array>);

/** Whether a client takes what is packed. */
export const takesPacked = ({ headers }: Request): boolean =>
  (headers.get('accept-encoding') ?? '')
    .split(',')
    .some((coding) => /^\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9]\d*).*)?$/i.test(coding));

/** An answer with the document. */
export function documentResponse(request: Request, { bytes, isPacked }: KeptDocument, headers: HeadersInit): Response {
  if (request.method === 'HEAD') return new Response(null, { headers });
  const pieces = inPieces(bytes);
  if (!isPacked) return new Response(pieces, { headers });
  const told = new Headers(headers);
  told.append('vary', 'Accept-Encoding');
  if (!takesPacked(request)) return new Response(recoded(pieces, new DecompressionStream('gzip')), { headers: told });
  told.set('content-encoding', 'gzip');
  // The Worker's runtime packs what says that it is packed, unless it is told that it is already.
  const asItIs: ResponseInit & { encodeBody: 'manual' } = { headers: told, encodeBody: 'manual' };
  return new Response(pieces, asItIs);
}

function inPieces(document: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(document.slice(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
        if (at >= document.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
