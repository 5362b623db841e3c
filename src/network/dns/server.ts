/** A cluster's DNS server: which of its servers a question is for, and what the plugins of that say, in CoreDNS' order. */
import type { View } from '../../objects/object.ts';
import { packetAddress } from '../packet/packet.ts';
import type { PodMode } from './cluster-records.ts';
import { answerOfReverse, answerOfZone, type ClusterZone, soa } from './cluster-zone.ts';
import type { Directive, ServerBlock } from './corefile.ts';
import { absolute, type DnsAnswer, type DnsQuestion, type DnsRecord, isBelow, isDomain, noAnswer } from './message.ts';
import { reverseName } from './reverse.ts';
import { rewritten } from './rewrite.ts';

export interface DnsServer {
  blocks: readonly ServerBlock[];
  view: View;
  /** Seconds since 1970. */
  serial: number;
  /** Who is asked what the cluster does not know, at the addresses that `forward` says; absent: nobody is there. */
  upstream?(question: DnsQuestion, servers: readonly string[]): DnsAnswer;
}

const DEFAULT_TTL = 5;
const HOSTS_TTL = 3600;

export function answer(server: DnsServer, asked: DnsQuestion): DnsAnswer {
  const question = { name: absolute(asked.name), type: asked.type.toUpperCase() };
  if (!isDomain(question.name)) return noAnswer('SERVFAIL');
  const block = blockFor(server.blocks, question.name);
  if (!block) return noAnswer('REFUSED');
  const { question: changed, undo } = rewritten(block.directives, question);
  return undo(answerOfBlock(server, block, changed));
}

/** The server with the longest of the zones that the name is below. */
function blockFor(blocks: readonly ServerBlock[], name: string): ServerBlock | undefined {
  const length = ({ zones }: ServerBlock): number =>
    Math.max(-1, ...zones.filter((zone) => isBelow(name, zone)).map((zone) => (zone === '.' ? 0 : zone.length)));
  const [best] = blocks.filter((block) => length(block) >= 0).sort((a, b) => length(b) - length(a));
  return best;
}

function answerOfBlock(server: DnsServer, block: ServerBlock, question: DnsQuestion): DnsAnswer {
  const named = (name: string): Directive[] => block.directives.filter((directive) => directive.name === name);
  for (const hosts of named('hosts')) {
    const found = answerOfHosts(hosts, question);
    if (found) return found;
  }
  for (const kubernetes of named('kubernetes')) {
    const found = answerOfKubernetes(server, block, kubernetes, question);
    if (found) return found;
  }
  return forwarded(server, block, question);
}

function forwarded({ upstream }: DnsServer, { directives }: ServerBlock, question: DnsQuestion): DnsAnswer {
  const [, ...servers] =
    directives.find(({ name, args: [zone = '.'] }) => name === 'forward' && isBelow(question.name, absolute(zone)))
      ?.args ?? [];
  // Whoever has nobody to ask refuses; whom nobody answers, fails.
  if (servers.length === 0) return noAnswer('REFUSED');
  return upstream?.(question, servers) ?? noAnswer('SERVFAIL');
}

const fallsThrough = ({ lines }: Directive, name: string): boolean =>
  lines.some(
    ([word, ...zones]) =>
      word === 'fallthrough' && (zones.length === 0 || zones.some((zone) => isBelow(name, absolute(zone)))),
  );

/** Undefined: it is for the plugins after this one. */
function answerOfKubernetes(
  server: DnsServer,
  block: ServerBlock,
  directive: Directive,
  question: DnsQuestion,
): DnsAnswer | undefined {
  const { args, lines } = directive;
  const zones = args.length > 0 ? args.map(absolute) : block.zones;
  const zone = zones.filter((z) => isBelow(question.name, z)).sort((a, b) => b.length - a.length)[0];
  const own = zones.find((z) => !z.endsWith('.arpa.'));
  if (!zone || !own) return undefined;
  const option = (name: string): string | undefined => lines.find(([word]) => word === name)?.[1];
  const cluster: ClusterZone = {
    zone: own,
    view: server.view,
    serial: server.serial,
    pods: (option('pods') ?? 'disabled') as PodMode,
    endpointPodNames: lines.some(([word]) => word === 'endpoint_pod_names'),
    ttl: Number(option('ttl') ?? DEFAULT_TTL),
    elsewhere: (next) => answer(server, next),
  };
  const isReverse = zone.endsWith('.arpa.');
  const found = isReverse ? answerOfReverse(cluster, question) : answerOfZone(cluster, question);
  if (found) return found;
  return fallsThrough(directive, question.name) ? undefined : noAnswer('NXDOMAIN', [soa(cluster, zone)]);
}

/** `ADDRESS NAME…` lines of a block. */
function answerOfHosts(directive: Directive, { name, type }: DnsQuestion): DnsAnswer | undefined {
  const entries = directive.lines.flatMap(([text = '', ...names]) => {
    const address = packetAddress(text);
    return address ? [{ address, names: names.map(absolute) }] : [];
  });
  const ttl = Number(directive.lines.find(([word]) => word === 'ttl')?.[1] ?? HOSTS_TTL);
  const family = type === 'A' ? 4 : type === 'AAAA' ? 6 : undefined;
  const named = entries.filter(({ names }) => names.includes(name));
  const records: DnsRecord[] =
    type === 'PTR'
      ? entries
          .filter(({ address }) => reverseName(address) === name)
          .flatMap(({ names }) => names.map((data) => ({ name, type: 'PTR' as const, ttl, data })))
      : named
          .filter(({ address }) => address.family === family)
          .map(({ address }) => ({ name, type: type as 'A' | 'AAAA', ttl, data: address.text }));
  if (records.length > 0) return { ...noAnswer('NOERROR'), answers: records };
  if (named.length > 0) return noAnswer('NOERROR');
  return fallsThrough(directive, name) ? undefined : noAnswer('NXDOMAIN');
}
