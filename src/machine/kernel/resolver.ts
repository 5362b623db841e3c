/** How names become addresses: /etc/hosts first, then the servers, search list and options of /etc/resolv.conf. */
import { Errno } from '../errno.ts';
import type { ProcessFiles } from '../files/view.ts';
import type { Resolution } from '../network.ts';

const DEFAULT_NDOTS = 1;
/** As resolv.conf's defaults: seconds a server is waited for, and how often all are asked. */
const TIMEOUT_MS = 5_000;
const ATTEMPTS = 2;

type Ask = (server: string, name: string, type: string) => Omit<Resolution, 'server'> | undefined;

const linesOf = (files: ProcessFiles, path: string): string[][] => {
  try {
    return files
      .read(path)
      .split('\n')
      .map((line) =>
        line
          .replace(/[#;].*/, '')
          .trim()
          .split(/\s+/),
      );
  } catch (error) {
    if (error instanceof Errno) return [];
    throw error;
  }
};

/** @returns what was found, and for how long servers that do not answer were waited for. */
export function resolveByHosts(
  files: ProcessFiles,
  name: string,
  type: string,
  ask: Ask,
): { resolution: Resolution; waits: number } {
  const plain = name.replace(/\.$/, '').toLowerCase();
  const isAddress = type === 'A' || type === 'AAAA';
  const fits = (address: string): boolean => address.includes(':') === (type === 'AAAA');
  const known = isAddress
    ? linesOf(files, '/etc/hosts').filter(
        (words) => words.slice(1).some((word) => word.toLowerCase() === plain) && fits(words[0]!),
      )
    : [];
  const resolv = linesOf(files, '/etc/resolv.conf');
  const servers = resolv.filter((words) => words[0] === 'nameserver' && words[1]).map((words) => words[1]!);
  const server = servers[0] ?? '127.0.0.1';
  const base = { authority: [], server };
  if (known.length > 0) {
    const answers = known.map((words) => ({ name: `${plain}.`, type, ttl: 0, data: words[0]! }));
    return { resolution: { ...base, code: 'NOERROR', question: `${plain}.`, answers }, waits: 0 };
  }
  const search = resolv.findLast((words) => words[0] === 'search')?.slice(1) ?? [];
  const ndots = resolv
    .flatMap((words) => (words[0] === 'options' ? words : []))
    .find((word) => word.startsWith('ndots:'));
  const dots = ndots ? Number(ndots.slice(6)) : DEFAULT_NDOTS;
  const qualified = search.map((domain) => `${plain}.${domain.replace(/\.$/, '')}.`);
  const absolute = `${plain}.`;
  const names = name.endsWith('.')
    ? [absolute]
    : plain.split('.').length - 1 >= dots
      ? [absolute, ...qualified]
      : [...qualified, absolute];
  let last: Omit<Resolution, 'server'> | undefined;
  for (const full of names) {
    const found = ask(server, full, type);
    if (!found) {
      const resolution: Resolution = { ...base, code: 'TIMEOUT', question: full, answers: [] };
      return { resolution, waits: TIMEOUT_MS * ATTEMPTS };
    }
    if (found.code === 'NOERROR' && found.answers.length > 0) return { resolution: { ...found, server }, waits: 0 };
    last = last?.code === 'NOERROR' ? last : found;
  }
  return {
    resolution: { ...(last ?? { code: 'NXDOMAIN', question: absolute, answers: [], authority: [] }), server },
    waits: 0,
  };
}
