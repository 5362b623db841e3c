/** Addresses and networks. Source: k8s.io/apiserver's pkg/cel/library/ip.go and cidr.go. */
import { addressProblem, prefixProblem } from '../../objects/address-problem.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { type Address, formatIP, parseIP } from '../../objects/ip.ts';
import type { FunctionTable } from '../declarations.ts';
import { opaque } from '../type.ts';
import { CelError, CelObject, noSuchOverload, type Value } from '../value.ts';

const IP_TYPE = opaque('net.IP');
const CIDR_TYPE = opaque('net.CIDR');

class CelIP extends CelObject {
  readonly type = IP_TYPE;
  readonly family: 4 | 6;
  readonly value: bigint;
  constructor(family: 4 | 6, value: bigint) {
    super();
    this.family = family;
    this.value = value;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof CelIP ? other.family === this.family && other.value === this.value : noSuchOverload();
  }

  override get size(): number {
    return this.family === 4 ? 4 : 16;
  }

  get width(): number {
    return this.family === 4 ? 32 : 128;
  }

  get text(): string {
    return formatIP(this.family, this.value);
  }

  /** Whether the first `bits` are those of `value`. */
  within(value: bigint, bits: number): boolean {
    const shift = BigInt(this.width - bits);
    return this.value >> shift === value >> shift;
  }
}

class CelCIDR extends CelObject {
  readonly type = CIDR_TYPE;
  readonly address: CelIP;
  readonly bits: number;
  constructor(address: CelIP, bits: number) {
    super();
    this.address = address;
    this.bits = bits;
  }

  override equals(other: Value): boolean | CelError {
    if (!(other instanceof CelCIDR)) return noSuchOverload();
    return this.bits === other.bits && this.address.equals(other.address);
  }

  override get size(): number {
    return Math.ceil(this.bits / 8);
  }

  get text(): string {
    return `${this.address.text}/${this.bits}`;
  }

  containsIP(address: CelIP): boolean {
    return address.family === this.address.family && address.within(this.address.value, this.bits);
  }
}

function readIP(text: string): CelIP | CelError {
  const problem = addressProblem(text);
  if (problem !== undefined)
    return new CelError(`IP Address ${quoteGo(text)} parse error during conversion from string: ${problem}`);
  if (text.includes('%')) return new CelError(`IP address ${quoteGo(text)} with zone value is not allowed`);
  const address = parseIP(text) as Address;
  if (address.mapped) return new CelError(`IPv4-mapped IPv6 address ${quoteGo(text)} is not allowed`);
  return new CelIP(address.family, address.value);
}

function readCIDR(text: string): CelCIDR | CelError {
  const problem = prefixProblem(text);
  const failed = 'network address parse error during conversion from string: ';
  if (problem !== undefined) return new CelError(`${failed}${failed}${problem}`);
  const slash = text.lastIndexOf('/');
  const address = parseIP(text.slice(0, slash)) as Address;
  if (address.mapped) return new CelError(`${failed}IPv4-mapped IPv6 address ${quoteGo(text)} is not allowed`);
  return new CelCIDR(new CelIP(address.family, address.value), Number(text.slice(slash + 1)));
}

const containsIP = (cidr: CelCIDR, other: CelIP | CelError): Value =>
  other instanceof CelError ? noSuchOverload() : cidr.containsIP(other);

const containsCIDR = (cidr: CelCIDR, other: CelCIDR | CelError): Value =>
  other instanceof CelError ? other : cidr.bits <= other.bits && cidr.containsIP(other.address);

const masked = ({ address, bits }: CelCIDR): Value => {
  const shift = BigInt(address.width - bits);
  return new CelCIDR(new CelIP(address.family, (address.value >> shift) << shift), bits);
};

const ip4 = (ip: CelIP, prefix: bigint, bits: number): boolean => ip.family === 4 && ip.within(prefix, bits);
const ip6 = (ip: CelIP, prefix: bigint, bits: number): boolean => ip.family === 6 && ip.within(prefix, bits);

