/** A watch as one long HTTP answer: an event a line. */
import { concatenated } from '../../simulation/concatenated.ts';
import { appendWarnings } from '../answer/warnings.ts';
import type { Exchange } from '../pipeline.ts';
import { frame } from './events.ts';
import { openWatch, type WatchSource } from './source.ts';

/** Bytes that are handed on at once: so much of what a client does not take is held for good. */
const PIECE_BYTES = 64 * 1024;
/** A watch that was ended because its client is too slow may still send the rest of its last events for so long, milliseconds. */
const LAST_EVENTS_MS = 5000;

export async function watch(exchange: Exchange): Promise<Response> {
  const source = await openWatch(exchange);
  exchange.request.signal?.addEventListener('abort', () => source.close());
  const headers = new Headers({
    'content-type': contentType(exchange),
    // Whatever stands in between must pass each line on as it comes: `no-transform` keeps it from compressing.
    'cache-control': 'no-cache, private, no-transform',
  });
  appendWarnings(headers, exchange.warnings);
  return new Response(bodyOf(exchange, source), { headers });
}

const contentType = ({ accepted }: Exchange): string =>
  accepted.format === 'protobuf' ? 'application/vnd.kubernetes.protobuf;stream=watch' : 'application/json';

/** Nothing is made before the client takes it: what waits, waits in the cluster's history. */
function bodyOf({ accepted, timers, storage }: Exchange, source: WatchSource): ReadableStream<Uint8Array> {
  const { held } = storage;
  const events = source[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let rest: Uint8Array = new Uint8Array();
  const encoded = (frames: (string | Uint8Array)[]): Uint8Array =>
    frames.every((sent) => typeof sent === 'string')
      ? encoder.encode(frames.join(''))
      : concatenated(frames.map((sent) => (typeof sent === 'string' ? encoder.encode(sent) : sent)));
  let release = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // What the watch begins with is held until it is taken; what comes later is the object's to count.
        if (held && held.bytes > 0)
          release = held.attend(() => {
            rest = new Uint8Array();
            source.close();
            controller.error(new Error('the client is too slow'));
          });
        void source.tooSlow.then(() => {
          timers.after(LAST_EVENTS_MS, () => {
            if (rest.length === 0) return;
            rest = new Uint8Array();
            controller.error(new Error('the client is too slow'));
          });
        });
      },
      async pull(controller) {
        try {
          if (rest.length === 0) {
            const { done, value } = await events.next();
            if (!held?.bytes) release();
            if (done) {
              controller.close();
              return;
            }
            rest = encoded(value.splice(0).map((item) => frame(item, accepted.format)));
          }
          held?.moved(Math.min(rest.length, PIECE_BYTES));
          // A copy: a part of the whole would hold all of it.
          controller.enqueue(rest.length <= PIECE_BYTES ? rest : rest.slice(0, PIECE_BYTES));
          rest = rest.length <= PIECE_BYTES ? new Uint8Array() : rest.subarray(PIECE_BYTES);
        } catch (error) {
          controller.error(error);
        }
      },
      cancel() {
        release();
        source.close();
      },
    },
    { highWaterMark: 0 },
  );
}
