/** One rule of iptables: from the arguments of a command to the line that `iptables-save` prints of it. */
import { FAMILY_BITS, networkOf, printNet, readIP, readNet } from '../addresses.ts';

/** What the program says on stderr when it does not understand its arguments; it ends with 2 then. */
export class RuleRefused extends Error {}

const PROTOCOLS = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'ipv6-icmp', 'esp', 'ah', 'gre', 'all']);
const PROTOCOL_ALIASES: Record<string, string> = {
  icmpv6: 'ipv6-icmp',
  '6': 'tcp',
  '17': 'udp',
  '132': 'sctp',
  '1': 'icmp',
};
/** Protocols whose packets have ports. */
const PORT_PROTOCOLS = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp']);
export const MAX_PORT = 65535;
const CONNECTION_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
const ALL_MARKED = 0xffffffff;

const port = (value: string): string => {
  const bounds = value.split(':');
  const isPort = (bound: string): boolean => bound === '' || (/^\d+$/.test(bound) && Number(bound) <= MAX_PORT);
  if (bounds.length > 2 || !bounds.every(isPort)) throw new RuleRefused(`invalid port/service \`${value}' specified`);
  return bounds.map((bound) => (bound === '' ? '' : String(Number(bound)))).join(':');
};
const ports = (value: string): string => value.split(',').map(port).join(',');

const marked = (value: string): string => {
  const [mark, mask = String(ALL_MARKED)] = value.split('/');
  const hex = (number: string): string => `0x${Number(number).toString(16)}`;
  return Number(mask) === ALL_MARKED ? hex(mark!) : `${hex(mark!)}/${hex(mask)}`;
};
const xmarked = (value: string): string => (value.includes('/') ? value : `${value}/0xffffffff`);

const states = (value: string): string => {
  const given = value.split(',').map((state) => state.toUpperCase());
  return CONNECTION_STATES.filter((state) => given.includes(state)).join(',');
};

/** As `iptables-save` quotes it, which is as a shell reads it. */
const quoted = (value: string): string =>
  /^[\w-]+$/.test(value) ? value : `"${value.replace(/["\\']/g, (c) => `\\${c}`)}"`;

const asIs = (value: string): string => value;
const upper = (value: string): string => value.toUpperCase();

interface Option {
  /** As it is printed. */
  name: string;
  print(value: string): string;
}

const option = (name: string, print: Option['print'] = asIs): Option => ({ name, print });
const PORT_OPTIONS: Record<string, Option> = {
  '--dport': option('--dport', port),
  '--destination-port': option('--dport', port),
  '--sport': option('--sport', port),
  '--source-port': option('--sport', port),
};

const MATCHES: Record<string, Record<string, Option>> = {
  comment: { '--comment': option('--comment', quoted) },
  multiport: {
    '--dports': option('--dports', ports),
    '--destination-ports': option('--dports', ports),
    '--sports': option('--sports', ports),
    '--source-ports': option('--sports', ports),
    '--ports': option('--ports', ports),
  },
  mark: { '--mark': option('--mark', marked) },
  addrtype: { '--dst-type': option('--dst-type', upper), '--src-type': option('--src-type', upper) },
  conntrack: { '--ctstate': option('--ctstate', states) },
  state: { '--state': option('--state', states) },
  tcp: PORT_OPTIONS,
  udp: PORT_OPTIONS,
  udplite: PORT_OPTIONS,
  sctp: PORT_OPTIONS,
  dccp: PORT_OPTIONS,
};

const TARGETS: Record<string, Record<string, Option>> = {
  ACCEPT: {},
  DROP: {},
  RETURN: {},
  MASQUERADE: {},
  MARK: { '--set-xmark': option('--set-xmark', xmarked) },
  DNAT: { '--to-destination': option('--to-destination') },
  SNAT: { '--to-source': option('--to-source') },
};

const HEAD_OPTIONS: Record<string, string> = {
  '-s': '-s',
  '--source': '-s',
  '-d': '-d',
  '--destination': '-d',
  '-i': '-i',
  '--in-interface': '-i',
  '-o': '-o',
  '--out-interface': '-o',
  '-p': '-p',
  '--protocol': '-p',
};
/** The order in which they are printed, whatever the order of the arguments. */
const HEAD = ['-s', '-d', '-i', '-o', '-p'];

