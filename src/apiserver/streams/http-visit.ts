/** A request to a program that listens in a pod, over a session with the pod's machine. */
import type { Timers } from '../exchange.ts';
import { AnswerReader, type Head, HttpError, passedHeaders } from './http-message.ts';
import { SessionClient } from './session-client.ts';
import type { SessionSocket } from './session-wire.ts';

/** Nobody listens, or what answers is no answer; in Go's words. */
export class VisitError extends Error {}

/** What Go's TLS says of whoever does not speak it. */
export const NO_TLS = 'tls: first record does not look like a TLS handshake';

/** Where a request goes to in the pod, and how. */
export interface VisitedPort {
  port: number;
  /** By TLS; who listens is not asked for a certificate here. */
  secure?: boolean;
  from?: { address: string; port: number };
}

/** How long an answer's head may take, milliseconds. */
export const MAX_VISIT_MS = 30_000;

const CONNECTION = 1;
const NO_BODY = [101, 204, 205, 304];

/** `asked`: the request's bytes. `isEmpty`: the answer has no body. @throws VisitError */
export function visit(
  socket: SessionSocket,
  timers: Timers,
  to: VisitedPort,
  asked: Uint8Array,
  isEmpty: boolean,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader(isEmpty);
    const session = new SessionClient(socket, timers);
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isOver = false;
    let waiting: (() => void)[] = [];
    const finish = (error?: Error): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      session.close();
      if (!body) reject(error ?? new VisitError('EOF'));
      else if (error) body.error(error);
      else body.close();
    };
    const begin = (head: Head): void => {
      cancel();
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          body = controller;
        },
        pull: () => {
          for (const go of waiting) go();
          waiting = [];
        },
        cancel: () => finish(),
      });
      const { status } = head;
      const isBare = isEmpty || NO_BODY.includes(status);
      resolve(
        new Response(isBare ? null : stream, { status: status === 101 ? 502 : status, headers: passedHeaders(head) }),
      );
      // Nobody would read it.
      if (isBare) finish();
    };
    const cancel = timers.after(MAX_VISIT_MS, () => finish(new VisitError('context deadline exceeded')));
    session.listen({
      data(_, bytes) {
        if (isOver) return;
        try {
          const part = reader.push(bytes);
          if (reader.head && !body) begin(reader.head);
          if (part.length > 0 && !isOver) body?.enqueue(part.slice());
          if (reader.isOver) finish();
        } catch (error) {
          finish(error instanceof HttpError ? new VisitError(error.message) : (error as Error));
        }
      },
      room: () => (!body || isOver || (body.desiredSize ?? 0) > 0 ? undefined : new Promise((go) => waiting.push(go))),
      refused: () => finish(new VisitError('connection refused')),
      plain: () => finish(new VisitError(NO_TLS)),
      ended: () => finish(),
      over: () => finish(),
    });
    session.ask({ open: CONNECTION, ...to });
    session.write(CONNECTION, asked);
  });
}
