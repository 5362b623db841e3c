/** What the document says is true: each example is taken, and each error status that it names is one that the route answers. */
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from './app.ts';
import { DOCUMENT, tellDefaults } from './document.ts';
import { MAX_BODY_BYTES } from './limits.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

interface Schema {
  $ref?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}
interface Described {
  name?: string;
  description?: string;
  schema?: Schema;
}
type Content = Record<string, { schema: Schema; examples?: Record<string, { value: unknown }> }>;
interface Operation {
  operationId: string;
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: Described[];
  requestBody?: { content: Content };
  responses: Record<string, { description?: string; headers?: Record<string, Described>; content?: Content }>;
}

const document = openApiDocument() as unknown as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
const byName = operations.map((one) => [one.operation.operationId, one] as const);

/** The places below a schema that say nothing of themselves, and those that have a `default`. */
function* silent(schema: Schema, at: string): Generator<string> {
  if (schema.default !== undefined) yield `${at} has a default`;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const isSaid = field.description ?? field.allOf?.some(({ description }) => description);
    if (!isSaid && !field.$ref) yield `${at}.${name}`;
    yield* silent(field, `${at}.${name}`);
  }
  if (schema.items) yield* silent(schema.items, `${at}[]`);
  if (typeof schema.additionalProperties === 'object') yield* silent(schema.additionalProperties, `${at}{}`);
  for (const branch of [schema.anyOf, schema.oneOf, schema.allOf].flatMap((branches) => branches ?? []))
    yield* silent(branch, at);
}

const silentParts = (described: Described[], at: string): string[] =>
  described.flatMap(({ name, description, schema }) => [
    ...(description ? [] : [`${at}?${name}`]),
    ...silent(schema ?? {}, `${at}?${name}`),
  ]);

const contentsOf = ({ requestBody, responses }: Operation) =>
  [requestBody, ...Object.values(responses)].flatMap((part) => Object.entries(part?.content ?? {}));

describe('the document', () => {
  it.each(Object.entries(document.components.schemas))('says what each field of %s is', (name, schema) => {
    expect([...(schema.description ? [] : [name]), ...silent(schema, name)]).toEqual([]);
  });

  it.each(byName)('says what %s does, with which parameters, and what it answers', (name, { operation }) => {
    const headers = Object.values(operation.responses).flatMap((answer) => Object.entries(answer.headers ?? {}));
    expect([
      ...silentParts(operation.parameters ?? [], name),
      ...silentParts(
        headers.map(([header, described]) => ({ ...described, name: header })),
        name,
      ),
      ...contentsOf(operation).flatMap(([media, { schema }]) => [...silent(schema, `${name} ${media}`)]),
    ]).toEqual([]);
    expect(operation.summary).toBeTruthy();
    expect(DOCUMENT.tags.map((tag) => tag.name)).toEqual(expect.arrayContaining(operation.tags!));
    expect(operation.tags).toHaveLength(1);
    expect(operation.security).toBeDefined();
    for (const answer of Object.values(operation.responses)) expect(answer.description).toBeTruthy();
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['429', '500']));
  });

  it('says where it was asked for', async () => {
    const served = await (await worker.fetch(`${ORIGIN}/v1/openapi.json`)).json<{ servers: object[] }>();
    expect(served.servers).toEqual([{ url: ORIGIN }]);
  });

  it('says defaults in words, and leaves examples as they are', () => {
    const schema = {
      type: 'object',
      example: { type: 1, default: 2 },
      properties: { a: { type: 'string', default: 'x', description: 'A.' }, b: { type: 'array', default: [] } },
    };
    tellDefaults(schema);
    expect(schema).toEqual({
      type: 'object',
      example: { type: 1, default: 2 },
      properties: { a: { type: 'string', description: 'A. By default `"x"`.' }, b: { type: 'array' } },
    });
  });
});

