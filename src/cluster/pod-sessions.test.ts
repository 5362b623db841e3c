import { describe, expect, it } from 'vitest';
import { COMMAND_PROTOCOLS } from '../apiserver/streams/channel-protocol.ts';
import { joinCommand, MAX_INPUT_BYTES } from '../apiserver/streams/command-stream.ts';
import { joinPorts, SPDY_TUNNEL } from '../apiserver/streams/port-stream.ts';
import { MAX_SESSION_IDLE_MS } from '../apiserver/streams/session-client.ts';
import { SESSION_WINDOW, type SessionRequest } from '../apiserver/streams/session-wire.ts';
import { type Frame, FrameReader, FrameWriter } from '../apiserver/streams/spdy/frames.ts';
import { socketPair, TestTimers } from '../apiserver/streams/test-sockets.ts';
import { MAX_CONNECTIONS, MAX_MESSAGE, PodSessions } from './pod-sessions.ts';
import { TestMachine } from './test-machine.ts';

const TARGET = { namespace: 'default', pod: 'p', uid: 'u' };
const [V5] = COMMAND_PROTOCOLS;
const SUCCESS = '{"metadata":{},"status":"Success"}';

function opened(speed = 1) {
  const timers = new TestTimers();
  const machine = new TestMachine();
  const host: { machine: TestMachine | undefined; touched: number; speed: number } = { machine, touched: 0, speed };
  const sessions = new PodSessions({
    machines: {
      machine: () => host.machine,
      touched: () => void host.touched++,
    },
    now: () => timers.now * host.speed,
    until: (instant) => (host.speed === 0 ? undefined : instant / host.speed - timers.now),
    worked: () => 0,
  });
  const session = (request: SessionRequest) => {
    const [near, far] = socketPair();
    sessions.accept(far, request);
    return near;
  };
  return { timers, machine, host, sessions, session };
}

/** A client's end of a command. */
function command(from: ReturnType<typeof opened>, args: string[], kind: 'exec' | 'attach' = 'exec') {
  const [client, server] = socketPair();
  client.accept();
  const request: SessionRequest =
    kind === 'exec'
      ? { ...TARGET, kind, container: 'c', command: args, stdin: true, tty: false }
      : { ...TARGET, kind, container: 'c', stdin: true, tty: false };
  const streams = { stdin: true, stdout: true, stderr: true, command: args };
  joinCommand(server, from.session(request), V5!, streams, { cluster: 'test', timers: from.timers });
  const told = (): string[] =>
    client.received
      .map((data) => new Uint8Array(data as ArrayBuffer))
      .filter((bytes) => bytes.length > 1)
      .map((bytes) => `${bytes[0]} ${new TextDecoder().decode(bytes.subarray(1))}`);
  const say = (channel: number, text: string): void =>
    client.send(Uint8Array.from([channel, ...new TextEncoder().encode(text)]));
  return { client, told, say };
}

