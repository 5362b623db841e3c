/**
 * The processes of one pod over the cluster's time, as discrete events: whoever is ready runs, in the order of their starts; when nobody is,
 * time goes on to the next instant that somebody waits for.
 */
import { Errno } from '../errno.ts';
import { Exit, type Process, type Program, type Signal, type Wait } from '../program.ts';
import { MAX_PROCESSES, STEPS_A_CALL } from './limits.ts';
import type { OpenFile } from './open-file.ts';
import { defaultAction, SIGNAL_NUMBERS } from './signals.ts';
import { StepBucket } from './step-bucket.ts';
import type { ContainerContext, Task } from './task.ts';
import type { Terminal } from './terminal.ts';

/** How long a pod that has used up its steps rests. */
const REST_MS = 100;

export interface KernelPorts {
  hostname: string;
  /** Settings of the kernel that the pod has made. */
  sysctls: Readonly<Record<string, string>>;
  /** The system calls of a process. */
  calls(task: Task): Process;
  /** A stream of numbers in [0, 1) for a purpose. */
  random(purpose: string): () => number;
  /** The first process of a container has ended. */
  ended(task: Task): void;
  /** Something went wrong that is no program's doing. */
  defect(error: unknown): void;
  /** Lets what waits outside for room come in. @returns whether something came. */
  feed(): boolean;
}

/** What a new process is made of. */
export interface Birth {
  container: ContainerContext;
  parent: Task | undefined;
  args: readonly string[];
  env: ReadonlyMap<string, string>;
  cwd: string;
  user: Task['user'];
  umask: number;
  descriptors: ReadonlyMap<number, OpenFile>;
  terminal: Terminal | undefined;
  group: 'new' | number | undefined;
}

export class Kernel {
  now: number;
  readonly ports: KernelPorts;
  #tasks: Task[] = [];
  /** Processes that were started so far. */
  orders = 0;
  readonly #bucket: StepBucket;
  #budget = 0;
  #steps = 0;
  current: Task | undefined;

  constructor(now: number, ports: KernelPorts) {
    this.now = now;
    this.#bucket = new StepBucket(now);
    this.ports = ports;
  }

  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** @throws Errno EAGAIN */
  create(birth: Birth, program: Program): Task {
    if (this.#tasks.length >= MAX_PROCESSES) throw new Errno('EAGAIN');
    const { namespace } = birth.container;
    const pid = namespace.next++;
    const task: Task = {
      ...birth,
      order: this.orders++,
      pid,
      group: birth.group === 'new' ? pid : (birth.group ?? birth.parent?.group ?? pid),
      children: new Set(),
      env: new Map(birth.env),
      descriptors: new Map(birth.descriptors),
      handlers: new Map(),
      pending: new Set(),
      startedAt: this.now,
      run: undefined,
      next: program,
      wait: undefined,
      isStopped: false,
      endlessFrom: undefined,
      held: 0,
      steps: 0,
      stepsAtTurn: 0,
      end: undefined,
      random: undefined,
      sockets: new Set(),
    };
    for (const file of task.descriptors.values()) file.hold();
    birth.parent?.children.add(task);
    namespace.tasks.set(pid, task);
    this.#tasks.push(task);
    return task;
  }

  /** Lets time go on. @returns whether it got there within the budget of a call. */
  advance(to: number, steps = STEPS_A_CALL): boolean {
    this.#budget = steps;
    for (;;) {
      if (!this.#round(to)) return false;
      if (this.ports.feed()) continue;
      const next = this.#nextInstant();
      if (next === undefined || next > to) {
        this.now = Math.max(this.now, to);
        return true;
      }
      this.now = Math.max(this.now, next);
    }
  }

  /** All steps that were made so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether nothing that anybody could wait for happens before something comes in: who does not wait for that goes round for ever. */
  get isStill(): boolean {
    return this.#tasks.every((task) => {
      if (isOfEndless(task)) return true;
      const { wait } = task;
      const isTimed = wait?.for === 'instant' || (wait?.for === 'condition' && wait.at !== undefined);
      return task.end !== undefined || task.isStopped || (!isTimed && !this.#isReady(task));
    });
  }

  /** The next instant at which somebody does something by himself. */
  get next(): number | undefined {
    return this.#tasks.some((task) => this.#isReady(task)) ? this.now : this.#nextInstant();
  }

  /** Everybody who is ready runs until nobody is. @returns false where the budget is used up. */
  #round(to: number): boolean {
    for (;;) {
      let hasRun = false;
      for (const task of [...this.#tasks]) {
        if (!this.#isReady(task)) continue;
        if (this.#budget <= 0) return false;
        while (!this.#bucket.has(this.now)) {
          if (this.now + REST_MS > to) return true;
          this.now += REST_MS;
        }
        this.#turn(task);
        hasRun = true;
      }
      if (!hasRun) return true;
    }
  }

  #isReady(task: Task): boolean {
    if (task.end || task.isStopped) return false;
    const { wait } = task;
    if (!wait || wait.for === 'turn' || task.next || task.pending.size > 0) return true;
    if (wait.for === 'nothing') return false;
    if (wait.for === 'instant') return wait.at <= this.now;
    return (wait.at !== undefined && wait.at <= this.now) || wait.ready();
  }

  #nextInstant(): number | undefined {
    let next: number | undefined;
    for (const { end, isStopped, wait } of this.#tasks) {
      if (end || isStopped || !wait || wait.for === 'turn' || wait.for === 'nothing' || wait.at === undefined) continue;
      if (next === undefined || wait.at < next) next = wait.at;
    }
    return next;
  }

  #turn(task: Task): void {
    const interrupted = this.#handlePending(task);
    if (task.end) return;
    task.stepsAtTurn = task.steps;
    this.current = task;
    task.steps++;
    try {
      if (task.next) {
        const program = task.next;
        task.next = undefined;
        task.run = program(this.ports.calls(task));
        task.wait = undefined;
      }
      const result = interrupted ? task.run!.throw(new Errno('EINTR')) : task.run!.next();
      if (result.done) this.end(task, result.value & 255);
      else task.wait = result.value as Wait;
    } catch (error) {
      this.#failed(task, error);
    } finally {
      this.current = undefined;
      const used = task.steps - task.stepsAtTurn;
      this.#budget -= used;
      this.#steps += used;
      this.#bucket.take(used);
    }
  }

