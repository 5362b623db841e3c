/** Custom resources that a webhook converts, also one that lies. */
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_CONVERTED_BYTES } from '../../src/apiserver/webhooks/conversion.ts';
import { HeldBytes, LIGHT_BYTES } from '../../src/simulation/held-bytes.ts';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';
import { answered, type FakeHook, type FakeHooks, fakeHooks } from './fake-hook.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const at = (version: string, name = ''): string =>
  `/apis/example.org/${version}/namespaces/default/crontabs${name && `/${name}`}`;

/** v1 has `host: a:1`, v2 `host: a, port: 1`. */
function convert(object: any, to: string): any {
  const converted = { ...object, apiVersion: to };
  if (to.endsWith('/v2') && object.host !== undefined) {
    const [host, port] = object.host.split(':');
    return { ...converted, host, port };
  }
  if (to.endsWith('/v1') && object.port !== undefined) {
    const { port, ...rest } = converted;
    return { ...rest, host: `${object.host}:${port}` };
  }
  return converted;
}

const honest: FakeHook = ({ objects, desiredAPIVersion }) => ({
  result: { status: 'Success' },
  convertedObjects: objects.map((object: any) => convert(object, desiredAPIVersion)),
});

const text = { type: 'string' };
const definition = (storage = 'v1') => ({
  metadata: { name: 'crontabs.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'crontabs', kind: 'CronTab' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: storage === 'v1',
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              host: text,
              zone: { ...text, default: 'here' },
              status: { type: 'object', properties: { a: text } },
            },
          },
        },
      },
      {
        name: 'v2',
        served: true,
        storage: storage === 'v2',
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { host: text, port: text, zone: text, status: { type: 'object', properties: { a: text } } },
          },
        },
      },
    ],
    conversion: {
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://hooks.example.org/c' } },
    },
  },
});

let fake: FakeHooks;
let sandbox: Sandbox;
const ask = (method: string, path: string, body?: unknown): Promise<any> => sandbox.request(method, path, body);
const inV1 = (name: string, more: object = {}) => ({
  apiVersion: 'example.org/v1',
  kind: 'CronTab',
  metadata: { name },
  host: 'a:1',
  ...more,
});
const stored = (name = 'c'): any => {
  const [kv] = sandbox.cluster.store.range({ key: `/registry/example.org/crontabs/default/${name}` }).kvs;
  return JSON.parse(kv!.value as string);
};

beforeEach(async () => {
  fake = fakeHooks({ '/c': honest });
  sandbox = createSandbox(0, { callWebhook: fake.call });
  expect((await ask('POST', DEFINITIONS, definition())).kind).toBe('CustomResourceDefinition');
  sandbox.advance(10_000);
});

