/** A cluster's users define kinds: what is served of them, stored, changed and deleted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSteppedCluster, type SteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import type { LooseObject } from '../loose-object.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const ADMIN_TOKEN = 'admin';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

let cluster: SteppedCluster;
const defects: unknown[] = [];

beforeAll(async () => {
  cluster = await createSteppedCluster({
    spec: {
      id: 'custom',
      seed: 'custom',
      serviceCIDR: '10.96.0.0/16',
      podCIDR: '10.244.0.0/16',
      nodePortRange: [30000, 32767],
      components: componentsOf('full'),
      createdAt: START,
      nodes: [],
      clock: { start: START, speed: 1, paused: false },
    },
    adminToken: ADMIN_TOKEN,
    rootCA: 'PEM',
    failed: (work, error) => defects.push([work, error]),
  });
});
afterAll(() => cluster.close());

interface Answer {
  status: number;
  body: LooseObject;
  headers: Headers;
}

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  cluster.handle(
    new Request(`http://cluster${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        accept: 'application/json',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  );

/** A request, and then all that it brings about at once. */
async function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  const response = await send(method, path, body, headers);
  const text = await response.text();
  await cluster.advance(0);
  const isJSON = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJSON ? JSON.parse(text) : text, headers: response.headers };
}

const SPEC = {
  type: 'object',
  properties: {
    size: { type: 'integer', default: 1, maximum: 9 },
    colour: { type: 'string' },
    replicas: { type: 'integer' },
  },
};

const version = (name: string, spec: object = SPEC, more: object = {}) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  },
  ...more,
});

/** `plural` is the kind's name in lower case with an s. */
const definition = (kind: string, versions: object[] = [version('v1')], more: LooseObject = {}) => {
  const singular = kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: `${singular}s`, kind, ...more.names },
      versions,
      ...more.spec,
    },
  };
};

const at = (plural: string, version = 'v1', namespace = 'default') =>
  `/apis/example.com/${version}/namespaces/${namespace}/${plural}`;

const resource = (kind: string, name: string, spec: object = {}, version = 'v1', metadata: object = {}) => ({
  apiVersion: `example.com/${version}`,
  kind,
  metadata: { name, ...metadata },
  spec,
});

async function define(body: LooseObject): Promise<void> {
  const { status, body: answer } = await call('POST', DEFINITIONS, body);
  expect([status, answer.message]).toEqual([201, undefined]);
}

async function redefine(name: string, change: (definition: LooseObject) => void): Promise<Answer> {
  const { body } = await call('GET', `${DEFINITIONS}/${name}`);
  change(body);
  return call('PUT', `${DEFINITIONS}/${name}`, body);
}

const conditionsOf = ({ status }: LooseObject): Record<string, string> =>
  Object.fromEntries(status.conditions.map((c: LooseObject) => [c.type, `${c.status} ${c.reason}`]));

