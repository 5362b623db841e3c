/** What runs of one container, as its next step asks for it. */

import { textOf } from '../../machine/bytes.ts';
import type { StartFault } from '../../machine/pod-machine.ts';
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { earliest } from '../earliest.ts';
import type { Pace } from '../pace.ts';
import { type ActionSpec, beginAction, hookFault, refused, type Target } from '../probes/action.ts';
import type { Action } from '../probes/outcome.ts';
import type { ProbeKind } from '../probes/prober.ts';
import { type ContainerStatus, type End, isSidecar } from './container-status.ts';
import { hookText } from './hook-text.ts';
import { servesOnly } from './image-programs.ts';
import { digestOf, isBaseImage } from './images.ts';
import type { Life } from './life.ts';
import type { PodRuntime, Start } from './pod-runtime.ts';
import { podText } from './pod-text.ts';
import { policyOf } from './restart-policy.ts';
import { graceSecondsOf, Stop } from './stop.ts';
import { terminationMessage } from './termination-message.ts';

/** Hooks have no bound of their own. */
const HOOK_TIMEOUT_MS = 24 * 3600 * 1000;

/** Ended by SIGTERM itself. */
const GIVEN_UP = 143;

export class ContainerRuntime {
  readonly #pod: PodRuntime;
  readonly #container: Container;
  readonly #pace: Pace;
  /** The rules of the cluster say what its probes find. */
  readonly #says: boolean | undefined;

  constructor(pod: PodRuntime, container: Container, pace: Pace, says: boolean | undefined) {
    this.#pod = pod;
    this.#container = container;
    this.#pace = pace;
    this.#says = says;
  }

