import { expect, it } from 'vitest';
import { MAX_VISIT_MS, VisitError, visit } from './http-visit.ts';
import { channelBytes } from './session-wire.ts';
import { socketPair, TestTimers } from './test-sockets.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function asked() {
  const timers = new TestTimers();
  const [near, far] = socketPair();
  far.accept();
  const answer = visit(near, timers, 80, bytes('GET / HTTP/1.1\r\n\r\n'), false);
  return { timers, far, answer, say: (text: string) => far.send(channelBytes(1, bytes(text))) };
}

it('waits for an answer as long as its head may take, and then as long as its body does', async () => {
  const { timers, answer, say } = asked();
  timers.pass(MAX_VISIT_MS - 1);
  say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh');
  const response = await answer;
  timers.pass(MAX_VISIT_MS);
  say('i');
  expect([response.status, await response.text()]).toEqual([200, 'hi']);
});

it('waits no longer', async () => {
  const { timers, far, answer } = asked();
  const refused = expect(answer).rejects.toEqual(new VisitError('context deadline exceeded'));
  timers.pass(MAX_VISIT_MS - 1);
  expect(far.closedWith).toBeUndefined();
  timers.pass(1);
  await refused;
  expect(far.closedWith).toBeDefined();
});