describe('a route', () => {
  let [own, other] = [
    { id: '', token: '' },
    { id: '', token: '' },
  ];
  const make = async (more: object = {}) => {
    const body = JSON.stringify({ nodes: 1, ...more });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    return (await worker.fetch(`${ORIGIN}/v1/clusters`, init)).json<typeof own>();
  };
  beforeAll(async () => {
    [own, other] = [await make(), await make()];
  });
  /** What examples are about that need more than a plain cluster has. */
  const EXAMPLE_CLUSTERS: Record<string, object> = { changeFaults: { topology: 'stacked' } };

  const urlOf = (path: string, id: string): string =>
    ORIGIN + path.replace('{id}', id).replace('{name}', 'node-1').replace('{tokenId}', 'k3o7mz2qxa');

  const withToken = (token?: string): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});

  it.each(byName)('takes its examples: %s', async (name, { path, method, operation }) => {
    const content = Object.entries(operation.requestBody?.content ?? {});
    const examples = content.flatMap(([media, { examples = {} }]) =>
      Object.values(examples).map(({ value }) => [media, value] as const),
    );
    expect(examples.length > 0).toBe(content.length > 0);
    const special = EXAMPLE_CLUSTERS[name];
    const cluster = special ? await make(special) : own;
    const token = operation.security!.length > 0 && !path.startsWith('/v1/simulate') ? cluster.token : undefined;
    for (const [media, value] of examples) {
      const body = typeof value === 'string' ? value : JSON.stringify(value);
      const headers = { 'content-type': media, ...withToken(token) };
      const answer = await worker.fetch(urlOf(path, cluster.id), { method, headers, body });
      expect([name, value, answer.status, await answer.text()]).toEqual([
        name,
        value,
        successOf(operation),
        expect.any(String),
      ]);
    }
  });

  const successOf = ({ responses }: Operation): number =>
    Number(Object.keys(responses).find((status) => status < '300'));

  /** Statuses that need more than a request: rules beyond writing, copies beyond room, an import whose body is no JSON. */
  const OUT_OF_REACH: Record<string, number[]> = {
    getNodeIptables: [422],
    resetCluster: [422],
    forkCluster: [503],
    importCluster: [413, 503],
    // Only a compacted history is too short.
    listCommits: [410],
  };

  /** Queries that their routes do not go without. */
  const NEEDED: Record<string, string> = { getStory: '?object=nodes/node-1', getStoryDiff: '?object=nodes/node-1' };

  it.each(byName)('answers the statuses that the document names: %s', async (name, { path, method, operation }) => {
    const media = Object.keys(operation.requestBody?.content ?? {})[0];
    const guarded = operation.security!.length > 0;
    const seen = new Set<number>();
    const ask = async (
      id: string,
      token: string | undefined,
      body?: string,
      type = media,
      query = NEEDED[name] ?? '',
    ): Promise<void> => {
      const headers = { ...withToken(token), ...(body !== undefined && type ? { 'content-type': type } : {}) };
      const init = { method, headers, ...(body === undefined ? {} : { body }) };
      const answer = await worker.fetch(urlOf(path, id) + query, init);
      await answer.body?.cancel();
      if (answer.status >= 300) seen.add(answer.status);
    };
    const good = media && JSON.stringify(Object.values(operation.requestBody!.content[media]!.examples!)[0]!.value);
    if (path.includes('{id}')) {
      await ask(own.id, undefined, good);
      await ask(own.id, 'wrong', good);
      await ask(own.id, other.token, good);
      await ask('aaaaaaaaaa', own.token, good);
    } else if (guarded) await ask(own.id, 'wrong', good);
    if (media) {
      for (const body of ['{', '{"nonsense":1}', ' '.repeat(MAX_BODY_BYTES + 1)])
        await ask(own.id, guarded ? own.token : undefined, body);
      await ask(own.id, guarded ? own.token : undefined, '{}', 'text/plain');
    }
    const queries = [
      '?limit=0',
      '?cursor=nonsense',
      '?revision=0',
      '?address=moon',
      '?object=nodes/node-1&to=4000000000',
    ];
    for (const query of queries) if (method === 'GET') await ask(own.id, own.token, undefined, undefined, query);
    const named = Object.keys(operation.responses)
      .map(Number)
      .filter((status) => status >= 400 && ![429, 500].includes(status) && !OUT_OF_REACH[name]?.includes(status));
    expect([...seen].sort()).toEqual(named.sort());
  });
});
