/**
 * Makes src/catalog/generated/schemas.gen.ts from what a real API server's OpenAPI says (scripts/capture/openapi-schemas.json) and from
 * what only the Go types say (scripts/capture/go-types.json, by scripts/gotypes). One line a type; src/catalog/schema.ts reads it.
 *
 *   name|goName|typeFlags|field|field...     a field: name;number;type;flags
 *
 * Types: s string, b bool, i int32, l int64, d float64, y bytes, T Time, M MicroTime, D Duration, Q Quantity, I IntOrString, F FieldsV1,
 * R RawExtension, J any JSON, B A S the three JSONSchemaPropsOr…, a any, #N the type on line N; before them `*` pointer, `[` list,
 * `{` map; after one of these and of `s` the Go name in <> where the type has one.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const capture = (name: string) => JSON.parse(readFileSync(new URL(`capture/${name}`, import.meta.url), 'utf8'));
const openapi: Record<string, any> = capture('openapi-schemas.json');
const go: Record<string, { go: string; fields: GoField[] }> = capture('go-types.json');

interface GoField {
  n: string;
  t: string;
  o?: 'empty' | 'zero';
  p?: number;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const special: Record<string, string> = {
  string: 's',
  bool: 'b',
  int32: 'i',
  int64: 'l',
  float64: 'd',
  bytes: 'y',
  any: 'a',
  Time: 'T',
  MicroTime: 'M',
  Duration: 'D',
  Quantity: 'Q',
  IntOrString: 'I',
  FieldsV1: 'F',
  RawExtension: 'R',
  JSON: 'J',
  JSONSchemaPropsOrBool: 'B',
  JSONSchemaPropsOrArray: 'A',
  JSONSchemaPropsOrStringArray: 'S',
};

// The one type that has OpenAPI and is not an API type; in Go what is not required comes after the two numbers of the version.
const info = openapi['io.k8s.apimachinery.pkg.version.Info'];
const [major, minor, ...required]: string[] = info.required;
const optional = Object.keys(info.properties).filter((n) => !info.required.includes(n));
go['io.k8s.apimachinery.pkg.version.Info'] = {
  go: 'version.Info',
  fields: [major!, minor!, ...optional, ...required].map((n) => ({ n, t: 'string' })),
};

const names = Object.keys(go).sort();
const lineOf = new Map(names.map((name, i) => [name, i]));

function typeCode(t: string): string {
  if (t.startsWith('*')) return `*${typeCode(t.slice(1))}`;
  const named = /^(\[\]|map)(<[^>]*>)?(.+)$/.exec(t);
  if (named) return `${named[1] === 'map' ? '{' : '['}${named[2] ?? ''}${typeCode(named[3]!)}`;
  if (t.startsWith('#')) return `#${lineOf.get(t.slice(1))}`;
  const text = /^([a-zA-Z0-9]+)(<[^>]*>)?$/.exec(t)!;
  const code = special[text[1]!];
  if (!code) throw new Error(`no code for ${t}`);
  return code + (text[2] ?? '');
}

/** The OpenAPI of a type, or of one that has it inlined. */
function openapiOf(name: string): any {
  if (openapi[name]) return openapi[name];
  for (const [outer, { fields }] of Object.entries(go)) {
    if (fields.some((f) => f.n === '' && f.t === `#${name}`)) {
      const found = openapiOf(outer);
      if (found) return found;
    }
  }
  return undefined;
}

/** The default that OpenAPI has for a field without a marker of its own. */
function impliedDefault(f: GoField, property: any): unknown {
  const target = property.$ref ?? property.allOf?.[0].$ref ?? '';
  if (f.t.startsWith('#')) return f.o === 'zero' ? undefined : {};
  if (f.o || property.format === 'byte' || target) return undefined;
  if (f.t.startsWith('string')) return '';
  if (f.t === 'bool') return false;
  if (f.t === 'int32' || f.t === 'int64') return 0;
  return undefined;
}

function flagsOf(f: GoField, owner: any): string[] {
  const flags = f.o ? [f.o === 'zero' ? 'z' : 'e'] : [];
  const p = owner?.properties?.[f.n];
  if (!p) return flags;
  if (owner.required?.includes(f.n)) flags.push('r');
  const listType = p['x-kubernetes-list-type'];
  if (listType === 'map') flags.push(`k=${p['x-kubernetes-list-map-keys'].join(',')}`);
  else if (listType) flags.push(listType === 'set' ? 'S' : 'A');
  const mapType = p['x-kubernetes-map-type'];
  if (mapType) flags.push(mapType === 'atomic' ? 'A' : 'G');
  if (p['x-kubernetes-patch-strategy']) flags.push(`p=${p['x-kubernetes-patch-strategy']}`);
  if (p['x-kubernetes-patch-merge-key']) flags.push(`m=${p['x-kubernetes-patch-merge-key']}`);
  const implied = impliedDefault(f, p);
  if (JSON.stringify(p.default) !== JSON.stringify(implied)) flags.push(`d=${JSON.stringify(p.default) ?? ''}`);
  const values = p.enum ?? p.items?.enum ?? p.additionalProperties?.enum;
  if (values) flags.push(`v=${values.join(',')}`);
  if (p.$ref) flags.push('f');
  return flags;
}

function line(name: string): string {
  const { go: goName, fields } = go[name]!;
  const own = openapi[name];
  const owner = openapiOf(name);
  const flags: string[] = [];
  if (own) flags.push('o');
  if (own?.['x-kubernetes-map-type'] === 'atomic') flags.push('A');
  for (const g of own?.['x-kubernetes-group-version-kind'] ?? []) flags.push(`g=${g.group}/${g.version}/${g.kind}`);
  if (own?.['x-kubernetes-unions']) flags.push(`u=${JSON.stringify(own['x-kubernetes-unions'])}`);
  const cells = fields.map((f) => [f.n, f.p ?? '', typeCode(f.t), ...flagsOf(f, owner)].join(';'));
  for (const cell of [...cells, ...flags]) if (cell.includes('|')) throw new Error(`bar in ${cell}`);
  return [name, goName, flags.join(';'), ...cells].join('|');
}

for (const name of Object.keys(openapi)) {
  if (!go[name] && !name.startsWith(`${meta}Patch`) && openapi[name].properties) throw new Error(`no Go type: ${name}`);
}
const text = names.map(line).join('\n');
if (/[`\\]|\$\{/.test(text)) throw new Error('the table needs escaping');
writeFileSync(
  new URL('../src/catalog/generated/schemas.gen.ts', import.meta.url),
  `// Generated by scripts/schemas.ts from scripts/capture; do not edit.\nexport const SCHEMAS = \`${text}\`;\n`,
);
