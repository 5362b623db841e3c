/**
 * Makes what documents types, fields and parameters, from installed packages: kubernetes-models, whose comments are those of the OpenAPI
 * documents, and @kubernetes/client-node for what only that has. Neither file is committed.
 *
 *     assets/prose.json                   all of it, for the OpenAPI documents (and so `kubectl explain`): read when one is asked for
 *     src/apiserver/openapi/prose.gen.ts  what the columns of tables are described by, and the hash of all
 *
 * Runs before whatever loads the API server.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Prose } from '../src/apiserver/openapi/prose.ts';
import { builtInTable } from '../src/catalog/columns.ts';
import { KINDS } from '../src/catalog/generated/kinds.gen.ts';
import { BUILT_IN_SCHEMAS, builtInStruct } from '../src/catalog/schema.ts';
import { groupResourceName } from '../src/objects/status.ts';

const PACKAGES = new URL('../node_modules/', import.meta.url);
const MODELS = [new URL('kubernetes-models/', PACKAGES), new URL('@kubernetes-models/apimachinery/apis/', PACKAGES)];
const CLIENT = new URL('@kubernetes/client-node/dist/gen/', PACKAGES);
const ASSET = new URL('../assets/prose.json', import.meta.url);
const CODE = new URL('../src/apiserver/openapi/prose.gen.ts', import.meta.url);

const COMMENT = String.raw`/\*\*((?:(?!\*/)[\s\S])*?)\*/\s*`;
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const groupFolders = readdirSync(MODELS[0]!, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Where the models have `io.k8s.api.apps.v1.Deployment`: in the folder of its group's whole name, and core's types in the root. */
function declarationOf(schema: string): string | undefined {
  const [kind = '', version = '', group = ''] = schema.split('.').reverse();
  const folders = group === 'core' ? [''] : groupFolders.filter((name) => name.split('.')[0] === group);
  const paths = [
    ...folders.map((name) => `${name && `${name}/`}${version}/${kind}.d.ts`),
    `${group}/${version}/${kind}.d.ts`,
  ];
  for (const root of MODELS) {
    for (const path of paths) {
      const file = new URL(path, root);
      if (existsSync(file)) return readFileSync(file, 'utf8');
    }
  }
  return undefined;
}

function lines(comment: string): string {
  return comment.replace(/^\s*\* ?/gm, '').trim();
}

/** By field; '' is the type's own. The models escape what a comment or Markdown would misread, and add a tag. */
function ofModels(schema: string): Record<string, string> {
  const text = declarationOf(schema);
  const begin = text?.search(/export interface I\w+ /) ?? -1;
  if (!text || begin < 0) return {};
  const body = text.slice(begin, text.indexOf('\n}', begin));
  const found: Record<string, string> = {};
  const own = new RegExp(`${COMMENT}export interface I`).exec(text);
  if (own) found[''] = lines(own[1]!);
  for (const [, comment = '', field = ''] of body.matchAll(new RegExp(`\\n {4}${COMMENT}"([^"]+)"\\??:`, 'g')))
    found[field] = lines(comment);
  const plain = (prose: string): string =>
    prose
      .replaceAll('\\*', '*')
      .replaceAll('*\\/', '*/')
      .replace(/\n@deprecated$/, '');
  return Object.fromEntries(Object.entries(found).map(([field, prose]) => [field, plain(prose)]));
}