describe('a definition', () => {
  it('is established as soon as its names are, and is served from then on', async () => {
    await define(definition('Early'));
    const { body } = await call('GET', `${DEFINITIONS}/earlys.example.com`);
    expect(conditionsOf(body)).toEqual({ NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' });
    expect(body.status.acceptedNames).toEqual({
      plural: 'earlys',
      singular: 'early',
      kind: 'Early',
      listKind: 'EarlyList',
    });
    expect(body.status.storedVersions).toEqual(['v1']);
    expect((await call('GET', at('earlys'))).body).toMatchObject({ kind: 'EarlyList', items: [] });
  });

  it('waits for names that another has, and gets them when that is gone', async () => {
    await define(definition('First', undefined, { names: { shortNames: ['fs'] } }));
    await define(definition('Second', undefined, { names: { shortNames: ['fs'] } }));
    const second = `${DEFINITIONS}/seconds.example.com`;
    expect(conditionsOf((await call('GET', second)).body)).toEqual({
      NamesAccepted: 'False ShortNamesConflict',
      Established: 'False NotAccepted',
    });
    expect((await call('GET', at('seconds'))).status).toBe(404);
    await call('DELETE', `${DEFINITIONS}/firsts.example.com`);
    expect(conditionsOf((await call('GET', second)).body)).toEqual({
      NamesAccepted: 'True NoConflicts',
      Established: 'True InitialNamesAccepted',
    });
    expect((await call('GET', at('seconds'))).status).toBe(200);
  });

  it('goes after its objects, of which none is made meanwhile', async () => {
    await define(definition('Mortal'));
    const held = resource('Mortal', 'held', {}, 'v1', { finalizers: ['example.com/hold'] });
    for (const body of [held, resource('Mortal', 'free')])
      expect((await call('POST', at('mortals'), body)).status).toBe(201);
    const name = `${DEFINITIONS}/mortals.example.com`;
    const { body: marked } = await call('DELETE', name);
    expect(marked.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect(conditionsOf(marked).Terminating).toBe('True InstanceDeletionPending');
    expect(conditionsOf((await call('GET', name)).body).Terminating).toBe('True InstanceDeletionInProgress');
    expect((await call('GET', at('mortals'))).body.items.map(({ metadata }: LooseObject) => metadata.name)).toEqual([
      'held',
    ]);
    const refused = await call('POST', at('mortals'), resource('Mortal', 'late'));
    expect([refused.status, refused.body.message]).toEqual([
      405,
      'create not allowed while custom resource definition is terminating',
    ]);
    const { body: list } = await call('GET', '/apis/example.com/v1');
    expect(list.resources.find(({ name }: LooseObject) => name === 'mortals').verbs).not.toContain('create');
    await call('PATCH', `${at('mortals')}/held`, { metadata: { finalizers: null } }, MERGE);
    expect((await call('GET', name)).status).toBe(404);
    expect((await call('GET', at('mortals'))).status).toBe(404);
  });

  it('that comes again does not find the objects of the one before', async () => {
    await define(definition('Again'));
    await call('POST', at('agains'), resource('Again', 'a'));
    await call('DELETE', `${DEFINITIONS}/agains.example.com`);
    await define(definition('Again'));
    expect((await call('GET', at('agains'))).body.items).toEqual([]);
  });
});

describe('an object whose schema has changed', () => {
  it('is shown by the schema that there is: without what is no longer known, with what is there by default by now', async () => {
    await define(definition('Changed'));
    await call('POST', at('changeds'), resource('Changed', 'old', { colour: 'red' }));
    const { colour: _, ...left } = SPEC.properties;
    const { status } = await redefine('changeds.example.com', ({ spec }) => {
      spec.versions[0].schema.openAPIV3Schema.properties.spec = {
        type: 'object',
        properties: { ...left, shape: { type: 'string', default: 'round' } },
      };
    });
    expect(status).toBe(200);
    const spec = { size: 1, shape: 'round' };
    expect((await call('GET', `${at('changeds')}/old`)).body.spec).toEqual(spec);
    expect((await call('GET', at('changeds'))).body.items[0].spec).toEqual(spec);
    await call('POST', at('changeds'), resource('Changed', 'new', { colour: 'red', shape: 'square' }));
    expect((await call('GET', `${at('changeds')}/new`)).body.spec).toEqual({ size: 1, shape: 'square' });
  });

  it('may stay as it is though it would be refused by now', async () => {
    await define(definition('Ratchet'));
    await call('POST', at('ratchets'), resource('Ratchet', 'a', { size: 9 }));
    await redefine('ratchets.example.com', ({ spec }) => {
      spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size.maximum = 5;
    });
    expect((await call('PATCH', `${at('ratchets')}/a`, { spec: { colour: 'red' } }, MERGE)).status).toBe(200);
    expect((await call('PATCH', `${at('ratchets')}/a`, { spec: { size: 8 } }, MERGE)).status).toBe(422);
    expect((await call('POST', at('ratchets'), resource('Ratchet', 'b', { size: 9 }))).status).toBe(422);
  });
});

describe('objects of several versions', () => {
  const OTHER = { type: 'object', properties: { size: { type: 'integer' }, weight: { type: 'integer', default: 7 } } };

  beforeAll(async () => {
    await define(
      definition('Both', [
        version('v1'),
        version('v2beta1', OTHER, { deprecated: true }),
        version('v1alpha1', SPEC, { served: false }),
      ]),
    );
  });

  it('are the same objects, each with what its version knows', async () => {
    await call('POST', at('boths'), resource('Both', 'a', { size: 3, colour: 'red' }));
    const { body, headers } = await call('GET', `${at('boths', 'v2beta1')}/a`);
    expect([body.apiVersion, body.spec]).toEqual(['example.com/v2beta1', { size: 3 }]);
    expect(headers.get('warning')).toBe('299 - "example.com/v2beta1 Both is deprecated; use example.com/v1 Both"');
    await call('POST', at('boths', 'v2beta1'), resource('Both', 'b', { size: 4 }, 'v2beta1'));
    expect((await call('GET', `${at('boths')}/b`)).body.spec).toEqual({ size: 4 });
    expect((await call('GET', `${at('boths', 'v1alpha1')}/a`)).status).toBe(404);
  });

  it('are listed in the order of discovery, stable versions first', async () => {
    const { body } = await call('GET', '/apis/example.com');
    expect(body.preferredVersion.version).toBe('v1');
    expect(body.versions.map(({ version }: LooseObject) => version)).toEqual(['v1', 'v2beta1']);
  });

  it('are stored in another version once that is the one, and the one before stays on record', async () => {
    const moved = await redefine('boths.example.com', ({ spec }) => {
      for (const v of spec.versions) v.storage = v.name === 'v2beta1';
    });
    expect(moved.body.status.storedVersions).toEqual(['v1', 'v2beta1']);
    expect((await call('GET', `${at('boths')}/a`)).body.spec).toEqual({ size: 3, colour: 'red' });
    await call('PATCH', `${at('boths')}/a`, { spec: { size: 5 } }, MERGE);
    expect((await call('GET', `${at('boths', 'v2beta1')}/a`)).body.spec).toEqual({ size: 5, weight: 7 });
    const gone = await redefine('boths.example.com', ({ spec }) => {
      spec.versions = spec.versions.filter(({ name }: LooseObject) => name !== 'v1');
    });
    expect([gone.status, gone.body.details.causes[0].field]).toEqual([422, 'status.storedVersions[0]']);
  });
});

describe('subresources', () => {
  beforeAll(async () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    await define(definition('Sub', [version('v1', SPEC, { subresources: { status: {}, scale } })]));
    await call('POST', at('subs'), { ...resource('Sub', 'a', { replicas: 2 }), status: { ready: true } });
  });

  it('the status has a door of its own, by which nothing else changes', async () => {
    expect((await call('GET', `${at('subs')}/a`)).body.status).toBeUndefined();
    const body = { ...resource('Sub', 'a', { replicas: 9 }), status: { replicas: 2 } };
    const { body: current } = await call('GET', `${at('subs')}/a`);
    body.metadata = { ...current.metadata, labels: { a: 'b' } };
    const { body: updated } = await call('PUT', `${at('subs')}/a/status`, body);
    expect([updated.spec.replicas, updated.status, updated.metadata.labels, updated.metadata.generation]).toEqual([
      2,
      { replicas: 2 },
      undefined,
      1,
    ]);
    const { body: whole } = await call('PATCH', `${at('subs')}/a`, { status: { other: 1 }, spec: { size: 2 } }, MERGE);
    expect([whole.status, whole.metadata.generation]).toEqual([{ replicas: 2 }, 2]);
  });

  it('the scale stands for the fields that the definition names', async () => {
    expect((await call('GET', `${at('subs')}/a/scale`)).body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 2 },
      status: { replicas: 2 },
    });
    expect((await call('PATCH', `${at('subs')}/a/scale`, { spec: { replicas: 4 } }, MERGE)).body.spec.replicas).toBe(4);
    expect((await call('GET', `${at('subs')}/a`)).body.spec.replicas).toBe(4);
  });

  it('there are no others', async () => {
    expect((await call('GET', `${at('subs')}/a/log`)).body).toMatchObject({
      code: 404,
      message: 'subs.example.com "a" not found',
    });
  });
});

