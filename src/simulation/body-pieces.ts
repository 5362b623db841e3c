/** A body in pieces of a good size, whatever the parts are in which it comes: who sends byte by byte must not be held byte by byte. */

export interface Pieces {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(reason?: unknown): Promise<void>;
}

/** What the platform's reader of bytes has beside the standard: it waits for so many, or for the end. */
interface FillingReader {
  read(view: Uint8Array): Promise<ReadableStreamReadResult<Uint8Array>>;
  readAtLeast?(bytes: number, view: Uint8Array): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(reason?: unknown): Promise<void>;
}

/** The platform's own streams give very little at a time, unless they are asked for more. `full`: waits for as much as is asked for. */
export function piecesOf(body: ReadableStream<Uint8Array>, bytes: number, full = false): Pieces {
  const reader = bytesReader(body);
  if (!reader) return body.getReader();
  const read = async (): Promise<ReadableStreamReadResult<Uint8Array>> => {
    const view = new Uint8Array(bytes);
    const { readAtLeast } = reader;
    const piece = full && readAtLeast ? await readAtLeast.call(reader, bytes, view) : await reader.read(view);
    // What is left of a large buffer is not kept for a few bytes.
    return piece.value && piece.value.length < bytes / 2 ? { ...piece, value: piece.value.slice() } : piece;
  };
  return { read: read as Pieces['read'], cancel: (reason) => reader.cancel(reason) };
}

/** Undefined: it is no stream of bytes. */
function bytesReader(body: ReadableStream<Uint8Array>): FillingReader | undefined {
  try {
    return body.getReader({ mode: 'byob' }) as unknown as FillingReader;
  } catch {
    return undefined;
  }
}
