/** iptables-save's text, and ip6tables-save's, as rules. Chains are read when they are met first: a node has more than a packet meets. */
import type { BaseChain, Chain, Hook, Rule, RuleSet, Step } from '../rule-set.ts';
import { chainKey } from '../rule-set.ts';
import { RuleTextError } from '../rule-text-error.ts';
import { Words } from '../words.ts';
import { loadModule, type RuleParts, takeMatch } from './matches.ts';
import { takeTarget } from './targets.ts';
import { wordsOf } from './words.ts';

const HOOKS: Record<string, Hook> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** Where a table's chains stand among others at a hook. */
const PRIORITIES: Record<string, number> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 };
/** nat's chains that change the source come after all others. */
const SOURCE_NAT_PRIORITY = 100;

interface Line {
  number: number;
  text: string;
}

class IptablesChain implements Chain {
  readonly table: string;
  readonly name: string;
  readonly policy: 'accept' | 'drop';
  readonly lines: Line[] = [];
  readonly #siblings: Map<string, Chain>;
  #rules?: Rule[];

  constructor(table: string, name: string, policy: 'accept' | 'drop', siblings: Map<string, Chain>) {
    this.table = table;
    this.name = name;
    this.policy = policy;
    this.#siblings = siblings;
  }

  rules(): Rule[] {
    this.#rules ??= this.lines.map((line) => parseRule(line, this.table, this.#siblings));
    return this.#rules;
  }
}

/** Throws `RuleTextError` for what is no such text; of rules, when their chain is read (`readAll`). */
export function parseIptables(text: string): RuleSet {
  const chains = new Map<string, Chain>();
  const bases: BaseChain[] = [];
  let table: string | undefined;
  let number = 0;
  for (const line of lines(text)) {
    number++;
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('*')) {
      table = line.slice(1).trim();
      if (!Object.hasOwn(PRIORITIES, table)) throw new RuleTextError(number, 'there is no such table', line);
      continue;
    }
    if (table === undefined) throw new RuleTextError(number, 'what stands outside of a table', line);
    if (line === 'COMMIT') table = undefined;
    else if (line.startsWith(':')) declareChain({ number, text: line }, table, chains, bases);
    else addRule({ number, text: line }, table, chains);
  }
  if (table !== undefined) throw new RuleTextError(number, 'COMMIT is missing at the end of the table', `*${table}`);
  return { kind: 'iptables', chains, bases };
}

function* lines(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    yield text.slice(from, to).trim();
    from = to + 1;
  }
}

/** `:NAME POLICY [PACKETS:BYTES]`. */
function declareChain(line: Line, table: string, chains: Map<string, Chain>, bases: BaseChain[]): void {
  const [, name = '', policy = ''] = /^:(\S+)\s+(ACCEPT|DROP|-)(?:\s+\[\d+:\d+\])?$/.exec(line.text) ?? [];
  if (!name) throw new RuleTextError(line.number, 'this is no chain with a policy', line.text);
  if (chains.has(chainKey(table, name))) throw new RuleTextError(line.number, 'the chain is there already', line.text);
  const chain = new IptablesChain(table, name, policy === 'DROP' ? 'drop' : 'accept', chains);
  chains.set(chainKey(table, name), chain);
  const hook = Object.hasOwn(HOOKS, name) ? HOOKS[name] : undefined;
  if (!hook) return;
  const ofSource = table === 'nat' && (hook === 'postrouting' || hook === 'input');
  bases.push({ chain, hook, priority: ofSource ? SOURCE_NAT_PRIORITY : PRIORITIES[table]!, nat: table === 'nat' });
}

const APPEND = /^(?:\[\d+:\d+\]\s+)?-A\s+(\S+)/;

function addRule(line: Line, table: string, chains: Map<string, Chain>): void {
  const name = APPEND.exec(line.text)?.[1];
  if (name === undefined) throw new RuleTextError(line.number, 'this is no rule, chain or table', line.text);
  const chain = chains.get(chainKey(table, name));
  if (!(chain instanceof IptablesChain)) throw new RuleTextError(line.number, `there is no chain ${name}`, line.text);
  chain.lines.push(line);
}

function parseRule({ number, text }: Line, table: string, chains: Map<string, Chain>): Rule {
  const words = new Words(wordsOf(text, number), text, number);
  if (words.peek()?.startsWith('[')) words.take('counters');
  words.take('-A');
  words.take('a chain');
  const parts: RuleParts = { header: [], modules: [], loaded: new Set() };
  const steps: Step[] = [];
  while (words.left > 0) {
    const not = words.skip('!');
    const option = words.take('an option');
    if (option === '-m' || option === '--match') loadModule(words, parts);
    else if (option === '-j' || option === '--jump') steps.push(target(words, table, chains));
    else if (option === '-g' || option === '--goto')
      steps.push({ verdict: 'goto', chain: jumpTo(words, table, chains) });
    else if (!takeMatch(option, words, parts, not)) throw words.error(`the option "${option}" is not known`);
  }
  return { line: number, text, steps: [...parts.header, ...parts.modules, ...steps] };
}

function target(words: Words, table: string, chains: Map<string, Chain>): Step {
  const name = words.peek() ?? '';
  if (chains.has(chainKey(table, name))) return { verdict: 'jump', chain: jumpTo(words, table, chains) };
  words.take('a target');
  const step = takeTarget(name, words);
  if (!step) throw words.error(`there is no chain or target ${name}`);
  return step;
}

function jumpTo(words: Words, table: string, chains: Map<string, Chain>): string {
  const key = chainKey(table, words.take('a chain'));
  const chain = chains.get(key);
  if (!chain) throw words.error('there is no such chain');
  if (Object.hasOwn(HOOKS, chain.name)) throw words.error('a rule cannot go to a chain of the kernel');
  return key;
}