describe('what holds for every kind', () => {
  beforeAll(() =>
    define(definition('Plain', [version('v1', SPEC, { selectableFields: [{ jsonPath: '.spec.colour' }] })])),
  );

  it('writes that are tried leave nothing', async () => {
    expect((await call('POST', `${at('plains')}?dryRun=All`, resource('Plain', 'dry'))).status).toBe(201);
    expect((await call('GET', `${at('plains')}/dry`)).status).toBe(404);
  });

  it('what is unknown, and what is said twice, is refused by those who want that', async () => {
    const twice =
      '{"apiVersion":"example.com/v1","kind":"Plain","metadata":{"name":"s","zz":1},"spec":{"size":1,"size":2,"y":1}}';
    const strict = await call('POST', `${at('plains')}?fieldValidation=Strict`, twice);
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'Plain in version "v1" cannot be handled as a Plain: strict decoding error: duplicate field "spec.size", unknown field "metadata.zz", unknown field "spec.y"',
    ]);
    const warned = await call('POST', `${at('plains')}?dryRun=All`, twice);
    expect(warned.headers.get('warning')?.split(', ')).toHaveLength(3);
    const ignored = await call('POST', `${at('plains')}?dryRun=All&fieldValidation=Ignore`, twice);
    expect([ignored.headers.get('warning'), ignored.body.spec]).toEqual([null, { size: 2 }]);
  });

  it('a watch tells of what happens, by a selector of a field too', async () => {
    const { body: list } = await call('GET', at('plains'));
    const from = list.metadata.resourceVersion;
    const selector = encodeURIComponent('spec.colour=red');
    const response = await send(
      'GET',
      `${at('plains')}?watch=true&resourceVersion=${from}&fieldSelector=${selector}&timeoutSeconds=1`,
    );
    const told = response.text();
    await call('POST', at('plains'), resource('Plain', 'w1', { colour: 'blue' }));
    await call('POST', at('plains'), resource('Plain', 'w2', { colour: 'red' }));
    await call('PATCH', `${at('plains')}/w2`, { spec: { colour: 'blue' } }, MERGE);
    await cluster.advance(2000);
    const events = (await told)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'w2'],
      ['DELETED', 'w2'],
    ]);
  });

  it('metadata alone is answered, in Protobuf too, and the whole never is', async () => {
    const partial = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await call('GET', at('plains'), undefined, { accept: partial });
    expect(body.kind).toBe('PartialObjectMetadataList');
    expect(body.items[0].spec).toBeUndefined();
    const protobuf = { accept: partial.replace('json', 'vnd.kubernetes.protobuf') };
    expect((await send('GET', at('plains'), undefined, protobuf)).headers.get('content-type')).toContain('protobuf');
    expect((await send('GET', at('plains'), undefined, { accept: 'application/vnd.kubernetes.protobuf' })).status).toBe(
      406,
    );
  });

  it('apply owns by what the schema says of lists', async () => {
    const items = { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'integer' } } };
    const list = (type: string, keys?: string[]) => ({
      type: 'array',
      items: type === 'set' ? { type: 'string' } : items,
      'x-kubernetes-list-type': type,
      ...(keys ? { 'x-kubernetes-list-map-keys': keys } : {}),
    });
    const spec = { type: 'object', properties: { map: list('map', ['k']), set: list('set'), whole: list('atomic') } };
    await define(definition('Applied', [version('v1', spec)]));
    const apply = (manager: string, spec: object) =>
      call('PATCH', `${at('applieds')}/a?fieldManager=${manager}`, resource('Applied', 'a', spec), APPLY);
    expect((await apply('one', { map: [{ k: 'x', v: 1 }], set: ['x'], whole: [{ k: 'x' }] })).status).toBe(201);
    const { body } = await apply('two', { map: [{ k: 'y', v: 2 }], set: ['y'] });
    expect(body.spec).toEqual({
      map: [
        { k: 'x', v: 1 },
        { k: 'y', v: 2 },
      ],
      set: ['x', 'y'],
      whole: [{ k: 'x' }],
    });
    const clash = await apply('two', { map: [{ k: 'x', v: 2 }], whole: [] });
    expect(clash.body.details.causes.map(({ field }: LooseObject) => field).sort()).toEqual([
      '.spec.map[k="x"].v',
      '.spec.whole',
    ]);
  });

  it('they are counted by quotas, collected with their owners and go with their namespace', async () => {
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'ns' } });
    await call('POST', '/api/v1/namespaces/ns/resourcequotas', {
      metadata: { name: 'q' },
      spec: { hard: { 'count/plains.example.com': '1' } },
    });
    await cluster.advance(1000);
    const { body: owner } = await call('POST', at('plains', 'v1', 'ns'), resource('Plain', 'owner'));
    expect((await call('POST', at('plains', 'v1', 'ns'), resource('Plain', 'second'))).status).toBe(403);
    await call('POST', '/api/v1/namespaces/ns/configmaps', {
      metadata: {
        name: 'owned',
        ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Plain', name: 'owner', uid: owner.metadata.uid }],
      },
    });
    await call('DELETE', `${at('plains', 'v1', 'ns')}/owner`);
    await cluster.advance(1000);
    expect((await call('GET', '/api/v1/namespaces/ns/configmaps/owned')).status).toBe(404);
    expect((await call('POST', at('plains', 'v1', 'ns'), resource('Plain', 'third'))).status).toBe(201);
    await call('DELETE', '/api/v1/namespaces/ns');
    await cluster.advance(20_000);
    expect((await call('GET', '/api/v1/namespaces/ns')).status).toBe(404);
    expect((await call('GET', `${at('plains', 'v1', 'ns')}/third`)).status).toBe(404);
  });
});

