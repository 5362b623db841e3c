/** What all plugins read of a network configuration. Source: containernetworking/cni pkg/types. */
import { type IPNet, readIP, readNet } from '../ip-addresses.ts';
import { fail } from './errors.ts';
import {
  flag,
  int,
  kindOf,
  list,
  map,
  mistaken,
  optional,
  type Read,
  rawMap,
  type Shape,
  struct,
  text,
  textual,
} from './shape.ts';

export const ipShape = textual('net.IP', readIP, (value) => `invalid IP address: ${value}`);

/** A network is read by its own rules from whatever is there: even null and an empty text are none. */
export const netShape: Shape<IPNet | undefined> = {
  type: 'string',
  zero: undefined,
  read(value, place) {
    const written = value === null ? '' : value;
    if (typeof written !== 'string') return fail(mistaken(kindOf(written), place, 'string'));
    return readNet(written) ?? fail(`invalid CIDR address: ${written}`);
  },
};

export const dnsShape = struct('types.DNS', {
  nameservers: list(text),
  domain: text,
  search: list(text),
  options: list(text),
});

export type DNS = Read<typeof dnsShape>;

export const routeShape = struct('types.route', {
  dst: netShape,
  gw: ipShape,
  mtu: int,
  advmss: int,
  priority: int,
  table: optional(int),
  scope: optional(int),
});

/** Where `dst` is not given, Go has an empty network. */
export type Route = Read<typeof routeShape>;

export const attachmentsShape = list(struct('types.GCAttachment', { containerID: text, ifname: text }));

/** Fields of every plugin's configuration. */
export const NETWORK_FIELDS = {
  cniVersion: text,
  name: text,
  type: text,
  capabilities: map(flag),
  ipam: struct('types.IPAM', { type: text }),
  dns: dnsShape,
  prevResult: rawMap,
  'cni.dev/valid-attachments': attachmentsShape,
};

export const isDNSGiven = (dns: DNS): boolean =>
  dns.nameservers !== undefined || dns.search !== undefined || dns.options !== undefined || dns.domain !== '';
