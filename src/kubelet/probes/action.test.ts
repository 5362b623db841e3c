import { expect, it } from 'vitest';
import type { PodMachine, Socket } from '../../machine/pod-machine.ts';
import { serveHttp, textResponse } from '../../machine/programs/http-server.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../../machine/test-machine.ts';
import { beginAction, MAX_OUTPUT, type Target } from './action.ts';

const targetOf = (machine: PodMachine, more: Partial<Target> = {}): Target => ({
  container: { name: 'c' },
  podIP: '10.244.0.5',
  machine,
  isOpaque: false,
  connect: () => 'ECONNREFUSED',
  execId: () => 'id',
  ...more,
});

/** What a probe finds whose command prints so many bytes and fails. */
function found(bytes: number): string | undefined {
  const machine = machineOf(
    imageOf({
      '/bin/wait': {
        program: function* () {
          for (;;) yield { for: 'nothing' };
        },
      },
      '/bin/grumble': {
        program: function* (process) {
          yield* process.write(1, 'x'.repeat(bytes - 1));
          yield* process.write(2, '!');
          return 1;
        },
      },
    }),
  );
  machine.start(containerOf(['wait']));
  const target = targetOf(machine);
  const action = beginAction({ exec: { command: ['grumble'] } }, target, TEST_START, 1000);
  machine.advance(TEST_START);
  return action.outcome(TEST_START)?.fault?.message;
}

it('keeps so much of what a command says', () => {
  expect(found(MAX_OUTPUT)).toBe(`failed: ${'x'.repeat(MAX_OUTPUT - 1)}!`);
  expect(found(MAX_OUTPUT + 1)).toBe(`failed: ${'x'.repeat(MAX_OUTPUT)}`);
});

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** What a probe by a scheme finds at a server of HTTP that speaks TLS, or does not. */
function askedBy(scheme: 'HTTP' | 'HTTPS', certificate: string | undefined): string | undefined {
  const machine = machineOf(
    imageOf({
      '/bin/serve': {
        program: (process) =>
          serveHttp(process, { ports: [80], certificate: () => certificate, answer: () => textResponse('ok') }),
      },
    }),
  );
  machine.start(containerOf(['serve']));
  machine.advance(TEST_START);
  const action = beginAction({ httpGet: { scheme, port: 80, path: '/healthz' } }, targetOf(machine), TEST_START, 1000);
  machine.advance(TEST_START);
  return action.outcome(TEST_START)?.fault?.message ?? 'well';
}

it('speaks TLS where it is told to, and with nobody else', () => {
  expect(askedBy('HTTPS', CERTIFICATE)).toBe('well');
  expect(askedBy('HTTP', undefined)).toBe('well');
  expect(askedBy('HTTP', CERTIFICATE)).toBe('failed: HTTP probe failed with statuscode: 400');
  expect(askedBy('HTTPS', undefined)).toBe(
    'failed: Get "https://10.244.0.5:80/healthz": http: server gave HTTP response to HTTPS client',
  );
});

it('asks what is not in the pod by the network of its node', () => {
  const sent: string[] = [];
  const socket = {
    take: () => 'HTTP/1.1 204 No Content\r\n\r\n',
    give: (bytes: string) => sent.push(bytes),
    close: () => undefined,
    isClosed: false,
  } as Partial<Socket> as Socket;
  const hook = { httpGet: { host: '10.244.7.7', port: 8080, path: '/hook' } };
  const outcome = (connect: Target['connect']) =>
    beginAction(hook, targetOf(machineOf(imageOf({})), { connect }), TEST_START, 1000).outcome(TEST_START);
  const asked: unknown[] = [];
  const answered = outcome((to) => {
    asked.push(to);
    return socket;
  });
  expect(answered).toEqual({ fault: undefined });
  expect(asked).toEqual([{ address: '10.244.7.7', port: 8080 }]);
  expect(sent[0]).toMatch(/^GET \/hook HTTP\/1.1\r\nHost: 10.244.7.7:8080\r\n/);
  expect(outcome(() => 'ECONNREFUSED')?.fault?.message).toContain(
    'dial tcp 10.244.7.7:8080: connect: connection refused',
  );
});
