/** All containers of a pod are stopped: sidecars after the others, the last first. Models pkg/kubelet/kuberuntime (killContainersWithSyncResult). */
import type { Container } from '../objects/generated/core-v1.gen.ts';
import { byName } from './conditions.ts';
import { earliest } from './earliest.ts';
import type { PodWriter } from './pod-writer.ts';
import { ContainerRuntime } from './runtime/container-runtime.ts';
import { type ContainerStatus, type End, ended, isSidecar } from './runtime/container-status.ts';
import type { PodRuntime } from './runtime/pod-runtime.ts';

export interface StopOptions {
  /** When they are told to, and for how long they may go on. */
  begin: number;
  graceSeconds: number;
  /** Whether that is told, where it begins now. */
  isTold: boolean;
  /** Only these. */
  among?: readonly Container[];
}

export class PodStop {
  /** How those ended that have, and have been seen to. */
  readonly #ends = new Map<string, End>();
  /** Init containers that are no sidecars: one that has succeeded counts as ready. */
  readonly #initial: ReadonlySet<string>;
  /** Something of it is still to come. */
  dueAt: number | undefined;
  /** It begins with this look. */
  isNew = false;

  constructor(writer: PodWriter, runtime: PodRuntime, options: StopOptions) {
    const { containers, initContainers, ephemeralContainers, context, pace } = writer;
    const { among = [...containers, ...initContainers, ...ephemeralContainers] } = options;
    this.#initial = new Set(initContainers.filter((c) => !isSidecar(c)).map(({ name }) => name));
    const sidecars = initContainers.filter(isSidecar).reverse();
    const others = [...containers, ...ephemeralContainers, ...initContainers.filter((c) => !isSidecar(c))];
    const running = [...others, ...sidecars].filter((c) => among.includes(c) && statusOf(writer, c)?.state.running);
    const all = running.map((container) => {
      const life = new ContainerRuntime(runtime, container, pace, undefined);
      life.resume(statusOf(writer, container)!);
      return { container, life };
    });
    const inOrder = (container: Container): number =>
      [...initContainers, ...containers, ...ephemeralContainers].indexOf(container);
    for (const { container, life } of all.toSorted((a, b) => inOrder(a.container) - inOrder(b.container)))
      this.#begin(writer, container, life, options);
    // Sidecars wait for all that stop before them.
    let isItsTurn = true;
    for (const { container, life } of all) {
      const waits = isSidecar(container) && initContainers.includes(container) && !isItsTurn;
      if (life.stepStop(context.now, !waits))
        writer.event('FailedPreStopHook', 'PreStopHook failed', { type: 'Warning', container });
      const end = life.end(context.now);
      const seenAt = end && life.seenAt(end);
      if (end && context.now >= seenAt!) this.#ends.set(container.name, end);
      else this.dueAt = earliest(this.dueAt, seenAt ?? life.stopDue(context.now));
      if (!end) isItsTurn = false;
    }
  }

  #begin(writer: PodWriter, container: Container, life: ContainerRuntime, options: StopOptions): void {
    if (life.isStopping) return;
    this.isNew = true;
    if (options.isTold) writer.event('Killing', `Stopping container ${container.name}`, { container });
    life.beginStop(writer.context.now, options.graceSeconds, options.begin);
  }

  get isOver(): boolean {
    return this.dueAt === undefined;
  }

  /** The statuses with those in it that have ended. */
  applied(statuses: ContainerStatus[]): ContainerStatus[] {
    return statuses.map((status) => {
      const end = this.#ends.get(status.name);
      if (end && status.state.running) {
        const isDone = this.#initial.has(status.name) && end.exitCode === 0;
        return { ...ended(status, end), ready: isDone };
      }
      return status.state.terminated ? status : { ...status, ready: false, started: false };
    });
  }
}

const statusOf = (
  { statuses, initStatuses, ephemeralStatuses }: PodWriter,
  { name }: Container,
): ContainerStatus | undefined =>
  byName(statuses, name) ?? byName(initStatuses, name) ?? byName(ephemeralStatuses, name);
