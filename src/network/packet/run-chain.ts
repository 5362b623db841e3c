/** A chain's rules, executed: what they change, and where a verdict comes from. */
import { indexOf, placesFor } from './chain-index.ts';
import { fieldKey, holds, setList } from './match.ts';
import { translate } from './nat.ts';
import { endpointText, type Packet, packetText } from './packet.ts';
import type { BaseChain, Chain, Ending, Match, Rule, RuleSet, Statement, Verdict } from './rule-set.ts';
import type { Walk } from './walk.ts';

/** As deep as chains may go into one another: texts are not ours only, and may go in circles. nftables itself allows 16. */
export const MAX_JUMPS = 64;

/** Rules go to one another without an end. */
export class EndlessChains extends Error {
  constructor(chain: Chain) {
    super(`the chain ${chain.name} of the table ${chain.table} is reached by more than ${MAX_JUMPS} jumps`);
  }
}

/** `chains` are those of the text that the base chain is from. */
export function runBaseChain({ chain }: BaseChain, chains: RuleSet['chains'], walk: Walk): Ending {
  const ending = runChain(chain, chains, walk, 0);
  if (ending) return ending;
  if (walk.met && chain.policy === 'drop') meet(walk, chain, 0, undefined, 'policy drop');
  return { verdict: chain.policy };
}

function runChain(chain: Chain, chains: RuleSet['chains'], walk: Walk, depth: number): Ending | undefined {
  if (depth > MAX_JUMPS) throw new EndlessChains(chain);
  const index = indexOf(chain);
  let looked = 0;
  for (const place of placesFor(index, walk.packet)) {
    walk.scanned += place + 1 - looked;
    looked = place + 1;
    walk.work.spend(1);
    const verdict = runRule(index.rules[place]!, place + 1, chain, walk);
    if (!verdict) continue;
    if (verdict.verdict === 'return') return undefined;
    if (verdict.verdict === 'jump' || verdict.verdict === 'goto') {
      const ending = runChain(chains.get(verdict.chain)!, chains, walk, depth + 1);
      if (ending || verdict.verdict === 'goto') return ending;
    } else return verdict;
  }
  walk.scanned += index.rules.length - looked;
  return undefined;
}

type Decision = Exclude<Verdict, { verdict: 'continue' }>;

/** Undefined: the next rule's turn. */
function runRule(rule: Rule, place: number, chain: Chain, walk: Walk): Decision | undefined {
  let probability: number | undefined;
  for (const step of rule.steps) {
    if ('match' in step) {
      if (!holds(step, walk)) return undefined;
      if (step.match === 'random') probability = chanceOf(step);
      continue;
    }
    const before = walk.met && { ...walk.packet };
    const verdict = act(step, walk);
    if (walk.met)
      meet(walk, chain, place, rule, actionText(step, walk, verdict), before, probability ?? oneOfMany(step));
    if (verdict) return verdict;
  }
  return undefined;
}

const chanceOf = (match: Match & { match: 'random' }): number =>
  match.not ? 1 - match.probability : match.probability;

function oneOfMany(step: Statement): number | undefined {
  if (!('statement' in step)) return undefined;
  if (step.statement === 'balance') return 1 / step.to.length;
  return step.statement === 'numgen' ? 1 / step.verdicts.length : undefined;
}

const ACCEPT: Ending = { verdict: 'accept' };

function act(step: Statement, walk: Walk): Decision | undefined {
  if ('verdict' in step) return step.verdict === 'continue' ? undefined : step;
  const { packet } = walk;
  switch (step.statement) {
    case 'mark':
      packet.mark = ((packet.mark & step.and) ^ step.xor) >>> 0;
      return undefined;
    case 'notrack':
      walk.tracked = { ...walk.tracked, state: 'untracked' };
      return undefined;
    case 'update':
      walk.notes.note(setList(step.set), fieldKey(step.fields, packet), walk.now);
      return undefined;
    case 'verdictMap':
      return decision(step.map.verdicts.get(fieldKey(step.fields, packet)));
    case 'numgen':
      return decision(step.verdicts[walk.chance.oneOf(step.verdicts.length)]);
    case 'balance':
      translate(walk, { statement: 'dnat', to: step.to[walk.chance.oneOf(step.to.length)]! });
      return ACCEPT;
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      translate(walk, step);
      return ACCEPT;
  }
}

const decision = (verdict: Verdict | undefined): Decision | undefined =>
  verdict?.verdict === 'continue' ? undefined : verdict;

const chainName = (key: string): string => key.slice(key.lastIndexOf(' ') + 1);

function actionText(step: Statement, { packet }: Walk, verdict: Decision | undefined): string {
  if ('verdict' in step || (verdict && (step.statement === 'verdictMap' || step.statement === 'numgen'))) {
    const reached = 'verdict' in step ? step : verdict!;
    if ('chain' in reached) return `${reached.verdict} ${chainName(reached.chain)}`;
    return 'with' in reached ? `reject with ${reached.with}` : reached.verdict;
  }
  switch (step.statement) {
    case 'mark':
      return `mark 0x${packet.mark.toString(16)}`;
    case 'dnat':
    case 'balance':
    case 'redirect':
      return `${step.statement === 'redirect' ? 'redirect' : 'dnat'} to ${endpointText(packet.destination, packet.destinationPort)}`;
    case 'snat':
    case 'masquerade':
      return `${step.statement} to ${endpointText(packet.source, packet.sourcePort)}`;
    case 'update':
      return `update @${step.set.name}`;
    case 'notrack':
      return 'notrack';
    default:
      return 'nothing in the map';
  }
}

function meet(
  walk: Walk,
  chain: Chain,
  place: number,
  rule: Rule | undefined,
  action: string,
  before: Packet = { ...walk.packet },
  probability?: number,
): void {
  walk.met?.push({
    hook: walk.hook,
    table: chain.table,
    chain: chain.name,
    place,
    ...(rule ? { rule } : {}),
    action,
    ...(probability === undefined ? {} : { probability }),
    before,
    ...(packetText(before) === packetText(walk.packet) ? {} : { after: { ...walk.packet } }),
  });
}
