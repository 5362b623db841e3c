/** Hostile changes: of JSON values along their structure, and of texts and bytes anywhere. All by one seeded source of chance. */
import type { Random } from '../etcd/script.ts';

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'length'];

const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  -1e300,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  '',
  ' ',
  '0',
  '-1',
  'x',
  '..',
  '/',
  '\u0000',
  '\ud800',
  'é日\u{1f600}',
  '%zz',
  '1e9999',
  '100%',
  '$(a)',
  '{{',
  "['",
  '*/0 * * * *',
  '@every 1h',
  '10.0.0.0/8',
  '::ffff:1.2.3.4',
  '2026-01-01T00:00:00Z',
  'PT1H',
  ...PROTOTYPE_NAMES,
];

const LONG = 3_000;
const WIDE = 400;
const DEEP = 1_200;

/** A text of one thing over and over. */
export const longText = (random: Random): string =>
  pick(random, [
    'a',
    '1',
    '/',
    'a.',
    '-',
    ' ',
    '\n',
    ',',
    "['",
    '(',
    '=',
    '"',
    '\\',
    'é',
    '%',
    ':',
    '[',
    '{',
    '\t',
    '0',
  ]).repeat(1 + below(random, LONG));

function deep(random: Random): unknown {
  const key = pick(random, [undefined, 'a', 'f:a', 'properties', '__proto__']);
  let value: unknown = 'x';
  for (let i = below(random, DEEP); i > 0; i--) value = key === undefined ? [value] : { [key]: value };
  return value;
}

function oddValue(random: Random): unknown {
  const choice = random();
  if (choice < 0.6) return pick(random, SCALARS);
  if (choice < 0.7) return longText(random);
  if (choice < 0.73) return deep(random);
  if (choice < 0.8) return pick<unknown>(random, [[], {}, [null], [[]], [{}], { a: null }, { '': '' }]);
  if (choice < 0.84) return Array.from({ length: below(random, WIDE) }, () => pick(random, SCALARS));
  if (choice < 0.88) return Object.fromEntries(Array.from({ length: below(random, WIDE) }, (_, i) => [`k${i}`, 'v']));
  return JSON.parse(`{"${pick(random, PROTOTYPE_NAMES)}":${JSON.stringify(pick(random, SCALARS)) ?? 'null'}}`);
}

/** Somewhere in `root`: its container and the key there. */
function place(random: Random, root: any): { container: any; key: string } | undefined {
  let container = root;
  for (;;) {
    const keys = Object.keys(container);
    if (keys.length === 0) return undefined;
    const key = pick(random, keys);
    const next = container[key];
    if (typeof next !== 'object' || next === null || random() < 0.25) return { container, key };
    container = next;
  }
}

/** A copy that is wrong in one to four places. `others` lend their parts. */
export function mutated(random: Random, value: unknown, others: readonly unknown[]): unknown {
  const holder = { value: structuredClone(value) };
  for (let i = 1 + below(random, 4); i > 0; i--) {
    const found = place(random, holder);
    if (found) change(random, found, others);
  }
  return holder.value;
}

function change(random: Random, { container, key }: { container: any; key: string }, others: readonly unknown[]): void {
  const choice = random();
  const old = container[key];
  if (choice < 0.4) container[key] = oddValue(random);
  else if (choice < 0.5) {
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
  } else if (choice < 0.6) {
    const copies = Array.from({ length: 1 + below(random, random() < 0.1 ? WIDE : 3) }, () => structuredClone(old));
    if (Array.isArray(container)) container.push(...copies);
    else for (const [i, copy] of copies.entries()) container[`${key}${i}`] = copy;
  } else if (choice < 0.75) {
    const lender = place(random, { other: pick(random, others) });
    if (lender) container[key] = structuredClone(lender.container[lender.key]);
  } else if (choice < 0.85 && typeof old === 'string') container[key] = mutatedText(random, old);
  else if (choice < 0.92 && !Array.isArray(container)) {
    delete container[key];
    const name = random() < 0.5 ? pick(random, PROTOTYPE_NAMES) : mutatedText(random, key);
    Object.defineProperty(container, name, { value: old, enumerable: true, configurable: true, writable: true });
  } else container[key] = random() < 0.5 ? [old] : { [key]: old };
}

const TOKENS =
  `{ } [ ] ( ) < > , ; : . - -- --- ... ? ! & * | > ' " \` @ % # = == != in notin ~ ~1 ~0 \\ / // * ** $ $( \${ null true 1e999
  0x1F 0777 .inf <<: &a *a !!int !!binary - \u0000 \ud800 \u2028 é 日 \n \t \r k8s\u0000`.split(' ');

export function mutatedText(random: Random, text: string): string {
  let result = text;
  for (let i = 1 + below(random, 3); i > 0; i--) {
    const at = below(random, result.length + 1);
    const choice = random();
    if (choice < 0.3) result = result.slice(0, at) + pick(random, TOKENS) + result.slice(at);
    else if (choice < 0.5) result = result.slice(0, at) + result.slice(at + 1 + below(random, 8));
    else if (choice < 0.6) result = result.slice(0, at);
    else if (choice < 0.75) {
      const end = at + below(random, 40);
      result = result.slice(0, end) + result.slice(at, end).repeat(1 + below(random, 20)) + result.slice(end);
    } else if (choice < 0.8) result = result.slice(0, at) + longText(random) + result.slice(at);
    else result = result.slice(0, at) + String.fromCharCode(below(random, 256)) + result.slice(at + 1);
  }
  return result;
}

export function mutatedBytes(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = Array.from(bytes);
  for (let i = 1 + below(random, 4); i > 0; i--) {
    const at = below(random, result.length + 1);
    const choice = random();
    if (choice < 0.5) result[Math.min(at, result.length - 1)] = below(random, 256);
    else if (choice < 0.7) result.splice(at, 1 + below(random, 6));
    else if (choice < 0.85) result.splice(at, 0, ...result.slice(at, at + below(random, 60)));
    else result.length = at;
  }
  return Uint8Array.from(result);
}
