/** A watch as one long HTTP answer: an event a line. */

import type { Exchange } from './pipeline.ts';
import { appendWarnings } from './warnings.ts';
import { frame, openWatch } from './watch-source.ts';

export async function watch(exchange: Exchange): Promise<Response> {
  const source = await openWatch(exchange);
  const events = source[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await events.next();
        if (done) controller.close();
        else {
          const sent = frame(value, exchange.accepted.format);
          controller.enqueue(typeof sent === 'string' ? encoder.encode(sent) : sent);
        }
      } catch (error) {
        controller.error(error);
      }
    },
    cancel() {
      source.close();
    },
  });
  exchange.request.signal?.addEventListener('abort', () => source.close());
  const headers = new Headers({
    'content-type': contentType(exchange),
    // Whatever stands in between must pass each line on as it comes: `no-transform` keeps it from compressing.
    'cache-control': 'no-cache, private, no-transform',
  });
  appendWarnings(headers, exchange.warnings);
  return new Response(body, { headers });
}

const contentType = ({ accepted }: Exchange): string =>
  accepted.format === 'protobuf' ? 'application/vnd.kubernetes.protobuf;stream=watch' : 'application/json';
