/** A connection that is tried out: its way in full, what else chance might have done, and the objects behind each rule. */
import type { View } from '../../objects/object.ts';
import { createRandom } from '../../simulation/random.ts';
import type { WorkBudget } from '../../simulation/work-budget.ts';
import type { DnsRecord } from '../dns/message.ts';
import { type Cause, causeOf } from '../packet/causes.ts';
import { drawnChance, everyOutcome } from '../packet/chance.ts';
import { connect } from '../packet/connect.ts';
import type { ConnectRequest } from '../packet/connect-request.ts';
import type { ConnectionResult, ConnectionVerdict, Hop } from '../packet/connection-result.ts';
import { type End, UnknownEnd } from '../packet/ends.ts';
import { Notes } from '../packet/notes.ts';
import { endpointText, MAX_PORT, type Protocol, packetAddress, packetText } from '../packet/packet.ts';
import { traceText } from '../packet/trace-text.ts';
import { type RuleMet, type ToldRule, toldRule } from '../packet/walk.ts';
import type { World } from '../packet/world.ts';
import type { PolicyDecision } from '../policy/decision.ts';
import type { ClusterNames } from './cluster-names.ts';
import { sliceWith } from './cluster-world.ts';

/**
 * As it is asked for: an end is a pod `namespace/name`, a node's name, `svc/namespace/name`, an address, or `outside`; the target may
 * also be a name that the sender asks DNS for, `dns/NAME`.
 */
export interface TraceQuestion {
  from: string;
  to: string;
  /** A number, or a Service's port by its name; absent: the first port of the Service or of the pod. */
  port?: number | string | undefined;
  protocol: Protocol;
  family?: 'IPv4' | 'IPv6' | undefined;
  /** What chance is drawn from. */
  seed: string;
}

export interface TracedRule extends ToldRule {
  cause?: Cause;
}

export interface TracedHop {
  at: Hop['at'];
  receivedOn?: string;
  before: string;
  after: string;
  route?: string;
  scanned?: number;
  rules: TracedRule[];
  policies?: PolicyDecision;
}

export interface TracedOutcome {
  probability: number;
  verdict: ConnectionVerdict;
  /** The pod or node that was reached. */
  at?: string;
  destination: string;
}

export interface TracedName {
  /** The name that was found, and all that were tried for it. */
  question: string;
  tried: string[];
  answers: DnsRecord[];
}

export interface Trace {
  /** Where the target was a name. */
  name?: TracedName;
  verdict: ConnectionVerdict;
  because: string;
  pod?: string;
  node?: string;
  destination: string;
  source: string;
  scanned: number;
  hops: TracedHop[];
  /** What chance might do, each once, the most likely first. */
  outcomes: TracedOutcome[];
  /** The same as lines. */
  text: string;
}

/** What is traced through. */
export interface Traced {
  world: World;
  view: View;
  names: ClusterNames;
}

const DNS = 'dns/';

/** Throws `UnknownEnd` and `WorkExceeded`: a step is a rule that is looked at. Nothing that the world has noted is changed. */
export function traceConnection(
  { world, view, names }: Traced,
  asked: TraceQuestion,
  now: number,
  work: WorkBudget,
): Trace {
  const name = nameOf(view, names, asked, now);
  const question = name ? { ...asked, to: name.address } : asked;
  const request = requestOf(world, question);
  const apart = (): World => {
    const notes = new Map<string, Notes>();
    return {
      ...world,
      notes: (node) => {
        const own = notes.get(node) ?? new Notes(world.notes(node));
        notes.set(node, own);
        return own;
      },
    };
  };
  const chance = drawnChance(createRandom(question.seed, 'trace'));
  const result = connect(apart(), request, { chance, now, work, explain: true });
  const all = everyOutcome((each) => connect(apart(), request, { chance: each, now, work }), work);
  const cause = (met: RuleMet) => causeOf(met, (...names) => sliceWith(view, ...names));
  const { verdict, because, pod, node, destination, source, scanned } = result;
  return {
    ...(name ? { name: name.told } : {}),
    verdict,
    because,
    ...(pod ? { pod } : {}),
    ...(node ? { node } : {}),
    destination: endpointText(destination.address, destination.port),
    source: endpointText(source.address, source.port),
    scanned,
    hops: result.hops.map((hop) => tracedHop(hop, cause)),
    outcomes: together(all),
    text: traceText(result, cause),
  };
}

