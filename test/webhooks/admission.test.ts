/** Admission webhooks that answer, in the words and with the requests of a real API server. */
import { describe, expect, it } from 'vitest';
import { MAX_OUTSIDE_MS } from '../../src/apiserver/dynamic-admission/patience.ts';
import type { TokenAuthority } from '../../src/apiserver/identity/token-authority.ts';
import { MAX_ADMISSION_BYTES } from '../../src/apiserver/webhooks/admission-call.ts';
import { MAX_ASKED_AT_ONCE, MAX_ASKED_CHARACTERS, webhookReads } from '../../src/apiserver/webhooks/dispatch.ts';
import { MAX_QUOTED } from '../../src/apiserver/webhooks/review-answer.ts';
import type { View } from '../../src/objects/object.ts';
import type { WebhookAnswer } from '../../src/objects/webhook-call.ts';
import { builtIn } from '../../src/resources/built-in.ts';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';
import { answered, type FakeHook, type FakeHooks, fakeHooks, patching } from './fake-hook.ts';

const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';
const URL_OF = 'https://hooks.example.org';

const rule = (over: object = {}) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['configmaps'],
  ...over,
});

const hook = (path: string, over: object = {}) => ({
  name: `${path.slice(1)}.example.org`,
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { url: URL_OF + path },
  rules: [rule()],
  ...over,
});

type Kind = 'validating' | 'mutating';

async function withHooks(
  hooks: Record<string, FakeHook>,
  ...configurations: [kind: Kind, ...hooks: object[]][]
): Promise<{ sandbox: Sandbox; fake: FakeHooks }> {
  const fake = fakeHooks(hooks);
  const sandbox = createSandbox(0, { callWebhook: fake.call });
  for (const [i, [kind, ...webhooks]] of configurations.entries()) {
    const body = { metadata: { name: `c${i}` }, webhooks };
    const made = await sandbox.request('POST', `${HOOKS}/${kind}webhookconfigurations`, body);
    expect([made.message, made.kind]).toEqual([undefined, expect.stringMatching(/WebhookConfiguration$/)]);
  }
  return { sandbox, fake };
}

const create = (sandbox: Sandbox, over: object = {}, query = ''): Promise<any> =>
  sandbox.request('POST', MAPS + query, { metadata: { name: 'm' }, data: { a: '1' }, ...over });

const allow = () => ({ allowed: true });

