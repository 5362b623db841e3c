/** Sets and verdict maps: their declarations, their elements, and the verdicts that rules and elements share. */
import { addressRange, isOneAddress, packetAddress, portRange, protocolOf, rangeStart } from '../packet.ts';
import { DEFAULT_REJECT, rejectKind } from '../reject.ts';
import { type AddressSet, type Chain, chainKey, type Verdict, type VerdictMap } from '../rule-set.ts';
import { type Words, wholeNumber } from '../words.ts';
import { expect, list, unquoted } from './tokens.ts';

/** A table while its text is read: chains may be named before they are declared. */
export interface TableScope {
  /** `ip kube-proxy`. */
  table: string;
  family: 'ip' | 'ip6' | 'inet';
  chains: Map<string, Chain>;
  sets: Map<string, AddressSet>;
  maps: Map<string, VerdictMap>;
}

export const emptySet = (name: string): AddressSet => ({ name, keys: new Set(), ranges: [], ports: [] });

/** `[{ type …; flags dynamic,timeout; timeout 10s; comment "…" }]`: what matters of it is whether packets fill it. */
export function setProperties(words: Words): AddressSet['dynamic'] {
  let dynamic: { seconds: number } | undefined;
  let seconds = 0;
  while (words.left > 0 && words.peek() !== '}' && words.peek() !== 'elements') {
    const word = words.take('a property');
    if (word === 'dynamic') dynamic = { seconds: 0 };
    if (word === 'timeout' && words.peek() !== ';' && words.peek() !== ',' && words.left > 0)
      seconds = words.value('a duration', durationSeconds);
  }
  return dynamic && { seconds };
}

const UNITS: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Of `3h`, `1d12h`, `10800s`, `90`. */
export function durationSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+[dhms])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit!]!, 0);
}

/** One value of an element, in the form that a packet's field has. */
export function elementValue(words: Words): string {
  const word = words.take('a value');
  if (word.startsWith('"')) return unquoted(word);
  if (/^\d+$/.test(word)) return String(Number(word));
  const text = packetAddress(word)?.text ?? protocolOf(word);
  if (text === undefined) throw words.error(`"${word}" is no value that is known`);
  return text;
}

/** An element's key: its values, with ` . ` between them. */
export function elementKey(words: Words): string {
  let key = elementValue(words);
  while (words.skip('.')) key += ` . ${elementValue(words)}`;
  return key;
}

/** What may follow an element's key and says nothing about packets. */
export function skipNotes(words: Words): void {
  for (;;) {
    if (words.skip('comment') || words.skip('timeout') || words.skip('expires')) words.take('a value');
    else if (words.skip('counter')) {
      if (words.skip('packets')) words.take('a number');
      if (words.skip('bytes')) words.take('a number');
    } else return;
  }
}

/** Adds an element: a range where it is one value, as `10.0.0.0/8` and `80-90` are. */
export function addElement(words: Words, set: AddressSet): void {
  const word = words.peek() ?? '';
  const range = /^[0-9a-f:.]+(\/\d+|-[0-9a-f:.]+)$/i.test(word) ? addressRange(word) : undefined;
  const ports = range ? undefined : /^\d+-\d+$/.test(word) ? portRange(word, '-') : undefined;
  if (range || ports) words.take('a range');
  if (range && isOneAddress(range)) set.keys.add(rangeStart(range));
  else if (range) set.ranges.push(range);
  else if (ports) set.ports.push(ports);
  else set.keys.add(elementKey(words));
  if ((range || ports) && words.peek() === '.') throw words.error('a range beside other values is not known');
  skipNotes(words);
}

export const elements = (words: Words, set: AddressSet): void => void list(words, () => addElement(words, set));

/** The verdict that stands here; undefined, and nothing taken, where there is none. */
export function takeVerdict(words: Words, scope: TableScope): Verdict | undefined {
  const word = words.peek();
  switch (word) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      words.skip(word);
      return { verdict: word };
    case 'jump':
    case 'goto':
      words.skip(word);
      return { verdict: word, chain: chainKey(scope.table, words.take('a chain')) };
    case 'reject':
      words.skip(word);
      return { verdict: 'reject', with: takeReject(words) };
    default:
      return undefined;
  }
}

/** `[with icmp[x] [type] KIND]`, `[with tcp reset]`. */
function takeReject(words: Words): string {
  if (!words.skip('with')) return DEFAULT_REJECT;
  if (words.skip('tcp')) {
    expect(words, 'reset');
    return 'tcp-reset';
  }
  for (const word of ['icmp', 'icmpv6', 'icmpx', 'type']) words.skip(word);
  return words.value('a way to reject', (word) => {
    const name = word.replace('port-unreachable', 'port-unreach').replace('admin-prohibited', 'adm-prohibited');
    return rejectKind(word) ?? rejectKind(name) ?? rejectKind(`icmp-${word}`);
  });
}

/** `KEY [comment "…"] : VERDICT`. */
function addVerdict(words: Words, map: VerdictMap, scope: TableScope): void {
  const key = elementKey(words);
  skipNotes(words);
  expect(words, ':');
  const verdict = takeVerdict(words, scope);
  if (!verdict) throw words.error('this is no verdict');
  map.verdicts.set(key, verdict);
  skipNotes(words);
}

export const verdicts = (words: Words, map: VerdictMap, scope: TableScope): void =>
  void list(words, () => addVerdict(words, map, scope));

/** `{ 0 : VALUE , 1 : VALUE }` of `numgen … mod COUNT`, as a list of that length. */
export function numbered<T>(words: Words, count: number, take: () => T): (T | undefined)[] {
  const found = new Array<T | undefined>(count).fill(undefined);
  list(words, () => {
    const number = words.value('a number', wholeNumber);
    expect(words, ':');
    const value = take();
    if (number < count) found[number] = value;
  });
  return found;
}
