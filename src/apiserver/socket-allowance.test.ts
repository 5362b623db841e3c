import { expect, it } from 'vitest';
import { MAX_CLUSTER_SOCKETS_CHARACTERS, MAX_SOCKET_CHARACTERS, SocketAllowance } from './socket-allowance.ts';

it('lets one socket, and all of a cluster together, have only so much unread', () => {
  const one = new SocketAllowance('a');
  expect([one.take(MAX_SOCKET_CHARACTERS), one.take(1)]).toEqual([true, false]);
  const others = Array.from({ length: 3 }, () => new SocketAllowance('a'));
  for (const other of others) expect(other.take(MAX_CLUSTER_SOCKETS_CHARACTERS / 4)).toBe(true);
  const last = new SocketAllowance('a');
  expect([last.take(1), new SocketAllowance('b').take(1)]).toEqual([false, true]);
  one.close();
  one.close();
  expect([last.take(1), last.take(MAX_SOCKET_CHARACTERS), one.take(1)]).toEqual([true, false, false]);
  for (const socket of [...others, last]) socket.close();
});
