/**
 * Expressions that are broken, large, deep and strange, compiled and evaluated: none brings CEL down, or costs more CPU than an input may.
 * `FUZZ_INPUTS` says how many, `FUZZ_SEED` which.
 */
import { expect, it } from 'vitest';
import { compile, estimate, evaluate, kubernetesEnvironment } from '../../src/cel/cel.ts';
import { valueOfJSON } from '../../src/cel/json-value.ts';
import { compileRules } from '../../src/cel/rules.ts';
import type { CelSchema } from '../../src/cel/schema.ts';
import { valueOfSchema } from '../../src/cel/schema-value.ts';
import { DYN, INT, listOf, mapOf, STRING, type Type } from '../../src/cel/type.ts';
import type { Value } from '../../src/cel/value.ts';
import { describeValue } from '../../src/cel/value-text.ts';
import { readSuite } from '../cel/suite.ts';
import { type Random, seeded } from '../etcd/script.ts';
import { gauged } from './gauge.ts';
import { below, mutated, mutatedText, pick } from './mutate.ts';

const INPUTS = Number(process.env.FUZZ_INPUTS ?? 100_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Of so many one is large. */
const LARGE_EVERY = 500;

const SEEDS = readSuite().cases.map(({ expression }) => expression);
SEEDS.push(
  'self.ports.all(p, p.port > 0 && self.ports.exists_one(q, q.name == p.name))',
  'x.?a.?b.orValue("c").find("[a-z]+")',
  'ip("10.0.0.1") == cidr("10.0.0.0/8").ip() && url("https://a/b?c=d").getQuery()["c"][0] == "d"',
  'quantity("1Gi").add(quantity("1Mi")).isGreaterThan(quantity("1k")) || semver("1.2.3").isLessThan(semver("2.0.0"))',
  '"%s %d %.2f".format([s, n, 1.5]) + [1, 2].map(i, string(i)).join(",")',
  'm.transformMap(k, v, v + k).all(k, v, size(v) > size(k))',
  '[3, 1, 2].sortBy(i, -i).flatten()',
);

const WORDS =
  '( ) [ ] { } . , ? : + - * / % ! == != < <= > >= && || in true false null x s n l m self has all exists map filter size string int ' +
  'matches find split replace join sort sum format duration timestamp optional.of orValue .? [? "a" \'b\' b"c" 1 2u 3.5 0x1F -9223372036854775808 ; @ `a-b`';
const TOKENS = WORDS.split(' ');

const schema: CelSchema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    ports: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    at: { type: 'string', format: 'date-time' },
    either: { 'x-kubernetes-int-or-string': true },
  },
};
const object = {
  name: 'a',
  ports: [{ name: 'http', port: 80 }],
  labels: { a: 'b', 'c-d': 'e' },
  at: '2026-01-01T00:00:00Z',
  either: '5%',
};

const variables = new Map<string, Type>([
  ['x', DYN],
  ['s', STRING],
  ['n', INT],
  ['l', listOf(INT)],
  ['m', mapOf(STRING, STRING)],
]);
const environment = kubernetesEnvironment({ variables });

function valuesOf(random: Random): Map<string, Value> {
  return new Map<string, Value>([
    ['x', valueOfJSON(mutated(random, object, [1, 'a', null, [1], { a: { b: 'c' } }]))],
    ['s', 'hello'],
    ['n', 3n],
    ['l', valueOfJSON([1, 2, 3])],
    ['m', valueOfJSON({ a: 'b' })],
  ]);
}

function strangeText(random: Random): string {
  const length = 1 + below(random, 30);
  return Array.from({ length }, () => pick(random, TOKENS)).join(pick(random, ['', ' ', ' ', '\n']));
}

/** Something short, very often. */
function largeText(random: Random): string {
  const size = pick(random, [300, 5000, 99_000]);
  const part = pick(random, [
    ...[
      '(',
      '[',
      '{',
      '!',
      '-',
      '1+',
      'x.',
      'x[',
      '1,',
      '"',
      "'''",
      '`',
      '//',
      ';',
      'x ? ',
      'true || ',
      '{1:',
      'has(',
      '[?',
    ],
    ...[
      'x.all(a, ',
      '.optMap(a, a)',
      ' + l',
      '.map(i, i)',
      '\\u0041',
      'é',
      '\u{1f600}',
      '\n',
      'x.?a',
      '[1].map(i, [i] + ',
      ' 2',
    ],
    pick(random, SEEDS),
  ]);
  return (
    pick(random, ['', 'x', '"', 'optional.of(1)', 'l', '(', '[']) +
    part.repeat(Math.ceil(size / part.length)) +
    pick(random, ['', ')', ']', '"', '1'])
  );
}

function expressionOf(random: Random, index: number): string {
  if (index % LARGE_EVERY === 0) return largeText(random);
  if (random() < 0.2) return strangeText(random);
  const seed = pick(random, SEEDS);
  if (random() < 0.6) return mutatedText(random, seed).slice(0, 2000);
  // Two halves of different expressions.
  const other = pick(random, SEEDS);
  return seed.slice(0, below(random, seed.length + 1)) + other.slice(below(random, other.length + 1));
}

function tryOne(expression: string, values: Map<string, Value>): void {
  const compiled = compile(expression, environment);
  if (!compiled.checked) {
    expect(compiled.errors).toMatch(/^ERROR: <input>:-?\d+:\d+: ./);
    return;
  }
  const { min, max } = estimate(compiled.checked);
  expect(min).toBeGreaterThanOrEqual(0n);
  expect(max).toBeGreaterThanOrEqual(0n);
  if (!compiled.program) return;
  const result = evaluate(compiled.program, values);
  if (result.value === undefined) expect(result.error).not.toBe('');
  else describeValue(result.value);
}

it(`compiles and evaluates ${INPUTS} expressions`, { timeout: 0 }, async () => {
  const random = seeded(SEED);
  for (let i = 0; i < INPUTS; i++) {
    const expression = expressionOf(random, i);
    const values = valuesOf(random);
    await gauged(
      () => JSON.stringify(expression),
      expression.length,
      () => tryOne(expression, values),
    );
  }
});

it(`judges ${INPUTS / 100} values by their schema`, { timeout: 0 }, async () => {
  const random = seeded(SEED);
  const rules = [
    'self.ports.all(p, self.ports.exists_one(q, q == p)) && self.ports + self.ports == self.ports',
    'self.labels.all(k, self.labels[k].size() < 5) && self.at > timestamp("2020-01-01T00:00:00Z")',
    'self == oldSelf || self.either == "5%"',
  ].map((rule) => compileRules(schema, [{ rule }], false)![0]!);
  for (let i = 0; i < INPUTS / 100; i++) {
    const json = mutated(random, object, [schema, 'a', 1, null, []]);
    await gauged(
      () => JSON.stringify(json),
      JSON.stringify(json)?.length ?? 0,
      () => {
        const self = valueOfSchema(json, schema);
        for (const { program } of rules)
          evaluate(
            program!,
            new Map([
              ['self', self],
              ['oldSelf', self],
            ]),
          );
      },
    );
  }
});
