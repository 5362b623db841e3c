/** A request's body, of which no more is read than may be. */
import { concatenated } from '../simulation/concatenated.ts';

/** Throws what `tooLarge` makes of the bytes that the body has, as far as is known, when they are more than `maxBytes`. */
export async function boundedBody(
  request: Request,
  maxBytes: number,
  tooLarge: (bytes: number) => Error,
): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maxBytes) throw tooLarge(announced);
  if (!request.body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length;
    if (bytes > maxBytes) {
      // Not waited for: whoever sends may be slow to hear of it.
      reader.cancel().catch(() => undefined);
      throw tooLarge(bytes);
    }
    parts.push(part.value);
  }
  return parts.length === 1 ? parts[0]! : concatenated(parts);
}
