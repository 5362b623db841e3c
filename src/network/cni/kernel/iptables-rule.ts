/** One rule of iptables: from the arguments of a command to the line that `iptables-save` prints of it. */
import { FAMILY_BITS, networkOf, printNet, readIP, readNet } from '../../ip-addresses.ts';
import { MAX_PORT } from '../../packet/packet.ts';

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
const CONNECTION_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
const ALL_MARKED = 0xffffffff;

const port = (value: string): string => {
  const bounds = value.split(':');
  const isPort = (bound: string): boolean => bound === '' || (/^\d+$/.test(bound) && Number(bound) <= MAX_PORT);
  if (bounds.length > 2 || !bounds.every(isPort)) throw new RuleRefused(`invalid port/service \`${value}' specified`);
  return bounds.map((bound) => (bound === '' ? '' : String(Number(bound)))).join(':');
};
export const MAX_MULTIPORTS = 15;
/** A range counts as two. */
function ports(value: string): string {
  const given = value.split(',');
  if (given.join(':').split(':').length > MAX_MULTIPORTS) throw new RuleRefused('too many ports specified');
  return given.map(port).join(',');
}

/** Where packets are sent instead; only an address after which a port is said is looked at. */
function destination(value: string): string {
  const said = /^(?:\[.*\]|[^:]*):(\d+)/.exec(value)?.[1];
  if (said !== undefined && Number(said) > MAX_PORT) throw new RuleRefused(`Port \`${said}' not valid`);
  return value;
}

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

/** How the match calls its options when it refuses them. */
const MULTIPORT_NAMES: Record<string, string> = {
  dports: '--destination-ports',
  sports: '--source-ports',
  ports: '--ports',
};

const MATCHES: Record<string, Record<string, Option>> = {
  comment: { '--comment': option('--comment', quoted) },
  multiport: {
    '--dports': option('--dports', ports),
    '--destination-ports': option('--dports', ports),
    // Abbreviated, as programs that read options with getopt take them.
    '--dport': option('--dports', ports),
    '--destination-port': option('--dports', ports),
    '--sport': option('--sports', ports),
    '--source-port': option('--sports', ports),
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
  // There is no match udplite.
  sctp: PORT_OPTIONS,
  dccp: PORT_OPTIONS,
};

const TARGETS: Record<string, Record<string, Option>> = {
  ACCEPT: {},
  DROP: {},
  RETURN: {},
  MASQUERADE: {},
  MARK: { '--set-xmark': option('--set-xmark', xmarked) },
  DNAT: { '--to-destination': option('--to-destination', destination) },
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
    if (this.#head.has(name)) throw new RuleRefused(`multiple ${name} flags not allowed`);
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
    if (!Object.hasOwn(MATCHES, name))
      throw new RuleRefused(`Couldn't load match \`${name}':No such file or directory\n`);
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
    const match = this.#matches.findLast(known) ?? this.#implied(name);
    if (match.name === 'multiport') this.#checkMultiport(match.text, name);
    const { name: printed, print } = MATCHES[match.name]![name]!;
    match.text += ` ${negated}${printed} ${print(value)}`;
  }

  #checkMultiport(text: string, name: string): void {
    const protocol = this.#protocolName();
    if (protocol === '')
      throw new RuleRefused("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    if (!PORT_PROTOCOLS.has(protocol))
      throw new RuleRefused('multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP');
    const given = /--(dports|sports|ports) /.exec(text)?.[1];
    if (given === undefined) return;
    const already = MULTIPORT_NAMES[given]!;
    const asked = MULTIPORT_NAMES[MATCHES.multiport![name]!.name.slice(2)]!;
    throw new RuleRefused(
      already === asked
        ? `multiport: option "${asked}" can only be used once.\n`
        : `multiport: option "${asked}" cannot be used together with "${already}".\n`,
    );
  }

  #protocolName(): string {
    return this.#head.get('-p')?.split(' ').at(-1) ?? '';
  }

  /** A protocol's own options load its match. */
  #implied(name: string): { name: string; text: string } {
    const protocol = this.#protocolName();
    if (!Object.hasOwn(MATCHES, protocol) || !Object.hasOwn(MATCHES[protocol]!, name))
      throw new RuleRefused(`unknown option "${name}"`);
    const match = { name: protocol, text: '' };
    this.#matches.push(match);
    return match;
  }
}

/** `hasChain`: whether the table has a chain of that name, which a rule may jump to. Throws `RuleRefused`. */
export const printRule = (args: readonly string[], family: 4 | 6, hasChain: (name: string) => boolean): string =>
  new RuleReader(family, hasChain).read(args);
