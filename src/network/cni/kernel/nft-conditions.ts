/** Conditions of a rule of nftables: from the words somebody wrote to those that `nft list ruleset` prints of them. */
import { alone, FAMILY_BITS, networkOf, printIP, printNet, readIP, readNet } from '../../ip-addresses.ts';

/** The program refuses a whole transaction then. */
export class ConditionRefused extends Error {}

const TOKEN = /"[^"]*"|[{},]|[^\s{},"]+/g;
const COMPARISONS = new Set(['==', '!=', '<', '>', '<=', '>=', 'eq', 'ne', 'lt', 'gt', 'le', 'ge']);
const SAME = new Set(['==', 'eq']);
const ADDRESS_FIELDS = new Set(['saddr', 'daddr']);
const INTERFACES = new Set(['iifname', 'oifname', 'iif', 'oif']);
const HEX_DIGITS = 8;
/** What else a condition may begin with; it is printed as it was written. */
const OTHERS = new Set([
  ...['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'th', 'icmp', 'icmpv6', 'ether', 'meta', 'ct', 'fib', 'limit', 'quota'],
  ...['counter', 'rt', 'socket', 'numgen', 'jhash', 'symhash', 'exthdr', 'frag', 'hbh', 'dst', 'mh', 'vlan', 'arp'],
  ...['esp', 'ah', 'comp', 'osf', 'ipsec', 'skuid', 'skgid', 'iifgroup', 'oifgroup', 'iiftype', 'oiftype', 'pkttype'],
  ...['nftrace', 'rtclassid', 'cpu', 'cgroup', 'length', 'protocol', 'nfproto', 'l4proto', 'priority', 'random', 'log'],
]);

const compared = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function address(text: string, family: 4 | 6): { value: bigint; text: string } {
  const [start, end] = text.split('-');
  if (end !== undefined) {
    const from = address(start!, family);
    return { value: from.value, text: `${from.text}-${address(end, family).text}` };
  }
  const prefix = /\/(\d+)$/.exec(text)?.[1];
  const bits = FAMILY_BITS[family];
  if (prefix !== undefined && Number(prefix) > bits)
    throw new ConditionRefused(`Prefix length ${prefix} is invalid for type of ${bits} bits width`);
  const ip = readIP(text);
  const net = ip ? alone(ip) : readNet(text);
  if (net?.ip.family !== family) throw new ConditionRefused('Could not resolve hostname: Name or service not known');
  const network = networkOf(net);
  return { value: network.ip.value, text: net.bits === bits ? printIP(net.ip) : printNet(network) };
}

const named = (text: string): string => (text.startsWith('"') ? text : `"${text}"`);

const marked = (text: string): string =>
  /^(?:0x[\da-f]+|\d+)$/i.test(text) ? `0x${Number(text).toString(16).padStart(HEX_DIGITS, '0')}` : text;

class ConditionReader {
  readonly #tokens: readonly string[];
  readonly #family: 4 | 6;
  #at = 0;

  constructor(text: string, family: 4 | 6) {
    this.#tokens = text.match(TOKEN) ?? [];
    this.#family = family;
  }

  read(): string {
    const printed: string[] = [];
    while (this.#at < this.#tokens.length) printed.push(this.#condition());
    return printed.join(' ');
  }

  get #token(): string | undefined {
    return this.#tokens[this.#at];
  }

  #unexpected(what: string): never {
    throw new ConditionRefused(`syntax error, unexpected ${what}`);
  }

  #condition(): string {
    const first = this.#tokens[this.#at++]!;
    if (first === 'ip' || first === 'ip6') return this.#ofProtocol(first);
    if (INTERFACES.has(first)) return this.#compared(first, (words) => words.map(named));
    if (first === 'mark') return this.#compared('meta mark', (words) => words.map(marked));
    if (first === 'meta') return this.#meta();
    if (OTHERS.has(first)) return this.#asWritten(first);
    return this.#unexpected(first.startsWith('-') ? '-' : first === '!' ? '!' : 'string');
  }

  #ofProtocol(word: 'ip' | 'ip6'): string {
    const other = this.#family === 4 ? 'ip6' : 'ip';
    if (word === other)
      throw new ConditionRefused(`conflicting protocols specified: ${this.#family === 4 ? 'ip' : 'ip6'} vs. ${other}`);
    const field = this.#token;
    if (field === undefined || !ADDRESS_FIELDS.has(field)) return this.#asWritten(word);
    this.#at++;
    return this.#compared(`${word} ${field}`, (words) =>
      words
        .map((text) => address(text, this.#family))
        .sort((a, b) => compared(a.value, b.value))
        .map(({ text }) => text),
    );
  }

  /** The names of interfaces are printed without the word. */
  #meta(): string {
    const key = this.#token;
    if (key !== undefined && INTERFACES.has(key)) return this.#condition();
    if (key !== 'mark') return this.#asWritten('meta');
    this.#at++;
    if (this.#token !== '&' && this.#token !== 'and') return this.#compared('meta mark', (words) => words.map(marked));
    this.#at++;
    const mask = marked(this.#value());
    if (this.#token !== undefined && !COMPARISONS.has(this.#token)) return this.#unexpected('string');
    const comparison = this.#tokens[this.#at++] ?? '==';
    return `meta mark & ${mask} ${comparison} ${marked(this.#value())}`;
  }

  #compared(selector: string, print: (words: readonly string[]) => readonly string[]): string {
    const comparison = COMPARISONS.has(this.#token ?? '') ? this.#tokens[this.#at++]! : '==';
    const words = this.#token === '{' ? this.#set() : [this.#value()];
    const isSet = this.#tokens[this.#at - 1] === '}';
    const printed = print(words).join(', ');
    return `${selector} ${SAME.has(comparison) ? '' : `${comparison} `}${isSet ? `{ ${printed} }` : printed}`;
  }

  #value(): string {
    const value = this.#tokens[this.#at++];
    if (value === undefined || value === ',' || value === '}' || value === '{') return this.#unexpected(value ?? 'fib');
    return value;
  }

  #set(): string[] {
    const words: string[] = [];
    do {
      this.#at++;
      if (this.#token === '}' && words.length > 0) break;
      words.push(this.#value());
    } while (this.#token === ',');
    if (this.#token !== '}') return this.#unexpected(this.#token ?? 'fib');
    this.#at++;
    return words;
  }

  /** Up to what may be another condition's beginning. */
  #asWritten(first: string): string {
    const words = [first];
    for (let token = this.#token; token !== undefined; token = this.#token) {
      const begins = token === 'ip' || token === 'ip6' || INTERFACES.has(token) || OTHERS.has(token);
      if (begins && words.length > 2) break;
      if (token === '{') words.push(`{ ${this.#set().join(', ')} }`);
      else if (!SAME.has(token)) words.push(this.#tokens[this.#at]!);
      if (token !== '{') this.#at++;
    }
    return words.join(' ').replaceAll(' , ', ',');
  }
}

/** Throws `ConditionRefused`. */
export const printConditions = (conditions: readonly string[], family: 4 | 6): string =>
  new ConditionReader(conditions.join(' '), family).read();