describe('a conversion webhook', () => {
  it('is not asked about what is in the version already', async () => {
    await ask('POST', at('v1'), inV1('c'));
    expect((await ask('GET', at('v1', 'c'))).host).toBe('a:1');
    expect((await ask('GET', at('v1'))).items).toHaveLength(1);
    expect(fake.asked).toEqual([]);
  });

  it('shows objects in other versions: one, many by one call, tables and patches', async () => {
    for (const name of ['c', 'd', 'e']) await ask('POST', at('v1'), inV1(name));
    const got = await ask('GET', at('v2', 'c'));
    expect(got).toMatchObject({ apiVersion: 'example.org/v2', host: 'a', port: '1', zone: 'here' });
    expect(fake.asked).toHaveLength(1);
    const [{ apiVersion, request } = fake.asked[0]!] = fake.asked;
    expect(apiVersion).toBe('apiextensions.k8s.io/v1');
    expect(request).toMatchObject({
      desiredAPIVersion: 'example.org/v2',
      objects: [{ apiVersion: 'example.org/v1', kind: 'CronTab', metadata: { name: 'c' }, host: 'a:1', zone: 'here' }],
    });
    const list = await ask('GET', at('v2'));
    expect(list.items.map((item: any) => [item.apiVersion, item.metadata.name, item.port])).toEqual([
      ['example.org/v2', 'c', '1'],
      ['example.org/v2', 'd', '1'],
      ['example.org/v2', 'e', '1'],
    ]);
    expect(fake.asked[1]!.request.objects).toHaveLength(3);
    expect(fake.asked).toHaveLength(2);
    const patched = await ask('PATCH', at('v2', 'c'), { port: '2' });
    expect(patched).toMatchObject({ apiVersion: 'example.org/v2', host: 'a', port: '2' });
    expect(stored()).toMatchObject({ apiVersion: 'example.org/v1', host: 'a:2', metadata: { uid: got.metadata.uid } });
    expect(stored()).not.toHaveProperty('port');
    expect((await ask('PATCH', at('v2', 'c/status'), { status: { a: 'x' } })).status).toEqual({ a: 'x' });
    expect(stored()).toMatchObject({ host: 'a:2', status: { a: 'x' } });
  });

  it('is asked before anything is stored in another version, and after the storage version has moved', async () => {
    const made = await ask('POST', at('v2'), { ...inV1('c'), apiVersion: 'example.org/v2', host: 'b', port: '7' });
    expect(made).toMatchObject({ apiVersion: 'example.org/v2', host: 'b', port: '7' });
    expect(stored()).toMatchObject({ apiVersion: 'example.org/v1', host: 'b:7' });
    const { metadata } = await ask('GET', `${DEFINITIONS}/crontabs.example.org`);
    const moved = { ...definition('v2'), metadata };
    expect((await ask('PUT', `${DEFINITIONS}/crontabs.example.org`, moved)).status.storedVersions).toEqual([
      'v1',
      'v2',
    ]);
    sandbox.advance(10_000);
    expect(await ask('GET', at('v2', 'c'))).toMatchObject({ host: 'b', port: '7' });
    expect(stored().apiVersion).toBe('example.org/v1');
    expect(await ask('PATCH', at('v1', 'c'), { zone: 'there' })).toMatchObject({ host: 'b:7', zone: 'there' });
    expect(stored()).toMatchObject({ apiVersion: 'example.org/v2', host: 'b', port: '7', zone: 'there' });
    expect(await ask('DELETE', at('v1', 'c'))).toMatchObject({ status: 'Success' });
  });

  it('serves tables, metadata, selectors and server-side apply of other versions', async () => {
    await ask('POST', at('v1'), inV1('c', { metadata: { name: 'c', labels: { a: 'b' } } }));
    await ask('POST', at('v1'), inV1('d'));
    const accept = (form: string) => ({ accept: `application/json;as=${form};g=meta.k8s.io;v=v1` });
    const table = await (await sandbox.respond('GET', at('v2'), accept('Table'))).json();
    expect(table.rows.map(({ cells }: any) => cells[0])).toEqual(['c', 'd']);
    const partial = await (await sandbox.respond('GET', at('v2', 'c'), accept('PartialObjectMetadata'))).json();
    expect(partial.metadata.labels).toEqual({ a: 'b' });
    expect((await ask('GET', `${at('v2')}?labelSelector=a%3Db`)).items.map((i: any) => i.port)).toEqual(['1']);
    const type = { 'content-type': 'application/apply-patch+yaml' };
    const apply = async (body: object): Promise<any> => {
      const path = `${at('v2', 'd')}?fieldManager=me&force=true`;
      const patch = { apiVersion: 'example.org/v2', kind: 'CronTab', ...body };
      return (await sandbox.respond('PATCH', path, type, patch)).json();
    };
    expect(await apply({ port: '5' })).toMatchObject({ apiVersion: 'example.org/v2', host: 'a', port: '5' });
    expect(stored('d')).toMatchObject({ apiVersion: 'example.org/v1', host: 'a:5' });
    expect(await apply({ port: '5', zone: 'there' })).toMatchObject({ host: 'a', port: '5', zone: 'there' });
    expect((await ask('DELETE', at('v2'))).items).toHaveLength(2);
    expect((await ask('GET', at('v1'))).items).toEqual([]);
  });

  it('has admission webhooks of other versions asked about what it has made', async () => {
    fake.hooks['/v'] = () => ({ allowed: true });
    const rules = [
      { apiGroups: ['example.org'], apiVersions: ['v2'], operations: ['CREATE'], resources: ['crontabs'] },
    ];
    const webhook = {
      name: 'v.example.org',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: 'https://hooks.example.org/v' },
      rules,
    };
    const body = { metadata: { name: 'h' }, webhooks: [webhook] };
    await ask('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', body);
    expect((await ask('POST', at('v1'), inV1('c'))).host).toBe('a:1');
    expect(fake.asked.map(({ path }) => path)).toEqual(['/c', '/v']);
    expect(fake.asked[1]!.request).toMatchObject({
      kind: { version: 'v2' },
      requestKind: { version: 'v1' },
      object: { apiVersion: 'example.org/v2', host: 'a', port: '1' },
    });
    fake.hooks['/c'] = () => ({ error: 'EOF' });
    expect((await ask('POST', at('v1'), inV1('d'))).message).toContain('conversion webhook for example.org/v1');
  });

  it('is asked about what a watch tells, and a failure ends that', async () => {
    await ask('POST', at('v1'), inV1('c'));
    const response = await sandbox.respond('GET', `${at('v2')}?watch=1&resourceVersion=0`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async (): Promise<any> => JSON.parse((await reader.read()).value!);
    expect(await next()).toMatchObject({ type: 'ADDED', object: { apiVersion: 'example.org/v2', port: '1' } });
    await ask('PATCH', at('v1', 'c'), { host: 'a:9' });
    expect(await next()).toMatchObject({ type: 'MODIFIED', object: { port: '9' } });
    fake.hooks['/c'] = () => ({ error: 'EOF' });
    await ask('PATCH', at('v1', 'c'), { host: 'a:10' });
    expect(await next()).toMatchObject({
      type: 'ERROR',
      object: { code: 500, message: expect.stringContaining('EOF') },
    });
    expect((await reader.read()).done).toBe(true);
  });
});

