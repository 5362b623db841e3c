/** Answers about a cluster's own zone, and about its addresses. Models CoreDNS' plugin/backend_lookup.go. */
import type { View } from '../../objects/object.ts';
import type { PacketAddress } from '../packet/packet.ts';
import { type Found, findRecords, namesOf, type ZoneSettings } from './cluster-records.ts';
import { absolute, type DnsAnswer, type DnsQuestion, type DnsRecord, isBelow, noAnswer } from './message.ts';
import { reversedAddress } from './reverse.ts';

export interface ClusterZone extends ZoneSettings {
  view: View;
  /** Seconds. */
  ttl: number;
  /** Seconds since 1970, when something in the zone has changed last. */
  serial: number;
  /** Whoever answers what is not of the zone, for names that Services lead to. */
  elsewhere(question: DnsQuestion): DnsAnswer;
}

/** Names that lead to one another, before it is given up. */
export const MAX_ALIASES = 8;
const DNS_VERSION_TTL = 28_800;
const SOA_TTL = 300;

/** `zone`: under which of the server's zones the name is, for what is not there. */
export function soa({ ttl, serial, zone: own }: ClusterZone, zone = own): DnsRecord {
  const data = `ns.dns.${zone} hostmaster.${zone} ${serial} 7200 1800 86400 ${ttl}`;
  return { name: zone, type: 'SOA', ttl: Math.min(ttl, SOA_TTL), data };
}

/** Undefined where there is no such name. `question` must be about the zone, its name in its absolute form. */
export function answerOfZone(zone: ClusterZone, question: DnsQuestion): DnsAnswer | undefined {
  const { name, type } = question;
  if (type === 'TXT' && name === `dns-version.${zone.zone}`)
    return answered([{ name, type: 'TXT', ttl: DNS_VERSION_TTL, data: '"1.1.0"' }]);
  if (name === zone.zone && type === 'SOA') return answered([soa(zone)]);
  if (name === zone.zone && type === 'NS') return nameServer(zone);
  const found = findRecords(zone.view, name, zone);
  if (!found) return undefined;
  if (type === 'SRV') return services(zone, name, found);
  const records = recordsOf(zone, question, found, []);
  return records.length > 0 ? answered(records) : noAnswer('NOERROR', [soa(zone)]);
}

const answered = (answers: DnsRecord[], additional: DnsRecord[] = []): DnsAnswer => ({
  code: 'NOERROR',
  answers,
  authority: [],
  additional,
});

const TYPE_OF_FAMILY = { 4: 'A', 6: 'AAAA' } as const;

const addressRecord = (name: string, { family, text }: PacketAddress, ttl: number): DnsRecord => ({
  name,
  type: TYPE_OF_FAMILY[family],
  ttl,
  data: text,
});

const unique = <T>(list: T[], key: (one: T) => string): T[] => [
  ...new Map(list.map((one) => [key(one), one])).values(),
];

function nameServer(zone: ClusterZone): DnsAnswer {
  const found = findRecords(zone.view, `ns.dns.${zone.zone}`, zone) ?? [];
  const records = found.map(({ name }): DnsRecord => ({ name: zone.zone, type: 'NS', ttl: zone.ttl, data: name }));
  const addresses = found.flatMap(({ host, name }) =>
    typeof host === 'string' ? [] : [addressRecord(name, host, zone.ttl)],
  );
  return records.length > 0
    ? answered(
        unique(records, ({ data }) => data),
        addresses,
      )
    : noAnswer('NOERROR', [soa(zone)]);
}

/** Addresses of the type that is asked for; and of somebody else's name what that leads to. */
function recordsOf(
  zone: ClusterZone,
  { name, type }: DnsQuestion,
  found: Found[],
  before: readonly DnsRecord[],
): DnsRecord[] {
  const records = found.flatMap(({ host }) => {
    if (typeof host === 'string') return aliasRecords(zone, { name, type }, host, before);
    return TYPE_OF_FAMILY[host.family] === type ? [addressRecord(name, host, zone.ttl)] : [];
  });
  return unique(records, (record) => `${record.type} ${record.name} ${record.data}`);
}

function aliasRecords(
  zone: ClusterZone,
  { name, type }: DnsQuestion,
  host: string,
  before: readonly DnsRecord[],
): DnsRecord[] {
  const target = absolute(host);
  const alias: DnsRecord = { name, type: 'CNAME', ttl: zone.ttl, data: target };
  if (type === 'CNAME') return [alias];
  if (type !== 'A' && type !== 'AAAA') return [];
  if (target === name || before.length >= MAX_ALIASES || before.some((record) => record.data === target)) return [];
  if (!isBelow(target, zone.zone)) return [alias, ...zone.elsewhere({ name: target, type }).answers];
  const next = findRecords(zone.view, target, zone);
  const records = next ? recordsOf(zone, { name: target, type }, next, [...before, alias]) : [];
  return records.length > 0 ? [alias, ...records] : [];
}

/** Names of others have no ports, so they are no services here. */
function services(zone: ClusterZone, name: string, found: Found[]): DnsAnswer {
  const own = found.flatMap(({ host, ...of }) => (typeof host === 'string' ? [] : [{ host, ...of }]));
  const weight = Math.max(1, Math.floor(100 / own.length));
  const records = own
    .filter(({ port }) => port >= 0)
    .map((of): DnsRecord => ({ name, type: 'SRV', ttl: zone.ttl, data: `0 ${weight} ${of.port} ${of.name}` }));
  if (records.length === 0) return noAnswer('NOERROR', [soa(zone)]);
  const addresses = own.map((of) => addressRecord(of.name, of.host, zone.ttl));
  return answered(
    unique(records, ({ data }) => data),
    unique(addresses, (record) => `${record.name} ${record.data}`),
  );
}

/** Whose an address is. Undefined where it is nobody's, or the name is of no address. */
export function answerOfReverse(zone: ClusterZone, { name, type }: DnsQuestion): DnsAnswer | undefined {
  const address = reversedAddress(name);
  const names = address ? namesOf(zone.view, address, zone) : [];
  if (names.length === 0) return undefined;
  if (type !== 'PTR') return noAnswer('NOERROR', [soa(zone)]);
  return answered(names.map((data): DnsRecord => ({ name, type: 'PTR', ttl: zone.ttl, data })));
}