describe('a validating webhook', () => {
  it('is asked about the object as it would be stored, and by whom', async () => {
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v')]);
    const made = await create(sandbox, {}, '?fieldManager=me&fieldValidation=Strict');
    expect(made.data).toEqual({ a: '1' });
    const [{ apiVersion, request } = fake.asked[0]!, ...more] = fake.asked;
    expect(more).toEqual([]);
    expect(apiVersion).toBe('admission.k8s.io/v1');
    const { object, uid, ...rest } = request;
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(rest).toEqual({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'm',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      oldObject: null,
      dryRun: false,
      options: {
        kind: 'CreateOptions',
        apiVersion: 'meta.k8s.io/v1',
        fieldManager: 'me',
        fieldValidation: 'Strict',
      },
    });
    expect(object).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'm', namespace: 'default', uid: made.metadata.uid },
      data: { a: '1' },
    });
  });

  it('is asked about updates and deletions, with what there was', async () => {
    const every = { rules: [rule({ operations: ['UPDATE', 'DELETE'] })] };
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', every)]);
    const made = await create(sandbox);
    expect(fake.asked).toEqual([]);
    await sandbox.request('PUT', `${MAPS}/m`, { ...made, data: { a: '2' } });
    await sandbox.request('PATCH', `${MAPS}/m`, { data: { a: '3' } });
    await sandbox.request('DELETE', `${MAPS}/m`, { propagationPolicy: 'Background' });
    const seen = fake.asked.map(({ request }) => [
      request.operation,
      request.object?.data ?? null,
      request.oldObject.data,
      request.options.kind,
    ]);
    expect(seen).toEqual([
      ['UPDATE', { a: '2' }, { a: '1' }, 'UpdateOptions'],
      ['UPDATE', { a: '3' }, { a: '2' }, 'UpdateOptions'],
      ['DELETE', null, { a: '3' }, 'DeleteOptions'],
    ]);
    expect((await sandbox.request('GET', `${MAPS}/m`)).code).toBe(404);
  });

  it('refuses in its own words, with its own code', async () => {
    const said: [object | undefined, object][] = [
      [{ message: 'no' }, { code: 400, message: 'admission webhook "v.example.org" denied the request: no' }],
      [undefined, { code: 400, message: 'admission webhook "v.example.org" denied the request without explanation' }],
      [
        { reason: 'Forbidden', code: 403 },
        { code: 403, reason: 'Forbidden', message: 'admission webhook "v.example.org" denied the request: Forbidden' },
      ],
      [
        { message: 'x', reason: 'Invalid', code: 422, details: { causes: [{ field: 'data', message: 'y' }] } },
        { code: 422, reason: 'Invalid', details: { causes: [{ field: 'data', message: 'y' }] } },
      ],
      [
        { code: 200, status: 'Success', message: 'no' },
        { code: 400, status: 'Failure' },
      ],
    ];
    for (const [status, expected] of said) {
      const { sandbox } = await withHooks({ '/v': () => ({ allowed: false, status }) }, ['validating', hook('/v')]);
      expect(await create(sandbox)).toMatchObject({ kind: 'Status', ...expected });
      expect((await sandbox.request('GET', `${MAPS}/m`)).code).toBe(404);
    }
  });

  it('warns', async () => {
    const warns = () => ({ allowed: true, warnings: ['mind the gap'] });
    const { sandbox } = await withHooks({ '/v': warns }, ['validating', hook('/v')]);
    const made = await sandbox.respond('POST', MAPS, {}, { metadata: { name: 'm' } });
    expect(made.headers.get('warning')).toBe('299 - "mind the gap"');
  });

  it('is asked beside the others, and one refusal is enough', async () => {
    const { sandbox, fake } = await withHooks({ '/a': allow, '/b': () => ({ allowed: false }), '/c': allow }, [
      'validating',
      hook('/a'),
      hook('/b'),
      hook('/c'),
    ]);
    expect((await create(sandbox)).message).toContain('"b.example.org" denied');
    expect(fake.asked.map(({ path }) => path)).toEqual(['/a', '/b', '/c']);
  });

  it('is asked in the version that its rules name, and in no other if it is exact', async () => {
    const rules = [rule({ apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] })];
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', { rules })]);
    const scaler = {
      metadata: { name: 'h' },
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 7 } } },
        ],
      },
    };
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
    expect((await sandbox.request('POST', path, scaler)).kind).toBe('HorizontalPodAutoscaler');
    expect(fake.asked[0]!.request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1' },
      resource: { version: 'v1' },
      requestKind: { version: 'v2' },
      requestResource: { version: 'v2' },
      object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 7 } },
    });
    const exact = await withHooks({ '/v': allow }, ['validating', hook('/v', { rules, matchPolicy: 'Exact' })]);
    await exact.sandbox.request('POST', path, scaler);
    expect(exact.fake.asked).toEqual([]);
  });

  it('speaks v1beta1 where it likes that best', async () => {
    const over = { admissionReviewVersions: ['v9', 'v1beta1', 'v1'] };
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', over)]);
    expect((await create(sandbox)).kind).toBe('ConfigMap');
    expect(fake.asked[0]!.apiVersion).toBe('admission.k8s.io/v1beta1');
  });

  it('has no say in a dry run that it would take for earnest', async () => {
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v')]);
    expect((await create(sandbox, {}, '?dryRun=All')).kind).toBe('ConfigMap');
    expect(fake.asked[0]!.request.dryRun).toBe(true);
    expect((await sandbox.request('GET', `${MAPS}/m`)).code).toBe(404);
  });
});

