/** What the kernel knows of one process. */
import type { MountTable } from '../files/mounts.ts';
import type { CpuShare } from '../pod-machine.ts';
import type { Program, Run, Signal, Wait } from '../program.ts';
import type { OpenFile } from './open-file.ts';
import type { Terminal } from './terminal.ts';

/** Processes that see each other, by their numbers. */
export class PidNamespace {
  readonly tasks = new Map<number, Task>();
  /** The first is 1; who starts it is outside. */
  next = 1;
}

/** What the processes of one container have in common. */
export interface ContainerContext {
  readonly name: string;
  readonly attempt: number;
  readonly mounts: MountTable;
  readonly namespace: PidNamespace;
  memoryLimit: number | undefined;
  cpu: CpuShare;
  readonly oomScoreAdjustment: number;
  /** Of its processes that are root's. */
  readonly capabilities: ReadonlySet<string>;
  /** No program makes more of who starts it. */
  readonly noNewPrivileges: boolean;
  first: Task | undefined;
  isOutOfMemory: boolean;
}

export type Disposition = 'ignore' | (() => void);

export interface Task {
  /** In the order of their starts, over the whole pod. */
  readonly order: number;
  readonly pid: number;
  readonly container: ContainerContext;
  parent: Task | undefined;
  group: number;
  readonly children: Set<Task>;
  args: readonly string[];
  env: Map<string, string>;
  cwd: string;
  umask: number;
  user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  readonly descriptors: Map<number, OpenFile>;
  readonly handlers: Map<Signal, Disposition>;
  readonly pending: Set<Signal>;
  readonly startedAt: number;
  readonly terminal: Terminal | undefined;
  /** What runs; undefined once it has ended. */
  run: Run<number> | undefined;
  /** What is to run instead. */
  next: Program | undefined;
  wait: Wait | undefined;
  isStopped: boolean;
  /** It never ends by itself, nor does what it starts change that: processes from this order on. */
  endlessFrom: number | undefined;
  held: number;
  steps: number;
  stepsAtTurn: number;
  /** How it has ended. */
  end: { status: number; signal?: Signal } | undefined;
  random: (() => number) | undefined;
  /** Sockets, closed with it. */
  readonly sockets: Set<{ close(): void }>;
}
