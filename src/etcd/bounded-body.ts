/** A request's body, of which no more is read than may be, and no more held than there is room for. */
import { type Pieces, piecesOf } from '../simulation/body-pieces.ts';
import { concatenated } from '../simulation/concatenated.ts';
import { readOn, TooSlow } from '../simulation/held-body.ts';
import { type Holding, LIGHT_BYTES } from '../simulation/held-bytes.ts';

/** Where the bytes of a body count; `none` is what is thrown when there is no room for them, or when whoever sends them is too slow. */
export interface Room {
  holding: Holding;
  none(): Error;
}

/** What is shorter and says so is read in one piece: all that may be in flight at once is little. */
const SHORT_BODY_BYTES = 16 * 1024;

/** What is read of a body at once. */
const PIECE_BYTES = 64 * 1024;

/**
 * One that is large and says so is read when there is room for all of it; of others there has to be room for each part that has come.
 * Throws what `tooLarge` makes of the bytes that the body has, as far as is known, when they are more than `maxBytes`.
 */
export async function boundedBody(
  request: Request,
  maxBytes: number,
  tooLarge: (bytes: number) => Error,
  room?: Room,
): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? -1);
  if (announced > maxBytes) throw tooLarge(announced);
  if (!request.body) return new Uint8Array();
  if (announced >= 0 && announced <= SHORT_BODY_BYTES) return shortBody(request, maxBytes, tooLarge);
  const reserves = announced > LIGHT_BYTES;
  if (reserves && room && !(await room.holding.wait(announced))) throw room.none();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = piecesOf(request.body as ReadableStream<Uint8Array>, PIECE_BYTES, true);
  // Most bodies come at once, and who sends those is not worth a look.
  const next = () => readInto(reader, bytes === announced ? undefined : room, reserves);
  for (let part = await next(); !part.done; part = await next()) {
    bytes += part.value.length;
    if (bytes > maxBytes) {
      leave(reader);
      throw tooLarge(bytes);
    }
    parts.push(part.value);
  }
  return parts.length === 1 ? parts[0]! : concatenated(parts);
}

async function shortBody(request: Request, maxBytes: number, tooLarge: (bytes: number) => Error): Promise<Uint8Array> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > maxBytes) throw tooLarge(bytes.length);
  return bytes;
}

/** Reads on when there is room for more, or there is room already because it `hasRoom`. */
export async function readInto(
  reader: Pieces,
  room?: Room,
  hasRoom = false,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  if (!room) return reader.read();
  const { holding } = room;
  try {
    const part = holding.bytes > 0 ? await readOn(reader, holding) : await reader.read();
    const size = part.value?.length ?? 0;
    holding.moved(size);
    if (size === 0 || hasRoom || (await holding.wait(size))) return part;
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
  }
  leave(reader);
  throw room.none();
}

/** Not waited for: whoever sends may be slow to hear of it. */
function leave(reader: Pieces): void {
  reader.cancel().catch(() => undefined);
}