describe('a definition with a conversion webhook', () => {
  it('serves what needs no conversion, and says whom it cannot ask for the rest', async () => {
    const conversion = {
      strategy: 'Webhook',
      webhook: {
        clientConfig: { service: { namespace: 'default', name: 'convert', path: '/c' } },
        conversionReviewVersions: ['v1'],
      },
    };
    await define(definition('Hooked', [version('v1'), version('v2')], { spec: { conversion } }));
    expect((await call('POST', at('hookeds'), resource('Hooked', 'a'))).status).toBe(201);
    expect((await call('GET', at('hookeds'))).body.items).toHaveLength(1);
    const { status, body } = await call('GET', at('hookeds', 'v2'));
    expect([status, body.message]).toEqual([
      500,
      'conversion webhook for example.com/v1, Kind=Hooked failed: Post "https://convert.default.svc:443/c?timeout=30s": service "convert" not found',
    ]);
  });
});

describe('the rules of a schema', () => {
  const ruled = (rule: string) =>
    version('v1', { ...SPEC, 'x-kubernetes-validations': [{ rule, message: `not ${rule}`, fieldPath: '.size' }] });
  const made = (name: string, spec: object) => call('POST', at('ruleds'), resource('Ruled', name, spec));
  beforeAll(() => define(definition('Ruled', [ruled('self.size < 5')])));

  it('are held to, once nothing else is wrong', async () => {
    expect((await made('small', { size: 4 })).status).toBe(201);
    const large = await made('large', { size: 5 });
    expect([large.status, large.body.message]).toEqual([
      422,
      'Ruled.example.com "large" is invalid: spec.size: Invalid value: not self.size < 5',
    ]);
    const wrong = await made('wrong', { size: 'x' });
    expect(wrong.body.details.causes.map((c: LooseObject) => c.message).at(-1)).toBe(
      'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    );
  });

  it('are those of the definition that there is; what has not changed is only warned of', async () => {
    await redefine('ruleds.example.com', ({ spec }) => {
      spec.versions[0] = ruled('self.size < 3');
    });
    const labelled = await call('PATCH', `${at('ruleds')}/small`, { metadata: { labels: { a: 'b' } } }, MERGE);
    expect(labelled.status).toBe(200);
    expect(labelled.headers.get('warning')).toContain('spec.size: Invalid value: not self.size < 3');
    const changed = await call('PATCH', `${at('ruleds')}/small`, { spec: { colour: 'red' } }, MERGE);
    expect(changed.status).toBe(422);
  });

  it('must be readable', async () => {
    const { status, body } = await call('POST', DEFINITIONS, definition('Unread', [ruled('self.weight < 5')]));
    expect(status).toBe(422);
    expect(body.message).toContain("undefined field 'weight'");
  });
});

describe('OpenAPI', () => {
  const indexed = async (): Promise<LooseObject> => (await call('GET', '/openapi/v3')).body.paths;
  const hashOf = (paths: LooseObject, name: string): string => paths[name].serverRelativeURL;

  it('has a document for each group and version, which is another only where its definitions are', async () => {
    await define(definition('Shown'));
    const other = { spec: { group: 'other.example.com' } };
    await define({ ...definition('Aside', undefined, other), metadata: { name: 'asides.other.example.com' } });
    const before = await indexed();
    await redefine('showns.example.com', ({ spec }) => {
      spec.versions[0] = version('v1', { type: 'object', properties: { later: { type: 'string' } } });
    });
    const after = await indexed();
    expect(hashOf(after, 'apis/other.example.com/v1')).toBe(hashOf(before, 'apis/other.example.com/v1'));
    expect(hashOf(after, 'apis/example.com/v1')).not.toBe(hashOf(before, 'apis/example.com/v1'));
    expect(hashOf(after, 'apis/apps/v1')).toBe(hashOf(before, 'apis/apps/v1'));
    const { body } = await call('GET', '/openapi/v3/apis/example.com/v1');
    expect(Object.keys(body.components.schemas['com.example.v1.Shown'].properties.spec.properties)).toEqual(['later']);
  });

  it('has all in one document, in order, and the same as Protobuf', async () => {
    const { body } = await call('GET', '/openapi/v2');
    expect(body.paths['/apis/example.com/v1/namespaces/{namespace}/showns/{name}'].get.operationId).toBe(
      'readExampleComV1NamespacedShown',
    );
    for (const part of [body.paths, body.definitions]) expect(Object.keys(part)).toEqual(Object.keys(part).sort());
    expect(body.definitions['com.example.v1.Shown'].properties.spec.properties.later).toEqual({ type: 'string' });
    const bytes = await send('GET', '/openapi/v2', undefined, {
      accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    });
    expect(Buffer.from(await bytes.arrayBuffer()).includes('com.example.v1.ShownList')).toBe(true);
  });
});

it('nothing of it was a defect of a controller', () => {
  expect(defects).toEqual([]);
});
