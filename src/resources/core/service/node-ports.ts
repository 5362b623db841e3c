/** Node ports that a Service is given, or has asked for. */

import type { StageContext } from '../../../catalog/strategy.ts';
import { invalid } from '../../../objects/field-error.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import { internalError } from '../../../objects/status.ts';
import { clamp, needsNodePorts, others, refuse } from './allocation-words.ts';
import { needsHealthCheck } from './validation.ts';

export const PORTS_RESERVED_MAX = 128;

const PORTS_RESERVED_STEP = 32;

/** A dry run counts from here: it shows a port, and gives none. */
const DRY_RUN_PORT = 32768;

/** Node ports in use by other Services, and those given out in this request. */
class PortPool {
  readonly #taken: Set<number>;
  readonly #context: StageContext;
  /** The highest that this request has taken. */
  #last: number | undefined;

  constructor(service: Service, context: StageContext) {
    this.#context = context;
    this.#taken = new Set();
    for (const { spec } of others(service, context)) {
      for (const port of spec?.ports ?? []) if (port.nodePort) this.#taken.add(port.nodePort);
      if (spec?.healthCheckNodePort) this.#taken.add(spec.healthCheckNodePort);
    }
  }

  /** A port that the Service has already. */
  keep(port: number): void {
    this.#taken.add(port);
  }

  /** What is wrong with a port that was asked for. */
  take(port: number): string | undefined {
    const [low, high] = this.#context.nodePortRange;
    // A dry run asks for the port only, not for its place in the range.
    if (!this.#context.dryRun && (port < low || port > high))
      return `provided port is not in the valid range. The range of valid ports is ${low}-${high}`;
    if (this.#taken.has(port)) return 'provided port is already allocated';
    this.#taken.add(port);
    this.#last = Math.max(this.#last ?? 0, port);
    return undefined;
  }

  next(): number {
    if (this.#context.dryRun) {
      this.#last = (this.#last ?? DRY_RUN_PORT) + 1;
      return this.#last;
    }
    const [low, high] = this.#context.nodePortRange;
    const size = high - low + 1;
    const reserved =
      size < PORTS_RESERVED_MAX ? 0 : clamp(Math.floor(size / PORTS_RESERVED_STEP), 16, PORTS_RESERVED_MAX);
    for (const [from, to] of [
      [reserved, size],
      [0, reserved],
    ] as const) {
      if (to <= from) continue;
      const start = this.#context.random.integer(to - from);
      for (let i = 0; i < to - from; i++) {
        const port = low + from + ((start + i) % (to - from));
        if (this.#taken.has(port)) continue;
        this.#taken.add(port);
        return port;
      }
    }
    throw internalError('failed to allocate a nodePort: range is full');
  }
}

export function allocatePorts(service: Service, old: Service | undefined, context: StageContext): void {
  const { spec } = service;
  const pool = new PortPool(service, context);
  const mine = new Set<number>((old?.spec.ports ?? []).flatMap((p) => p.nodePort || []));
  for (const port of mine) pool.keep(port);
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    /** Ports of one number, in several protocols, share a node port. */
    const shared = new Map<number, number>();
    for (const [i, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort && !needsNodePorts(spec)) continue;
      const together = old ? undefined : shared.get(port.port);
      const asked: number =
        port.nodePort ||
        together ||
        (old ? 0 : ((spec.ports?.find((p) => p.port === port.port && p.nodePort)?.nodePort as number) ?? 0));
      if (asked && asked !== together && !mine.has(asked)) {
        const words = pool.take(asked);
        if (words) throw refuse(service, [invalid(`spec.ports[${i}].nodePort`, asked, words)]);
        mine.add(asked);
      }
      port.nodePort = asked || pool.next();
      if (!shared.has(port.port)) shared.set(port.port, port.nodePort);
    }
  }
  if (!needsHealthCheck(spec) || (old && needsHealthCheck(old.spec))) return;
  if (!spec.healthCheckNodePort) {
    spec.healthCheckNodePort = pool.next();
    return;
  }
  const words = pool.take(spec.healthCheckNodePort);
  if (words)
    throw internalError(`failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ${words}`);
}
