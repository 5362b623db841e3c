/** One run of a container, from its start on, as far as the kubelet keeps it in mind: its probes, its hook and its stop. */

import type { StartFault } from '../../machine/pod-machine.ts';
import type { Container, Probe } from '../../objects/generated/core-v1.gen.ts';
import type { Pace } from '../pace.ts';
import type { Action, Fault } from '../probes/outcome.ts';
import { PERIOD_SECONDS, type ProbeKind, Prober } from '../probes/prober.ts';
import type { ContainerStatus } from './container-status.ts';
import type { Stop } from './stop.ts';

export interface LifeOptions {
  container: Container;
  /** How often it was started before. */
  attempt: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** From which instant on the node's clock ticks for its probes. */
  grid: number;
  pace: Pace;
  /** What its status says already, where this is not its beginning. */
  known?: ContainerStatus | undefined;
  /** The run before had started up, and nobody has been told of its end. */
  followsStarted?: boolean;
}

export class Life {
  readonly container: Container;
  readonly attempt: number;
  readonly startedAt: number;
  /** Why it could not be started. */
  fault: StartFault | undefined;
  /** Nothing is known of what it runs: it runs on until it is stopped. */
  isOpaque = false;
  /** The hook after its start, while it goes on; and what came of it. */
  hook: Action | undefined;
  hookFault: Fault | undefined;
  stop: Stop | undefined;
  readonly #options: LifeOptions;
  #probers: Prober[] | undefined;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.container = options.container;
    this.attempt = options.attempt;
    this.startedAt = options.startedAt;
  }

  get hasProbes(): boolean {
    const { startupProbe, livenessProbe, readinessProbe } = this.container;
    return Boolean(startupProbe ?? livenessProbe ?? readinessProbe);
  }

  /** Those that look at it now: until it has started up, the startup probe alone. */
  probers(now: number): Prober[] {
    const known = this.#known;
    const [startup] = known;
    if (startup?.kind !== 'Startup') return known;
    if (!startup.passed) return [startup];
    this.#probers = this.#later(now);
    return this.#probers;
  }

  /** From its start on: what has not been probed yet has not passed. */
  get #known(): Prober[] {
    this.#probers ??= this.#begin();
    return this.#probers;
  }

  /** What follows one that had started up counts as started up until it is first probed itself. */
  get isStarted(): boolean {
    const [startup] = this.#known;
    if (startup?.kind !== 'Startup') return true;
    return startup.passed ?? (this.#options.followsStarted === true && startup.attempts === 0);
  }

  get isReady(): boolean {
    if (!this.isStarted) return false;
    const readiness = this.#known.find(({ kind }) => kind === 'Readiness');
    return readiness ? readiness.passed === true : !this.container.readinessProbe;
  }

  #begin(): Prober[] {
    const { startupProbe } = this.container;
    const { known } = this.#options;
    if (startupProbe && !known?.started) return [this.#prober('Startup', startupProbe, undefined, this.startedAt)];
    return this.#later(this.startedAt);
  }

  #later(from: number): Prober[] {
    const { livenessProbe, readinessProbe } = this.container;
    const { known } = this.#options;
    return [
      ...(livenessProbe ? [this.#prober('Liveness', livenessProbe, true, from)] : []),
      ...(readinessProbe ? [this.#prober('Readiness', readinessProbe, known?.ready ? true : undefined, from)] : []),
    ];
  }

  #prober(kind: ProbeKind, probe: Probe, passed: boolean | undefined, from: number): Prober {
    const { pace, grid } = this.#options;
    const delayed = this.startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
    if (pace.probe === 0) {
      const first = Math.max(from, delayed);
      return new Prober({ kind, probe, grid: first, first, passed });
    }
    // Readiness is looked at as soon as the container is seen to run; the others have their turns.
    const earliest = Math.max(from, delayed, this.startedAt + (kind === 'Readiness' ? pace.trigger : pace.probe));
    const period = (probe.periodSeconds || PERIOD_SECONDS) * 1000;
    const isAtOnce = kind === 'Readiness' && delayed === this.startedAt;
    const first = isAtOnce ? earliest : grid + Math.ceil((earliest - grid) / period) * period;
    return new Prober({ kind, probe, grid, first, passed });
  }
}