  #failed(task: Task, error: unknown): void {
    if (task.end) return;
    if (error instanceof Exit) this.end(task, error.status & 255);
    else if (error instanceof Errno) {
      const errors = task.descriptors.get(2);
      const name = task.args[0]?.replace(/^.*\//, '') ?? '';
      try {
        errors?.write(`${name}: ${error.message}\n`);
      } catch {
        // Whoever has no errors to write to is not heard.
      }
      this.end(task, 1);
    } else {
      // A program that is wrong, or too deep, ends as one that has touched memory that is not its own.
      this.end(task, 128 + SIGNAL_NUMBERS.SEGV, 'SEGV');
      if (!(error instanceof RangeError)) this.ports.defect(error);
    }
  }

  /** @returns whether what it waited for is given up. */
  #handlePending(task: Task): boolean {
    if (task.pending.size === 0) return false;
    for (const signal of [...task.pending].sort((a, b) => SIGNAL_NUMBERS[a] - SIGNAL_NUMBERS[b])) {
      task.pending.delete(signal);
      const handler = task.handlers.get(signal);
      if (typeof handler === 'function') handler();
    }
    return task.run !== undefined && !task.next && (task.wait?.for === 'condition' || task.wait?.for === 'instant');
  }

  /** Sends a signal to a process. */
  post(task: Task, signal: Signal): void {
    if (task.end) return;
    if (signal === 'KILL') this.end(task, 128 + SIGNAL_NUMBERS.KILL, 'KILL');
    else if (signal === 'STOP') task.isStopped = task.pid !== 1;
    else {
      if (signal === 'CONT') task.isStopped = false;
      const handler = task.handlers.get(signal);
      if (handler === 'ignore') return;
      if (handler === undefined) this.#default(task, signal);
      else if (task === this.current) handler();
      else task.pending.add(signal);
    }
  }

  #default(task: Task, signal: Signal): void {
    // The first process of a namespace hears only what it has asked for.
    if (task.pid === 1) return;
    const action = defaultAction(signal);
    if (action === 'end') this.end(task, 128 + SIGNAL_NUMBERS[signal], signal);
    else if (action === 'stop') task.isStopped = true;
  }

  end(task: Task, status: number, signal?: Signal): void {
    if (task.end) return;
    task.end = signal ? { status, signal } : { status };
    task.next = undefined;
    task.run = undefined;
    for (const file of task.descriptors.values()) file.letGo();
    task.descriptors.clear();
    for (const socket of task.sockets) socket.close();
    const { container } = task;
    const isFirst = container.first === task;
    const heir = container.namespace.tasks.get(1);
    for (const child of task.children) this.#adopt(child, heir === task ? undefined : heir);
    task.children.clear();
    if (!task.parent || task.parent.handlers.get('CHLD') === 'ignore') this.forget(task);
    else this.post(task.parent, 'CHLD');
    if (!isFirst) return;
    for (const other of [...this.#tasks]) if (other.container === container) this.end(other, 137, 'KILL');
    this.ports.ended(task);
  }

  #adopt(child: Task, heir: Task | undefined): void {
    child.parent = heir;
    if (heir) heir.children.add(child);
    else if (child.end) this.forget(child);
  }

  /** Nobody asks any more how it has ended. */
  forget(task: Task): void {
    task.parent?.children.delete(task);
    task.container.namespace.tasks.delete(task.pid);
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }
}

/** Whether a process goes round for ever, or was started by one that does, as part of that. */
function isOfEndless(task: Task): boolean {
  if (task.endlessFrom !== undefined) return true;
  for (let { order, parent } = task; parent; { order, parent } = parent) {
    if (parent.endlessFrom !== undefined && !parent.end) return order >= parent.endlessFrom;
  }
  return false;
}
