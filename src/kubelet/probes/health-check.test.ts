import { expect, it } from 'vitest';
import { imageFor } from '../../machine/images/image-for.ts';
import type { Visitor } from '../../machine/pod-machine.ts';
import { containerOf, machineOf, TEST_START } from '../../machine/test-machine.ts';
import { beginAction } from './action.ts';

const AGNHOST = imageFor('registry.k8s.io/e2e-test-images/agnhost:2.53');
const ORIGIN = { address: '10.244.0.1', port: 40_000 };

function started(args: readonly string[], image = AGNHOST) {
  const machine = machineOf(image);
  machine.start(containerOf(args));
  machine.advance(TEST_START);
  return machine;
}

/** What a probe finds, so many milliseconds after the start. */
function found(machine: ReturnType<typeof started>, grpc: { port: number; service?: string }, after = 0): string {
  const target = {
    container: { name: 'c' },
    podIP: '10.244.0.5',
    machine,
    isOpaque: false,
    connect: () => 'ECONNREFUSED' as const,
    execId: () => 'id',
  };
  machine.advance(TEST_START + after);
  const action = beginAction({ grpc }, target, TEST_START + after, 1000);
  machine.advance(TEST_START + after);
  const early = action.outcome(TEST_START + after);
  machine.advance(TEST_START + after + 1000);
  const outcome = early ?? action.outcome(TEST_START + after + 1000)!;
  return outcome.fault?.message ?? 'well';
}

const asked = (visitor: Visitor | undefined, path: string): void => {
  visitor!.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  visitor!.take();
};

it('hears how the service is', () => {
  const machine = started(['/agnhost', 'grpc-health-checking']);
  expect(found(machine, { port: 5000 })).toBe('well');
  asked(machine.visit(8080, ORIGIN), '/make-not-serving');
  expect(found(machine, { port: 5000 }, 2000)).toBe('failed: service unhealthy (responded with "NOT_SERVING")');
  asked(machine.visit(8080, ORIGIN), '/make-serving');
  expect(found(machine, { port: 5000 }, 4000)).toBe('well');
});

it('asks for a service by its name, however long', () => {
  const name = 'shop.v1.Éclair'.repeat(20);
  const machine = started(['/agnhost', 'grpc-health-checking', '--port=7', `--service=${name}`]);
  expect(found(machine, { port: 7, service: name })).toBe('well');
  expect(found(machine, { port: 7, service: 'other' }, 2000)).toBe(
    'failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
  );
});

it('goes by what the service says after a while', () => {
  const machine = started(['/agnhost', 'grpc-health-checking', '--delay-unhealthy-sec=5']);
  expect(found(machine, { port: 5000 }, 4000)).toBe('well');
  expect(found(machine, { port: 5000 }, 6000)).toBe('failed: service unhealthy (responded with "NOT_SERVING")');
});

it('fails where nobody speaks its protocol, when its time is over', () => {
  const words = 'within 1s: context deadline exceeded';
  const machine = started(['/agnhost', 'netexec', '--http-port=80']);
  expect(found(machine, { port: 81 })).toBe(`failed: timeout: failed to connect service "10.244.0.5:81" ${words}`);
  expect(found(machine, { port: 80 }, 2000)).toBe(
    `failed: timeout: failed to connect service "10.244.0.5:80" ${words}`,
  );
});