describe('the conditions of a webhook', () => {
  const conditioned = (...expressions: string[]) => ({
    matchConditions: expressions.map((expression, i) => ({ name: `c${i}`, expression })),
  });

  it('say whether it is asked', async () => {
    const over = conditioned("request.name != 'quiet'", "object.data.a == '1'");
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', over)]);
    await create(sandbox, { metadata: { name: 'quiet' } });
    await create(sandbox, { metadata: { name: 'b' }, data: { a: '2' } });
    expect(fake.asked).toEqual([]);
    await create(sandbox);
    expect(fake.asked.map(({ request }) => request.name)).toEqual(['m']);
  });

  it('fail the request when they cannot be told, or are ignored', async () => {
    const over = conditioned("object.data.nothing.more == '1'");
    const { sandbox } = await withHooks({ '/v': allow }, ['validating', hook('/v', over)]);
    expect(await create(sandbox)).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: expect.stringMatching(
        /^configmaps "m" is forbidden: expression '.*' resulted in error: no such key: nothing/,
      ),
    });
    const ignoring = { ...over, failurePolicy: 'Ignore' };
    const other = await withHooks({ '/v': allow }, ['validating', hook('/v', ignoring)]);
    expect((await create(other.sandbox)).kind).toBe('ConfigMap');
    expect(other.fake.asked).toEqual([]);
  });

  it('may ask what the requester may do', async () => {
    const may = (verb: string) => `authorizer.group('').resource('secrets').check('${verb}').allowed()`;
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', conditioned(may('get')))]);
    expect((await create(sandbox)).kind).toBe('ConfigMap');
    expect(fake.asked).toHaveLength(1);
  });
});

describe('a call that fails', () => {
  const failed = (words: string): string => `Internal error occurred: failed calling webhook "v.example.org": ${words}`;
  const toCall = (words: string): string => failed(`failed to call webhook: ${words}`);
  const invalid = (words: string): string => failed(`received invalid webhook response: ${words}`);
  const cases: [what: string, FakeHook, message: string | RegExp][] = [
    ['no connection', () => ({ error: 'EOF' }), toCall('Post "https://hooks.example.org/v?timeout=10s": EOF')],
    [
      'time',
      () => ({ error: 'context deadline exceeded' }),
      toCall('Post "https://hooks.example.org/v?timeout=10s": context deadline exceeded'),
    ],
    [
      'an answer that is cut off',
      () => ({ unread: 'unexpected EOF' }),
      toCall('unexpected error when reading response body. Please retry. Original error: unexpected EOF'),
    ],
    [
      'a server’s error',
      () => answered('boom\n', 500, 'text/plain'),
      toCall('an error on the server ("boom") has prevented the request from succeeding'),
    ],
    [
      'a server’s error in JSON',
      () => answered('{"a":1}', 500),
      toCall('an error on the server ("unknown") has prevented the request from succeeding'),
    ],
    [
      'a long error',
      () => answered('x'.repeat(MAX_QUOTED + 1), 500, 'text/plain; charset=utf-8'),
      toCall(`an error on the server ("${'x'.repeat(MAX_QUOTED)}") has prevented the request from succeeding`),
    ],
    [
      'no such page',
      () => answered('x', 404, 'text/plain'),
      toCall('the server could not find the requested resource'),
    ],
    [
      'a redirection',
      () => answered('', 302),
      toCall('the server responded with the status code 302 but did not return more information'),
    ],
    [
      'a Status',
      () => answered({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'not today' }, 503),
      toCall('not today'),
    ],
    [
      'nothing',
      () => answered(''),
      toCall('0-length response with status code: 200 and content type: application/json'),
    ],
    [
      'garbage',
      () => answered('hello', 200, 'text/plain'),
      /failed to call webhook: couldn't get version\/kind; json parse error: json: cannot unmarshal string into Go value of type struct/,
    ],
    [
      'half of an answer',
      () => answered('{"response":{'),
      toCall("couldn't get version/kind; json parse error: unexpected end of JSON input"),
    ],
    [
      'another kind',
      () => answered({ apiVersion: 'v1', kind: 'Pod' }),
      toCall('no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'),
    ],
    [
      'another version',
      () => answered({ apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', response: {} }),
      toCall('converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion'),
    ],
    [
      'a wrong type',
      () => ({ allowed: 'yes' }),
      toCall('json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool'),
    ],
    [
      'a status of a wrong type',
      () => ({ allowed: false, status: { message: 'no', details: { causes: 'none' } } }),
      /failed to call webhook: json: cannot unmarshal string into Go struct field/,
    ],
    ['no response', () => answered({}), invalid('webhook response was absent')],
    [
      'a response without a type',
      (request) => answered({ response: { uid: request.uid, allowed: true } }),
      invalid('expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind='),
    ],
    ['another uid', () => ({ uid: 'other', allowed: true }), /expected response\.uid="[0-9a-f-]{36}", got "other"$/],
    [
      'a patch',
      () => patching({ op: 'add', path: '/data/b', value: '2' }),
      invalid('validating webhook may not return response.patch'),
    ],
    [
      'a patch’s type',
      () => ({ allowed: true, patchType: 'JSONPatch' }),
      invalid('validating webhook may not return response.patchType'),
    ],
  ];
  for (const [what, answer, message] of cases)
    it(`fails the write, unless that is to be ignored: ${what}`, async () => {
      const { sandbox } = await withHooks({ '/v': answer }, ['validating', hook('/v')]);
      const refused = await create(sandbox);
      expect(refused.message).toMatch(typeof message === 'string' ? /./ : message);
      if (typeof message === 'string') expect(refused.message).toBe(message);
      expect(refused).toMatchObject({ code: 500, reason: 'InternalError', details: { causes: [{}] } });
      expect((await sandbox.request('GET', `${MAPS}/m`)).code).toBe(404);
      const over = { failurePolicy: 'Ignore' };
      const ignoring = await withHooks({ '/v': answer }, ['validating', hook('/v', over)]);
      expect((await create(ignoring.sandbox)).kind).toBe('ConfigMap');
    });
});

it('refuses what a webhook is not asked about for want of room, also where its failures are ignored', async () => {
  for (const kind of ['mutating', 'validating'] as const) {
    const over = { failurePolicy: 'Ignore' };
    const { sandbox } = await withHooks({ '/v': () => ({ busy: 3 }) }, [kind, hook('/v', over)]);
    expect(await create(sandbox)).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 3 },
    });
    expect((await sandbox.request('GET', `${MAPS}/m`)).code).toBe(404);
  }
});

