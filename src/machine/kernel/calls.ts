/** The system calls of one process. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import { type FileUser, ProcessFiles } from '../files/view.ts';
import type { Connection, ConnectTo, Listener, Resolution } from '../network.ts';
import {
  type Ended,
  Exit,
  type Process,
  type ProcessFacts,
  type Program,
  type Run,
  type Signal,
  type Spawn,
} from '../program.ts';
import { closeFile, duplicateFile, fileOf, openFile, putFile, readFile, writeFile } from './descriptors.ts';
import type { Kernel } from './kernel.ts';
import { MAX_HELD_BYTES, STEPS_A_TURN, STEPS_WITHOUT_A_CALL } from './limits.ts';
import { holdMemory } from './memory.ts';
import { createPipe } from './pipe.ts';
import { findProgram, forkTask, replaceTask } from './programs.ts';
import { signalTo } from './signal-to.ts';
import type { PodSockets } from './sockets.ts';
import type { Task } from './task.ts';

const CHUNK = 65_536;

export class ProcessCalls implements Process {
  readonly #kernel: Kernel;
  readonly #task: Task;
  readonly #sockets: PodSockets;
  readonly #user: FileUser;
  readonly files: ProcessFiles;

  constructor(kernel: Kernel, task: Task, sockets: PodSockets) {
    this.#kernel = kernel;
    this.#sockets = sockets;
    this.#task = task;
    const mountTable = task.container.mounts;
    const now = () => kernel.now;
    this.#user = {
      pid: task.pid,
      user: task.user,
      mountTable,
      now,
      get cwd() {
        return task.cwd;
      },
      get umask() {
        return task.umask;
      },
    };
    this.files = new ProcessFiles(this.#user);
  }

  get pid(): number {
    return this.#task.pid;
  }
  get parent(): number {
    return this.#task.parent?.pid ?? 0;
  }
  get group(): number {
    return this.#task.group;
  }
  get args(): readonly string[] {
    return this.#task.args;
  }
  get env(): Map<string, string> {
    return this.#task.env;
  }
  get user(): Task['user'] {
    return this.#task.user;
  }
  get cwd(): string {
    return this.#task.cwd;
  }
  set cwd(path: string) {
    this.#task.cwd = path;
  }
  get umask(): number {
    return this.#task.umask;
  }
  set umask(bits: number) {
    this.#task.umask = bits & 0o777;
  }

  may(capability: string): boolean {
    const { user, container } = this.#task;
    return user.uid === 0 && container.capabilities.has(capability);
  }

  now(): number {
    return this.#kernel.now;
  }

  random(): number {
    this.#task.random ??= this.#kernel.ports.random(
      `${this.#task.container.name}/${this.#task.container.attempt}/${this.pid}`,
    );
    return this.#task.random();
  }

  work(steps: number): void {
    this.#task.steps += steps;
    if (this.#task.steps - this.#task.stepsAtTurn > STEPS_WITHOUT_A_CALL) {
      this.#kernel.end(this.#task, 137, 'KILL');
      throw new Exit(137);
    }
  }

  *pause(): Run {
    if (this.#task.steps - this.#task.stepsAtTurn >= STEPS_A_TURN) yield { for: 'turn' };
  }

  hold(bytes: number): void {
    holdMemory(this.#kernel, this.#task, bytes);
    if (this.#task.end) throw new Exit(137);
  }

  endless(is: boolean): void {
    const mayBreak = [1, 2].some((descriptor) => this.#task.descriptors.get(descriptor)?.mayBreak);
    this.#task.endlessFrom = is && !mayBreak ? this.#kernel.orders : undefined;
  }

  *read(descriptor: number, max = CHUNK): Run<Bytes> {
    return yield* readFile(this.#task, descriptor, max, false);
  }

  *readLine(descriptor: number): Run<Bytes> {
    let line = '';
    for (;;) {
      const bytes = yield* readFile(this.#task, descriptor, CHUNK, true);
      line = line === '' ? bytes : line + bytes;
      if (bytes === '' || bytes.endsWith('\n')) return line;
      if (line.length > MAX_HELD_BYTES) throw new Errno('ENOMEM');
    }
  }

  *readAll(descriptor: number): Run<Bytes> {
    let all = '';
    for (;;) {
      const bytes = yield* readFile(this.#task, descriptor, CHUNK, false);
      if (bytes === '') return all;
      all += bytes;
      if (all.length > 2 * CHUNK) this.hold(all.length);
      if (all.length > MAX_HELD_BYTES) {
        if (this.#task.container.memoryLimit !== undefined) this.hold(this.#task.container.memoryLimit + 1);
        throw new Errno('ENOMEM');
      }
    }
  }

  *write(descriptor: number, bytes: Bytes): Run {
    yield* writeFile(this.#kernel, this.#task, descriptor, bytes);
  }

  open(path: string, how: 'r' | 'r+' | 'rw' | 'w' | 'a' | 'wx'): number {
    return openFile(this.#task, this.#user, path, how);
  }
  close(descriptor: number): void {
    closeFile(this.#task, descriptor);
  }
  duplicate(descriptor: number, to?: number): number {
    return duplicateFile(this.#task, descriptor, to);
  }
  descriptors(): number[] {
    return [...this.#task.descriptors.keys()].sort((a, b) => a - b);
  }
  pipe(): [number, number] {
    const [from, to] = createPipe();
    return [putFile(this.#task, from), putFile(this.#task, to)];
  }
  seek(descriptor: number, to: number, from: 'start' | 'here' | 'end' = 'start'): number {
    return fileOf(this.#task, descriptor).seek(to, from);
  }
  isTerminal(descriptor: number): boolean {
    return this.#task.descriptors.get(descriptor)?.terminal !== undefined;
  }
  terminalSize(): { rows: number; columns: number } | undefined {
    const { terminal } = this.#task;
    return terminal && { rows: terminal.rows, columns: terminal.columns };
  }
  foreground(group: number): void {
    if (this.#task.terminal) this.#task.terminal.foreground = group;
  }

  *sleep(ms: number): Run {
    this.work(1);
    const at = this.#kernel.now + Math.max(0, ms);
    yield ms <= 0 ? { for: 'turn' } : { for: 'instant', at };
  }

  spawn(args: readonly string[], how: Spawn = {}): number {
    const found = findProgram(this.#task, args, how.env ?? this.#task.env, how.cwd);
    return forkTask(this.#kernel, this.#task, found.program, { ...how, ...found }).pid;
  }
  fork(body: Program, how: Spawn = {}): number {
    return forkTask(this.#kernel, this.#task, body, how).pid;
  }
  *exec(args: readonly string[], env?: ReadonlyMap<string, string>): Run<never> {
    const found = findProgram(this.#task, args, env ?? this.#task.env, undefined);
    replaceTask(this.#task, found, env);
    for (;;) yield { for: 'nothing' };
  }

  *wait(pid?: number): Run<Ended | undefined> {
    this.work(1);
    for (;;) {
      const ended = this.reap(pid);
      if (ended) return ended;
      if (![...this.#task.children].some((child) => pid === undefined || child.pid === pid)) return undefined;
      const { children } = this.#task;
      yield {
        for: 'condition',
        ready: () => [...children].some((child) => child.end && (pid === undefined || child.pid === pid)),
      };
    }
  }

  reap(pid?: number): Ended | undefined {
    for (const child of this.#task.children) {
      if (!child.end || (pid !== undefined && child.pid !== pid)) continue;
      this.#kernel.forget(child);
      return { pid: child.pid, ...child.end };
    }
    return undefined;
  }

  kill(pid: number, signal: Signal | 0): void {
    this.work(1);
    signalTo(this.#kernel, this.#task, pid, signal);
    if (this.#task.end) throw new Exit(this.#task.end.status);
  }

  handle(signal: Signal, what: 'default' | 'ignore' | (() => void)): void {
    if (signal === 'KILL' || signal === 'STOP') throw new Errno('EINVAL');
    if (what === 'default') this.#task.handlers.delete(signal);
    else this.#task.handlers.set(signal, what);
  }

  processes(): readonly ProcessFacts[] {
    return [...this.#task.container.namespace.tasks.values()].map((task) => ({
      pid: task.pid,
      parent: task.parent?.pid ?? 0,
      uid: task.user.uid,
      args: task.args,
      startedAt: task.startedAt,
      state: task.end ? 'Z' : task === this.#task ? 'R' : 'S',
      ...(task.terminal ? { tty: task.terminal.name.replace('/dev/', '') } : {}),
    }));
  }

  hostname(): string {
    return this.#kernel.ports.hostname;
  }
  connect(to: ConnectTo): Run<Connection> {
    return this.#sockets.connect(this.#kernel, this.#task, to);
  }
  listen(port: number, options: { protocol?: 'TCP' | 'UDP'; address?: string; certificate?: string } = {}): Listener {
    return this.#sockets.listen(this.#task, port, options);
  }
  resolve(name: string, type: Parameters<Process['resolve']>[1] = 'A'): Run<Resolution> {
    return this.#sockets.resolve(this.#kernel, this.#task, this.files, name, type);
  }
}
