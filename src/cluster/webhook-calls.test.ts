import { expect, it } from 'vitest';
import type { WebhookAnswer, WebhookCall } from '../objects/webhook-call.ts';
import { readPart } from '../objects/webhook-wire.ts';
import { type BridgeSocket, MAX_BRIDGES, WebhookBridges } from './webhook-bridges.ts';
import { type Fetcher, MAX_CALLS, MAX_QUEUED_CALLS, WebhookCalls, wayOf } from './webhook-calls.ts';

const callTo = (url: string): WebhookCall => ({ url, body: '{}', timeoutSeconds: 1, maxAnswerBytes: 1000 });
const ANSWER: WebhookAnswer = { status: 200, contentType: 'application/json', body: '{}' };
const service: Fetcher = { fetch: async () => Response.json(ANSWER) };

const RATE = { perSecond: 1000, burst: 1000 };

interface Ports {
  fetcher?: Fetcher;
  bridges?: WebhookBridges;
  rate?: typeof RATE;
  now?: () => number;
}

function callsOf(allowed: string[], { fetcher, bridges, rate = RATE, now = () => 0 }: Ports = {}) {
  const bridge = (url: string) => bridges?.to(url);
  return new WebhookCalls({ allowed: () => allowed, bridge, way: wayOf(fetcher), rate, now });
}

it('calls what was allowed, and nothing else', async () => {
  const calls = callsOf(['https://hooks.example.org/a'], { fetcher: service });
  expect(await calls.call(callTo('https://hooks.example.org/a/b?timeout=1s'))).toEqual(ANSWER);
  expect(await calls.call(callTo('https://hooks.example.org/b'))).toEqual({
    error: 'dial tcp: lookup hooks.example.org: no such host',
  });
});

it('calls no private address by the platform’s own network, though it was allowed', async () => {
  const own = 'https://127.0.0.1:9443/';
  expect(await callsOf([own]).call(callTo(own))).toEqual({
    error: 'dial tcp 127.0.0.1:9443: connect: connection refused',
  });
  expect(await callsOf([own], { fetcher: service }).call(callTo(own))).toEqual(ANSWER);
});

it('makes as many calls as its rate lets it', async () => {
  let time = 0;
  const url = 'https://hooks.example.org/';
  const calls = callsOf([url], { fetcher: service, rate: { perSecond: 2, burst: 3 }, now: () => time });
  const made = async (): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => calls.call(callTo(url))));
    for (const answer of answers) if (!('status' in answer)) expect(answer).toEqual({ busy: 1 });
    return answers.filter((answer) => 'status' in answer).length;
  };
  expect(await made()).toBe(3);
  time = 1000;
  expect(await made()).toBe(2);
});

it('makes so many calls at a time, has others wait, and refuses those for which it is too late', async () => {
  const ends: (() => void)[] = [];
  const slow: Fetcher = { fetch: () => new Promise((fulfil) => ends.push(() => fulfil(Response.json(ANSWER)))) };
  const url = 'https://hooks.example.org/';
  const calls = callsOf([url], { fetcher: slow });
  const underWay = Array.from({ length: MAX_CALLS }, () => calls.call(callTo(url)));
  const queued = Array.from({ length: MAX_QUEUED_CALLS }, () => calls.call({ ...callTo(url), timeoutSeconds: 30 }));
  expect(ends).toHaveLength(MAX_CALLS);
  expect(await calls.call(callTo(url))).toEqual({ busy: 1 });
  for (let ended = 0; ended < MAX_CALLS + MAX_QUEUED_CALLS; ) {
    for (; ended < ends.length; ended++) ends[ended]!();
    // Those that wait take the places.
    await new Promise((fulfil) => setTimeout(fulfil, 1));
  }
  expect(await Promise.all([...underWay, ...queued])).toEqual(Array(MAX_CALLS + MAX_QUEUED_CALLS).fill(ANSWER));
  const again = Array.from({ length: MAX_CALLS }, () => calls.call(callTo(url)));
  expect(await calls.call(callTo(url))).toEqual({ busy: 1 });
  for (const end of ends) end();
  expect(await Promise.all(again)).toEqual(Array(MAX_CALLS).fill(ANSWER));
});

