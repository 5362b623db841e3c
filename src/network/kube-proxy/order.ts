/**
 * The order in which a table is printed. kube-proxy walks a hash map of services, so the order between services is chance: here
 * chains are by name, and rules of the chains that all services share are by service. Within a chain of its own, order is meaning.
 */

const SHARED = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL']);
const TAIL_COMMENT = 'kubernetes service nodeports;';

/** `rules` are the parts after `-A CHAIN `, by chain, in the order written. */
export function tableText(table: string, rules: Map<string, string[]>): string {
  const chains = [...rules.keys()].sort();
  const lines = [`*${table}`, ...chains.map((chain) => `:${chain} - [0:0]`)];
  for (const chain of chains) {
    const written = rules.get(chain) ?? [];
    for (const rule of SHARED.has(chain) ? byService(written) : written) lines.push(`-A ${chain} ${rule}`);
  }
  return `${lines.join('\n')}\nCOMMIT\n`;
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
