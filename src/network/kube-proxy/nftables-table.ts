/** An nftables table being written, and its text: objects by name, rules by chain as written, elements as sorted lines. */

import { append } from '../../objects/append.ts';
import type { WorkBudget } from '../../simulation/work-budget.ts';

export class NftablesTable {
  private readonly prefix: string;
  private readonly work: WorkBudget;
  private readonly chains = new Map<string, { properties: string; rules: string[] }>();
  private readonly sets = new Map<string, string>();
  private readonly maps = new Map<string, string>();
  private readonly elements = new Set<string>();

  constructor(family: 'ip' | 'ip6', name: string, work: WorkBudget) {
    this.work = work;
    this.prefix = `${family} ${name}`;
  }

  /** `properties` as in `type filter hook input priority 0 ;`. */
  chain(name: string, properties = ''): void {
    if (!this.chains.has(name)) this.chains.set(name, { properties, rules: [] });
  }

  set(name: string, properties: string): void {
    this.work.spend(name.length + properties.length);
    this.sets.set(name, properties);
  }

  map(name: string, properties: string): void {
    this.maps.set(name, properties);
  }

  rule(chain: string, rule: string): void {
    this.work.spend(chain.length + rule.length);
    this.chain(chain);
    this.chains.get(chain)?.rules.push(rule);
  }

  element(of: string, element: string): void {
    this.work.spend(of.length + element.length);
    this.elements.add(`add element ${this.prefix} ${of} { ${element} }`);
  }

  text(comment: string): string {
    const lines = [`add table ${this.prefix} { comment "${comment}" ; }`];
    const chains = [...this.chains].sort(byName);
    for (const [name, { properties }] of chains)
      lines.push(`add chain ${this.prefix} ${name}${properties ? ` { ${properties} }` : ''}`);
    for (const [name, properties] of [...this.sets].sort(byName))
      lines.push(`add set ${this.prefix} ${name} { ${properties} }`);
    for (const [name, properties] of [...this.maps].sort(byName))
      lines.push(`add map ${this.prefix} ${name} { ${properties} }`);
    for (const [name, { rules }] of chains)
      for (const rule of rules) lines.push(`add rule ${this.prefix} ${name} ${rule}`);
    append(lines, [...this.elements].sort());
    return `${lines.join('\n')}\n`;
  }
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