describe('a command in a container', () => {
  it('says what it prints, then how it ended', () => {
    const from = opened();
    const { client, told } = command(from, ['print', '3']);
    expect(told()).toEqual(['1 xxx', `3 ${SUCCESS}`]);
    expect(client.closedWith?.code).toBe(1000);
    expect(from.sessions.size).toBe(0);
    expect(from.host.touched).toBeGreaterThan(0);
  });

  it('has its errors apart, and its code told', () => {
    const { told } = command(opened(), ['complain']);
    expect(told()[0]).toBe('2 no');
    expect(JSON.parse(told()[1]!.slice(2)).details.causes).toEqual([{ reason: 'ExitCode', message: '1' }]);
  });

  it('is told as not begun when it cannot be', () => {
    const { client, told } = command(opened(), ['nothing']);
    expect(JSON.parse(told()[0]!.slice(2)).message).toBe(
      'Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: not found',
    );
    expect(client.closedWith?.code).toBe(1000);
  });

  it('reads what is typed until its input is closed', () => {
    const { told, say, client } = command(opened(), ['cat']);
    say(0, 'hello');
    say(0, ' there');
    expect(told()).toEqual(['1 hello', '1  there']);
    client.send(Uint8Array.from([255, 0]));
    expect(told().at(-1)).toBe(`3 ${SUCCESS}`);
  });

  it('is attached to in the same way', () => {
    const { told, say } = command(opened(), [], 'attach');
    say(0, 'hello');
    expect(told()).toEqual(['1 hello']);
  });

  it('hears of the size of its terminal, as far as that is one', () => {
    const from = opened();
    const { say } = command(from, ['cat']);
    say(4, '{"Width":80,"Height":24}');
    say(4, '{"Width":-1,"Height":24}');
    say(4, 'nonsense');
    say(4, 'null');
    expect(from.machine.commands[0]!.sizes).toEqual([[24, 80]]);
  });

  it.each([1, 10])('ends at its instant, at %i times the speed', (speed) => {
    const from = opened(speed);
    const { told } = command(from, ['sleep', '5000', '3']);
    from.timers.pass(5000 / speed - 1);
    expect(told()).toEqual([]);
    from.timers.pass(10);
    expect(told()[0]).toContain('"message":"3"');
  });

  it('waits while the clock stands, and looks when it is stepped', () => {
    const from = opened(0);
    const { told } = command(from, ['sleep', '5000']);
    from.timers.pass(60_000);
    expect(told()).toEqual([]);
    from.host.speed = 1;
    from.sessions.look();
    expect(told()).toEqual([`3 ${SUCCESS}`]);
  });

  it('is over without an end when its container is gone', () => {
    const from = opened();
    const { client, told } = command(from, ['cat']);
    from.host.machine = undefined;
    from.sessions.look(({ pod }) => pod === 'another');
    expect(client.closedWith).toBeUndefined();
    from.sessions.look(({ pod }) => pod === 'p');
    expect(client.closedWith?.code).toBe(1000);
    expect(told()).toEqual([]);
  });

  it('goes on without its client, whose input has ended', () => {
    const from = opened();
    const { client } = command(from, ['cat']);
    client.close(1000);
    expect(from.sessions.size).toBe(0);
    expect(from.machine.commands[0]!.exitCode).toBe(0);
  });

  it('gets as much input as it may, and no more', () => {
    const from = opened();
    const { client } = command(from, ['sleep', '5']);
    const message = new Uint8Array(MAX_INPUT_BYTES / 8 + 1);
    for (let i = 0; i < 7; i++) client.send(message);
    client.send(message.subarray(0, message.length - 1).slice());
    expect(client.closedWith).toBeUndefined();
    client.send(Uint8Array.from([0, 1]));
    client.send(Uint8Array.from([0, 1]));
    expect(client.closedWith?.code).toBe(1009);
  });

  it('is ended when nothing was said for long', () => {
    const from = opened();
    const { client, say } = command(from, ['cat']);
    from.timers.pass(MAX_SESSION_IDLE_MS - 1);
    say(0, 'a');
    from.timers.pass(MAX_SESSION_IDLE_MS - 1);
    expect(client.closedWith).toBeUndefined();
    from.timers.pass(1);
    expect(from.sessions.size).toBe(0);
  });
});

