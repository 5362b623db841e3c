/** One run of a pod's machine: what comes in is applied at its instant. It keeps no record of it, so it can't be made again by itself. */

import { createRandom } from '../simulation/random.ts';
import {
  type ContainerPorts,
  commandOf,
  endContainer,
  openStreams,
  prepareContainer,
  type RunningContainer,
} from './container.ts';
import { Errno } from './errno.ts';
import { FolderNode } from './files/inode.ts';
import { MountTable, walk } from './files/mounts.ts';
import { type MountedVolume, mountVolume, updateVolume } from './files/volumes.ts';
import { makeFolder } from './files/writes.ts';
import { ProcessCalls } from './kernel/calls.ts';
import { Kernel } from './kernel/kernel.ts';
import { MAX_SESSIONS } from './kernel/limits.ts';
import { type Finder, type Found, findProgram } from './kernel/programs.ts';
import { PodSockets } from './kernel/sockets.ts';
import { type ContainerContext, PidNamespace, type Task } from './kernel/task.ts';
import { Terminal } from './kernel/terminal.ts';
import { NeedsOutside } from './outside-journal.ts';
import type {
  Caller,
  ContainerStart,
  Limits,
  OutsideNetwork,
  PodMachineOptions,
  Socket,
  StartFault,
  Volume,
} from './pod-machine.ts';
import type { Run, Signal } from './program.ts';
import { RunningSession, SessionOutput, SessionStream } from './session.ts';
import { execFault, startFault } from './start-faults.ts';
import { plainStreams, type Streams, terminalStreams } from './streams.ts';

/** Numbers that the runtime's own helpers take in a container's namespace before its program has any. */
const RUNTIME_PIDS = 5;
const DRAWS = 0x1_0000_0000;

/** How a pod is visited, and at which of its addresses; absent: its own. */
interface Visit {
  protocol: 'TCP' | 'UDP';
  secure: boolean;
  to: string | undefined;
}

export class RunningPod {
  readonly kernel: Kernel;
  readonly sockets: PodSockets;
  readonly containers = new Map<string, RunningContainer[]>();
  readonly #options: PodMachineOptions;
  readonly #volumes = new Map<string, MountedVolume>();
  readonly #shared: PidNamespace | undefined;
  readonly #ports: ContainerPorts;
  #commands: RunningSession[] = [];
  #attached: RunningSession[] = [];

  constructor(options: PodMachineOptions, network: (now: () => number) => OutsideNetwork = () => options.network) {
    this.#options = options;
    this.sockets = new PodSockets(network(() => this.kernel.now));
    const random = (purpose: string) => {
      const source = createRandom(options.seed, purpose);
      return () => source.integer(DRAWS) / DRAWS;
    };
    this.kernel = new Kernel(options.startedAt, {
      hostname: options.hostname,
      sysctls: options.sysctls ?? {},
      calls: (task) => new ProcessCalls(this.kernel, task, this.sockets),
      random,
      ended: (task) => this.#ended(task),
      defect: (error) => {
        if (error instanceof NeedsOutside || !options.ignoresDefects) throw error;
      },
      feed: () => [...this.#commands, ...this.#attached].reduce((has, session) => session.push() || has, false),
    });
    for (const [name, volume] of Object.entries(options.volumes)) this.setVolume(name, volume);
    if (options.sharesProcesses) this.#shared = new PidNamespace();
    this.#ports = {
      kernel: this.kernel,
      hostname: options.hostname,
      volumes: this.#volumes,
      node: options.node,
      random: random('device'),
    };
  }

  /** The last attempt of a container, or a certain one. */
  container(name: string, attempt?: number): RunningContainer | undefined {
    const attempts = this.containers.get(name);
    return attempt === undefined ? attempts?.at(-1) : attempts?.find(({ start }) => start.attempt === attempt);
  }

