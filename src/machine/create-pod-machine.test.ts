import { expect, it } from 'vitest';
import type { PodMachine } from './pod-machine.ts';
import type { Program } from './program.ts';
import { containerOf, imageOf, machineOf, NO_NETWORK, TEST_START } from './test-machine.ts';

const program = (run: Program) => ({ program: run });

const ticker = program(function* (process) {
  for (let i = 0; i < 3; i++) {
    yield* process.write(1, `tick ${i}\n`);
    yield* process.sleep(1000);
  }
  return 3;
});

it('runs a program over the time of the cluster, and knows ahead when it will end', () => {
  const machine = machineOf(imageOf({ '/bin/ticker': ticker }));
  expect(machine.start(containerOf(['ticker']))).toBeUndefined();
  expect(machine.due('c')).toBe(TEST_START + 3000);
  expect(machine.log('c').map(({ text }) => text)).toEqual(['tick 0']);
  expect(machine.advance(TEST_START + 1500)).toBe(true);
  expect(machine.log('c').map(({ at, text }) => [at - TEST_START, text])).toEqual([
    [0, 'tick 0'],
    [1000, 'tick 1'],
  ]);
  machine.advance(TEST_START + 10_000);
  expect(machine.end('c')).toEqual({ at: TEST_START + 3000, exitCode: 3, terminationMessage: '' });
});

it('is due at no time where a program waits for a signal, and ends by it at once', () => {
  const waiter = program(function* (process) {
    let isAsked = false;
    process.handle('TERM', () => {
      isAsked = true;
    });
    while (!isAsked) {
      try {
        yield* process.read(0);
      } catch {
        break;
      }
    }
    return 7;
  });
  const machine = machineOf(imageOf({ '/bin/waiter': waiter }));
  machine.start(containerOf(['/bin/waiter'], { stdin: true }));
  expect(machine.due('c')).toBeUndefined();
  machine.advance(TEST_START + 60_000);
  machine.signal('c', 'TERM');
  expect(machine.end('c')?.exitCode).toBe(7);
  expect(machine.end('c')?.at).toBe(TEST_START + 60_000);
});

it('says as the runtime why a program could not be started', () => {
  const machine = machineOf(imageOf({}));
  expect(machine.start(containerOf(['nope']))).toEqual({
    reason: 'StartError',
    message:
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
      'unable to start container process: error during container init: exec: "nope": executable file not found in $PATH',
    exitCode: 128,
  });
});

it('runs commands beside the first process, with input and output of their own', () => {
  const upper = program(function* (process) {
    const text = yield* process.readAll(0);
    yield* process.write(1, text.toUpperCase());
    return 0;
  });
  const machine = machineOf(imageOf({ '/bin/ticker': ticker, '/bin/upper': upper }));
  machine.start(containerOf(['ticker']));
  const session = machine.exec('c', ['upper'], { stdin: true, tty: false });
  if ('reason' in session) throw new Error(session.message);
  session.write('abc'.repeat(100_000));
  expect(session.exitCode).toBeUndefined();
  session.endInput();
  expect(session.exitCode).toBe(0);
  expect(session.take()).toEqual([{ stream: 'stdout', bytes: 'ABC'.repeat(100_000) }]);
});

it('is reached by its own programs by way of the network outside', () => {
  const echo = program(function* (process) {
    const listener = process.listen(8080);
    for (;;) {
      const connection = yield* listener.accept();
      yield* connection.write(`${connection.remote.address} says ${yield* connection.read()}`);
      connection.close();
    }
  });
  const caller = program(function* (process) {
    const connection = yield* process.connect({ host: '10.96.0.9', port: 80 });
    yield* connection.write('hello');
    yield* process.write(1, `${yield* connection.read()}\n`);
    return 0;
  });
  const machine: PodMachine = machineOf(imageOf({ '/bin/echo': echo, '/bin/caller': caller }), {
    network: {
      ...NO_NETWORK,
      connect: (_, at) => {
        machine.advance(at);
        const visitor = machine.visit(8080, { address: '10.244.0.1', port: 40_000 })!;
        return {
          take: () => visitor.take() || (visitor.isClosed ? '' : undefined),
          canTake: () => true,
          give: (bytes) => {
            visitor.write(bytes);
            return bytes.length;
          },
          canGive: () => true,
          end: () => visitor.end(),
          close: () => visitor.close(),
          get isClosed() {
            return visitor.isClosed;
          },
        };
      },
    },
  });
  machine.start(containerOf(['echo']));
  machine.start(containerOf(['caller'], { name: 'caller' }));
  machine.advance(TEST_START + 1000);
  expect(machine.log('caller').map(({ text }) => text)).toEqual(['10.244.0.1 says hello']);
});

it('shares the loopback where it is in the network of its node, and has it alone otherwise', () => {
  const caller = program(function* (process) {
    try {
      yield* process.connect({ host: '127.0.0.1', port: 80 });
    } catch (error) {
      yield* process.write(1, `${(error as Error).message}\n`);
    }
    return 0;
  });
  const said = (isNodes: boolean) => {
    const asked: unknown[] = [];
    const connect = (to: unknown) => {
      asked.push(to);
      return 'ENETUNREACH' as const;
    };
    const network = { ...NO_NETWORK, address: () => '172.18.0.2', connect, isNodes };
    const machine = machineOf(imageOf({ '/bin/caller': caller }), { network });
    machine.start(containerOf(['caller']));
    return [machine.log('c')[0]!.text, asked];
  };
  expect(said(false)).toEqual(['Connection refused', []]);
  expect(said(true)).toEqual(['Network unreachable', [{ address: '127.0.0.1', port: 80, protocol: 'TCP' }]]);
});
