import { expect, it } from 'vitest';
import { MAX_SENT_CHARACTERS } from '../../simulation/held-bytes.ts';
import { MAX_SOCKET_CHARACTERS, SocketAllowance } from './socket-allowance.ts';

it('lets one socket have only so much unread', () => {
  const one = new SocketAllowance('a');
  expect([one.take(MAX_SOCKET_CHARACTERS), one.take(1)]).toEqual([true, false]);
  one.close();
  one.close();
  expect(one.take(1)).toBe(false);
});

it('lets a cluster have as much as is left for others', () => {
  const share = MAX_SENT_CHARACTERS / 4;
  const [first, second, third] = ['a', 'a', 'a'].map((cluster) => new SocketAllowance(cluster));
  expect([first!.take(share), second!.take(share), third!.take(1)]).toEqual([true, true, false]);
  const other = new SocketAllowance('b');
  expect(other.take(MAX_SENT_CHARACTERS / 4)).toBe(true);
  first!.close();
  expect(third!.take(1)).toBe(true);
  for (const socket of [second!, third!, other]) socket.close();
});