describe('a mutating webhook', () => {
  const add = (path: string, value: unknown): object => ({ op: 'add', path, value });

  it('changes what is stored, and later ones see it, in order of their names', async () => {
    const { sandbox, fake } = await withHooks(
      { '/a': () => patching(add('/data/b', '2')), '/b': () => patching(add('/data/c', '3')), '/v': allow },
      ['mutating', hook('/a')],
      ['mutating', hook('/b')],
      ['validating', hook('/v')],
    );
    expect((await create(sandbox)).data).toEqual({ a: '1', b: '2', c: '3' });
    expect((await sandbox.request('GET', `${MAPS}/m`)).data).toEqual({ a: '1', b: '2', c: '3' });
    expect(fake.asked.map(({ path, request }) => [path, request.object.data])).toEqual([
      ['/a', { a: '1' }],
      ['/b', { a: '1', b: '2' }],
      ['/v', { a: '1', b: '2', c: '3' }],
    ]);
    // A uid is what storing gives.
    expect(fake.asked.map(({ request }) => typeof request.object.metadata.uid)).toEqual([
      'undefined',
      'undefined',
      'string',
    ]);
  });

  it('is asked again where it wants that and something has changed after it', async () => {
    const counts = (request: any) => patching(add('/data/n', String(Object.keys(request.object.data).length)));
    const late = () => patching(add('/data/late', 'x'));
    const asked = async (reinvocationPolicy: string): Promise<unknown> => {
      const { sandbox, fake } = await withHooks({ '/a': counts, '/b': late }, [
        'mutating',
        hook('/a', { reinvocationPolicy }),
        hook('/b'),
      ]);
      const { data } = await create(sandbox);
      return [fake.asked.map(({ path }) => path).join(' '), data.n];
    };
    expect(await asked('Never')).toEqual(['/a /b', '1']);
    expect(await asked('IfNeeded')).toEqual(['/a /b /a', '3']);
  });

  it('is another than one that validates, though both and their configurations have the same names', async () => {
    const rules = [rule({ operations: ['UPDATE'] })];
    const fake = fakeHooks({ '/m': allow, '/v': () => ({ allowed: false, status: { message: 'no' } }) });
    const sandbox = createSandbox(0, { callWebhook: fake.call });
    await create(sandbox);
    for (const [kind, path] of [
      ['mutating', '/m'],
      ['validating', '/v'],
    ] as const) {
      const body = { metadata: { name: 'webhook' }, webhooks: [hook(path, { name: 'webhook.example.org', rules })] };
      await sandbox.request('POST', `${HOOKS}/${kind}webhookconfigurations`, body);
    }
    const refused = await sandbox.request('PATCH', `${MAPS}/m`, { data: { b: '2' } });
    expect(refused.message).toBe('admission webhook "webhook.example.org" denied the request: no');
    const [first, second] = fake.asked.map(({ path, request: { uid: _, ...request } }) => ({ path, request }));
    // What both are asked is the same to the letter.
    expect([first!.path, second]).toEqual(['/m', { path: '/v', request: first!.request }]);
  });

  it('is asked anew where its configuration names another address by the time that it has answered', async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const fake = fakeHooks({ '/old': allow, '/new': () => ({ allowed: false }) });
    const call: typeof fake.call = async (asked) => {
      const once = meanwhile;
      meanwhile = undefined;
      await once?.();
      return fake.call(asked);
    };
    const sandbox = createSandbox(0, { callWebhook: call });
    const path = `${HOOKS}/mutatingwebhookconfigurations`;
    const at = (to: string) => ({ metadata: { name: 'h' }, webhooks: [hook(to, { name: 'a.example.org' })] });
    await sandbox.request('POST', path, at('/old'));
    meanwhile = async () => {
      await sandbox.request('PATCH', `${path}/h`, at('/new'));
      // So that the decision is made anew, on what there is by then.
      await sandbox.request('PATCH', '/api/v1/namespaces/default', { metadata: { labels: { a: 'b' } } });
    };
    expect((await create(sandbox)).message).toContain('"a.example.org" denied');
    expect(fake.asked.map(({ path }) => path)).toEqual(['/old', '/new']);
  });

  it('has the defaults of its changes filled in', async () => {
    const rules = [rule({ resources: ['pods'] })];
    const sidecar = () => patching(add('/spec/containers/-', { name: 'sidecar', image: 'proxy:1' }));
    const { sandbox } = await withHooks({ '/a': sidecar }, ['mutating', hook('/a', { rules })]);
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
    const made = await sandbox.request('POST', '/api/v1/namespaces/default/pods', pod);
    expect(made.spec.containers.map((c: any) => [c.name, c.imagePullPolicy, c.terminationMessagePath])).toEqual([
      ['c', 'IfNotPresent', '/dev/termination-log'],
      ['sidecar', 'IfNotPresent', '/dev/termination-log'],
    ]);
    // What it has put there is mounted as in all others.
    expect(made.spec.containers[1].volumeMounts).toHaveLength(1);
  });

  it('may not make managedFields that nobody can read', async () => {
    const broken = () => patching(add('/metadata/managedFields', [{ manager: 'x', operation: 'Delete' }]));
    const { sandbox } = await withHooks({ '/a': broken }, ['mutating', hook('/a')]);
    const made = await sandbox.respond(
      'POST',
      `${MAPS}?fieldManager=me`,
      {},
      { metadata: { name: 'm' }, data: { a: '1' } },
    );
    expect(made.headers.get('warning')).toContain(
      '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: operation must be `Apply` or `Update`',
    );
    const { metadata }: any = await made.json();
    expect(metadata.managedFields.map((entry: any) => [entry.manager, entry.operation])).toEqual([['me', 'Update']]);
  });

  it('gives an object no other name', async () => {
    const rename = () => patching({ op: 'replace', path: '/metadata/name', value: 'other' });
    const rules = [rule({ operations: ['UPDATE'] })];
    const { sandbox } = await withHooks({ '/a': rename }, ['mutating', hook('/a', { rules })]);
    await create(sandbox);
    expect(await sandbox.request('PATCH', `${MAPS}/m`, { data: { b: '2' } })).toMatchObject({
      code: 422,
      message: 'ConfigMap "m" is invalid: metadata.name: Invalid value: "other": field is immutable',
    });
  });

  it('makes nothing that would not be valid', async () => {
    const wrong = () => patching(add('/data/not a key', 'x'));
    const { sandbox } = await withHooks({ '/a': wrong }, ['mutating', hook('/a')]);
    expect(await create(sandbox)).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  const refusals: [what: string, () => object, operations: string[], message: string][] = [
    [
      'a patch without a type',
      () => ({ allowed: true, patch: btoa('[]') }),
      ['CREATE'],
      'failed calling webhook "a.example.org": received invalid webhook response: webhook returned response.patch but not response.patchType',
    ],
    [
      'a type without a patch',
      () => ({ allowed: true, patchType: 'JSONPatch' }),
      ['CREATE'],
      'failed calling webhook "a.example.org": received invalid webhook response: webhook returned response.patchType but not response.patch',
    ],
    [
      'another type of patch',
      () => ({ ...patching(add('/data/b', '2')), patchType: 'MergePatch' }),
      ['CREATE'],
      'failed calling webhook "a.example.org": unsupported patch type "MergePatch"',
    ],
    [
      'no patch',
      () => ({ ...patching(), patch: btoa('{"a":1}') }),
      ['CREATE'],
      'failed calling webhook "a.example.org": received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    ],
    [
      'no base64',
      () => ({ ...patching(), patch: '?' }),
      ['CREATE'],
      'failed calling webhook "a.example.org": failed to call webhook: illegal base64 data at input byte 0',
    ],
    [
      'a replacement of nothing',
      () => patching({ op: 'replace', path: '/spec/a/b', value: 'x' }),
      ['CREATE'],
      'replace operation does not apply: doc is missing path: /spec/a/b: missing value',
    ],
    [
      'a removal of nothing',
      () => patching({ op: 'remove', path: '/data/z' }),
      ['CREATE'],
      "error in remove for path: '/data/z': Unable to remove nonexistent key: z: missing value",
    ],
    [
      'an addition to nothing',
      () => patching(add('/spec/a/b', 1)),
      ['CREATE'],
      'add operation does not apply: doc is missing path: "/spec/a/b": missing value',
    ],
    [
      'a test that fails',
      () => patching({ op: 'test', path: '/data/a', value: '2' }),
      ['CREATE'],
      'testing value /data/a failed: test failed',
    ],
    [
      'a change of what is deleted',
      () => patching(add('/data/b', '2')),
      ['DELETE'],
      'admission webhook "a.example.org" attempted to modify the object, which is not supported for this operation',
    ],
  ];
  for (const [what, answer, operations, message] of refusals)
    it(`fails the write with what cannot be applied: ${what}`, async () => {
      const rules = [rule({ operations })];
      const { sandbox } = await withHooks({ '/a': answer }, ['mutating', hook('/a', { rules })]);
      const made = await create(sandbox);
      const refused = operations.includes('DELETE') ? await sandbox.request('DELETE', `${MAPS}/m`) : made;
      expect(refused).toMatchObject({ code: 500, message: `Internal error occurred: ${message}` });
    });

  it('changes custom resources within their schema', async () => {
    const property = { type: 'string' };
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { a: property, b: property } } },
    };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    const rules = [rule({ apiGroups: ['example.org'], resources: ['things'] })];
    const both = () => patching(add('/spec/b', '2'), add('/spec/unknown', '3'));
    const { sandbox } = await withHooks({ '/a': both }, ['mutating', hook('/a', { rules })]);
    await sandbox.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    sandbox.advance(10_000);
    const thing = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 't' }, spec: { a: '1' } };
    const made = await sandbox.request('POST', '/apis/example.org/v1/namespaces/default/things', thing);
    expect([made.message, made.spec]).toEqual([undefined, { a: '1', b: '2' }]);
  });
});

