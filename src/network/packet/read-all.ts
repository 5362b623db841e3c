/** A text of rules read to its end: what is wrong with it is told before a packet meets it. */
import { parseIptables } from './iptables/parse.ts';
import { parseNftables } from './nftables/parse.ts';
import type { RuleSet } from './rule-set.ts';

/** Throws `RuleTextError`. */
export function readAll(text: string): RuleSet {
  const ruleSet = parseRules(text);
  for (const chain of ruleSet.chains.values()) chain.rules();
  return ruleSet;
}

/** In whichever of the two languages it is: iptables-save's tables begin with `*`. Throws `RuleTextError`; of rules, when they are met. */
export const parseRules = (text: string): RuleSet =>
  /^\s*(?:#.*\s*)*[*:]/.test(text) ? parseIptables(text) : parseNftables(text);