  get #life(): Life {
    return this.#pod.lives.get(this.#container.name)!;
  }

  isUnderWay(attempt: number): boolean {
    return this.#pod.lives.get(this.#container.name)?.attempt === attempt;
  }

  start(start: Start): StartFault | undefined {
    const isNew = !this.isUnderWay(start.attempt);
    const fault = this.#pod.start(this.#container, start, this.#pace);
    const hook = this.#container.lifecycle?.postStart;
    if (isNew && !fault && hook) this.#life.hook = this.#begin(hook, start.at, HOOK_TIMEOUT_MS);
    return fault;
  }

  resume(status: ContainerStatus): void {
    this.#pod.resume(this.#container, status, this.#pace);
  }

  /** How the hook after its start has gone: undefined when well, or the fault in the kubelet's words. */
  postStart(now: number): 'waits' | string | undefined {
    const life = this.#life;
    if (life.hook) {
      this.#pod.machine(now);
      const found = life.hook.outcome(now);
      if (!found) return 'waits';
      life.hook = undefined;
      life.hookFault = hookFault(found.fault);
    }
    const hook = this.#container.lifecycle?.postStart;
    return hook && life.hookFault && hookText(hook, life.hookFault, this.#container, podText(this.#pod.around.pod));
  }

  hookDue(now: number): number {
    return Math.max(now + 1, Math.min(this.#life.hook!.deadline, this.#pod.wakes() ?? Number.POSITIVE_INFINITY));
  }

  /** How it has ended by now, with the words that it leaves. */
  end(now: number): End | undefined {
    const { stop } = this.#life;
    if (this.#isKeptUp && !stop) return undefined;
    const end = this.#pod.end(this.#container.name, now);
    if (!end) return undefined;
    const { isOutOfMemory } = end;
    const at = this.#isKeptUp ? Math.max(end.at, stop!.begin) : end.at;
    const exitCode = this.#isGivenUp ? GIVEN_UP : end.exitCode;
    const log = () => this.#pod.machine(now).log(this.#container.name);
    return { exitCode, at, isOutOfMemory, message: textOf(terminationMessage(this.#container, end, log)) };
  }

  /** What works towards an end of which nothing is known is given up when it is told to stop. */
  get #isGivenUp(): boolean {
    const { isOpaque, stop } = this.#life;
    if (stop === undefined || policyOf(this.#pod.around.pod, this.#container) === 'Always') return false;
    return stop.isGivenUp || (isOpaque && !stop.isKilled);
  }

  /**
   * Where nothing takes time, a shell that nobody has told anything and that is to run for ever does not end at once: it stands for a program.
   */
  get #isKeptUp(): boolean {
    const { image = '', command, args } = this.#container;
    // What is to end before others begin stands for nothing that goes on.
    if (this.#isInitial) return false;
    if (this.#pace.step !== 0 || command?.length || args?.length || !isBaseImage(image)) return false;
    return policyOf(this.#pod.around.pod, this.#container) === 'Always';
  }

  get #isInitial(): boolean {
    const { initContainers = [] } = this.#pod.around.pod.spec;
    return !isSidecar(this.#container) && initContainers.some(({ name }) => name === this.#container.name);
  }

  due(now: number): number | undefined {
    if (this.#isKeptUp && !this.#life.stop) return undefined;
    return this.#pod.due(this.#container.name, now);
  }

  get isStarted(): boolean {
    return this.#says === true || this.#life.isStarted;
  }

  get isReady(): boolean {
    return this.#says ?? this.#life.isReady;
  }

  /** Whether anybody asks how it is. */
  get #isProbed(): boolean {
    return this.#says !== true && this.#life.hasProbes;
  }

  /** Makes the attempts that are due. */
  probe(now: number): { told: string[]; kill?: { kind: ProbeKind; grace: number | undefined } } {
    const life = this.#life;
    const told: string[] = [];
    if (!this.#isProbed) return { told };
    for (const prober of life.probers(now)) {
      const due = prober.dueAt(undefined);
      if (due === undefined || (due > now && !prober.isUnderWay)) continue;
      if (!life.isOpaque) this.#pod.machine(now);
      const isRefused = this.#says === false && prober.kind === 'Readiness';
      const begin = (): Action =>
        isRefused
          ? refused(prober.probe, this.#target(now), now, prober.timeout)
          : this.#begin(prober.probe, now, prober.timeout);
      const fault = prober.step(now, begin, () => this.#stillUntil(prober.probe, now));
      if (fault !== undefined) told.push(fault);
      // That a new container is not ready is news too: its first look is followed by another one.
      if (fault !== undefined && prober.attempts === 1) this.trigger(now);
      if (prober.kind !== 'Readiness' && prober.hasFailed)
        return { told, kill: { kind: prober.kind, grace: prober.probe.terminationGracePeriodSeconds } };
    }
    return { told };
  }

  /** Until when what a probe has found stays. A server may go by its clock without waiting for it; one that only serves does not. */
  #stillUntil({ exec, httpGet, grpc }: ActionSpec, now: number): number | undefined {
    if (this.#life.isOpaque) return undefined;
    return !exec && (httpGet ?? grpc) && !servesOnly(this.#container) ? now : this.#pod.wakes();
  }

  probeDue(): number | undefined {
    const life = this.#life;
    if (!this.#isProbed) return undefined;
    return earliest(...life.probers(0).map((prober) => prober.dueAt(this.#pod.wakes())));
  }

  /** The kubelet has a new status to tell: what is not ready is looked at once more. */
  trigger(now: number): void {
    const life = this.#life;
    if (this.#pace.trigger === 0 || !this.#isProbed || life.isReady) return;
    for (const prober of life.probers(now)) if (prober.kind === 'Readiness') prober.trigger(now + this.#pace.trigger);
  }

  get isStopping(): boolean {
    return this.#life.stop !== undefined;
  }

  /** `grace` in seconds; undefined: the pod's. */
  beginStop(now: number, grace: number | undefined, begin = now): void {
    const life = this.#life;
    if (life.stop) return;
    const { pod } = this.#pod.around;
    const seconds = grace ?? graceSecondsOf(pod);
    const hook = this.#container.lifecycle?.preStop;
    const action =
      hook && seconds > 0 && begin === now && !life.fault ? this.#begin(hook, now, HOOK_TIMEOUT_MS) : undefined;
    life.stop = new Stop(this.#container, begin, seconds * 1000, action, begin < now);
    // Where nothing takes time, what works towards an end is given up at once.
    life.stop.isGivenUp = this.#pace.step === 0 && policyOf(pod, this.#container) !== 'Always' && seconds > 0;
  }

  /** Goes on with the stop. @returns whether its hook has failed just now. */
  stepStop(now: number, isItsTurn: boolean): boolean {
    const life = this.#life;
    const failed = life.stop!.hookFailed;
    life.stop!.step(now, this.#pod.machine(now), isItsTurn);
    return life.stop!.hookFailed && !failed;
  }

  /** When it is seen that it has ended. */
  seenAt({ at }: End): number {
    return this.#life.stop!.seenAt(at, this.#pace.leave);
  }

  stopDue(now: number): number {
    return Math.max(now + 1, this.#life.stop!.dueAt(this.#pod.wakes()));
  }

  #begin(spec: ActionSpec, now: number, timeout: number): Action {
    return beginAction(spec, this.#target(now), now, timeout);
  }

  #target(now: number): Target {
    const life = this.#life;
    const { pod, podIP } = this.#pod.around;
    return {
      container: this.#container,
      podIP,
      isOpaque: life.isOpaque,
      machine: this.#pod.machine(now),
      connect: (to) => this.#pod.connect(to, now),
      execId: () => digestOf(`${pod.metadata.uid} ${this.#container.name} ${life.attempt} ${now}`),
    };
  }
}