describe('what goes through a subresource', () => {
  it('is what it is asked about: a scale, an eviction, a status', async () => {
    const rules = [
      rule({ apiGroups: ['*'], resources: ['*/scale', '*/eviction', '*/status'], operations: ['CREATE', 'UPDATE'] }),
    ];
    const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', { rules })]);
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
    const spec = { replicas: 1, selector: { matchLabels: { app: 'a' } }, template };
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await sandbox.request('POST', path, { metadata: { name: 'd' }, spec });
    await sandbox.request('PATCH', `${path}/d/scale`, { spec: { replicas: 0 } });
    const pods = '/api/v1/namespaces/default/pods';
    await sandbox.request('POST', pods, { metadata: { name: 'p' }, spec: template.spec });
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
    await sandbox.request('POST', `${pods}/p/eviction`, eviction);
    const told = fake.asked
      .filter(({ request }) => request.userInfo.username === 'admin')
      .map(({ request: { kind, resource, subResource, operation, name } }) => [
        `${kind.group}/${kind.version} ${kind.kind}`,
        `${resource.resource}/${subResource}`,
        operation,
        name,
      ]);
    expect(told).toEqual([
      ['autoscaling/v1 Scale', 'deployments/scale', 'UPDATE', 'd'],
      ['policy/v1 Eviction', 'pods/eviction', 'CREATE', 'p'],
    ]);
    const scale = fake.asked.find(({ request }) => request.subResource === 'scale')!.request;
    expect([scale.oldObject.spec, scale.object.spec]).toEqual([{ replicas: 1 }, {}]);
  });
});

