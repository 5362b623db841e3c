/** Questions and answers of DNS. Names are in lower case, with their dot at the end. */

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'SOA' | 'NS' | 'TXT' | 'MX';

export interface DnsQuestion {
  name: string;
  type: string;
}

export interface DnsRecord {
  name: string;
  type: RecordType;
  /** Seconds. */
  ttl: number;
  /** As zone files print it: an address, a name, `0 100 80 name.` for SRV. */
  data: string;
}

export interface DnsAnswer {
  /** NOERROR without answers is NODATA. */
  code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  answers: DnsRecord[];
  /** The zone's SOA where there is no answer. */
  authority: DnsRecord[];
  additional: DnsRecord[];
}

/** Characters of a name with its dots, and of one label of it (RFC 1035). */
export const MAX_DOMAIN = 254;
export const MAX_LABEL = 63;

export const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`).toLowerCase();

/** Of `a.b.` its labels: a, b; the root has none. */
export const labelsOf = (name: string): string[] => (name === '.' ? [] : name.slice(0, -1).split('.'));

/** Whether it can be asked for at all. */
export const isDomain = (name: string): boolean =>
  name === '.' ||
  (name.length <= MAX_DOMAIN && labelsOf(name).every((label) => label !== '' && label.length <= MAX_LABEL));

export const isBelow = (name: string, zone: string): boolean =>
  zone === '.' || name === zone || name.endsWith(`.${zone}`);

export const noAnswer = (code: DnsAnswer['code'], authority: DnsRecord[] = []): DnsAnswer => ({
  code,
  answers: [],
  authority,
  additional: [],
});