const isUnspecified = (ip: CelIP): boolean => ip.value === 0n;
const isLoopback = (ip: CelIP): boolean => ip4(ip, 127n << 24n, 8) || (ip.family === 6 && ip.value === 1n);
const isMulticast = (ip: CelIP): boolean => ip4(ip, 224n << 24n, 4) || ip6(ip, 0xffn << 120n, 8);
const isLinkLocalUnicast = (ip: CelIP): boolean => ip4(ip, 0xa9fen << 16n, 16) || ip6(ip, 0xfe80n << 112n, 10);
const isLinkLocalMulticast = (ip: CelIP): boolean =>
  ip4(ip, 0xe00000n << 8n, 24) || (ip.family === 6 && ((ip.value >> 112n) & 0xff0fn) === 0xff02n);
const isGlobalUnicast = (ip: CelIP): boolean =>
  !isUnspecified(ip) &&
  !(ip.family === 4 && ip.value === 0xffffffffn) &&
  !isLoopback(ip) &&
  !isMulticast(ip) &&
  !isLinkLocalUnicast(ip);

const question = (id: string, holds: (ip: CelIP) => boolean): FunctionTable[string] => [
  [id, 'net.IP.() -> bool', holds],
];

export const NETWORK: FunctionTable = {
  ip: [
    ['string_to_ip', '(string) -> net.IP', readIP],
    ['cidr_ip', 'net.CIDR.() -> net.IP', (cidr: CelCIDR) => cidr.address],
  ],
  family: [['ip_family', 'net.IP.() -> int', (ip: CelIP) => BigInt(ip.family)]],
  'ip.isCanonical': [
    [
      'ip_is_canonical',
      '(string) -> bool',
      (text: string) => {
        const ip = readIP(text);
        return ip instanceof CelError ? ip : ip.text === text;
      },
    ],
  ],
  isUnspecified: question('ip_is_unspecified', isUnspecified),
  isLoopback: question('ip_is_loopback', isLoopback),
  isLinkLocalMulticast: question('ip_is_link_local_multicast', isLinkLocalMulticast),
  isLinkLocalUnicast: question('ip_is_link_local_unicast', isLinkLocalUnicast),
  isGlobalUnicast: question('ip_is_global_unicast', isGlobalUnicast),
  isIP: [['is_ip', '(string) -> bool', (text: string) => readIP(text) instanceof CelIP]],
  string: [
    ['ip_to_string', '(net.IP) -> string', (ip: CelIP) => ip.text],
    ['cidr_to_string', '(net.CIDR) -> string', (cidr: CelCIDR) => cidr.text],
  ],
  cidr: [['string_to_cidr', '(string) -> net.CIDR', readCIDR]],
  containsIP: [
    [
      'cidr_contains_ip_string',
      'net.CIDR.(string) -> bool',
      (cidr: CelCIDR, text: string) => containsIP(cidr, readIP(text)),
    ],
    ['cidr_contains_ip_ip', 'net.CIDR.(net.IP) -> bool', containsIP],
  ],
  containsCIDR: [
    [
      'cidr_contains_cidr_string',
      'net.CIDR.(string) -> bool',
      (cidr: CelCIDR, text: string) => containsCIDR(cidr, readCIDR(text)),
    ],
    ['cidr_contains_cidr', 'net.CIDR.(net.CIDR) -> bool', containsCIDR],
  ],
  prefixLength: [['cidr_prefix_length', 'net.CIDR.() -> int', (cidr: CelCIDR) => BigInt(cidr.bits)]],
  masked: [['cidr_masked', 'net.CIDR.() -> net.CIDR', masked]],
  isCIDR: [['is_cidr', '(string) -> bool', (text: string) => readCIDR(text) instanceof CelCIDR]],
};