it('is told of a token that is asked for in a dry run that it is one', async () => {
  const rules = [rule({ resources: ['serviceaccounts/token'] })];
  const fake = fakeHooks({ '/v': allow });
  const tokens = { sign: async () => 'token' } as unknown as TokenAuthority;
  const sandbox = createSandbox(0, { callWebhook: fake.call, tokens });
  const configuration = { metadata: { name: 'h' }, webhooks: [hook('/v', { rules })] };
  await sandbox.request('POST', `${HOOKS}/validatingwebhookconfigurations`, configuration);
  await sandbox.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'a' } });
  const path = '/api/v1/namespaces/default/serviceaccounts/a/token';
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  for (const query of ['', '?dryRun=All']) await sandbox.request('POST', path + query, body);
  expect(fake.asked.map(({ request }) => request.dryRun)).toEqual([false, true]);
});

it.each([
  ['?timeout=1500ms', 1500],
  ['?timeout=2m', MAX_OUTSIDE_MS],
  ['?timeout=0s', MAX_OUTSIDE_MS],
])('waits as long as the request says, and no longer than any may: %s', async (query, expected) => {
  const waits: number[] = [];
  const timers = {
    after: (milliseconds: number, over: () => void) => {
      waits.push(milliseconds);
      over();
      return () => undefined;
    },
    time: () => 0,
  };
  const sandbox = createSandbox(0, { timers, callWebhook: () => new Promise<never>(() => undefined) });
  const body = { metadata: { name: 'h' }, webhooks: [hook('/v')] };
  await sandbox.request('POST', `${HOOKS}/validatingwebhookconfigurations`, body);
  expect(await create(sandbox, {}, query)).toMatchObject({ code: 504 });
  expect(waits).toEqual([expected]);
});

