/**
 * Calls to webhooks, as a cluster's object makes them: to what the cluster's maker has allowed (`webhook-ways.ts`), and to what a bridge
 * stands for, through that (`webhook-bridges.ts`), and to Services of the cluster (`service-calls.ts`). What is read of their answers counts among what the process holds.
 */
import { isPublicHost } from '../objects/public-host.ts';
import {
  isAllowedWebhook,
  LOST_ANSWER,
  unreachable,
  type WebhookAnswer,
  type WebhookCall,
} from '../objects/webhook-call.ts';
import type { Rate } from '../platform/limits.ts';
import { TokenBucket } from '../platform/rates/rate-limit.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import { BUSY, type MakeCall, type Way } from './webhook-ways.ts';

/** Calls of one cluster that are under way at a time. */
export const MAX_CALLS = 100;

/** Calls that wait for one of those to end. */
export const MAX_QUEUED_CALLS = 400;

interface Ports {
  /** What the cluster's maker has allowed. */
  allowed(): readonly string[];
  /** The bridge that stands for a URL. */
  bridge(url: string): MakeCall | undefined;
  way: Way;
  /** The way to programs behind Services. */
  services: MakeCall;
  /** Where what is read of an answer counts. */
  hold(): Holding;
  /** How many may be made. */
  rate: Rate;
  /** Real time, milliseconds. */
  now(): number;
}

export class WebhookCalls {
  readonly #ports: Ports;
  readonly #bucket: TokenBucket;
  #underWay = 0;
  readonly #queue = new Set<(enters: boolean) => void>();

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#bucket = new TokenBucket(ports.rate, ports.now());
  }

  /** Never throws. */
  async call(call: WebhookCall): Promise<WebhookAnswer> {
    // A Service's program is the cluster's own, and costs nobody outside anything.
    const way = call.service ? this.#ports.services : this.#wayOf(call.url);
    if (!way) return { error: unreachable(call.url) };
    const wait = call.service ? 0 : this.#takeTurn();
    if (wait > 0) return { busy: Math.ceil(wait / 1000) };
    const enters = this.#enter(call.timeoutSeconds * 1000);
    if (enters !== true && !(await enters)) return BUSY;
    const held = this.#ports.hold();
    try {
      return await way(call, held);
    } catch {
      return LOST_ANSWER;
    } finally {
      held.give();
      this.#leave();
    }
  }

  /** @returns for how many milliseconds no call may be made; 0: it may be. */
  #takeTurn(): number {
    const { rate, now } = this.#ports;
    const wait = this.#bucket.wait(rate, now());
    if (wait === 0) this.#bucket.take(rate, 1);
    return wait;
  }

  /** Whether the call may be made now, which may take a while; `#leave` ends it. */
  #enter(milliseconds: number): Promise<boolean> | boolean {
    if (this.#underWay < MAX_CALLS) {
      this.#underWay++;
      return true;
    }
    if (this.#queue.size >= MAX_QUEUED_CALLS) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => next(false), milliseconds);
      const next = (enters: boolean): void => {
        clearTimeout(timer);
        this.#queue.delete(next);
        resolve(enters);
      };
      this.#queue.add(next);
    });
  }

  /** Whoever waits longest takes the place. */
  #leave(): void {
    const [next] = this.#queue;
    if (next) next(true);
    else this.#underWay--;
  }

  #wayOf(url: string): MakeCall | undefined {
    const bridge = this.#ports.bridge(url);
    if (bridge) return bridge;
    if (!isAllowedWebhook(this.#ports.allowed(), url)) return undefined;
    const { way } = this.#ports;
    return way.kind === 'guarded' || isPublicHost(new URL(url).hostname) ? way.call : undefined;
  }
}
