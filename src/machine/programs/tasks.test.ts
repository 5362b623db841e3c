import { expect, it } from 'vitest';
import type { Connection } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { serveHttp } from './http-server.ts';
import { MAX_TASKS, Tasks } from './tasks.ts';

function* forEver(): Run {
  for (;;) yield { for: 'nothing' };
}

it('is full with so many tasks, and not before', () => {
  const tasks = new Tasks(() => 0);
  for (let i = 1; i < MAX_TASKS; i++) tasks.start(forEver());
  expect(tasks.isFull).toBe(false);
  tasks.start(forEver());
  expect(tasks.isFull).toBe(true);
});

it('serves as many connections as there may be tasks beside its listener, and closes those beyond', () => {
  let closed = 0;
  let accepted = 0;
  const end = { address: '10.0.0.1', port: 80 };
  const connection: Connection = {
    local: end,
    remote: end,
    isSecure: false,
    *read() {
      yield* forEver();
      return '';
    },
    *write() {},
    end() {},
    close() {
      closed++;
    },
  };
  let coming = MAX_TASKS - 1;
  const listener = {
    port: 80,
    *accept(): Run<Connection> {
      while (accepted === coming) yield { for: 'condition', ready: () => accepted < coming };
      accepted++;
      return connection;
    },
    close() {},
  };
  const process = { now: () => 0, listen: () => listener } as Partial<Process> as Process;
  const server = serveHttp(process, { ports: [80], answer: () => undefined });
  server.next();
  expect([accepted, closed]).toEqual([MAX_TASKS - 1, 0]);
  coming++;
  server.next();
  expect([accepted, closed]).toEqual([MAX_TASKS, 1]);
});
