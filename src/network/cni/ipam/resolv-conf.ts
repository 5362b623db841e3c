/** A resolv.conf as host-local reads it. */
import type { DNS } from '../network-config.ts';

export function readResolvConf(text: string): DNS {
  const nameservers: string[] = [];
  const search: string[] = [];
  const options: string[] = [];
  let domain = '';
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const [keyword, first, ...rest] = trimmed.split(/\s+/);
    if (first === undefined) continue;
    if (keyword === 'nameserver') nameservers.push(first);
    else if (keyword === 'domain') domain = first;
    else if (keyword === 'search') search.push(first, ...rest);
    else if (keyword === 'options') options.push(first, ...rest);
  }
  return { nameservers, domain, search, options };
}