it('has nothing read for what no rule is about', () => {
  const object = (rules: object[]) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'h', uid: 'u' },
    webhooks: [hook('/v', { rules, clientConfig: { service: { namespace: 'ops', name: 'hooks' } } })],
  });
  const viewWith = (rules: object[]) =>
    ({
      list: (resource: string) => (resource.startsWith('validating') ? [object(rules)] : []),
    }) as unknown as View;
  const reads = [
    { resource: 'namespaces', name: 'default' },
    { resource: 'services', namespace: 'ops', name: 'hooks' },
  ];
  const [maps, leases] = [builtIn('configmaps'), builtIn('leases.coordination.k8s.io')];
  const view = viewWith([rule()]);
  expect(webhookReads(view, maps, 'default')).toEqual(reads);
  expect(webhookReads(view, leases, 'default')).toEqual([]);
  expect(webhookReads(viewWith([rule({ apiGroups: ['*'], resources: ['*'] })]), leases, 'default')).toEqual(reads);
});

it('waits for all webhooks together no longer than a request may take', async () => {
  const waits: { milliseconds: number; over: () => void }[] = [];
  const timers = {
    after: (milliseconds: number, over: () => void) => {
      waits.push({ milliseconds, over });
      return () => undefined;
    },
    time: () => 0,
  };
  const sandbox = createSandbox(0, { timers, callWebhook: () => new Promise<never>(() => undefined) });
  const body = { metadata: { name: 'h' }, webhooks: [hook('/v')] };
  await sandbox.request('POST', `${HOOKS}/validatingwebhookconfigurations`, body);
  expect(waits).toEqual([]);
  const made = create(sandbox);
  await new Promise((fulfil) => setTimeout(fulfil, 50));
  expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([MAX_OUTSIDE_MS]);
  waits[0]!.over();
  expect(await made).toMatchObject({ code: 504, reason: 'Timeout' });
});

