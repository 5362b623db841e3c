/** nftables' text as rules: the commands that a program gives to nft, and what `nft list ruleset` prints. */
import {
  type BaseChain,
  type Chain,
  chainKey,
  type Hook,
  type Rule,
  type RuleSet,
  type Step,
  type Verdict,
} from '../rule-set.ts';
import { RuleTextError } from '../rule-text-error.ts';
import type { Words } from '../words.ts';
import { listedCommands } from './listing.ts';
import { parseRule } from './rule.ts';
import { elements, emptySet, setProperties, type TableScope, verdicts } from './sets.ts';
import { expect, tokensOf } from './tokens.ts';

const HOOKS: readonly string[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'] satisfies Hook[];
const FAMILIES = ['ip', 'ip6', 'inet'] as const;

const PRIORITIES: Record<string, number> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

interface Line {
  number: number;
  text: string;
}

class NftablesChain implements Chain {
  readonly table: string;
  readonly name: string;
  policy: 'accept' | 'drop' = 'accept';
  readonly lines: Line[] = [];
  readonly #scope: TableScope;
  #rules?: Rule[];

  constructor(name: string, scope: TableScope) {
    this.table = scope.table;
    this.name = name;
    this.#scope = scope;
  }

  rules(): Rule[] {
    this.#rules ??= this.lines.map(({ number, text }) =>
      checked(parseRule(this.#words(text, number), this.#scope), this.#scope),
    );
    return this.#rules;
  }

  /** Without `add rule FAMILY TABLE CHAIN`, if it begins so. */
  #words(text: string, number: number): Words {
    const words = tokensOf(text, number);
    if (words.skip('add')) for (const part of ['rule', 'a family', 'a table', 'a chain']) words.take(part);
    return words;
  }
}

/** Chains that a rule goes to, itself or by a map, must be there once all is read. */
function checked(rule: Rule, { chains }: TableScope): Rule {
  for (const verdict of rule.steps.flatMap(verdictsOf))
    if (verdict && 'chain' in verdict && !chains.has(verdict.chain))
      throw new RuleTextError(rule.line, 'there is no such chain', rule.text);
  return rule;
}

function verdictsOf(step: Step): (Verdict | undefined)[] {
  if ('verdict' in step) return [step];
  if ('match' in step) return [];
  if (step.statement === 'verdictMap') return [...step.map.verdicts.values()];
  return step.statement === 'numgen' ? step.verdicts : [];
}

/** All tables of one text. */
export class NftablesReader {
  readonly #tables = new Map<string, TableScope>();
  readonly #chains = new Map<string, Chain>();
  readonly #bases: BaseChain[] = [];

  get ruleSet(): RuleSet {
    return { kind: 'nftables', chains: this.#chains, bases: this.#bases };
  }

  /** Takes `FAMILY NAME`; the table is made where it was not there and may be. */
  table(words: Words, make = false): TableScope {
    const family = words.value('a family', (word) => FAMILIES.find((f) => f === word));
    const name = `${family} ${words.take('a table')}`;
    const known = this.#tables.get(name);
    if (!known && !make) throw words.error('there is no such table');
    const scope = known ?? { table: name, family, chains: this.#chains, sets: new Map(), maps: new Map() };
    this.#tables.set(name, scope);
    return scope;
  }

  chain(words: Words, scope: TableScope): NftablesChain {
    const name = words.take('a chain');
    const key = chainKey(scope.table, name);
    const known = this.#chains.get(key);
    const chain = known instanceof NftablesChain ? known : new NftablesChain(name, scope);
    this.#chains.set(key, chain);
    return chain;
  }

  /** `type TYPE hook HOOK [device …] priority PRIORITY ; [policy POLICY ;] [comment "…" ;]`. */
  chainProperties(words: Words, chain: NftablesChain): void {
    while (words.left > 0 && words.peek() !== '}') {
      if (words.skip('type')) this.#hook(words, chain);
      else if (words.skip('policy'))
        chain.policy = words.value('a policy', (word) => (word === 'accept' || word === 'drop' ? word : undefined));
      else if (words.skip('comment')) words.take('a comment');
      else if (!words.skip(';')) throw words.error(`"${words.peek()}" is not known of a chain`);
    }
  }

  #hook(words: Words, chain: NftablesChain): void {
    const type = words.value('a type of chain', (word) =>
      ['filter', 'nat', 'route'].includes(word) ? word : undefined,
    );
    expect(words, 'hook');
    const hook = words.value('a hook', (word) => (HOOKS.includes(word) ? (word as Hook) : undefined));
    expect(words, 'priority');
    this.#bases.push({ chain, hook, priority: takePriority(words, hook), nat: type === 'nat' });
  }

  set(words: Words, scope: TableScope): void {
    const set = emptySet(words.take('a set'));
    const known = scope.sets.get(set.name) ?? set;
    scope.sets.set(set.name, known);
    if (!words.skip('{')) return;
    const dynamic = setProperties(words);
    if (dynamic) known.dynamic = dynamic;
    if (words.skip('elements')) {
      expect(words, '=');
      elements(words, known);
    }
  }

  map(words: Words, scope: TableScope): void {
    const name = words.take('a map');
    const map = scope.maps.get(name) ?? { name, verdicts: new Map() };
    scope.maps.set(name, map);
    if (!words.skip('{')) return;
    setProperties(words);
    if (words.skip('elements')) {
      expect(words, '=');
      verdicts(words, map, scope);
    }
  }

  element(words: Words, scope: TableScope): void {
    const name = words.take('a set');
    const set = scope.sets.get(name);
    const map = scope.maps.get(name);
    if (set) elements(words, set);
    else if (map) verdicts(words, map, scope);
    else throw words.error(`there is no set or map ${name}`);
  }
}

/** `-100`, `dstnat`, `dstnat + 5`, `filter - 10`. */
function takePriority(words: Words, hook: Hook): number {
  const word = words.take('a priority');
  // Output has no dstnat of its own: it is the same number.
  const base = Object.hasOwn(PRIORITIES, word) ? PRIORITIES[word]! : Number(word);
  if (!Number.isInteger(base)) throw words.error(`"${word}" is no priority at ${hook}`);
  const sign = words.skip('+') ? 1 : words.skip('-') ? -1 : 0;
  return sign === 0 ? base : base + sign * words.value('a number', (n) => (/^\d+$/.test(n) ? Number(n) : undefined));
}

const RULE = /^add rule (ip6?|inet) (\S+) (\S+) /;

/**
 * Commands, a line each: `add table|chain|set|map|rule|element …`, or a listing. Throws `RuleTextError`; of rules, when their chain is
 * read.
 */
export function parseNftables(text: string): RuleSet {
  const reader = new NftablesReader();
  const lines = text.split('\n');
  const listed = lines
    .find((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    ?.trim()
    .startsWith('table');
  if (listed) for (const { line, command } of listedCommands(lines)) readCommand(`add ${command}`, line, reader);
  else lines.forEach((line, index) => void readCommand(line.trim(), index + 1, reader));
  return reader.ruleSet;
}

function readCommand(line: string, number: number, reader: NftablesReader): void {
  if (line === '' || line.startsWith('#')) return;
  const { chains } = reader.ruleSet;
  // Rules are by far the most: their words are not looked at before a packet meets them.
  const [, family, table, name] = RULE.exec(line) ?? [];
  const chain = name === undefined ? undefined : chains.get(chainKey(`${family} ${table}`, name));
  if (chain instanceof NftablesChain) chain.lines.push({ number, text: line });
  else command(tokensOf(line, number), reader);
}

function command(words: Words, reader: NftablesReader): void {
  expect(words, 'add');
  const what = words.take('what to add');
  const scope = reader.table(words, what === 'table');
  switch (what) {
    case 'table':
      break;
    case 'chain': {
      const chain = reader.chain(words, scope);
      if (words.skip('{')) reader.chainProperties(words, chain);
      break;
    }
    case 'set':
      reader.set(words, scope);
      break;
    case 'map':
      reader.map(words, scope);
      break;
    case 'element':
      reader.element(words, scope);
      break;
    case 'rule':
      throw words.error(`there is no chain ${words.take('a chain')}`);
    default:
      throw words.error(`"add ${what}" is not known`);
  }
}
