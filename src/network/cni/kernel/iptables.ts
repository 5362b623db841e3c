/** iptables and ip6tables as programs that plugins call: what they do to the tables, and how they end. */
import { CNIError } from '../errors.ts';
import type { Machine, RuleTables } from '../machine.ts';
import { printRule, RuleRefused } from './iptables-rule.ts';

const PROGRAMS = { 4: 'iptables', 6: 'ip6tables' } as const;
const VERSION = 'v1.8.9 (nf_tables)';
const BUILT_IN = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

const NO_CHAIN = 'No chain/target/match by that name.\n';
const NO_RULE = 'Bad rule (does a matching rule exist in that chain?).\n';
const EXIT_USAGE = 2;
const EXIT_RESOURCE = 4;

/** A program that did not end with 0. */
export class IPTablesError extends CNIError {
  readonly status: number;
  /** Whether it ended so because what it was told of is not there. */
  readonly isNotExist: boolean;

  constructor(command: readonly string[], status: number, said: string) {
    super(`running [${command.join(' ')} --wait]: exit status ${status}: ${said}`);
    this.status = status;
    this.isNotExist = said.endsWith(NO_RULE) || said.endsWith(NO_CHAIN) || /No such file|does not exist/.test(said);
  }
}

export const ignoringNotExist = (work: () => void): void => {
  try {
    work();
  } catch (error) {
    if (!(error instanceof IPTablesError && error.isNotExist)) throw error;
  }
};

export const commented = (text: string): string[] => ['-m', 'comment', '--comment', text];

export class IPTables {
  readonly family: 4 | 6;
  readonly #machine: Machine;

  constructor(machine: Machine, family: 4 | 6) {
    this.#machine = machine;
    this.family = family;
  }

  get #tables(): RuleTables {
    const { filter } = this.#machine.network.host;
    const program = PROGRAMS[this.family];
    filter[program] ??= {};
    return filter[program];
  }

  #chain(table: string, chain: string): string[] | undefined {
    const chains = this.#tables[table];
    if (chains && Object.hasOwn(chains, chain)) return chains[chain];
    return BUILT_IN.has(chain) ? [] : undefined;
  }

  #set(table: string, chain: string, rules: string[]): void {
    this.#tables[table] ??= {};
    this.#tables[table][chain] = rules;
  }

  #fail(args: readonly string[], status: number, said: string): never {
    throw new IPTablesError([`/usr/sbin/${PROGRAMS[this.family]}`, '-t', ...args], status, said);
  }

  #refuse(args: readonly string[], said: string): never {
    const name = PROGRAMS[this.family];
    const hint = `Try \`${name} -h' or '${name} --help' for more information.\n`;
    return this.#fail(args, EXIT_USAGE, `${name} ${VERSION}: ${said}\n${hint}`);
  }

  /** The rule's text and the chain's rules. `command`: `-C` and the like. */
  #rule(table: string, command: string, chain: string, rule: readonly string[], place: readonly string[] = []) {
    const args = [table, command, chain, ...place, ...rule];
    const rules = this.#chain(table, chain);
    this.#machine.work.spend(1 + (rules?.length ?? 0));
    try {
      const text = printRule(rule, this.family, (name) => this.#chain(table, name) !== undefined);
      if (!rules) {
        const why = command === '-C' || command === '-D' ? NO_RULE : NO_CHAIN;
        return this.#fail(args, 1, `${PROGRAMS[this.family]}: ${why}`);
      }
      return { args, rules, text };
    } catch (error) {
      if (error instanceof RuleRefused) return this.#refuse(args, error.message);
      throw error;
    }
  }

  hasChain(table: string, chain: string): boolean {
    return this.#chain(table, chain) !== undefined;
  }

  /** Throws where the arguments are refused. */
  has(table: string, chain: string, rule: readonly string[]): boolean {
    try {
      const { rules, text } = this.#rule(table, '-C', chain, rule);
      return rules.includes(text);
    } catch (error) {
      if (error instanceof IPTablesError && error.status === 1) return false;
      throw error;
    }
  }

  append(table: string, chain: string, rule: readonly string[]): void {
    const { rules, text } = this.#rule(table, '-A', chain, rule);
    this.#set(table, chain, [...rules, text]);
  }

  prepend(table: string, chain: string, rule: readonly string[]): void {
    const { rules, text } = this.#rule(table, '-I', chain, rule, ['1']);
    this.#set(table, chain, [text, ...rules]);
  }

  ensureRule(table: string, chain: string, rule: readonly string[], isFirst = false): void {
    if (this.has(table, chain, rule)) return;
    if (isFirst) this.prepend(table, chain, rule);
    else this.append(table, chain, rule);
  }

  delete(table: string, chain: string, rule: readonly string[]): void {
    const { args, rules, text } = this.#rule(table, '-D', chain, rule);
    const at = rules.indexOf(text);
    if (at < 0) this.#fail(args, 1, `${PROGRAMS[this.family]}: ${NO_RULE}`);
    this.#set(table, chain, rules.toSpliced(at, 1));
  }

  ensureChain(table: string, chain: string): void {
    if (!this.#chain(table, chain)) this.#set(table, chain, []);
  }

  /** Empties the chain, or makes it. */
  clearChain(table: string, chain: string): void {
    this.#set(table, chain, []);
  }

  deleteChain(table: string, chain: string): void {
    const args = [table, '-X', chain];
    const chains = this.#tables[table] ?? {};
    if (!Object.hasOwn(chains, chain)) this.#fail(args, 1, `${PROGRAMS[this.family]}: ${NO_CHAIN}`);
    const isUsed = Object.values(chains).some((rules) => {
      this.#machine.work.spend(rules.length);
      return rules.some((rule) => rule.endsWith(`-j ${chain}`));
    });
    const why = isUsed || chains[chain]!.length > 0;
    if (why)
      this.#fail(
        args,
        EXIT_RESOURCE,
        `${PROGRAMS[this.family]} ${VERSION}:  CHAIN_DEL failed (Device or resource busy): chain ${chain}\n`,
      );
    delete chains[chain];
  }

  /** Every rule of one chain that jumps to another. */
  deleteJumps(table: string, chain: string, target: string): void {
    const rules = this.#chain(table, chain);
    if (!rules) return;
    this.#machine.work.spend(rules.length);
    const left = rules.filter((rule) => !rule.endsWith(`-j ${target}`));
    if (left.length < rules.length) this.#set(table, chain, left);
  }
}

/** Drops what `iptables-save` says nothing of: built-in chains without a rule, tables without a chain. */
export function tidyTables(machine: Machine): void {
  const { filter } = machine.network.host;
  for (const program of Object.values(PROGRAMS)) {
    const tables = filter[program];
    if (!tables) continue;
    for (const [table, chains] of Object.entries(tables)) {
      for (const [chain, rules] of Object.entries(chains))
        if (rules.length === 0 && BUILT_IN.has(chain)) delete chains[chain];
      if (Object.keys(chains).length === 0) delete tables[table];
    }
    if (Object.keys(tables).length === 0) delete filter[program];
  }
}
