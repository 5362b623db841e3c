import { describe, expect, it } from 'vitest';
import type { HubSocket } from '../etcd/watch-hub.ts';
import type { WebhookAnswer, WebhookCall } from '../objects/webhook-call.ts';
import { readPart } from '../objects/webhook-wire.ts';
import { HeldBytes, LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { MAX_BRIDGES, WebhookBridges } from './webhook-bridges.ts';
import { MAX_CALLS, MAX_QUEUED_CALLS, WebhookCalls } from './webhook-calls.ts';
import { type Fetcher, type MakeCall, wayOf } from './webhook-ways.ts';

const callTo = (url: string): WebhookCall => ({ url, body: '{}', timeoutSeconds: 1, maxAnswerBytes: 1000 });
const ANSWER: WebhookAnswer = { status: 200, contentType: 'application/json', body: '{}' };
const service: Fetcher = { fetch: async () => Response.json(ANSWER) };

const RATE = { perSecond: 1000, burst: 1000 };

interface Ports {
  fetcher?: Fetcher;
  bridges?: WebhookBridges;
  rate?: typeof RATE;
  now?: () => number;
  held?: HeldBytes;
  services?: MakeCall;
}

const ROOM = 1024 ** 2;

const nowhere: MakeCall = async () => ({ error: 'nowhere' });

function callsOf(
  allowed: string[],
  { fetcher, bridges, rate = RATE, now = () => 0, held, services = nowhere }: Ports = {},
) {
  const bridge = (url: string) => bridges?.to(url);
  const pool = held ?? new HeldBytes(ROOM);
  let time = 0;
  // Each look at the clock is a second later, so that no test waits for long.
  const hold = () => pool.open('cluster', () => (time += 1000));
  return new WebhookCalls({ allowed: () => allowed, bridge, way: wayOf(fetcher), services, hold, rate, now });
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
function socketOf(open: HubSocket[]) {
  let attachment: unknown = null;
  const heard: string[] = [];
  const socket: HubSocket = {
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
  const open: HubSocket[] = [];
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
  const open: HubSocket[] = [];
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
  const open: HubSocket[] = [];
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

describe('what is read of an answer', () => {
  const url = 'https://hooks.example.org/';
  const call = { ...callTo(url), maxAnswerBytes: ROOM };
  const answerOf = (length: number): WebhookAnswer => ({ ...ANSWER, body: 'x'.repeat(length) });

  it('counts until it is handed on, and is refused where there is no room for it', async () => {
    const held = new HeldBytes(ROOM);
    let during = 0;
    const body = new TextEncoder().encode(JSON.stringify(answerOf(ROOM / 4)));
    const fetcher: Fetcher = {
      async fetch() {
        let isSent = false;
        const parts = new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              if (isSent) {
                during = held.of('cluster');
                return controller.close();
              }
              isSent = true;
              controller.enqueue(body);
            },
          },
          { highWaterMark: 0 },
        );
        return new Response(parts);
      },
    };
    const calls = callsOf([url], { fetcher, held });
    expect((await calls.call(call)) as { body: string }).toMatchObject({ status: 200 });
    expect([during, held.total]).toEqual([body.length, 0]);
    // Others hold all of it: that is waited for, and then refused.
    held.open('others', () => 0, Number.POSITIVE_INFINITY).hold(ROOM);
    const answer = await calls.call({ ...call, timeoutSeconds: 30 });
    expect('busy' in answer && answer.busy).toBe(1);
    expect(held.of('cluster')).toBe(0);
  });

  it('is taken in any case where it is light', async () => {
    const held = new HeldBytes(ROOM);
    held.open('others').hold(ROOM);
    const light = JSON.stringify(answerOf(0)).length;
    const fetcher: Fetcher = { fetch: async () => Response.json(answerOf(LIGHT_BYTES - light)) };
    expect(await callsOf([url], { fetcher, held }).call(call)).toEqual(answerOf(LIGHT_BYTES - light));
  });

  it('counts as it comes over a bridge, where nobody can wait', async () => {
    const held = new HeldBytes(ROOM);
    const open: HubSocket[] = [];
    const { socket, heard } = socketOf(open);
    const bridges = new WebhookBridges(() => open);
    bridges.accept(socket, [url]);
    const calls = callsOf([], { bridges, held });
    const asked = calls.call(call);
    const { id } = readPart(heard.at(-1)!)!;
    bridges.message(socket, `${id}+${'x'.repeat(LIGHT_BYTES)}`);
    expect(held.of('cluster')).toBe(LIGHT_BYTES);
    held.open('others').hold(ROOM - LIGHT_BYTES);
    bridges.message(socket, `${id}+x`);
    expect(await asked).toEqual({ busy: 1 });
    expect(held.of('cluster')).toBe(0);
  });
});

it('calls Services of the cluster in it, whatever is allowed outside and however often', async () => {
  const service = { namespace: 'ops', name: 'hooks', port: 443, clusterIP: '10.96.7.7' };
  const url = 'https://hooks.ops.svc:443/?timeout=1s';
  const called: string[] = [];
  const fetcher: Fetcher = {
    async fetch(to) {
      called.push(to);
      return Response.json(ANSWER);
    },
  };
  const services: MakeCall = async (call) => ({ error: call.service!.name });
  const calls = callsOf(['https://hooks.ops.svc/'], { fetcher, services, rate: { perSecond: 1, burst: 1 } });
  for (let i = 0; i < 3; i++) expect(await calls.call({ ...callTo(url), service })).toEqual({ error: 'hooks' });
  expect(called).toEqual([]);
});