/** `io.k8s.api.core.v1.Event` is in `CoreV1Event`, or in `V1Event` where no other group has one. */
function ofClient(schema: string): Record<string, string> {
  const [kind = '', version = '', group = ''] = schema.split('.').reverse();
  const names = [capital(group) + capital(version) + kind, capital(version) + kind];
  const file = names.map((name) => new URL(`models/${name}.d.ts`, CLIENT)).find((url) => existsSync(url));
  if (!file) return {};
  const found: Record<string, string> = {};
  const pattern = new RegExp(`${COMMENT}(?:export declare class|'([^']+)'\\??:)`, 'g');
  for (const [, comment = '', field = ''] of readFileSync(file, 'utf8').matchAll(pattern))
    found[field] = withLines(
      lines(comment)
        .replace(/\\(['"])/g, '$1')
        .replace(/\n\s*/g, ' '),
    );
  return found;
}

/** The client writes a line's end as one space; the ends of paragraphs, and before indented lines, can still be seen. */
function withLines(text: string): string {
  let line = '';
  return text
    .replace(/(?<=\.) - (?=`)/g, '\n- ')
    .split(/( {2,})/)
    .map((part, i) => {
      const written = i % 2 === 1 ? gapOf(part.length, /[.:)]$/.test(line) || line.startsWith('  ')) : part;
      line = (line + written).split('\n').at(-1)!;
      return written;
    })
    .join('');
}

/** What so many spaces were, after what may be the end of a paragraph or may not. */
function gapOf(spaces: number, mayEnd: boolean): string {
  if (spaces === 2) return mayEnd ? '\n\n' : '  ';
  return spaces === 4 && mayEnd ? '\n\n  ' : `\n${' '.repeat(spaces - 1)}`;
}

const ENTITIES: Record<string, string> = { quot: '"', lt: '<', gt: '>', amp: '&' };

const unescaped = (text: string): string =>
  text.replace(/\\?&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex
      ? String.fromCodePoint(Number.parseInt(hex, 16))
      : decimal
        ? String.fromCodePoint(Number(decimal))
        : (ENTITIES[name] ?? whole),
  );

/** By `parameter`, and by `parameter operation` for operations that say something else than most. */
function parameters(): Record<string, string> {
  const said = new Map<string, Map<string, string[]>>();
  const apis = new URL('apis/', CLIENT);
  for (const file of readdirSync(apis).filter((name) => name.endsWith('Api.d.ts'))) {
    const text = readFileSync(new URL(file, apis), 'utf8');
    for (const [, comment = '', operation = ''] of text.matchAll(new RegExp(`${COMMENT}(\\w+)\\(`, 'g'))) {
      for (const [, name = '', prose = ''] of comment.matchAll(/@param _?(\w+) (.*)/g)) {
        if (name === 'name') continue;
        const texts = said.get(name) ?? new Map<string, string[]>();
        said.set(name, texts);
        const plain = withLines(unescaped(prose));
        texts.set(plain, [...(texts.get(plain) ?? []), operation]);
      }
    }
  }
  const found: Record<string, string> = {};
  for (const [name, texts] of said) {
    const [most, ...others] = [...texts].sort(([, a], [, b]) => b.length - a.length);
    found[name] = most![0];
    for (const [prose, operations] of others) for (const operation of operations) found[`${name} ${operation}`] = prose;
  }
  return found;
}

const goTypes: Record<string, { fields: { n: string; l?: boolean }[] }> = JSON.parse(
  readFileSync(new URL('capture/go-types.json', import.meta.url), 'utf8'),
);

/** Older documentation may start with the field's name as Go has it; the newest begins as the field does. */
function inNewStyle(schema: string, field: string, text: string): string {
  const lower = goTypes[schema]?.fields.find((f) => f.n === field)?.l;
  return lower && text.startsWith(`${capital(field)} `) ? field + text.slice(field.length) : text;
}

function typesProse(): Prose['types'] {
  const types: Prose['types'] = {};
  for (const name of BUILT_IN_SCHEMAS.names()) {
    const struct = builtInStruct(name);
    const prose = Object.entries({ ...ofClient(name), ...ofModels(name) });
    const known = prose
      .filter(([field, text]) => text !== '' && (field === '' || struct.byName.has(field)))
      .map(([field, text]) => [field, inNewStyle(name, field, text)]);
    if (known.length > 0) types[name] = Object.fromEntries(known);
  }
  return types;
}

const PREFIXES: Record<string, string> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** The documents list an enum's values behind what the types themselves say, which is what columns have. */
const ENUM = '\n\nPossible enum values:\n';

/** What the columns of all kinds, and of a Scale, are described by: by type and field, `core.v1.PodStatus.phase`. */
function columnsProse(types: Prose['types']): Record<string, string> {
  const found: Record<string, string> = {};
  const ask = (type: string, field: string): string => {
    const [group = ''] = type.split('.');
    const schema = `${PREFIXES[group] ?? `io.k8s.api.${group}`}${type.slice(group.length)}`;
    const text = types[schema]?.[field]?.split(ENUM)[0] ?? '';
    if (text !== '') found[`${type}.${field}`] = text;
    return text;
  };
  for (const kind of KINDS) builtInTable(groupResourceName(kind)).columns(ask);
  for (const type of ['ScaleSpec', 'ScaleStatus']) ask(`autoscaling.v1.${type}`, 'replicas');
  return found;
}

const types = typesProse();
const prose: Prose = { types, parameters: parameters() };
const asset = JSON.stringify(prose);
mkdirSync(new URL('./', ASSET), { recursive: true });
writeFileSync(ASSET, asset);
writeFileSync(
  CODE,
  `// Generated by scripts/prose.ts from installed packages; not committed.
export const PROSE_HASH = '${createHash('sha256').update(asset).digest('hex').slice(0, 16)}';
export const COLUMN_PROSE: Readonly<Record<string, string>> = ${JSON.stringify(columnsProse(types), null, 1)};
`,
);
