/** How long it takes to compile rules of a schema, and to evaluate one that is compiled. */
import { evaluate } from '../../src/cel/cel.ts';
import { compileRules } from '../../src/cel/rules.ts';
import type { CelSchema } from '../../src/cel/schema.ts';
import { valueOfSchema } from '../../src/cel/schema-value.ts';

const schema: CelSchema = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    max: { type: 'integer' },
    name: { type: 'string', maxLength: 63 },
    ports: {
      type: 'array',
      maxItems: 20,
      items: { type: 'object', properties: { name: { type: 'string', maxLength: 15 }, port: { type: 'integer' } } },
    },
  },
};
const object = {
  replicas: 3,
  max: 5,
  name: 'web-frontend',
  ports: [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
    { name: 'metrics', port: 9090 },
  ],
};
const RULES = [
  '!has(self.max) || self.replicas <= self.max',
  "self.name.startsWith('web') && self.name.size() < 20",
  'self.ports.all(p, p.port > 0 && p.port < 65536)',
  "self.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  'self.ports.all(a, self.ports.exists_one(b, a.name == b.name))',
];
const EVALUATIONS = 20_000;
const COMPILATIONS = 200;

/** In microseconds, each on average: of the rules, the slowest last. */
export function benchCel(): { compile: number; evaluations: { rule: string; microseconds: number }[] } {
  const rules = RULES.map((rule) => ({ rule }));
  const compileAll = () => compileRules(schema, rules, false)!;
  const compiled = compileAll();
  const each = (times: number, work: () => void): number => {
    for (let i = 0; i < times; i++) work();
    const start = performance.now();
    for (let i = 0; i < times; i++) work();
    return ((performance.now() - start) * 1000) / times;
  };
  const compile = each(COMPILATIONS, compileAll) / RULES.length;
  const evaluations = compiled.map(({ program }, index) => ({
    rule: RULES[index]!,
    microseconds: each(EVALUATIONS, () => evaluate(program!, new Map([['self', valueOfSchema(object, schema)]]))),
  }));
  return { compile, evaluations: evaluations.sort((a, b) => a.microseconds - b.microseconds) };
}
