/** One rule of nftables: its expressions and statements, in their order. */
import { type PortRange, packetAddress } from '../packet.ts';
import type { Field, Rule, Statement, Step, Translation, VerdictMap } from '../rule-set.ts';
import { translatedPorts, translation } from '../translation.ts';
import { type Words, wholeNumber } from '../words.ts';
import { namedSet, takeComparison, takeConnection, takeFib, takeField, takeMaskedMark } from './expressions.ts';
import { numbered, skipNotes, type TableScope, takeVerdict, verdicts } from './sets.ts';
import { expect } from './tokens.ts';

export function parseRule(words: Words, scope: TableScope): Rule {
  const steps: Step[] = [];
  while (words.left > 0) for (const step of takeStep(words, scope)) steps.push(step);
  return { line: words.line, text: words.text, steps };
}

function takeStep(words: Words, scope: TableScope): Step[] {
  const verdict = takeVerdict(words, scope);
  if (verdict) return [verdict];
  const word = words.peek() ?? '';
  const own = Object.hasOwn(STATEMENTS, word) ? STATEMENTS[word] : undefined;
  if (own) {
    words.skip(word);
    return own(words, scope);
  }
  return takeExpression(words, scope);
}

const ALL_BITS = 0xffff_ffff;
const AND = new Set(['and', '&']);

/** `FIELD [. FIELD …] vmap …`, `FIELD … COMPARED`, `mark set …`. */
function takeExpression(words: Words, scope: TableScope): Step[] {
  const first = takeField(words, scope);
  if (!first) throw words.error(`"${words.peek() ?? ''}" is not known`);
  const fields: Field[] = [first.field];
  const needs: Step[] = [...first.needs];
  while (words.skip('.')) {
    const next = takeField(words, scope);
    if (!next) throw words.error('a field is missing');
    fields.push(next.field);
    for (const need of next.needs) needs.push(need);
  }
  if (words.skip('vmap')) return [...needs, { statement: 'verdictMap', fields, map: takeMap(words, scope) }];
  if (first.field.of === 'mark' && words.skip('set')) return [takeMark(words)];
  if (first.field.of === 'mark' && AND.has(words.peek() ?? '')) {
    words.take('and');
    return [takeMaskedMark(words)];
  }
  return [...needs, takeComparison(fields, words, scope)];
}

function takeMap(words: Words, scope: TableScope): VerdictMap {
  if (words.peek()?.startsWith('@')) {
    const name = words.take('a map').slice(1);
    const map = scope.maps.get(name);
    if (!map) throw words.error(`there is no map ${name}`);
    return map;
  }
  const map: VerdictMap = { name: '', verdicts: new Map() };
  verdicts(words, map, scope);
  return map;
}

/** `[meta] mark or VALUE`, `VALUE`. */
function takeMark(words: Words): Statement {
  words.skip('meta');
  if (!words.skip('mark')) return { statement: 'mark', and: 0, xor: words.value('a mark', wholeNumber) };
  const operation = words.take('an operation');
  const value = words.value('a mark', wholeNumber);
  switch (operation) {
    case 'or':
    case '|':
      return { statement: 'mark', and: ~value >>> 0, xor: value };
    case 'and':
    case '&':
      return { statement: 'mark', and: value, xor: 0 };
    case 'xor':
    case '^':
      return { statement: 'mark', and: ALL_BITS, xor: value };
    default:
      throw words.error(`the operation "${operation}" is not known`);
  }
}

const FLAGS = new Set(['random', 'fully-random', 'persistent']);

function skipFlags(words: Words): void {
  while (FLAGS.has(words.peek() ?? '')) {
    words.take('a flag');
    words.skip(',');
  }
}

/** The most choices of one `numgen`: there are not so many addresses behind a Service. */
export const MAX_NUMGEN = 65_536;

