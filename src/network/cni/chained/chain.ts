/** A chain of iptables with its rules, and the rules elsewhere that lead to it. Source: containernetworking/plugins plugins/meta/portmap/chain.go. */
import { CNIError, fail } from '../errors.ts';
import type { IPTables } from '../kernel/iptables.ts';

const TABLE = 'nat';

export interface Chain {
  name: string;
  rules: string[][];
  /** Chains that lead to it, by each of the entry rules. */
  entryChains: readonly string[];
  entryRules: string[][];
  isEntryFirst?: boolean;
}

const entries = ({ name, entryChains, entryRules }: Chain): { chain: string; rule: string[] }[] =>
  entryChains.flatMap((chain) => entryRules.map((rule) => ({ chain, rule: [...rule, '-j', name] })));

/** What there is already stays. Throws `CNIError`. */
export function setUpChain(tables: IPTables, chain: Chain): void {
  tables.ensureChain(TABLE, chain.name);
  for (const rule of chain.rules) tables.ensureRule(TABLE, chain.name, rule);
  for (const entry of entries(chain)) tables.ensureRule(TABLE, entry.chain, entry.rule, chain.isEntryFirst);
}

/** With every rule that leads to it, whatever that says besides. Throws `CNIError`. */
export function tearDownChain(tables: IPTables, { name, entryChains }: Chain): void {
  if (!tables.hasChain(TABLE, name)) return;
  tables.clearChain(TABLE, name);
  for (const chain of entryChains) tables.deleteJumps(TABLE, chain, name);
  tables.deleteChain(TABLE, name);
}

const printRules = (rules: readonly string[][]): string => `[${rules.map((rule) => `[${rule.join(' ')}]`).join(' ')}]`;

function has(tables: IPTables, chain: string, rule: readonly string[]): boolean {
  try {
    return tables.has(TABLE, chain, rule);
  } catch (error) {
    if (error instanceof CNIError) return false;
    throw error;
  }
}

/** Throws `CNIError` for what is not there. */
export function checkChain(tables: IPTables, chain: Chain): void {
  const { name, rules, entryRules } = chain;
  if (!tables.hasChain(TABLE, name)) fail(`chain ${name} not found in iptables table ${TABLE}`);
  const missing = (what: readonly string[][], where: string): never =>
    fail(`rule ${printRules(what)} in chain ${where} not found in table ${TABLE}`);
  if (!rules.every((rule) => has(tables, name, rule))) missing(rules, name);
  for (const entry of entries(chain)) if (!has(tables, entry.chain, entry.rule)) missing(entryRules, entry.chain);
}
