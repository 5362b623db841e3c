/** Bodies whose bytes are counted as held until the other side has moved on. */
import { type Pieces, piecesOf } from './body-pieces.ts';
import { type Holding, MOVE_BYTES } from './held-bytes.ts';

/** The client did not move while others waited for the room that it had. */
export class TooSlow extends Error {}

/** Reads on; the holding is renewed meanwhile. @throws TooSlow if it is to give way */
export async function readOn(
  reader: Pick<Pieces, 'read'>,
  holding: Holding,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let cancel = (): void => {};
  const tooSlow = new Promise<never>((_, reject) => {
    cancel = holding.attend(() => reject(new TooSlow('the client is too slow')));
  });
  try {
    return await Promise.race([reader.read(), tooSlow]);
  } finally {
    cancel();
  }
}

/**
 * The same answer, handed on bit by bit: what is held for it is given back when it has been read, when nobody is there to read it, and
 * when its reader had to be ended.
 */
export function heldUntilRead(response: Response, holding: Holding): Response {
  if (!response.body) {
    holding.give();
    return response;
  }
  const source = piecesOf(response.body as ReadableStream<Uint8Array>, MOVE_BYTES);
  let rest: Uint8Array = new Uint8Array();
  let release = (): void => {};
  const over = (): void => {
    release();
    rest = new Uint8Array();
    holding.give();
  };
  const leave = (reason: unknown): void => {
    over();
    source.cancel(reason).catch(() => undefined);
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        release = holding.attend(() => {
          const reason = new TooSlow('the client is too slow');
          leave(reason);
          controller.error(reason);
        });
      },
      async pull(controller) {
        try {
          while (rest.length === 0) {
            const { done, value } = await source.read();
            if (done) {
              over();
              return controller.close();
            }
            rest = value;
          }
          // Who asks for this piece has taken the one before.
          holding.moved(Math.min(rest.length, MOVE_BYTES));
          controller.enqueue(rest.slice(0, MOVE_BYTES));
          rest = rest.subarray(MOVE_BYTES);
        } catch (error) {
          over();
          controller.error(error);
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}
