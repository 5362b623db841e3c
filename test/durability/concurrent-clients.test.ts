/** What concurrent clients of the gateway are answered, kills included, is what a store gives that does one thing at a time. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';
import { type Random, seeded } from '../etcd/script.ts';
import { operate, type Target } from './gateway-client.ts';
import { checkLinearizability, type Input, type Operation } from './linearizability.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox?.close());

const SEED = Number(process.env.DURABILITY_SEED ?? 1);
const CLIENTS = 8;
/** So few that clients meet at them. */
const KEYS = ['x', 'y', 'z'];
const ROUNDS = 8;
const ROUND_MS = 400;

/** An operation with the revision that its answer told. */
type Recorded = Operation & { revision?: number };

class Recorder {
  readonly operations: Recorded[] = [];
  #clock = 0;
  readonly #open = new Set<Recorded>();

  tick(): number {
    return this.#clock++;
  }

  async record(target: Target, key: string, input: Input): Promise<Recorded> {
    const operation: Recorded = { key, input, output: undefined, called: this.tick(), returned: Infinity };
    this.operations.push(operation);
    this.#open.add(operation);
    const answer = await operate(target, key, input);
    this.#open.delete(operation);
    // Whatever it was answered it was answered before the process ended.
    if (answer) Object.assign(operation, answer, { returned: Math.min(operation.returned, this.tick()) });
    return operation;
  }

  /** The process is gone, and with it whatever it had not done of what it was asked. */
  serverEnded(): void {
    const now = this.tick();
    for (const operation of this.#open) operation.returned = now;
  }
}

function randomInput(random: Random, lastSeen: string | undefined, value: string): Input {
  const choice = random();
  if (choice < 0.35) return { type: 'get' };
  if (choice < 0.65) return { type: 'put', value };
  if (choice < 0.75) return { type: 'delete' };
  return { type: 'compareAndPut', expected: lastSeen, value };
}

it('is linearizable while the server is killed again and again', async () => {
  console.log(`DURABILITY_SEED=${SEED}`);
  const target: Target = { sandbox, cluster: await sandbox.createCluster({ nodes: 0, profile: 'api' }) };
  const recorder = new Recorder();
  const randoms = Array.from({ length: CLIENTS }, (_, client) => seeded(SEED * 1000 + client));
  let up = true;

  async function client(number: number, round: number): Promise<void> {
    const random = randoms[number]!;
    const lastSeen = new Map<string, string | undefined>();
    for (let i = 0; up; i++) {
      const key = KEYS[Math.floor(random() * KEYS.length)]!;
      const input = randomInput(random, lastSeen.get(key), `${round}.${number}.${i}`);
      const { output } = await recorder.record(target, key, input);
      if (!output) return;
      if (input.type === 'get') lastSeen.set(key, output.value);
      else if (input.type === 'delete') lastSeen.delete(key);
      else if (input.type === 'put' || output.succeeded) lastSeen.set(key, input.value);
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    up = true;
    const clients = Array.from({ length: CLIENTS }, (_, number) => client(number, round));
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS * (0.5 + randoms[0]!())));
    const killed = sandbox.server.kill();
    await sandbox.server.exited;
    recorder.serverEnded();
    up = false;
    await Promise.all([killed, ...clients]);
    await sandbox.restart();
  }
  for (const key of KEYS) await recorder.record(target, key, { type: 'get' });

  const { operations } = recorder;
  const unanswered = operations.filter(({ output }) => !output).length;
  console.log(`${operations.length} operations, ${unanswered} of them unanswered, ${ROUNDS} kills`);
  expect(operations.length).toBeGreaterThan(ROUNDS * CLIENTS * 5);
  expect(unanswered).toBeGreaterThan(0);
  const verdict = checkLinearizability(operations);
  if (!verdict.linearizable) expect.fail(JSON.stringify({ ...verdict, order: verdict.order.slice(-20) }, null, 1));
  expectRevisionsInOrder(operations);
});

/** Every write has a revision of its own, and nothing is answered an older one than what was answered before it was asked. */
function expectRevisionsInOrder(operations: readonly Recorded[]): void {
  const changed = ({ input, output }: Recorded): boolean =>
    input.type === 'put' || output?.succeeded === true || (output?.deleted ?? 0) > 0;
  const answered = operations.filter(({ output }) => output);
  const writes = answered.filter(changed).map(({ revision }) => revision!);
  expect(new Set(writes).size).toBe(writes.length);

  const moments = answered.flatMap((operation) => [
    { at: operation.called, operation, isCall: true },
    { at: operation.returned, operation, isCall: false },
  ]);
  let newest = 0;
  const newestAtCall = new Map<Recorded, number>();
  for (const { operation, isCall } of moments.toSorted((a, b) => a.at - b.at)) {
    if (isCall) newestAtCall.set(operation, newest);
    else newest = Math.max(newest, operation.revision!);
  }
  for (const operation of answered) {
    const before = newestAtCall.get(operation)!;
    const least = changed(operation) ? before + 1 : before;
    expect(operation.revision, JSON.stringify(operation)).toBeGreaterThanOrEqual(least);
  }
}
