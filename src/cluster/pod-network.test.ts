import { beforeEach, describe, expect, it } from 'vitest';
import type { PodMachine } from '../machine/pod-machine.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../machine/test-machine.ts';
import { CLUSTER, viewOfObjects } from '../network/world/test-cluster.ts';
import { limitedWork, type WorkBudget } from '../simulation/work-budget.ts';
import { SimulatedNetwork } from './cluster-network.ts';
import { EMPTY_NAMESPACE } from './pod-namespace.ts';
import { MAX_CONNECTION_STEPS, type PodNetworkPorts, podNetwork } from './pod-network.ts';

const SPEC = { seed: 'a', podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/16', components: { kubeProxy: true } };
const WEB_A = '10.244.0.10';
const PORT = 8080;

/** Says back in capitals, and whom it hears. */
const shout = imageOf({
  '/bin/shout': {
    program: function* (process) {
      const listener = process.listen(PORT);
      for (;;) {
        const connection = yield* listener.accept();
        let all = '';
        for (let part = yield* connection.read(); part !== ''; part = yield* connection.read()) {
          all += part;
          yield* connection.write(part.toUpperCase());
        }
        yield* process.write(1, `${all}\n`);
        connection.close();
      }
    },
  },
});

let machine: PodMachine;
let touched: string[];
beforeEach(() => {
  touched = [];
  machine = machineOf(shout);
  machine.start(containerOf(['shout']));
  machine.advance(TEST_START);
});

const networkOf = (kubeProxy = true): SimulatedNetwork =>
  new SimulatedNetwork(
    { ...SPEC, components: { kubeProxy } },
    () => viewOfObjects(CLUSTER),
    (_, { port }) => port === PORT,
  );

function opened(ports: Partial<PodNetworkPorts> = {}, pod = 'default/client') {
  const simulated = networkOf();
  return podNetwork(
    pod,
    { address: '10.244.0.20', isNodes: false },
    {
      connect: (...asked) => simulated.connect(...asked),
      machine: (name) => (name === 'default/web-a' ? machine : undefined),
      namespace: () => EMPTY_NAMESPACE,
      touched: (name) => void touched.push(name),
      ask: () => undefined,
      ...ports,
    },
  );
}

const to = (address: string, port: number) => ({ address, port, protocol: 'TCP' as const });

describe('a connection of a program', () => {
  it('carries bytes both ways, and tells the pod that is reached', () => {
    const socket = opened().connect(to(WEB_A, PORT), TEST_START);
    if (typeof socket === 'string') throw new Error(socket);
    expect([socket.canTake(), socket.take(10), socket.canGive()]).toEqual([false, undefined, true]);
    expect(socket.give('hello')).toBe(5);
    expect(touched).toEqual(['default/web-a']);
    expect(socket.canTake()).toBe(true);
    expect([socket.take(2), socket.take(10), socket.take(10)]).toEqual(['HE', 'LLO', undefined]);
    socket.end();
    expect(touched).toHaveLength(2);
    expect(socket.take(10)).toBe('');
    expect([socket.isClosed, socket.canGive()]).toEqual([true, false]);
    expect(() => socket.give('more')).toThrow('Broken pipe');
    expect(machine.log('c').map(({ text }) => text)).toEqual(['hello']);
  });

  it('goes through a Service to where its pod listens', () => {
    const one = opened({ machine: (name) => (name === 'default/web-b' ? machine : undefined) });
    expect(one.connect(to('10.96.0.11', 80), TEST_START)).toMatchObject({ isClosed: false });
  });

  it('is refused where nothing listens, and where no machine runs', () => {
    const network = opened();
    expect(network.connect(to(WEB_A, 81), TEST_START)).toBe('ECONNREFUSED');
    expect(network.connect(to('10.244.1.10', PORT), TEST_START)).toBe('ECONNREFUSED');
    machine.signal('c', 'KILL');
    expect(network.connect(to(WEB_A, PORT), TEST_START)).toBe('ECONNREFUSED');
  });

  it('waits in vain where it is dropped, and hears where there is no way', () => {
    const network = opened();
    expect(network.connect(to('203.0.113.77', 80), TEST_START)).toBe('ETIMEDOUT');
    expect(network.connect(to('10.244.1.77', 80), TEST_START)).toBe('EHOSTUNREACH');
    expect(opened({}, 'default/nobody').connect(to(WEB_A, PORT), TEST_START)).toBe('ENETUNREACH');
  });

  it('draws for itself each time', () => {
    const draws: string[] = [];
    const simulated = networkOf();
    const network = opened({
      connect: (pod, target, at, draw, work) => {
        draws.push(draw);
        return simulated.connect(pod, target, at, draw, work);
      },
    });
    for (let i = 0; i < 3; i++) network.connect(to(WEB_A, PORT), TEST_START);
    expect(new Set(draws).size).toBe(3);
  });

  it('takes so many steps, and is lost when it needs more', () => {
    const counted = limitedWork(MAX_CONNECTION_STEPS);
    const ask = (before: (work: WorkBudget) => WorkBudget) => {
      const fresh = networkOf();
      const connect: PodNetworkPorts['connect'] = (pod, target, at, draw, work) =>
        fresh.connect(pod, target, at, draw, before(work));
      const one = (name: string) => (name === 'default/web-b' ? machine : undefined);
      return opened({ connect, machine: one }).connect(to('10.96.0.11', 80), TEST_START);
    };
    const askAfter = (steps: number) =>
      ask((work) => {
        work.spend(steps);
        return work;
      });
    expect(ask(() => counted)).toMatchObject({ isClosed: false });
    expect(counted.spent).toBeGreaterThan(10);
    expect(askAfter(MAX_CONNECTION_STEPS - counted.spent)).toMatchObject({ isClosed: false });
    expect(askAfter(MAX_CONNECTION_STEPS - counted.spent + 1)).toBe('ETIMEDOUT');
  });
});

it('asks who answers names', () => {
  const asked: unknown[] = [];
  const answer = { question: 'web', answers: [] } as unknown as ReturnType<PodNetworkPorts['ask']>;
  const network = opened({
    ask: (...question) => {
      asked.push(question);
      return answer;
    },
  });
  expect(network.ask('10.96.0.2', 'web', 'A', 5)).toBe(answer);
  expect(asked).toEqual([['10.96.0.2', 'web', 'A', 5]]);
  expect(network.address()).toBe('10.244.0.20');
});
