import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { MAX_WAITING_ANSWERS, openPipe } from './streams.ts';

/** A call whose client has so many answers before it, and the socket that brings them. */
function call(waiting: number) {
  const socket: LooseObject = Object.assign(new EventTarget(), { isClosed: false, close: () => {} });
  socket.close = () => {
    socket.isClosed = true;
  };
  const stream: LooseObject = Object.assign(new EventEmitter(), {
    metadata: { get: () => [] },
    writableLength: waiting,
  });
  const errors: { code: number; details: string }[] = [];
  stream.on('error', (error: { code: number; details: string }) => errors.push(error));
  const received: unknown[] = [];
  openPipe(stream, { open: () => socket } as LooseObject, '/v3/watch', (answer) => received.push(answer));
  return {
    received,
    errors,
    socket,
    answer: (result: unknown) =>
      socket.dispatchEvent(new MessageEvent('message', { data: JSON.stringify({ result }) })),
  };
}

it('lets a client be so many answers behind, and no more', () => {
  const slow = call(MAX_WAITING_ANSWERS);
  slow.answer(1);
  slow.answer(2);
  expect([slow.received, slow.errors, slow.socket.isClosed]).toEqual([[1, 2], [], false]);
  const tooSlow = call(MAX_WAITING_ANSWERS + 1);
  tooSlow.answer(1);
  tooSlow.answer(2);
  expect(tooSlow.errors).toEqual([{ code: status.RESOURCE_EXHAUSTED, details: 'the client reads too slowly' }]);
  expect([tooSlow.received, tooSlow.socket.isClosed]).toEqual([[1], true]);
});
