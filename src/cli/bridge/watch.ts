/**
 * The Watch service of the bridge. The gateway answers requests for progress; that watches with `progress_notify` hear of it unasked,
 * now and then, is the bridge's work: it asks for them, and hands each its own answer.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Message } from './definitions.ts';
import type { Gateway } from './gateway.ts';
import { openPipe } from './streams.ts';

/** An answer for all watches of a stream. */
const ALL = '-1';

/** A stream stays open when the client has sent its last: events may still come. */
export function forwardWatch(
  stream: ServerDuplexStream<Message, Message>,
  gateway: Gateway,
  path: string,
  progressMilliseconds: number,
): void {
  /** Whether each watch that is not answered yet wants notices, in the order of their requests, which is that of the answers. */
  const creating: boolean[] = [];
  const notified = new Set<string>();
  let askedByClient = 0;
  let asked = false;

  const pipe = openPipe(stream, gateway, path, (answer) => {
    const id: string = answer.watch_id ?? '0';
    if (answer.created) {
      if (creating.shift() && !answer.canceled) notified.add(id);
    } else if (answer.canceled) notified.delete(id);
    else if (id === ALL) return progress(answer);
    stream.write(answer);
  });

  function progress(answer: Message): void {
    if (asked) for (const id of notified) stream.write({ ...answer, watch_id: id });
    if (askedByClient > 0) stream.write(answer);
    asked = false;
    askedByClient = Math.max(0, askedByClient - 1);
  }

  const timer = setInterval(() => {
    if (notified.size === 0) return;
    asked = true;
    pipe.send({ progress_request: {} });
  }, progressMilliseconds);
  for (const over of ['close', 'cancelled', 'error']) stream.on(over, () => clearInterval(timer));

  stream.on('data', (message: Message) => {
    if (message.create_request) creating.push(message.create_request.progress_notify === true);
    if (message.progress_request) askedByClient++;
    pipe.send(message);
  });
}
