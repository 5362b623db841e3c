import { expect, it } from 'vitest';
import type { LogRequest } from '../apiserver/streams/log-wire.ts';
import type { SessionRequest } from '../apiserver/streams/session-wire.ts';
import type { HubSocket } from '../etcd/watch-hub.ts';
import { MAX_FOLLOWED_LOGS, PodLogs } from './pod-logs.ts';
import { MAX_SESSIONS, PodSessions } from './pod-sessions.ts';
import { LOG_PATH, SESSION_PATH } from './rpc.ts';
import type { Running } from './running.ts';
import { Streams } from './streams.ts';
import { TestMachine } from './test-machine.ts';
import { WorkBudget } from './work.ts';

const TARGET = { namespace: 'default', pod: 'p', uid: 'u' };
const SESSION: SessionRequest = { ...TARGET, kind: 'ports' };
const LOG: LogRequest = { ...TARGET, container: 'c', attempt: 0, options: { timestamps: false } };

/** What a cluster's object answers those who want to follow a pod. */
function opened() {
  const followed: HubSocket[] = [];
  const machine = new TestMachine();
  const ports = {
    machines: { machine: () => machine, touched: () => undefined },
    now: () => 0,
    until: () => undefined,
    worked: () => 0,
  };
  const sessions = new PodSessions(ports);
  const logs = new PodLogs({ ...ports, attempt: () => 0, sockets: () => followed });
  const running = { life: { epoch: 'e' }, pods: { sessions, logs } } as Running;
  const sockets = {
    acceptWebSocket: (socket: WebSocket) => void followed.push(socket),
    getWebSockets: () => [],
    setWebSocketAutoResponse: () => undefined,
  };
  const streams = new Streams(sockets, new WorkBudget({ burst: 1000, perSecond: 1000 }, 0), () => undefined);
  const ask = (path: string, request: SessionRequest | LogRequest): Promise<Response> => {
    const search = new URLSearchParams({ epoch: 'e', request: JSON.stringify(request) });
    const headers = { upgrade: 'websocket' };
    return streams.serve(new Request(`https://cluster${path}?${search}`, { headers }), running);
  };
  return { ask, sessions, logs, followed };
}

it('has so many sessions at one time, and one more when one is over', async () => {
  const { ask, sessions } = opened();
  for (let i = 0; i < MAX_SESSIONS; i++) expect((await ask(SESSION_PATH, SESSION)).status).toBe(101);
  expect((await ask(SESSION_PATH, SESSION)).status).toBe(429);
  expect(sessions.size).toBe(MAX_SESSIONS);
  sessions.endAll();
  expect((await ask(SESSION_PATH, SESSION)).status).toBe(101);
});

it('has so many logs followed at one time, and one more when one is over', async () => {
  const { ask, logs, followed } = opened();
  for (let i = 0; i < MAX_FOLLOWED_LOGS; i++) expect((await ask(LOG_PATH, LOG)).status).toBe(101);
  expect((await ask(LOG_PATH, LOG)).status).toBe(429);
  expect(logs.size).toBe(MAX_FOLLOWED_LOGS);
  followed.pop();
  expect((await ask(LOG_PATH, LOG)).status).toBe(101);
});