class RuleReader {
  readonly #family: 4 | 6;
  readonly #hasChain: (name: string) => boolean;
  readonly #head = new Map<string, string>();
  readonly #matches: { name: string; text: string }[] = [];
  #target = '';
  #targetOptions: Record<string, Option> = {};
  #targetText = '';

  constructor(family: 4 | 6, hasChain: (name: string) => boolean) {
    this.#family = family;
    this.#hasChain = hasChain;
  }

  read(args: readonly string[]): string {
    let negated = '';
    for (let at = 0; at < args.length; at++) {
      const name = args[at]!;
      if (name === '!') {
        negated = '! ';
        continue;
      }
      const value = args[++at];
      if (value === undefined) throw new RuleRefused(`option "${name}" requires an argument`);
      this.#argument(name, value, negated);
      negated = '';
    }
    const head = HEAD.flatMap((name) => this.#head.get(name) ?? []);
    const matches = this.#matches.map(({ name, text }) => `-m ${name}${text}`);
    const target = this.#target === '' ? [] : [`-j ${this.#target}${this.#targetText}`];
    return [...head, ...matches, ...target].join(' ');
  }

  #argument(name: string, value: string, negated: string): void {
    const head = HEAD_OPTIONS[name];
    if (head !== undefined) this.#setHead(head, value, negated);
    else if (name === '-m' || name === '--match') this.#match(value);
    else if (name === '-j' || name === '--jump') this.#jump(value);
    else this.#option(name, value, negated);
  }

  #setHead(name: string, value: string, negated: string): void {
    const text = name === '-p' ? this.#protocol(value) : name === '-s' || name === '-d' ? this.#network(value) : value;
    // Everywhere is not worth a word.
    if (text !== '' || negated !== '') this.#head.set(name, `${negated}${name} ${text}`);
  }

  #protocol(value: string): string {
    const name = PROTOCOL_ALIASES[value] ?? value.toLowerCase();
    if (!PROTOCOLS.has(name)) throw new RuleRefused(`unknown protocol "${value}" specified`);
    return name === 'all' ? '' : name;
  }

  #network(value: string): string {
    const ip = readIP(value);
    const net = ip ? { ip, bits: FAMILY_BITS[ip.family] } : readNet(value);
    if (!net || net.ip.family !== this.#family) throw new RuleRefused(`host/network \`${value}' not found`);
    return net.bits === 0 ? '' : printNet(networkOf(net));
  }

  #match(name: string): void {
    if (!MATCHES[name]) throw new RuleRefused(`Couldn't load match \`${name}':No such file or directory\n`);
    this.#matches.push({ name, text: '' });
  }

  #jump(name: string): void {
    const options = TARGETS[name];
    if (!options && !this.#hasChain(name)) throw new RuleRefused(`Chain '${name}' does not exist`);
    this.#target = name;
    this.#targetOptions = options ?? {};
  }

  #option(name: string, value: string, negated: string): void {
    const ofTarget = this.#targetOptions[name];
    if (ofTarget) {
      this.#targetText += ` ${ofTarget.name} ${ofTarget.print(value)}`;
      return;
    }
    const known = (match: { name: string }): boolean => Object.hasOwn(MATCHES[match.name]!, name);
    let match = this.#matches.findLast(known);
    if (!match) match = this.#implied(name);
    const { name: printed, print } = MATCHES[match.name]![name]!;
    if (match.name === 'multiport' && !PORT_PROTOCOLS.has(this.#protocolName()))
      throw new RuleRefused("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    match.text += ` ${negated}${printed} ${print(value)}`;
  }

  #protocolName(): string {
    return this.#head.get('-p')?.split(' ').at(-1) ?? '';
  }

  /** A protocol's own options load its match. */
  #implied(name: string): { name: string; text: string } {
    const protocol = this.#protocolName();
    if (!PORT_PROTOCOLS.has(protocol) || !Object.hasOwn(MATCHES[protocol]!, name))
      throw new RuleRefused(`unknown option "${name}"`);
    const match = { name: protocol, text: '' };
    this.#matches.push(match);
    return match;
  }
}

/** `hasChain`: whether the table has a chain of that name, which a rule may jump to. Throws `RuleRefused`. */
export const printRule = (args: readonly string[], family: 4 | 6, hasChain: (name: string) => boolean): string =>
  new RuleReader(family, hasChain).read(args);
