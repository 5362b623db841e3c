/** The target of an iptables rule: `-j NAME` and its options. */
import type { PortRange } from '../packet.ts';
import { DEFAULT_REJECT, rejectKind } from '../reject.ts';
import type { Statement, Translation } from '../rule-set.ts';
import { translatedPorts, translation } from '../translation.ts';
import { type Words, wholeNumber } from '../words.ts';

const ALL_BITS = 0xffff_ffff;

const uint = (n: number): number => n >>> 0;

/** Takes the options that a target has, each with its values. */
function options(words: Words, known: Record<string, () => void>): void {
  while (words.left > 0) {
    const option = words.take('an option');
    if (!Object.hasOwn(known, option)) throw words.error(`the option "${option}" is not known here`);
    known[option]!();
  }
}

function markChange(words: Words, change: (value: number, mask: number) => { and: number; xor: number }): Statement {
  const [value, mask = ALL_BITS, ...more] = words.take('a mark').split('/').map(wholeNumber);
  if (value === undefined || mask === undefined || more.length > 0) throw words.error('the mark is no number');
  const { and, xor } = change(value, mask);
  return { statement: 'mark', and: uint(and), xor: uint(xor) };
}

function markTarget(words: Words): Statement {
  let statement: Statement | undefined;
  const sets =
    (change: (value: number, mask: number) => { and: number; xor: number }): (() => void) =>
    () => {
      statement = markChange(words, change);
    };
  options(words, {
    '--set-mark': sets((value, mask) => ({ and: ~(mask | value), xor: value })),
    '--set-xmark': sets((value, mask) => ({ and: ~mask, xor: value })),
    '--and-mark': sets((value) => ({ and: value, xor: 0 })),
    '--or-mark': sets((value) => ({ and: ~value, xor: value })),
    '--xor-mark': sets((value) => ({ and: ALL_BITS, xor: value })),
  });
  if (!statement) throw words.error('MARK says no mark');
  return statement;
}

function natTarget(words: Words, statement: 'dnat' | 'snat', option: string): Statement {
  let to: Translation | undefined;
  options(words, {
    [option]: () => {
      to = translation(words, words.take('an address'));
    },
    '--random': () => {},
    '--random-fully': () => {},
    '--persistent': () => {},
  });
  if (!to) throw words.error(`${option} is missing`);
  return { statement, to };
}

function portTarget(words: Words, statement: 'masquerade' | 'redirect'): Statement {
  let ports: PortRange | undefined;
  options(words, {
    '--to-ports': () => {
      ports = translatedPorts(words, words.take('a port'));
    },
    '--random': () => {},
    '--random-fully': () => {},
  });
  if (statement === 'masquerade') return { statement };
  return { statement, ...(ports ? { ports } : {}) };
}

function rejectTarget(words: Words): Statement {
  let kind = DEFAULT_REJECT;
  options(words, {
    '--reject-with': () => {
      kind = words.value('a way to reject', rejectKind);
    },
  });
  return { verdict: 'reject', with: kind };
}

function ctTarget(words: Words): Statement {
  options(words, { '--notrack': () => {} });
  return { statement: 'notrack' };
}

function logTarget(words: Words): Statement {
  const value = (): void => void words.take('a value');
  options(words, { '--log-prefix': value, '--log-level': value, '--nflog-prefix': value, '--nflog-group': value });
  return { verdict: 'continue' };
}

/** What comes after `-j NAME`, to the end of the line. Undefined when NAME is no target of the kernel's but a chain. */
export function takeTarget(name: string, words: Words): Statement | undefined {
  switch (name) {
    case 'ACCEPT':
      return { verdict: 'accept' };
    case 'DROP':
      return { verdict: 'drop' };
    case 'RETURN':
      return { verdict: 'return' };
    case 'REJECT':
      return rejectTarget(words);
    case 'MARK':
      return markTarget(words);
    case 'DNAT':
      return natTarget(words, 'dnat', '--to-destination');
    case 'SNAT':
      return natTarget(words, 'snat', '--to-source');
    case 'MASQUERADE':
    case 'REDIRECT':
      return portTarget(words, name === 'MASQUERADE' ? 'masquerade' : 'redirect');
    case 'NOTRACK':
      return { statement: 'notrack' };
    case 'CT':
      return ctTarget(words);
    case 'LOG':
    case 'NFLOG':
      return logTarget(words);
    default:
      return undefined;
  }
}
