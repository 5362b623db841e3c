import { describe, expect, it } from 'vitest';
import { logStream } from '../apiserver/streams/log-stream.ts';
import type { LogRequest } from '../apiserver/streams/log-wire.ts';
import { socketPair, type TestSocket, TestTimers } from '../apiserver/streams/test-sockets.ts';
import type { HubSocket } from '../etcd/watch-hub.ts';
import { PodLogs } from './pod-logs.ts';
import { TestMachine } from './test-machine.ts';

const REQUEST: LogRequest = {
  namespace: 'default',
  pod: 'p',
  uid: 'u',
  container: 'c',
  attempt: 0,
  options: { timestamps: false },
};

function opened() {
  const timers = new TestTimers();
  const host: { machine: TestMachine | undefined; looks: number; clockStands: boolean; attempt: number } = {
    machine: new TestMachine(),
    looks: 0,
    clockStands: false,
    attempt: 0,
  };
  const sockets: HubSocket[] = [];
  const make = (): PodLogs =>
    new PodLogs({
      machines: {
        machine: () => {
          host.looks++;
          return host.machine;
        },
        touched: () => undefined,
      },
      now: () => timers.now,
      until: (instant) => (host.clockStands ? undefined : instant - timers.now),
      worked: () => 0,
      attempt: () => host.attempt,
      sockets: () => sockets,
    });
  const state = { logs: make() };
  /** The object sleeps and wakes: what it knew is gone. */
  const sleep = (): void => {
    state.logs = make();
  };
  const follow = (options: Partial<LogRequest['options']> = {}) => {
    const [near, far] = socketPair();
    const socket = hibernatable(far);
    sockets.push(socket);
    state.logs.accept(socket, { ...REQUEST, options: { timestamps: false, ...options } });
    far.addEventListener('message', ({ data }) => void state.logs.message(socket, data as string));
    far.accept();
    const reader = logStream(near, timers).getReader();
    const next = async (): Promise<string | undefined> => {
      const { done, value } = await reader.read();
      return done ? undefined : new TextDecoder().decode(value);
    };
    return { next, reader, near, far };
  };
  return { timers, host, state, sleep, follow };
}

function hibernatable(far: TestSocket): HubSocket {
  let attachment: string | undefined;
  return {
    send: (message) => far.send(message),
    close: (code, reason) => far.close(code, reason),
    serializeAttachment: (value) => {
      attachment = JSON.stringify(value);
    },
    deserializeAttachment: () => (attachment === undefined ? null : JSON.parse(attachment)),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('a log', () => {
  it('is read as it is, and nothing where no machine runs', () => {
    const { host, state } = opened();
    host.machine!.print(0, 'a');
    expect(state.logs.read(REQUEST)).toBe('a\n');
    expect(state.logs.read({ ...REQUEST, attempt: 1 })).toBe('of attempt 1\n');
    host.machine = undefined;
    expect(state.logs.read(REQUEST)).toBeUndefined();
  });

  it('is followed line by line, each looked for when it is due, also by an object that slept', async () => {
    const { timers, host, sleep, follow } = opened();
    host.machine!.print(0, 'a');
    host.machine!.printsAt = [1000, 2000];
    const { next } = follow();
    expect(await next()).toBe('a\n');
    const second = next();
    await settled();
    const looks = host.looks;
    sleep();
    timers.pass(999);
    await settled();
    expect(host.looks).toBe(looks);
    timers.pass(30);
    expect(await second).toBe('line of 1000\n');
  });

  it('looks at nothing while its client takes nothing', async () => {
    const { timers, host, follow } = opened();
    host.machine!.printsAt = [1000, 2000, 3000];
    const { next } = follow();
    timers.pass(10_000);
    await settled();
    expect(host.looks).toBe(0);
    expect(await next()).toBe('line of 1000\nline of 2000\nline of 3000\n');
  });

  it('is told when something has come in, for its own pod alone', async () => {
    const { host, state, follow } = opened();
    const { next } = follow();
    const first = next();
    await settled();
    const looks = host.looks;
    host.machine!.print(0, 'a visitor');
    state.logs.changed(({ pod }) => pod === 'another');
    expect(host.looks).toBe(looks);
    state.logs.changed(({ pod }) => pod === 'p');
    expect(await first).toBe('a visitor\n');
  });

  it('waits while the clock stands', async () => {
    const { timers, host, state, follow } = opened();
    host.clockStands = true;
    host.machine!.printsAt = [1000];
    const { next } = follow();
    const first = next();
    await settled();
    timers.pass(5000);
    await settled();
    host.clockStands = false;
    state.logs.changed();
    expect(await first).toBe('line of 1000\n');
  });

  it('ends with its container, after the last of its lines', async () => {
    const { host, state, follow } = opened();
    const { next } = follow();
    const first = next();
    await settled();
    host.machine!.print(0, 'bye');
    host.machine!.ended = true;
    state.logs.changed();
    expect(await first).toBe('bye\n');
    expect(await next()).toBeUndefined();
  });

  it('ends when its container was started again', async () => {
    const { host, state, follow } = opened();
    const { next } = follow();
    const first = next();
    await settled();
    host.attempt = 1;
    state.logs.changed();
    expect(await first).toBeUndefined();
  });

  it('ends when its pod is gone, and after so many bytes', async () => {
    const { host, state, follow } = opened();
    const gone = follow();
    const first = gone.next();
    await settled();
    const { machine } = host;
    host.machine = undefined;
    state.logs.changed();
    expect(await first).toBeUndefined();
    host.machine = machine;
    machine!.print(0, 'hello');
    const short = follow({ limitBytes: 3 });
    expect(await short.next()).toBe('hel');
    expect(await short.next()).toBeUndefined();
  });

  it('is left when its client goes', async () => {
    const { follow } = opened();
    const { reader, far } = follow();
    await reader.cancel();
    expect(far.closedWith?.code).toBe(1000);
  });
});