it('takes an answer of so many bytes, and none that is longer', async () => {
  const padded = (length: number): object => ({ allowed: true, auditAnnotations: { a: 'x'.repeat(length) } });
  const { sandbox, fake } = await withHooks({ '/v': () => padded(0) }, ['validating', hook('/v')]);
  const type = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
  const uid = '0'.repeat(36);
  const least = JSON.stringify({ ...type, response: { uid, ...padded(0) } }).length;
  fake.hooks['/v'] = () => padded(MAX_ADMISSION_BYTES - least);
  expect((await create(sandbox)).kind).toBe('ConfigMap');
  fake.hooks['/v'] = () => padded(MAX_ADMISSION_BYTES - least + 1);
  expect((await create(sandbox, { metadata: { name: 'n' } })).message).toContain(
    `Original error: the answer is longer than ${MAX_ADMISSION_BYTES} bytes`,
  );
});

it('asks so many side by side, and fewer about what is large', async () => {
  let underWay = 0;
  let most = 0;
  let size = 0;
  const fake = fakeHooks({ '/v': allow });
  const sandbox = createSandbox(0, {
    callWebhook: async (call) => {
      size = JSON.stringify(JSON.parse(call.body).request).length;
      most = Math.max(most, ++underWay);
      await new Promise((fulfil) => setTimeout(fulfil, 5));
      underWay--;
      return fake.call(call);
    },
  });
  const many = MAX_ASKED_AT_ONCE + 1;
  const webhooks = Array.from({ length: many }, (_, i) => hook('/v', { name: `v${i}.example.org` }));
  await sandbox.request('POST', `${HOOKS}/validatingwebhookconfigurations`, { metadata: { name: 'h' }, webhooks });
  expect((await create(sandbox)).kind).toBe('ConfigMap');
  expect([most, fake.asked.length]).toEqual([MAX_ASKED_AT_ONCE, many]);
  most = 0;
  const data = { a: '"'.repeat(700_000) };
  expect((await create(sandbox, { metadata: { name: 'large' }, data })).kind).toBe('ConfigMap');
  expect(fake.asked.length).toBe(2 * many);
  expect(most).toBeGreaterThan(1);
  expect(most * size).toBeLessThanOrEqual(MAX_ASKED_CHARACTERS + size);
  expect(most).toBeLessThan(MAX_ASKED_AT_ONCE);
});

it('trusts nobody by what is no certificate', async () => {
  const clientConfig = { url: `${URL_OF}/v`, caBundle: btoa('no certificate') };
  const { sandbox, fake } = await withHooks({ '/v': allow }, ['validating', hook('/v', { clientConfig })]);
  expect((await create(sandbox)).message).toBe(
    'Internal error occurred: failed calling webhook "v.example.org": could not get REST client: unable to load root certificates: unable to parse bytes as PEM block',
  );
  expect(fake.asked).toEqual([]);
});

it('asks again about an object that another has changed meanwhile', async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const fake = fakeHooks({ '/v': allow });
  const call = async (...asked: Parameters<typeof fake.call>): Promise<WebhookAnswer> => {
    const once = meanwhile;
    meanwhile = undefined;
    await once?.();
    return fake.call(...asked);
  };
  const sandbox = createSandbox(0, { callWebhook: call });
  await create(sandbox);
  const rules = [rule({ operations: ['UPDATE'] })];
  const objectSelector = { matchExpressions: [{ key: 'quiet', operator: 'DoesNotExist' }] };
  const body = { metadata: { name: 'h' }, webhooks: [hook('/v', { rules, objectSelector })] };
  await sandbox.request('POST', `${HOOKS}/validatingwebhookconfigurations`, body);
  meanwhile = () => sandbox.request('PATCH', `${MAPS}/m`, { data: { b: '2' } });
  const patched = await sandbox.request('PATCH', `${MAPS}/m`, { data: { c: '3' } });
  expect(patched.data).toEqual({ a: '1', b: '2', c: '3' });
  expect(fake.asked.map(({ request }) => request.object.data)).toEqual([
    { a: '1', b: '2' },
    { a: '1', c: '3' },
    { a: '1', b: '2', c: '3' },
  ]);
});