/** After `numgen`: `random|inc mod COUNT`. */
function takeCount(words: Words): number {
  if (!words.skip('random') && !words.skip('inc')) throw words.error('numgen is random or inc');
  expect(words, 'mod');
  const count = words.value('a number', wholeNumber);
  if (count < 1 || count > MAX_NUMGEN) throw words.error(`the number of choices is not from 1 to ${MAX_NUMGEN}`);
  return count;
}

/** `ADDRESS [. PORT]`, as a map's value. */
function mappedTranslation(words: Words): Translation {
  const address = words.value('an address', packetAddress);
  const to: Translation = { addresses: { first: address, last: address } };
  if (words.skip('.')) to.ports = translatedPorts(words, words.take('a port'));
  return to;
}

/** After `dnat` or `snat`: `[ip|ip6] [addr [. port]] to TRANSLATION [flags]`. */
function takeNat(statement: 'dnat' | 'snat', words: Words): Step[] {
  for (const word of ['ip', 'ip6', 'addr', '.', 'port']) words.skip(word);
  expect(words, 'to');
  let step: Statement;
  if (words.skip('numgen')) {
    const count = takeCount(words);
    expect(words, 'map');
    const to = numbered(words, count, () => mappedTranslation(words));
    if (statement === 'snat' || to.includes(undefined)) throw words.error('the map has not one value for each number');
    step = { statement: 'balance', to: to as Translation[] };
  } else step = { statement, to: translation(words, words.take('an address')) };
  skipFlags(words);
  return [step];
}

function takeNumgen(words: Words, scope: TableScope): Step[] {
  const count = takeCount(words);
  expect(words, 'vmap');
  const verdict = () => {
    const found = takeVerdict(words, scope);
    if (!found) throw words.error('this is no verdict');
    return found;
  };
  return [{ statement: 'numgen', verdicts: numbered(words, count, verdict) }];
}

/** After `update` or `add`: `@SET { FIELD [. FIELD …] [timeout …] }`. */
function takeUpdate(words: Words, scope: TableScope): Step[] {
  const set = namedSet(words, scope);
  if (!set.dynamic) throw words.error(`the set ${set.name} is not one that packets fill`);
  expect(words, '{');
  const fields: Field[] = [];
  const needs: Step[] = [];
  do {
    const next = takeField(words, scope);
    if (!next) throw words.error('a field is missing');
    fields.push(next.field);
    for (const need of next.needs) needs.push(need);
  } while (words.skip('.'));
  skipNotes(words);
  expect(words, '}');
  return [...needs, { statement: 'update', fields, set }];
}

function takeRedirect(words: Words): Step[] {
  let ports: PortRange | undefined;
  if (words.skip('to')) ports = translatedPorts(words, words.take('a port').replace(/^:/, ''));
  skipFlags(words);
  return [{ statement: 'redirect', ...(ports ? { ports } : {}) }];
}

function takeLog(words: Words): Step[] {
  while (words.skip('prefix') || words.skip('level') || words.skip('group')) words.take('a value');
  return [];
}

function takeCounter(words: Words): Step[] {
  if (words.peek()?.startsWith('"') || words.skip('name')) words.take('a name');
  if (words.skip('packets')) words.take('a number');
  if (words.skip('bytes')) words.take('a number');
  return [];
}

const STATEMENTS: Record<string, (words: Words, scope: TableScope) => Step[]> = {
  ct: (words) => [takeConnection(words)],
  fib: (words) => [takeFib(words)],
  numgen: takeNumgen,
  dnat: (words) => takeNat('dnat', words),
  snat: (words) => takeNat('snat', words),
  masquerade: (words) => {
    skipFlags(words);
    return [{ statement: 'masquerade' }];
  },
  redirect: takeRedirect,
  notrack: () => [{ statement: 'notrack' }],
  update: takeUpdate,
  add: takeUpdate,
  log: takeLog,
  counter: takeCounter,
  comment: (words) => {
    words.take('a comment');
    return [];
  },
};
