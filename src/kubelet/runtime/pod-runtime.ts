/**
 * What runs of a pod on its node: its machine, and one life for each container that has been started. All of it follows from the pod and
 * may be forgotten: the machine is then made again from the starts that the status tells of.
 */

import type { ErrnoName } from '../../machine/errno.ts';
import { isKnownImage } from '../../machine/images/image-for.ts';
import type { ContainerEnd, PodMachine, Socket, StartFault } from '../../machine/pod-machine.ts';
import type { Container, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import type { SignPodToken } from '../../simulation/notary.ts';
import { INSTANT, type Pace } from '../pace.ts';
import { containerStart, limitsOf } from './container-start-config.ts';
import type { ContainerStatus } from './container-status.ts';
import type { Hold } from './holds.ts';
import { servesOnly } from './image-programs.ts';
import { Life } from './life.ts';
import type { Surround } from './surround.ts';
import { VolumeUpdates } from './volume-updates.ts';

/** What a shell ends with that has not found what it is to run. */
const NOT_THERE = new Set([126, 127]);

/** What a pod's node has for it. */
export interface NodePorts {
  /** Makes the machine of a pod, with its volumes and without containers. */
  machine(around: Surround, at: number): PodMachine;
  /** A connection that the node opens, or why there is none. */
  connect(node: string, to: { address: string; port: number }, at: number): Socket | ErrnoName;
}

/** Why a pod has to go. */
export interface Eviction {
  reason: string;
  message: string;
  /** What its status says of it beside, if anything. */
  condition?: { reason: string; message: string };
}

/** Who holds what runs of the pods. */
export interface Runtime {
  /** Its syncs are to look at a pod, whatever they wait for. */
  wake(namespace: string, name: string): void;
  /** Who signs tokens for pods; undefined: nobody. */
  readonly signToken: SignPodToken | undefined;
  /** What runs of this pod. */
  of(around: Surround): PodRuntime;
  /** What is still held of a pod that is gone; it is held no more. */
  let(namespace: string, name: string): PodRuntime | undefined;
  /** Nobody is at any pod: what was read for them is not kept. */
  rest(): void;
}

/** Which pod, as far as events name it, and on which node. */
export interface About {
  pod: KubeObject;
  host: string;
}

export class PodRuntime {
  #around: Surround | undefined;
  #about: About;
  readonly lives = new Map<string, Life>();
  /** Containers that cannot be started, by name. */
  readonly holds = new Map<string, Hold>();
  /** Since when it has been known that it is to be deleted. */
  deletionSeen: number | undefined;
  /** When all of its containers had been stopped. */
  stoppedAt: number | undefined;
  /** Why it is stopped though nobody has deleted it. */
  eviction: Eviction | undefined;
  readonly #ports: NodePorts;
  #machine: PodMachine | undefined;
  #volumes = new VolumeUpdates();

  constructor(around: Surround, ports: NodePorts) {
    this.#around = around;
    this.#about = aboutOf(around);
    this.#ports = ports;
  }

  get about(): About {
    return this.#about;
  }

  /** The pod as whoever is at it has read it, with what he has read for it. */
  get around(): Surround {
    if (!this.#around) throw new Error('nobody has asked for the pod');
    return this.#around;
  }

  set around(around: Surround) {
    this.#around = around;
    this.#about = aboutOf(around);
  }

  /** Nobody is at it. */
  rest(): void {
    this.#around = undefined;
  }

  /** The machine, at this instant: made where it is not there, with all that has been started in it. */
  machine(now: number): PodMachine {
    if (!this.#machine) this.#machine = this.#remake(now);
    this.#machine.advance(now);
    return this.#machine;
  }

  get hasMachine(): boolean {
    return this.#machine !== undefined;
  }

  /** It is made again when somebody asks for it, unless something goes on in it that only it knows. @returns whether it is forgotten */
  forgetMachine(): boolean {
    const isBusy = [...this.lives.values()].some((life) => life.stop ?? life.hook);
    if (!isBusy) this.#machine = undefined;
    return !isBusy;
  }

  /** All that runs by these statuses. */
  resumeAll(statuses: readonly ContainerStatus[]): void {
    const { pod } = this.around;
    for (const container of allContainers(pod)) {
      const status = statuses.find(({ name }) => name === container.name);
      if (status?.state.running) this.resume(container, status, INSTANT);
    }
  }

  /** Something has come in from outside: probes may find something else from now on. */
  touch(now: number): void {
    for (const life of this.lives.values()) for (const prober of life.probers(now)) prober.stir(now);
  }

  /** Brings its volumes up to date. @returns when that is due next */
  updateVolumes(now: number, pace: Pace): number | undefined {
    // One that is not there is made with them as they are.
    if (!this.#machine || !this.around.pod.spec.volumes) return undefined;
    const from = milliseconds(this.around.pod.status?.startTime);
    const { volumes, dueAt } = this.#volumes.due(this.around, now, from, pace.step > 0);
    for (const [name, volume] of volumes) this.machine(now).setVolume(name, volume);
    if (volumes.length > 0) this.touch(now);
    return dueAt;
  }

  /** Bytes that it holds, about. */
  get size(): number {
    return this.#machine?.size ?? 0;
  }

  /** Starts a container for the first time or again; twice is once. @returns why it could not be. */
  start(container: Container, attempt: number, at: number, pace: Pace): StartFault | undefined {
    const known = this.lives.get(container.name);
    if (known?.attempt === attempt) return known.fault;
    const life = this.#begin(container, attempt, at, pace);
    // What only serves need not run before somebody looks.
    if (this.#machine) this.#start(this.machine(at), life);
    else if (!servesOnly(container)) this.machine(at);
    return life.fault;
  }

  /** The life of a container that runs by its status. */
  resume(container: Container, status: ContainerStatus, pace: Pace): Life {
    const known = this.lives.get(container.name);
    if (known?.attempt === status.restartCount) return known;
    const startedAt = milliseconds(status.state.running?.startedAt);
    return this.#begin(container, status.restartCount, startedAt, pace, status);
  }

  /** How it has ended by now. */
  end(container: string, now: number): ContainerEnd | undefined {
    const life = this.lives.get(container);
    if (!life || this.#isIdle(life)) return undefined;
    return this.machine(now).end(container);
  }

  /** A connection that its node opens. */
  connect(to: { address: string; port: number }, at: number): Socket | ErrnoName {
    return this.#ports.connect(this.around.node.metadata.name, to, at);
  }

  /** A container that runs may take what its spec says now. */
  limit(name: string, now: number): void {
    const { pod } = this.around;
    const container = pod.spec.containers.find((each) => each.name === name);
    // One that is not there is made with it.
    if (container && this.#machine) this.machine(now).limit(name, limitsOf(pod, container));
  }

  /** When it has to be looked at again for its end. */
  due(container: string, now: number): number | undefined {
    const life = this.lives.get(container);
    if (!life || this.#isIdle(life)) return undefined;
    const due = this.machine(now).due(container);
    return due === undefined ? undefined : Math.max(due, now + 1);
  }

  /** When something in the machine goes on by itself; undefined: it all waits. */
  wakes(): number | undefined {
    return this.#machine?.next;
  }

  /** The containers that have been started and are not known to have ended by now. */
  running(now: number): string[] {
    const hasEnded = (container: string) => this.#machine && this.end(container, now);
    return [...this.lives.values()]
      .filter((life) => !life.fault && !life.stop && !hasEnded(life.container.name))
      .map(({ container }) => container.name);
  }

  /** It serves, and nobody has looked yet. */
  #isIdle({ container, stop }: Life): boolean {
    return !this.#machine && !stop && servesOnly(container);
  }

  #begin(container: Container, attempt: number, startedAt: number, pace: Pace, known?: ContainerStatus): Life {
    const grid = milliseconds(this.around.pod.status?.startTime ?? timestamp(startedAt));
    const life = new Life({ container, attempt, startedAt, grid, pace, known });
    this.lives.set(container.name, life);
    return life;
  }

  #start(machine: PodMachine, life: Life): void {
    const start = containerStart(this.around, life.container, life.attempt);
    const fault = machine.start(start);
    if (isKnownImage(life.container.image ?? '')) {
      life.fault = fault;
      return;
    }
    // What is asked of an image that nothing is known of it is taken to do: there is something in it that it does it with.
    life.isOpaque = true;
    if (fault || NOT_THERE.has(machine.end(life.container.name)?.exitCode ?? 0))
      machine.start({ ...start, command: undefined, args: undefined });
  }

  /** With all that its status says has been started, and has ended, in the order of its instants. */
  #remake(now: number): PodMachine {
    const { pod } = this.around;
    const steps: { at: number; do(machine: PodMachine): void }[] = [];
    const statuses = allStatuses(pod);
    for (const container of allContainers(pod)) {
      const life = this.lives.get(container.name);
      const status = statuses.find(({ name }) => name === container.name);
      const past = status?.state?.terminated;
      if (life) steps.push({ at: life.startedAt, do: (machine) => this.#start(machine, life) });
      else if (past && past.reason !== 'StartError') {
        const attempt = status.restartCount;
        steps.push({
          at: milliseconds(past.startedAt),
          do: (machine) => void machine.start(containerStart(this.around, container, attempt)),
        });
        // It may have been stopped rather than ended.
        steps.push({
          at: milliseconds(past.finishedAt),
          do: (machine) => machine.end(container.name) ?? machine.signal(container.name, 'KILL'),
        });
      }
    }
    steps.sort((a, b) => a.at - b.at);
    this.#volumes = new VolumeUpdates();
    this.#volumes.begin(this.around);
    const machine = this.#ports.machine(this.around, steps[0]?.at ?? now);
    for (const step of steps) {
      machine.advance(Math.min(now, step.at));
      step.do(machine);
    }
    return machine;
  }
}

const allContainers = ({ spec }: Pod): Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...((spec.ephemeralContainers ?? []) as Container[]),
];

/** What the kubelet has written of all containers of a pod. */
export const allStatuses = ({ status }: Pod): ContainerStatus[] =>
  [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ] as ContainerStatus[];

const aboutOf = ({ pod: { apiVersion, kind, metadata }, node }: Surround): About => {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { pod: { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }, host: node.metadata.name };
};
