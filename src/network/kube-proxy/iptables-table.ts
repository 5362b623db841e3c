/**
 * A table being written, and its text. kube-proxy walks a hash map of services, so the order between services is chance: here chains are by
 * name, and rules of the chains that all services share are by service. Within a chain of its own, order is meaning.
 */
import type { WorkBudget } from '../../simulation/work-budget.ts';

const SHARED = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL'] as const;
const TAIL_COMMENT = 'kubernetes service nodeports;';

export class IptablesTable {
  readonly #name: string;
  readonly #work: WorkBudget;
  /** Each chain's rules as they are printed. A chain exists once it has an entry. */
  readonly #chains = new Map<string, string>();
  readonly #shared = new Map<string, string[]>(SHARED.map((chain) => [chain, []]));

  /** `work`: a step a character. */
  constructor(name: string, work: WorkBudget) {
    this.#name = name;
    this.#work = work;
  }

  /** `rules` are the parts after `-A CHAIN `. */
  chain(chain: string, rules: readonly string[] = []): void {
    if (!this.#chains.has(chain)) this.#chains.set(chain, '');
    for (const rule of rules) this.append(chain, rule);
  }

  append(chain: string, rule: string): void {
    this.#work.spend(chain.length + rule.length);
    const shared = this.#shared.get(chain);
    if (shared) shared.push(rule);
    else this.#chains.set(chain, `${this.#chains.get(chain) ?? ''}-A ${chain} ${rule}\n`);
  }

  /** Before what the chain has so far. */
  prepend(chain: string, rules: readonly string[]): void {
    const known = this.#chains.get(chain) ?? '';
    this.#chains.set(chain, '');
    this.chain(chain, rules);
    this.#chains.set(chain, `${this.#chains.get(chain)}${known}`);
  }

  text(): string {
    for (const [chain, rules] of this.#shared)
      if (rules.length > 0 || this.#chains.has(chain))
        this.#chains.set(
          chain,
          byService(rules)
            .map((rule) => `-A ${chain} ${rule}\n`)
            .join(''),
        );
    const names = [...this.#chains.keys()].sort();
    const rules = names.map((name) => this.#chains.get(name)!).join('');
    return `*${this.#name}\n:${names.join(' - [0:0]\n:')} - [0:0]\n${rules}COMMIT\n`;
  }
}

function byService(rules: string[]): string[] {
  const tail = rules.filter((rule) => rule.includes(TAIL_COMMENT)).sort();
  const keyed = rules.filter((rule) => !rule.includes(TAIL_COMMENT)).map((rule) => ({ rule, key: firstWord(rule) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return [...keyed.map((k) => k.rule), ...tail];
}

function firstWord(rule: string): string {
  const match = /--comment "?([^\s"]*)/.exec(rule);
  return match?.[1] ?? '';
}