describe('a conversion that fails', () => {
  const said = 'conversion webhook for example.org/v1, Kind=CronTab';
  const changed =
    (change: (object: any) => unknown): FakeHook =>
    ({ objects, desiredAPIVersion }) => ({
      result: { status: 'Success' },
      convertedObjects: objects.map((object: any) => change(convert(object, desiredAPIVersion))),
    });
  const withMetadata = (over: object): FakeHook =>
    changed((object) => ({ ...object, metadata: { ...object.metadata, ...over } }));
  const lies: [what: string, hook: FakeHook, message: string | RegExp][] = [
    ['no answer', () => ({ error: 'EOF' }), `${said} failed: Post "https://hooks.example.org/c?timeout=30s": EOF`],
    [
      'an error',
      () => answered('x', 500, 'text/plain'),
      `${said} failed: an error on the server ("x") has prevented the request from succeeding`,
    ],
    ['a refusal', () => ({ result: { status: 'Failure', message: 'cannot' } }), `${said} failed: cannot`],
    ['no status', () => ({ convertedObjects: [] }), `${said} failed: response.result.status was '', not 'Success'`],
    [
      'no response',
      () => answered({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }),
      `${said} failed: no response provided`,
    ],
    [
      'another review',
      () => answered({ response: {} }),
      `${said} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=`,
    ],
    ['another uid', () => ({ uid: 'x' }), /expected response\.uid="[0-9a-f-]+", got "x"$/],
    [
      'missing objects',
      () => ({ result: { status: 'Success' }, convertedObjects: [] }),
      `${said} returned 0 objects, expected 1`,
    ],
    [
      'a version of nobody’s',
      changed((object) => ({ ...object, apiVersion: 'example.org/v3' })),
      `${said} returned invalid object at index 0: invalid groupVersion (expected example.org/v2, received example.org/v3)`,
    ],
    [
      'another kind',
      changed((object) => ({ ...object, kind: 'Other' })),
      `${said} returned invalid object at index 0: invalid kind (expected CronTab, received Other)`,
    ],
    ['another name', withMetadata({ name: 'x' }), `${said} returned invalid object: must have the same name: c != x`],
    [
      'another namespace',
      withMetadata({ namespace: 'x' }),
      `${said} returned invalid object: must have the same namespace: default != x`,
    ],
    [
      'another uid of the object',
      withMetadata({ uid: 'x' }),
      /returned invalid object: must have the same UID: \S+ != x$/,
    ],
    [
      'labels that are none',
      withMetadata({ labels: { 'not a label': 'x' } }),
      /returned invalid metadata: metadata\.labels: Invalid value: "not a label"/,
    ],
    [
      'labels of another type',
      withMetadata({ labels: { a: 1 } }),
      `${said} returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object`,
    ],
  ];
  for (const [what, hook, message] of lies)
    it(`is told, and nothing is lost: ${what}`, async () => {
      await ask('POST', at('v1'), inV1('c'));
      const before = stored();
      fake.hooks['/c'] = hook;
      for (const [method, path, body] of [
        ['GET', at('v2', 'c')],
        ['GET', at('v2')],
        ['PATCH', at('v2', 'c'), { port: '3' }],
      ] as const) {
        const refused = await ask(method, path, body);
        expect([method, refused.code]).toEqual([method, 500]);
        expect(refused.message).toMatch(typeof message === 'string' ? /./ : message);
        if (typeof message === 'string') expect(refused.message).toBe(message);
      }
      const made = await ask('POST', at('v2'), { ...inV1('n'), apiVersion: 'example.org/v2' });
      expect(made).toMatchObject({ code: 500 });
      expect((await ask('GET', at('v1', 'n'))).code).toBe(404);
      expect(stored()).toEqual(before);
      expect((await ask('GET', at('v1', 'c'))).host).toBe('a:1');
    });

  it('takes an answer of so many bytes, and none that is longer', async () => {
    await ask('POST', at('v1'), inV1('c'));
    const padded =
      (bytes: number): FakeHook =>
      (request, call) => {
        const answer = honest(request, call) as { result: object };
        const type = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' };
        const padding = (message: string): object => ({ ...answer, result: { ...answer.result, message } });
        const least = JSON.stringify({ ...type, response: { uid: request.uid, ...padding('') } }).length;
        return padding('x'.repeat(bytes - least));
      };
    fake.hooks['/c'] = padded(MAX_CONVERTED_BYTES);
    expect((await ask('GET', at('v2', 'c'))).port).toBe('1');
    fake.hooks['/c'] = padded(MAX_CONVERTED_BYTES + 1);
    expect((await ask('GET', at('v2', 'c'))).message).toContain(`longer than ${MAX_CONVERTED_BYTES} bytes`);
  });

  it('changes no metadata but labels and annotations', async () => {
    const { metadata } = await ask('POST', at('v1'), inV1('c'));
    fake.hooks['/c'] = withMetadata({ generation: 99, finalizers: ['x.org/y'], labels: { new: 'yes' } });
    const shown = await ask('GET', at('v2', 'c'));
    expect(shown.metadata).toEqual({ ...metadata, labels: { new: 'yes' } });
  });
});

