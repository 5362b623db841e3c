/** How C libraries ask: which names they try for one that a program gives, and when they stop. */
import { absolute, type DnsAnswer, type DnsQuestion, isDomain, noAnswer } from './message.ts';

/** Of `/etc/resolv.conf`. */
export interface Searching {
  searches: readonly string[];
  /** A name with as many dots is tried as it is first. */
  ndots: number;
  libc: 'glibc' | 'musl';
}

export interface Resolution extends DnsAnswer {
  /** What was asked in the end. */
  question: string;
  /** All that was asked, in its order. */
  tried: string[];
}

/** As the kubelet writes them for a pod with `dnsPolicy: ClusterFirst`. */
export const podSearches = (namespace: string, domain: string): string[] => [
  `${namespace}.svc.${domain}`,
  `svc.${domain}`,
  domain,
];

/** So that names with four dots, as those of Services' ports, are looked up in the cluster first. */
export const POD_NDOTS = 5;

/** The names that are tried in turn. A dot at the end says that it is no part of another. */
export function candidates(name: string, { searches, ndots, libc }: Searching): string[] {
  if (name.endsWith('.')) return [absolute(name)];
  const dots = name.split('.').length - 1;
  const searched = searches.map((search) => absolute(`${name}.${search.replace(/\.$/, '')}`)).filter(isDomain);
  // musl takes a name with dots enough for one that nobody searches.
  if (dots >= ndots) return libc === 'musl' ? [absolute(name)] : [absolute(name), ...searched];
  return [...searched, absolute(name)];
}

const hasAnswer = ({ code, answers }: DnsAnswer): boolean => code === 'NOERROR' && answers.length > 0;

/**
 * Tries names until one is answered. musl stops at a name that is there without what was asked for, and at a server that fails; glibc
 * goes on, and tells of the name without records in the end.
 */
export function resolve(ask: (question: DnsQuestion) => DnsAnswer, question: DnsQuestion, how: Searching): Resolution {
  const tried: string[] = [];
  let last: Resolution = { ...noAnswer('NXDOMAIN'), question: absolute(question.name), tried };
  let kept: Resolution | undefined;
  for (const name of candidates(question.name, how)) {
    tried.push(name);
    last = { ...ask({ name, type: question.type }), question: name, tried };
    if (hasAnswer(last)) return last;
    if (how.libc === 'musl' && last.code !== 'NXDOMAIN') return last;
    if (last.code !== 'NXDOMAIN') kept ??= last;
  }
  return kept ?? last;
}