describe('a session', () => {
  it('has no more on its way than its window, and all in the end', () => {
    const from = opened();
    const near = from.session({
      ...TARGET,
      kind: 'exec',
      container: 'c',
      command: ['print', String(4 * SESSION_WINDOW)],
      stdin: false,
      tty: false,
    });
    near.accept();
    const bytes = (): number =>
      near.received.reduce((sum, data) => sum + (typeof data === 'string' ? 0 : data.byteLength - 4), 0);
    expect(bytes()).toBe(SESSION_WINDOW);
    near.send(JSON.stringify({ took: SESSION_WINDOW }));
    expect(bytes()).toBe(2 * SESSION_WINDOW);
    expect(near.closedWith).toBeUndefined();
    near.send(JSON.stringify({ took: SESSION_WINDOW }));
    near.send(JSON.stringify({ took: SESSION_WINDOW }));
    expect(bytes()).toBe(4 * SESSION_WINDOW);
    expect(near.received.at(-1)).toBe('{"exit":0}');
  });

  it('says so much in one message, and more in several', () => {
    const lengths = (bytes: number): number[] => {
      const args = { command: ['print', String(bytes)], stdin: false, tty: false };
      const near = opened().session({ ...TARGET, kind: 'exec', container: 'c', ...args });
      near.accept();
      return near.received.flatMap((data) => (typeof data === 'string' ? [] : [data.byteLength - 4]));
    };
    expect(lengths(MAX_MESSAGE)).toEqual([MAX_MESSAGE]);
    expect(lengths(MAX_MESSAGE + 1)).toEqual([MAX_MESSAGE, 1]);
  });

  it('has as many connections as it may have, and no more', () => {
    const near = opened().session({ ...TARGET, kind: 'ports' });
    near.accept();
    const refused = (): number =>
      near.received.filter((data) => typeof data === 'string' && data.includes('refused')).length;
    for (let i = 0; i < MAX_CONNECTIONS; i++) near.send(JSON.stringify({ open: i, port: 80 }));
    expect(refused()).toBe(0);
    near.send(JSON.stringify({ open: MAX_CONNECTIONS, port: 80 }));
    expect(refused()).toBe(1);
    near.send(JSON.stringify({ close: 0 }));
    near.send(JSON.stringify({ open: MAX_CONNECTIONS, port: 80 }));
    expect(refused()).toBe(1);
  });
});

describe('forwarded ports', () => {
  it('reach a listener, and hear of ports without one', () => {
    const from = opened();
    const [client, server] = socketPair();
    client.accept();
    const why = (port: number): string => `nobody at ${port}`;
    joinPorts(
      server,
      from.session({ ...TARGET, kind: 'ports' }),
      SPDY_TUNNEL,
      { why },
      { cluster: 'test', timers: from.timers },
    );
    const [reader, writer] = [new FrameReader(), new FrameWriter()];
    const told = (): Frame[] =>
      client.received.splice(0).flatMap((data) => reader.push(new Uint8Array(data as ArrayBuffer)));
    const stream = (stream: number, streamtype: string, port: string, requestid: string): void =>
      client.send(
        writer.write({
          type: 'synStream',
          stream,
          headers: new Map(Object.entries({ streamtype, port, requestid })),
          fin: false,
        }),
      );
    stream(1, 'error', '80', '0');
    stream(3, 'data', '80', '0');
    stream(5, 'error', '81', '1');
    stream(7, 'data', '81', '1');
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(told().slice(4)).toEqual([
      { type: 'data', stream: 5, bytes: bytes('nobody at 81'), fin: false },
      { type: 'reset', stream: 7, status: 5 },
      { type: 'reset', stream: 5, status: 5 },
    ]);
    client.send(writer.write({ type: 'data', stream: 3, bytes: bytes('hello'), fin: true }));
    expect(told()).toEqual([
      { type: 'data', stream: 3, bytes: bytes('got hello'), fin: false },
      { type: 'data', stream: 3, bytes: bytes(''), fin: true },
      { type: 'data', stream: 1, bytes: bytes(''), fin: true },
    ]);
  });

  it('end with what is no SPDY', () => {
    const from = opened();
    const [client, server] = socketPair();
    client.accept();
    joinPorts(
      server,
      from.session({ ...TARGET, kind: 'ports' }),
      SPDY_TUNNEL,
      { why: String },
      { cluster: 'test', timers: from.timers },
    );
    client.send('GET / HTTP/1.1\r\n\r\n');
    expect(client.closedWith?.code).toBe(1002);
    expect(from.sessions.size).toBe(0);
  });
});
