/** The matches of an iptables rule: what stands before its target. */
import { addressRange, type PortRange, portRange, protocolOf } from '../packet.ts';
import type { AddressType, ConnectionState, Match, Recent, Side } from '../rule-set.ts';
import { type Words, wholeNumber } from '../words.ts';

/** A rule while its words are read: `-s`, `-d`, `-p`, `-i` and `-o` are looked at first, then the modules in their order. */
export interface RuleParts {
  header: Match[];
  modules: Match[];
  /** The modules that `-m` has named; options of others are not known. */
  loaded: Set<string>;
}

type Option = (words: Words, parts: RuleParts, not: boolean) => void;

const inverted = (not: boolean): { not?: true } => (not ? { not: true } : {});

const address =
  (side: Side): Option =>
  (words, { header }, not) => {
    const texts = words.take('an address').split(',');
    const ranges = texts.map((text) => {
      const range = addressRange(text.includes('-') ? '' : text);
      if (!range) throw words.error(`"${text}" is not an address`);
      return range;
    });
    header.push({ match: 'address', side, ranges, ...inverted(not) });
  };

const device =
  (side: 'in' | 'out'): Option =>
  (words, { header }, not) => {
    const word = words.take('an interface');
    const prefix = word.endsWith('+');
    header.push({
      match: 'interface',
      side,
      names: [{ name: prefix ? word.slice(0, -1) : word, prefix }],
      ...inverted(not),
    });
  };

const protocol: Option = (words, parts, not) => {
  const word = words.take('a protocol');
  if (word !== 'all' && word !== '0')
    parts.header.push({ match: 'protocol', protocols: [protocolOf(word)], ...inverted(not) });
  parts.loaded.add(word);
};

const readPorts = (word: string): PortRange | undefined => portRange(word, ':');

const ports =
  (side: Side | 'either', several: boolean): Option =>
  (words, { modules }, not) => {
    const word = words.take('a port');
    const ranges = (several ? word.split(',') : [word]).map((text) => {
      const range = readPorts(text);
      if (!range) throw words.error(`"${text}" is not a port`);
      return range;
    });
    modules.push({ match: 'port', side, ranges, ...inverted(not) });
  };

const STATES: ConnectionState[] = ['new', 'established', 'related', 'invalid', 'untracked', 'snat', 'dnat'];

const states: Option = (words, { modules }, not) => {
  const names = words.take('a state').split(',');
  const found = names.map((name) => {
    const state = STATES.find((s) => s.toUpperCase() === name);
    if (!state) throw words.error(`"${name}" is no state of a connection`);
    return state;
  });
  modules.push({ match: 'state', states: found, ...inverted(not) });
};

const TYPES: AddressType[] = ['local', 'broadcast', 'multicast', 'unicast'];

const addressType =
  (side: Side): Option =>
  (words, { modules }, not) => {
    const types = words
      .take('a type of address')
      .split(',')
      .map((name) => {
        const type = TYPES.find((t) => t.toUpperCase() === name);
        if (!type) throw words.error(`"${name}" is no type of address that is known`);
        return type;
      });
    modules.push({ match: 'addressType', side, types, ...inverted(not) });
  };

const mark: Option = (words, { modules }, not) => {
  const [value, mask = 0xffff_ffff, ...more] = words.take('a mark').split('/').map(wholeNumber);
  if (value === undefined || mask === undefined || more.length > 0) throw words.error('the mark is no number');
  modules.push({ match: 'mark', mask, values: [value], ...inverted(not) });
};

const probability: Option = (words, { modules }, not) => {
  const value = words.value('a probability', (word) => (/^[\d.]+(e-?\d+)?$/i.test(word) ? Number(word) : undefined));
  if (!(value >= 0 && value <= 1)) throw words.error('the probability is not between 0 and 1');
  modules.push({ match: 'random', probability: value, ...inverted(not) });
};

const statisticMode: Option = (words) => {
  const mode = words.take('a mode');
  if (mode !== 'random') throw words.error(`the mode "${mode}" of statistic is not known`);
};

/** The options of `recent` are about one match, whatever their order. */
const recent =
  (change: (recent: Recent, words: Words) => void): Option =>
  (words, { modules }, not) => {
    const last = modules.at(-1);
    if (last?.match !== 'recent') throw words.error('an option of recent without -m recent');
    change(last.recent, words);
    if (not) last.not = true;
  };

const command = (name: Recent['command']): Option =>
  recent((r) => {
    r.command = name;
  });

const ignored: Option = (words) => void words.take('a value');
const nothing: Option = () => {};

const IP_OPTIONS: Record<string, Option> = {
  '-s': address('source'),
  '--source': address('source'),
  '--src': address('source'),
  '-d': address('destination'),
  '--destination': address('destination'),
  '--dst': address('destination'),
  '-p': protocol,
  '--protocol': protocol,
  '--proto': protocol,
  '-i': device('in'),
  '--in-interface': device('in'),
  '-o': device('out'),
  '--out-interface': device('out'),
};

const PORT_OPTIONS: Record<string, Option> = {
  '--sport': ports('source', false),
  '--source-port': ports('source', false),
  '--dport': ports('destination', false),
  '--destination-port': ports('destination', false),
};

const MODULES: Record<string, Record<string, Option>> = {
  tcp: PORT_OPTIONS,
  udp: PORT_OPTIONS,
  sctp: PORT_OPTIONS,
  multiport: {
    '--sports': ports('source', true),
    '--source-ports': ports('source', true),
    '--dports': ports('destination', true),
    '--destination-ports': ports('destination', true),
    '--ports': ports('either', true),
  },
  comment: { '--comment': ignored },
  conntrack: { '--ctstate': states },
  state: { '--state': states },
  addrtype: { '--src-type': addressType('source'), '--dst-type': addressType('destination') },
  mark: { '--mark': mark },
  statistic: { '--mode': statisticMode, '--probability': probability },
  nfacct: { '--nfacct-name': ignored },
  recent: {
    '--name': recent((r, words) => {
      r.name = words.take('a name');
    }),
    '--set': command('set'),
    '--rcheck': command('rcheck'),
    '--update': command('update'),
    '--remove': command('remove'),
    '--seconds': recent((r, words) => {
      r.seconds = words.value('a number of seconds', wholeNumber);
    }),
    '--rsource': recent((r) => {
      r.side = 'source';
    }),
    '--rdest': recent((r) => {
      r.side = 'destination';
    }),
    '--mask': ignored,
    '--reap': nothing,
  },
};

/** Takes `-m NAME`: what it needs before its options. */
export function loadModule(words: Words, parts: RuleParts): void {
  const name = words.take('the name of a match');
  if (!Object.hasOwn(MODULES, name)) throw words.error(`the match "${name}" is not known`);
  parts.loaded.add(name);
  if (name === 'recent')
    parts.modules.push({
      match: 'recent',
      recent: { name: 'DEFAULT', side: 'source', command: 'rcheck', seconds: 0 },
    });
}

/** Takes the values of an option; false when there is no such option, or its module was not named. */
export function takeMatch(option: string, words: Words, parts: RuleParts, not: boolean): boolean {
  const own = IP_OPTIONS[option];
  const take =
    own ??
    [...parts.loaded].flatMap((name) => {
      const options = Object.hasOwn(MODULES, name) ? MODULES[name]! : {};
      return Object.hasOwn(options, option) ? [options[option]!] : [];
    })[0];
  if (!take) return false;
  take(words, parts, not);
  return true;
}