/** The object's end of a bridge, and what a bridge hears and says. */
function socketOf(open: BridgeSocket[]) {
  let attachment: unknown = null;
  const heard: string[] = [];
  const socket: BridgeSocket = {
    send: (message) => void heard.push(message),
    close: () => undefined,
    serializeAttachment: (value) => {
      attachment = structuredClone(value);
    },
    deserializeAttachment: () => attachment,
  };
  open.push(socket);
  return { socket, heard };
}

it('goes through a bridge to what that stands for, allowed or not, and after the object was away', async () => {
  const open: BridgeSocket[] = [];
  const { socket, heard } = socketOf(open);
  new WebhookBridges(() => open).accept(socket, ['https://localhost:9443/']);
  const bridges = new WebhookBridges(() => open);
  expect(bridges.size).toBe(1);
  const calls = callsOf([], { bridges });
  const text = 'ü😀'.repeat(100_000);
  const answered = calls.call({ ...callTo('https://localhost:9443/v?timeout=1s'), body: text });
  const parts = heard.map((message) => readPart(message)!);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.map(({ isLast }) => isLast)).toEqual([...Array(parts.length - 1).fill(false), true]);
  expect(JSON.parse(parts.map((part) => part.text).join(''))).toMatchObject({ body: text, timeoutSeconds: 1 });
  const id = parts[0]!.id;
  expect(bridges.message(socket, `${id}+{"status":200,"contentType":"",`)).toBe(true);
  bridges.message(socket, `${id}."body":"ok"}`);
  expect(await answered).toEqual({ status: 200, contentType: '', body: 'ok' });
  expect(await calls.call(callTo('https://localhost:9444/'))).toMatchObject({
    error: expect.stringContaining('no such host'),
  });
});

it('reads as much of a bridge’s answer as the call lets it', async () => {
  const open: BridgeSocket[] = [];
  const { socket, heard } = socketOf(open);
  const bridges = new WebhookBridges(() => open);
  bridges.accept(socket, ['https://localhost:9443/']);
  const calls = callsOf([], { bridges });
  const answer = JSON.stringify({ status: 200, contentType: '', body: 'ok' });
  for (const [length, expected] of [
    [1000, { status: 200 }],
    [1001, { unread: 'the answer is longer than 1000 bytes' }],
  ] as const) {
    const asked = calls.call(callTo('https://localhost:9443/'));
    bridges.message(socket, `${readPart(heard.at(-1)!)!.id}.${answer.padEnd(length)}`);
    expect(await asked).toMatchObject(expected);
  }
});

it('is told when a bridge breaks, is silent or says nonsense', async () => {
  const open: BridgeSocket[] = [];
  const { socket, heard } = socketOf(open);
  const bridges = new WebhookBridges(() => open);
  bridges.accept(socket, ['https://localhost:9443/']);
  const calls = callsOf([], { bridges });
  const ask = (): Promise<WebhookAnswer> => calls.call(callTo('https://localhost:9443/'));
  const broken = ask();
  bridges.closed(socket);
  expect(await broken).toEqual({ error: 'EOF' });
  expect(await ask()).toEqual({ error: 'context deadline exceeded' });
  for (const nonsense of ['no JSON', 'null', '{"status":"200"}', '']) {
    const asked = ask();
    bridges.message(socket, `${readPart(heard.at(-1)!)!.id}.${nonsense}`);
    expect(await asked).toEqual({ error: 'EOF' });
  }
  const endless = ask();
  bridges.message(socket, `${readPart(heard.at(-1)!)!.id}+`);
  expect(await endless).toEqual({ error: 'EOF' });
  expect(bridges.message(socket, 'what is no part')).toBe(true);
  expect(bridges.message(socketOf([]).socket, 'x')).toBe(false);
  expect(MAX_BRIDGES).toBeGreaterThan(1);
});
