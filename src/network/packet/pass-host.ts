/** A packet's way through the hooks of one host: its tables in the kernel's order, and the routing between them. */
import { Conntrack, type Tracked, translateDestination, translateSource } from './conntrack.ts';
import type { Packet, PacketAddress } from './packet.ts';
import type { BaseChain, Ending, Hook, RuleSet } from './rule-set.ts';
import { runBaseChain } from './run-chain.ts';
import type { RuleHost, RuleMet, Walk } from './walk.ts';

/** The base chains of several texts at each hook, in the order in which the kernel asks them. */
export type Hooks = ReadonlyMap<Hook, readonly Hooked[]>;

interface Hooked {
  base: BaseChain;
  chains: RuleSet['chains'];
}

const HOOKS: Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

export function hooksOf(ruleSets: readonly RuleSet[]): Hooks {
  const all = ruleSets.flatMap(({ bases, chains }) => bases.map((base) => ({ base, chains })));
  return new Map(
    HOOKS.map((hook) => [
      hook,
      all.filter(({ base }) => base.hook === hook).sort((a, b) => a.base.priority - b.base.priority),
    ]),
  );
}

/** Where a host sends a packet. Undefined: it has no route. */
export interface Route {
  /** `local`: to the host itself. */
  to: 'local' | 'forward';
  outInterface: string;
  /** The host that it is handed to on the way, where it is not the destination itself. */
  via?: PacketAddress;
}

export interface RoutedHost extends RuleHost {
  hooks: Hooks;
  route(packet: Packet): Route | undefined;
  /** Shows postrouting what stays on the host too, which no kernel does: flows are recorded so. */
  allLeave?: boolean;
}

export interface Passage {
  verdict: 'accept' | 'drop' | 'reject' | 'noRoute';
  /** Of a rejected one. */
  rejectWith?: string;
  /** Where it was decided, or `accept`ed last. */
  hook: Hook;
  /** For the host itself, or to be sent on. */
  route?: Route;
  packet: Packet;
  translations: { dnat: boolean; snat: boolean };
  scanned: number;
  met: RuleMet[];
}

export interface Passing extends Omit<Walk, 'hook' | 'host' | 'tracked' | 'scanned' | 'translated' | 'conntrack'> {
  /** Absent: the host knows of no connection. */
  conntrack?: Conntrack;
  /** It answers another packet: a host that has not seen that takes it for invalid. */
  isAnswer?: boolean;
}

/** Where the kernel translates what nat chains have decided before. */
const NAT_PRIORITY: Record<Hook, number> = { prerouting: -100, output: -100, forward: 0, input: 100, postrouting: 100 };

/** `from`: whether the host sends it itself. The packet that is handed in is changed on the way. */
export function passHost(host: RoutedHost, from: 'itself' | 'elsewhere', passing: Passing): Passage {
  const { conntrack = new Conntrack(), isAnswer = false, ...of } = passing;
  const tracked = conntrack.track(of.packet);
  const isInvalid = isAnswer && !tracked.known && of.packet.protocol === 'tcp';
  const walk: Walk = {
    ...of,
    conntrack,
    host,
    hook: from === 'itself' ? 'output' : 'prerouting',
    tracked: isInvalid ? { ...tracked, state: 'invalid' } : tracked,
    scanned: 0,
    translated: false,
  };
  const passed = new HostPass(host, walk, from === 'itself').pass();
  if (passed.verdict === 'accept' && walk.tracked.state === 'new') walk.conntrack.confirm(walk.tracked.connection);
  const { dnat, snat } = walk.tracked.connection;
  return { ...passed, packet: walk.packet, translations: { dnat, snat }, scanned: walk.scanned, met: walk.met ?? [] };
}

type Passed = Pick<Passage, 'verdict' | 'rejectWith' | 'hook' | 'route'>;

class HostPass {
  readonly #host: RoutedHost;
  readonly #walk: Walk;
  readonly #own: boolean;

  constructor(host: RoutedHost, walk: Walk, own: boolean) {
    this.#host = host;
    this.#walk = walk;
    this.#own = own;
  }

  pass(): Passed {
    const { packet } = this.#walk;
    // The host's own packets are routed before they meet a rule, and again once they are translated.
    const first = this.#own ? this.#host.route(packet) : undefined;
    if (this.#own && !first) return this.#end('noRoute');
    packet.outInterface = first?.outInterface ?? '';
    const entered = this.#hook(this.#own ? 'output' : 'prerouting');
    if (entered) return entered;
    const route = this.#host.route(packet);
    if (!route) return this.#end('noRoute');
    packet.outInterface = route.to === 'local' && !this.#own ? '' : route.outInterface;
    return { ...this.#onward(route), route };
  }

  #onward({ to }: Route): Passed {
    const arriving: Hook[] = this.#host.allLeave ? ['input', 'postrouting'] : ['input'];
    const hooks: Hook[] = this.#own ? ['postrouting'] : to === 'local' ? arriving : ['forward', 'postrouting'];
    for (const hook of hooks) {
      const refused = this.#hook(hook);
      if (refused) return refused;
    }
    return this.#own && to === 'local' ? this.#looped() : this.#end('accept');
  }

  /** What a host sends to itself comes in again by loopback. It is translated already, so nat chains do not see it. */
  #looped(): Passed {
    this.#walk.packet.inInterface = 'lo';
    this.#walk.packet.outInterface = '';
    return this.#hook('prerouting', true) ?? this.#hook('input', true) ?? this.#end('accept');
  }

  #end(verdict: Passed['verdict']): Passed {
    return { verdict, hook: this.#walk.hook };
  }

  /** Undefined when all chains at the hook let the packet pass. */
  #hook(hook: Hook, translated = false): Passed | undefined {
    const walk = this.#walk;
    walk.hook = hook;
    walk.translated = translated;
    // A later packet is translated as the first was, at the place where nat chains have decided that.
    let known = walk.tracked.known && !translated;
    const translateKnown = (): void => {
      if (known) this.#asBefore(walk.tracked);
      known = false;
    };
    for (const { base, chains } of this.#host.hooks.get(hook) ?? []) {
      if (base.priority >= NAT_PRIORITY[hook]) translateKnown();
      const ending = base.nat ? this.#nat(base, chains) : runBaseChain(base, chains, walk);
      if (ending?.verdict === 'drop') return this.#end('drop');
      if (ending?.verdict === 'reject') return { ...this.#end('reject'), rejectWith: ending.with };
    }
    translateKnown();
    return undefined;
  }

  /** nat chains see the first packet only, and after one of them has translated it at a hook the others do not. */
  #nat(base: BaseChain, chains: RuleSet['chains']): Ending | undefined {
    const { tracked, translated } = this.#walk;
    return tracked.state === 'new' && !tracked.known && !translated
      ? runBaseChain(base, chains, this.#walk)
      : undefined;
  }

  #asBefore(tracked: Tracked): void {
    const { hook, packet } = this.#walk;
    if (hook === 'prerouting' || hook === 'output') translateDestination(packet, tracked);
    else if (hook === 'postrouting' || hook === 'input') translateSource(packet, tracked);
  }
}
