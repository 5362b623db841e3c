import { expect, it } from 'vitest';
import { COMMAND_PROTOCOLS } from './channel-protocol.ts';
import { joinCommand, MAX_SIZE } from './command-stream.ts';
import { socketPair, TestTimers } from './test-sockets.ts';

it('gives a terminal the size that it may have, and no other', () => {
  const [client, server] = socketPair();
  const [near, far] = socketPair();
  client.accept();
  far.accept();
  const streams = { stdin: true, stdout: true, stderr: false, command: [] };
  joinCommand(server, near, COMMAND_PROTOCOLS[0]!, streams, { cluster: 'test', timers: new TestTimers() });
  const resize = (Width: unknown, Height: unknown): void =>
    client.send(Uint8Array.from([4, ...new TextEncoder().encode(JSON.stringify({ Width, Height }))]));
  resize(MAX_SIZE, 0);
  for (const other of [MAX_SIZE + 1, -1, 1.5, '1', null]) {
    resize(other, 1);
    resize(1, other);
  }
  resize(1, MAX_SIZE);
  expect(far.received.map((data) => JSON.parse(data as string))).toEqual([
    { resize: { columns: MAX_SIZE, rows: 0 } },
    { resize: { columns: 1, rows: MAX_SIZE } },
  ]);
});
