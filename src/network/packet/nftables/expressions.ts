/** What rules ask of a packet in nftables: its fields, and what they are compared with. */
import { type AddressRange, addressRange, type PortRange, type Protocol, portRange, protocolOf } from '../packet.ts';
import type { AddressSet, AddressType, ConnectionState, Field, Match, Side } from '../rule-set.ts';
import { type Words, wholeNumber } from '../words.ts';
import type { TableScope } from './sets.ts';
import { addElement, elementKey, emptySet } from './sets.ts';
import { list, unquoted } from './tokens.ts';

/** A field, and what must hold for the packet to have it. */
export interface FieldOf {
  field: Field;
  needs: Match[];
}

const SIDES: Record<string, Side> = { saddr: 'source', daddr: 'destination', sport: 'source', dport: 'destination' };

function side(words: Words, names: [string, string]): Side {
  return words.value(`${names[0]} or ${names[1]}`, (word) => (names.includes(word) ? SIDES[word] : undefined));
}

function portField(words: Words, protocol: Protocol | undefined): FieldOf {
  const field: Field = { of: 'port', side: side(words, ['sport', 'dport']) };
  return { field, needs: protocol ? [{ match: 'protocol', protocols: [protocol] }] : [] };
}

function metaField(words: Words): FieldOf {
  const what = words.take('a key of meta');
  const simple: Record<string, Field> = {
    l4proto: { of: 'protocol' },
    mark: { of: 'mark' },
    iifname: { of: 'interface', side: 'in' },
    oifname: { of: 'interface', side: 'out' },
    iif: { of: 'interface', side: 'in' },
    oif: { of: 'interface', side: 'out' },
  };
  if (!Object.hasOwn(simple, what)) throw words.error(`"meta ${what}" is not known`);
  return { field: simple[what]!, needs: [] };
}

function addressField(words: Words, family: 4 | 6, scope: TableScope): FieldOf {
  const needs: Match[] = scope.family === 'inet' ? [{ match: 'family', family }] : [];
  if (words.skip(family === 4 ? 'protocol' : 'nexthdr')) return { field: { of: 'protocol' }, needs };
  return { field: { of: 'address', side: side(words, ['saddr', 'daddr']) }, needs };
}

const SHORT_META = new Set(['mark', 'iifname', 'oifname', 'iif', 'oif', 'l4proto']);

/** Undefined, and nothing taken, where no field stands. */
export function takeField(words: Words, scope: TableScope): FieldOf | undefined {
  const word = words.peek() ?? '';
  if (SHORT_META.has(word)) return metaField(words);
  switch (word) {
    case 'ip':
    case 'ip6':
      words.skip(word);
      return addressField(words, word === 'ip' ? 4 : 6, scope);
    case 'meta':
      words.skip(word);
      return metaField(words);
    case 'tcp':
    case 'udp':
    case 'sctp':
      words.skip(word);
      return portField(words, word);
    case 'th':
      words.skip(word);
      return portField(words, undefined);
    default:
      return undefined;
  }
}

/** `[==|!=]`. */
export function takeNot(words: Words): { not?: true } {
  if (words.skip('!=')) return { not: true };
  words.skip('==');
  return {};
}

export function namedSet(words: Words, scope: TableScope): AddressSet {
  const name = words.take('a set').slice(1);
  const set = scope.sets.get(name);
  if (!set) throw words.error(`there is no set ${name}`);
  return set;
}

/** What a field or several are compared with: a value, a list in braces or a set by its name. */
export function takeComparison(fields: Field[], words: Words, scope: TableScope): Match {
  const not = takeNot(words);
  if (words.peek()?.startsWith('@')) return { match: 'set', fields, set: namedSet(words, scope), ...not };
  const [field] = fields;
  if (fields.length > 1 || !field) {
    const set = emptySet('');
    if (words.peek() === '{') list(words, () => addElement(words, set));
    else set.keys.add(elementKey(words));
    return { match: 'set', fields, set, ...not };
  }
  const values = words.peek() === '{' ? list(words, () => words.take('a value')) : [words.take('a value')];
  return { ...comparison(field, values, words), ...not };
}

function comparison(field: Field, values: string[], words: Words): Match {
  const each = <T>(what: string, read: (value: string) => T | undefined): T[] =>
    values.map((value) => {
      const found = read(value);
      if (found === undefined) throw words.error(`"${value}" is not ${what}`);
      return found;
    });
  switch (field.of) {
    case 'address':
      return { match: 'address', side: field.side, ranges: each<AddressRange>('an address', addressRange) };
    case 'port':
      return { match: 'port', side: field.side, ranges: each<PortRange>('a port', (value) => portRange(value, '-')) };
    case 'protocol':
      return { match: 'protocol', protocols: values.map(protocolOf) };
    case 'mark':
      return { match: 'mark', mask: 0xffff_ffff, values: each('a mark', wholeNumber) };
    case 'interface': {
      const names = values.map(unquoted).map((name) => {
        const prefix = name.endsWith('*');
        return { name: prefix ? name.slice(0, -1) : name, prefix };
      });
      return { match: 'interface', side: field.side, names };
    }
  }
}

/** After a mark: `and MASK [==|!=] VALUE`. */
export function takeMaskedMark(words: Words): Match {
  const mask = words.value('a mask', wholeNumber);
  const not = takeNot(words);
  return { match: 'mark', mask, values: [words.value('a mark', wholeNumber)], ...not };
}

const STATES: ConnectionState[] = ['new', 'established', 'related', 'invalid', 'untracked'];
const STATUSES: ConnectionState[] = ['dnat', 'snat'];
const TYPES: AddressType[] = ['local', 'broadcast', 'multicast', 'unicast'];

/** Names with commas between, or in braces. */
function names<T extends string>(words: Words, known: readonly T[], what: string): T[] {
  const take = (): T => words.value(what, (word) => known.find((name) => name === word));
  if (words.peek() === '{') return list(words, take);
  const found = [take()];
  while (words.skip(',')) found.push(take());
  return found;
}

/** After `ct`: `state …`, `status …`. */
export function takeConnection(words: Words): Match {
  const known = words.skip('state') ? STATES : words.skip('status') ? STATUSES : undefined;
  if (!known) throw words.error(`"ct ${words.peek() ?? ''}" is not known`);
  const not = takeNot(words);
  return { match: 'state', states: names(words, known, 'a state of a connection'), ...not };
}

/** After `fib`: `saddr type local`. */
export function takeFib(words: Words): Match {
  const of = side(words, ['saddr', 'daddr']);
  if (!words.skip('type')) throw words.error('of fib only the type of an address is known');
  const not = takeNot(words);
  return { match: 'addressType', side: of, types: names(words, TYPES, 'a type of address'), ...not };
}