describe('a policy about another version than the one that is written', () => {
  const POLICIES = '/apis/admissionregistration.k8s.io/v1';
  const resourceRules = [
    { apiGroups: ['example.org'], apiVersions: ['v2'], operations: ['CREATE'], resources: ['crontabs'] },
  ];
  const bind = async (type: string, spec: object): Promise<void> => {
    const policy = { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules }, ...spec } };
    const binding = { policyName: 'p', ...(type === 'validating' ? { validationActions: ['Deny'] } : {}) };
    expect((await ask('POST', `${POLICIES}/${type}admissionpolicies`, policy)).message).toBeUndefined();
    const made = await ask('POST', `${POLICIES}/${type}admissionpolicybindings`, {
      metadata: { name: 'p' },
      spec: binding,
    });
    expect(made.message).toBeUndefined();
  };

  it('validates what the webhook makes of the object', async () => {
    await bind('validating', { validations: [{ expression: 'object.port == "1"', message: 'another port' }] });
    expect((await ask('POST', at('v1'), inV1('c'))).host).toBe('a:1');
    expect((await ask('POST', at('v1'), inV1('d', { host: 'a:2' }))).message).toContain('another port');
    expect(fake.asked.map(({ request }) => request.desiredAPIVersion)).toEqual(['example.org/v2', 'example.org/v2']);
  });

  it('changes that, and the webhook makes the object of it again', async () => {
    const expression = '[JSONPatch{op: "replace", path: "/port", value: object.port + "0"}]';
    const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }];
    await bind('mutating', { mutations, reinvocationPolicy: 'Never' });
    expect((await ask('POST', at('v1'), inV1('c'))).host).toBe('a:10');
    expect(stored()).toMatchObject({ apiVersion: 'example.org/v1', host: 'a:10' });
    fake.hooks['/c'] = () => ({ result: { status: 'Failure', message: 'no way' } });
    expect(await ask('POST', at('v1'), inV1('d'))).toMatchObject({
      code: 500,
      message: expect.stringContaining('no way'),
    });
  });
});

it('counts what was converted last among what the process holds, and refuses what there is no room for', async () => {
  const pool = new HeldBytes(16 * LIGHT_BYTES);
  let time = 0;
  // Each look at the clock is a second later, so that nobody waits for long.
  const open = (owner: string) => pool.open(owner, () => (time += 1000), Number.POSITIVE_INFINITY);
  sandbox = createSandbox(0, { callWebhook: fake.call, held: () => open('cluster') });
  await ask('POST', DEFINITIONS, definition());
  sandbox.advance(10_000);
  for (const name of ['c', 'd', 'e']) await ask('POST', at('v1'), inV1(name, { zone: 'z'.repeat(LIGHT_BYTES) }));
  const before = pool.of('cluster');
  expect((await ask('GET', at('v2'))).items).toHaveLength(3);
  expect(pool.of('cluster') - before).toBeGreaterThan(3 * LIGHT_BYTES);
  open('others').hold(16 * LIGHT_BYTES);
  expect(await ask('GET', at('v2'))).toMatchObject({ code: 429, reason: 'TooManyRequests' });
  expect((await ask('GET', at('v1'))).items).toHaveLength(3);
});
