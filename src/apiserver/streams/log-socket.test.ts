import { expect, it } from 'vitest';
import { readerProtocol, sendText } from './log-socket.ts';
import type { SessionSocket } from './session-wire.ts';

const streamOf = (...pieces: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });

async function sent(protocol: string, ...pieces: string[]): Promise<unknown[]> {
  const told: unknown[] = [];
  const socket = {
    accept: () => undefined,
    addEventListener: () => undefined,
    send: (message: string | Uint8Array) =>
      told.push(typeof message === 'string' ? message : new TextDecoder().decode(message)),
    close: (code: number) => told.push(code),
  } as unknown as SessionSocket;
  await sendText(socket, streamOf(...pieces), protocol, 'cluster');
  return told;
}

it('sends an empty message, the text as it comes and the end', async () => {
  expect(await sent('binary.k8s.io', 'one\n', 'two\n')).toEqual(['', 'one\n', 'two\n', 1000]);
  expect(await sent('base64.binary.k8s.io', 'one\n')).toEqual(['', btoa('one\n'), 1000]);
});

it('speaks what a reader may', () => {
  expect(readerProtocol(['v4.channel.k8s.io', 'base64.binary.k8s.io'])).toBe('base64.binary.k8s.io');
  expect(readerProtocol([''])).toBe('');
  expect(readerProtocol(['v4.channel.k8s.io'])).toBeUndefined();
});