  /** Bytes that it holds in memory, about. */
  get size(): number {
    let size = 20_000 + this.kernel.tasks.length * 5_000;
    for (const { context, log } of [...this.containers.values()].flat())
      size += log.size + context.mounts.at('/')!.root.system.used;
    for (const { system } of this.#volumes.values()) size += system.used;
    return size;
  }

  setVolume(name: string, volume: Volume): void {
    const known = this.#volumes.get(name);
    if (known) updateVolume(known, volume, this.kernel.now);
    else
      this.#volumes.set(
        name,
        mountVolume(volume, this.kernel.now, { trees: this.#options.shared, imageFor: this.#options.imageFor }),
      );
  }

  limit(name: string, { memoryLimit, cpu }: Limits): void {
    const context = this.container(name)?.context;
    if (context) Object.assign(context, { memoryLimit, cpu });
  }

  start(start: ContainerStart): StartFault | undefined {
    const image = this.#options.imageFor(start.image);
    const target = start.target === undefined ? undefined : this.container(start.target);
    const namespace = this.#shared ?? target?.context.namespace ?? new PidNamespace();
    if (this.#shared && this.#shared.next === 1) this.#startPause(this.#shared);
    const container = prepareContainer(this.#ports, start, image, namespace);
    const attempts = [...(this.containers.get(start.name) ?? []), container].slice(-2);
    this.containers.set(start.name, attempts);
    const { context, env } = container;
    const finder = { user: start.user, cwd: container.cwd, pid: 0, container: context, umask: 0o022 };
    let args: readonly string[] = [];
    try {
      args = commandOf(start, image);
      this.#makeWorkingFolder(container);
      const found = findProgram(finder, args, env, undefined);
      const streams = openStreams(
        container,
        () => this.kernel.now,
        (group, signal) => this.#signalGroup(context, group, signal),
      );
      context.first = this.#launch(finder, found, env, streams);
      return undefined;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const fault = startFault(args[0] ?? '', container.cwd, error);
      container.end = { at: this.kernel.now, exitCode: fault.exitCode, terminationMessage: '' };
      return fault;
    }
  }

  exec(name: string, args: readonly string[], options: { stdin: boolean; tty: boolean }): RunningSession | StartFault {
    const container = this.container(name);
    const { kernel } = this;
    if (!container?.context.first || container.end) return execFault('', new Errno('ESRCH'));
    this.#commands = this.#commands.filter((session) => session.ends.exitCode() === undefined || session.behind > 0);
    if (this.#commands.length >= MAX_SESSIONS) return execFault(args[0] ?? '', new Errno('EAGAIN'));
    const { context, start, cwd } = container;
    const env = new Map(container.env);
    if (options.tty) env.set('TERM', 'xterm');
    const finder = { user: start.user, cwd, pid: 0, container: context, umask: 0o022 };
    try {
      const found = findProgram(finder, args, env, undefined);
      const output = new SessionOutput();
      const terminals = kernel.tasks.filter((task) => task.terminal).length + Number(start.tty);
      const streams = options.tty
        ? terminalStreams(
            new Terminal(
              `/dev/pts/${terminals}`,
              { show: (bytes) => output.output('stdout', bytes), hasRoom: () => output.room > 0 },
              (group, signal) => this.#signalGroup(context, group, signal),
            ),
          )
        : plainStreams(options.stdin, new SessionStream(output, 'stdout'), new SessionStream(output, 'stderr'));
      const task = this.#launch(finder, found, env, streams);
      const session = new RunningSession({
        output,
        input: streams.input,
        terminal: streams.terminal,
        signal: (signal) => kernel.post(task, signal),
        exitCode: () => task.end?.status,
      });
      this.#commands.push(session);
      return session;
    } catch (error) {
      if (error instanceof Errno) return execFault(args[0] ?? '', error);
      throw error;
    }
  }

  /** Starts a process from outside, as the runtime does. */
  #launch(finder: Finder, found: Found, env: ReadonlyMap<string, string>, streams: Streams): Task {
    const { descriptors, terminal } = streams;
    const task = this.kernel.create(
      {
        ...finder,
        parent: undefined,
        args: found.args,
        env,
        descriptors,
        terminal,
        group: 'new',
        user: found.user ?? finder.user,
      },
      found.program,
    );
    if (terminal) terminal.foreground = task.group;
    finder.container.namespace.next += RUNTIME_PIDS;
    return task;
  }

  attach(name: string): RunningSession {
    const container = this.container(name);
    const output = new SessionOutput();
    // Whoever does not take it, or is gone, misses what finds no room.
    container?.watchers.add({
      output: (stream, bytes) => output.room > 0 && output.output(stream, bytes.slice(0, output.room)),
    });
    const session = new RunningSession({
      output,
      input: container?.input?.hold(),
      terminal: container?.terminal,
      signal: (signal) => container?.context.first && this.kernel.post(container.context.first, signal),
      exitCode: () => (container ? container.end?.exitCode : 0),
    });
    this.#attached = [...this.#attached.filter(({ ends }) => ends.exitCode() === undefined), session];
    return session;
  }

  signal(name: string, signal: Signal): void {
    const first = this.container(name)?.context.first;
    if (first) this.kernel.post(first, signal);
  }

  visit(
    port: number,
    from: Caller,
    { protocol, secure, to = this.#options.network.address() }: Visit,
  ): Socket | undefined {
    return this.sockets.arrive(this.kernel, { address: to, port }, from, protocol, secure);
  }

  #signalGroup(context: ContainerContext, group: number, signal: Signal): void {
    for (const task of [...context.namespace.tasks.values()]) if (task.group === group) this.kernel.post(task, signal);
  }

  #ended(task: Task): void {
    const container = [...this.containers.values()].flat().find(({ context }) => context.first === task);
    if (container) endContainer(container, task, this.kernel.now);
  }

  /** The runtime makes the working folder where the image has none. @throws Errno ENOTDIR */
  #makeWorkingFolder({ context, cwd }: RunningContainer): void {
    const root = { pid: 0, user: { uid: 0, gid: 0, groups: [] }, umask: 0o022, now: () => this.kernel.now };
    let path = '';
    for (const name of cwd.split('/').filter((part) => part !== '')) {
      path += `/${name}`;
      const place = walk(context.mounts, path, true, root);
      if (place.node instanceof FolderNode) continue;
      if (place.node) throw new Errno('ENOTDIR');
      makeFolder(root, place, 0o755);
    }
  }

  /** The process that holds the namespaces of the pod. */
  #startPause(namespace: PidNamespace): void {
    const container: ContainerContext = {
      name: '',
      attempt: 0,
      mounts: new MountTable(),
      namespace,
      memoryLimit: undefined,
      cpu: {},
      oomScoreAdjustment: -998,
      capabilities: new Set(),
      noNewPrivileges: true,
      first: undefined,
      isOutOfMemory: false,
    };
    const finder = { user: { uid: 65_535, gid: 65_535, groups: [] }, cwd: '/', pid: 0, container, umask: 0o022 };
    const nothing = { descriptors: new Map(), terminal: undefined, input: undefined };
    container.first = this.#launch(finder, { program: pause, args: ['/pause'] }, new Map(), nothing);
  }
}

function* pause(): Run<number> {
  for (;;) yield { for: 'nothing' };
}
