import { expect, it } from 'vitest';
import { MAX_VISIT_MS, VisitError, visit } from './http-visit.ts';
import { channelBytes, SESSION_WINDOW } from './session-wire.ts';
import { socketPair, TestTimers } from './test-sockets.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function asked() {
  const timers = new TestTimers();
  const [near, far] = socketPair();
  far.accept();
  const answer = visit(near, timers, { port: 80 }, bytes('GET / HTTP/1.1\r\n\r\n'), false);
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

it('takes no more of an answer than its reader does', async () => {
  const { far, answer, say } = asked();
  const part = 'x'.repeat(SESSION_WINDOW / 2);
  const taken = () => far.received.filter((message) => typeof message === 'string' && message.includes('took'));
  say(`HTTP/1.1 200 OK\r\n\r\n${part}`);
  const reader = (await answer).body!.getReader();
  say(part);
  expect(taken()).toEqual([]);
  for (let i = 0; i < 2; i++) await reader.read();
  const third = reader.read();
  await expect.poll(taken).not.toEqual([]);
  say('end');
  expect((await third).value).toEqual(bytes('end'));
});