/** The address that the sender gets for the name that it is to reach. Throws `UnknownEnd`. */
function nameOf(view: View, names: ClusterNames, { from, to, family }: TraceQuestion, now: number) {
  if (!to.startsWith(DNS)) return undefined;
  const name = to.slice(DNS.length);
  const [namespace = ''] = from.includes('/') && !from.startsWith('node/') ? from.split('/') : [];
  if (!namespace) throw new UnknownEnd('only pods ask the DNS of the cluster');
  const type = family === 'IPv6' ? 'AAAA' : 'A';
  const { code, question, tried, answers } = names.resolve(names.server(view, now), { name, type }, namespace);
  const address = answers.find((record) => record.type === type)?.data;
  if (!address) throw new UnknownEnd(`the name ${name} is not resolved: ${code === 'NOERROR' ? 'NODATA' : code}`);
  return { address, told: { question, tried, answers } };
}

function tracedHop(hop: Hop, cause: (met: RuleMet) => Cause | undefined): TracedHop {
  const { at, receivedOn, before, after, route, passage, policies } = hop;
  return {
    at,
    ...(receivedOn ? { receivedOn } : {}),
    before: packetText(before),
    after: packetText(after),
    ...(route ? { route } : {}),
    ...(passage ? { scanned: passage.scanned } : {}),
    rules: (passage?.met ?? []).map((met) => tracedRule(met, cause(met))),
    ...(policies ? { policies } : {}),
  };
}

const tracedRule = (met: RuleMet, cause: Cause | undefined): TracedRule => ({
  ...toldRule(met),
  ...(cause ? { cause } : {}),
});

function together(outcomes: readonly { probability: number; value: ConnectionResult }[]): TracedOutcome[] {
  const found = new Map<string, TracedOutcome>();
  for (const { probability, value } of outcomes) {
    const at = value.pod ?? value.node;
    const destination = endpointText(value.destination.address, value.destination.port);
    const key = `${value.verdict} ${at} ${destination}`;
    const known = found.get(key);
    if (known) known.probability += probability;
    else found.set(key, { probability, verdict: value.verdict, ...(at ? { at } : {}), destination });
  }
  return [...found.values()].sort((a, b) => b.probability - a.probability);
}

function requestOf(world: World, { from, to, port, protocol, family }: TraceQuestion): ConnectRequest {
  const target = endOf(world, to);
  return {
    from: endOf(world, from),
    to: target,
    port: portOf(world, target, port, protocol),
    protocol,
    ...(family ? { family: family === 'IPv6' ? 6 : 4 } : {}),
  };
}

function endOf(world: World, text: string): End {
  if (text === 'outside') return { outside: true };
  if (text.startsWith('svc/')) return { service: text.slice('svc/'.length) };
  if (text.startsWith('node/')) return { node: text.slice('node/'.length) };
  if (text.includes('/')) return { pod: text };
  return packetAddress(text) && !world.node(text) ? { address: text } : { node: text };
}

function portOf(world: World, to: End, port: number | string | undefined, protocol: Protocol): number {
  if (protocol.startsWith('icmp')) return 0;
  const number = Number(port);
  if (port !== undefined && Number.isInteger(number) && number >= 0 && number <= MAX_PORT) return number;
  const ports =
    ('service' in to ? world.service(to.service)?.ports : 'pod' in to ? world.pod(to.pod)?.ports : []) ?? [];
  const found = ports.find((p) => p.protocol === protocol.toUpperCase() && (port === undefined || p.name === port));
  if (!found) throw new UnknownEnd(port === undefined ? 'it has to be said to which port' : `there is no port ${port}`);
  return found.port;
}
