/** ValidatingAdmissionPolicies as whoever writes meets them; what the contract has not recorded. */
import { describe, expect, it } from 'vitest';
import { MAX_ADMISSION_COST } from '../../src/apiserver/dynamic-admission/admission-work.ts';
import { MAX_MESSAGE_BYTES } from '../../src/apiserver/dynamic-admission/policies/validating-policies.ts';
import { APPLY_PATCH, type Call, MERGE_PATCH, openCluster } from './calls.ts';
import { POLICIES, rule, validating } from './policies.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, data: object = {}, labels: object = {}) => ({ metadata: { name, labels }, data });

async function withCluster(use: (call: Call) => Promise<void>): Promise<void> {
  const cluster = await openCluster();
  try {
    await use(cluster.call);
  } finally {
    cluster.close();
  }
}

const says = async (answer: Promise<{ body: any }>): Promise<string> => {
  const { message = '' } = (await answer).body;
  return message.split('denied request: ')[1] ?? message;
};

describe('a validating policy', () => {
  it('is in force with its binding, from its making to its end, whatever it refuses', () =>
    withCluster(async (call) => {
      await validating(call, 'none', [rule('*', ['*'], ['*'])], { expression: 'false', message: 'nothing' });
      expect(await says(call('POST', MAPS, map('a')))).toBe('nothing');
      expect(await says(call('POST', '/api/v1/namespaces', { metadata: { name: 'n' } }))).toBe('nothing');
      // Reviews and the policies themselves are not asked about.
      const review = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
      expect((await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)).status).toBe(201);
      const other = { metadata: { name: 'other' }, spec: { policyName: 'x', validationActions: ['Deny'] } };
      expect((await call('POST', `${POLICIES}/validatingadmissionpolicybindings`, other)).status).toBe(201);
      expect((await call('DELETE', `${POLICIES}/validatingadmissionpolicybindings/none`)).status).toBe(200);
      expect((await call('POST', MAPS, map('a'))).status).toBe(201);
    }));

  it('holds for every way to change an object, dry runs among them', () =>
    withCluster(async (call) => {
      await call('POST', MAPS, map('a', { k: '1' }));
      await validating(call, 'p', [rule('configmaps')], { expression: 'object.data.k != "2"', reason: 'Forbidden' });
      const to = map('a', { k: '2' });
      const applied = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...to });
      const tries = [
        call('PUT', `${MAPS}/a`, to),
        call('PATCH', `${MAPS}/a`, { data: { k: '2' } }, MERGE_PATCH),
        call('PATCH', `${MAPS}/a?fieldManager=m&force=true`, applied, APPLY_PATCH),
        call('PATCH', `${MAPS}/b?fieldManager=m`, applied.replace('"a"', '"b"'), APPLY_PATCH),
        call('PATCH', `${MAPS}/a?dryRun=All`, { data: { k: '2' } }, MERGE_PATCH),
      ];
      for (const tried of tries) {
        const { status, body } = await tried;
        expect([status, body.reason, body.details.kind]).toEqual([403, 'Forbidden', 'configmaps']);
      }
      expect((await call('GET', `${MAPS}/a`)).body.data).toEqual({ k: '1' });
    }));

  it('sees what goes through a subresource as what it is', () =>
    withCluster(async (call) => {
      const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
      await call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
      expect((await call('POST', '/api/v1/namespaces/default/pods', pod)).status).toBe(201);
      const labels = { app: 'a' };
      const template = { metadata: { labels }, spec: pod.spec };
      const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: labels }, template } };
      await call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
      const told = (expression: string) => ({ expression: 'false', messageExpression: expression });
      await validating(call, 'scale', [rule('deployments/scale', ['UPDATE'], ['apps'])], {
        expression: 'object.spec.replicas < 5',
        messageExpression: `request.kind.kind + " " + string(oldObject.spec.replicas) + " " + request.subResource`,
      });
      const scale = { metadata: { name: 'd', namespace: 'default' }, spec: { replicas: 5 } };
      const scales = '/apis/apps/v1/namespaces/default/deployments/d/scale';
      expect(await says(call('PUT', scales, scale))).toBe('Scale 1 scale');
      expect((await call('PUT', scales, { ...scale, spec: { replicas: 4 } })).status).toBe(200);
      await validating(call, 'exec', [rule('pods/exec', ['CONNECT'])], told('object.command.join(" ")'));
      expect(await says(call('POST', '/api/v1/namespaces/default/pods/p/exec?command=ls&command=-l'))).toBe('ls -l');
      await validating(call, 'evict', [rule('pods/eviction', ['CREATE'])], told('request.kind.kind'));
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
      expect(await says(call('POST', '/api/v1/namespaces/default/pods/p/eviction', eviction))).toBe('Eviction');
      await validating(call, 'bind', [rule('pods/binding', ['CREATE'])], told('string(object.target.name)'));
      const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'node-9' } };
      expect(await says(call('POST', '/api/v1/namespaces/default/pods/p/binding', binding))).toBe('node-9');
      await validating(call, 'old-bind', [rule('bindings', ['CREATE'])], told('namespaceObject.metadata.name'));
      expect(await says(call('POST', '/api/v1/namespaces/default/bindings', binding))).toBe('default');
      await validating(call, 'token', [rule('serviceaccounts/token', ['CREATE'])], told('request.kind.group'));
      const tokens = '/api/v1/namespaces/default/serviceaccounts/default/token';
      expect(await says(call('POST', tokens, { spec: { audiences: ['x'] } }))).toBe('authentication.k8s.io');
      await validating(call, 'status', [rule('pods/status', ['UPDATE'])], told('string(object.status.message)'));
      const status = { status: { message: 'said' } };
      expect(await says(call('PATCH', '/api/v1/namespaces/default/pods/p/status', status, MERGE_PATCH))).toBe('said');
      await validating(call, 'proxy', [rule('pods/proxy', ['CONNECT'])], told('request.operation'));
      expect(await says(call('GET', '/api/v1/namespaces/default/pods/p/proxy/x'))).toBe('CONNECT');
      // A deletion is one, but not by eviction.
      await validating(call, 'delete', [rule('pods', ['DELETE'])], told('string(oldObject.spec.containers[0].name)'));
      expect(await says(call('DELETE', '/api/v1/namespaces/default/pods/p'))).toBe('c');
      await call('DELETE', `${POLICIES}/validatingadmissionpolicybindings/evict`);
      expect((await call('POST', '/api/v1/namespaces/default/pods/p/eviction', eviction)).status).toBe(201);
    }));

  it('means the versions of a kind as its match policy says', () =>
    withCluster(async (call) => {
      const only = (matchPolicy: string) => ({
        spec: {
          matchConstraints: {
            matchPolicy,
            resourceRules: [rule('horizontalpodautoscalers', ['CREATE'], ['autoscaling'], ['v1'])],
          },
        },
      });
      const words = 'object.apiVersion + " " + string(has(object.spec.metrics)) + " " + request.requestKind.version';
      const validation = { expression: 'false', messageExpression: words };
      await validating(call, 'equivalent', [], validation, only('Equivalent'));
      const scaled = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
      const spec = { maxReplicas: 2, scaleTargetRef: scaled };
      const create = (version: string) =>
        call('POST', `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`, {
          metadata: { name: 'h' },
          spec,
        });
      expect(await says(create('v2'))).toBe('autoscaling/v1 false v2');
      expect(await says(create('v1'))).toBe('autoscaling/v1 false v1');
      await call('DELETE', `${POLICIES}/validatingadmissionpolicies/equivalent`);
      await validating(call, 'exact', [], validation, only('Exact'));
      expect(await says(create('v1'))).toBe('autoscaling/v1 false v1');
      expect((await create('v2')).status).toBe(201);
    }));

  it('asks what somebody may do', () =>
    withCluster(async (call) => {
      const asks =
        'authorizer.serviceAccount("default", "robot").group("").resource("secrets").namespace("default").check("get").allowed()';
      await validating(call, 'robot', [rule('configmaps')], asks);
      await validating(call, 'self', [rule('configmaps')], 'authorizer.requestResource.check("create").allowed()');
      expect((await call('POST', MAPS, map('a'))).status).toBe(422);
      const role = { metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] };
      const subjects = [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }];
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' };
      const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
      await call('POST', `${rbac}/roles`, role);
      await call('POST', `${rbac}/rolebindings`, { metadata: { name: 'b' }, subjects, roleRef });
      expect((await call('POST', MAPS, map('a'))).status).toBe(201);
    }));

  it('takes its limits from parameters, custom ones too, for each of them', () =>
    withCluster(async (call) => {
      const schema = {
        type: 'object',
        properties: { max: { type: 'integer' } },
      };
      const names = { plural: 'limits', singular: 'limit', kind: 'Limit', listKind: 'LimitList' };
      const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }];
      const definition = {
        metadata: { name: 'limits.example.com' },
        spec: { group: 'example.com', scope: 'Cluster', names, versions },
      };
      const paramKind = { apiVersion: 'example.com/v1', kind: 'Limit' };
      const validation = {
        expression: '!has(object.data) || size(object.data) <= params.max',
        messageExpression: '"at most " + string(params.max) + " by " + params.metadata.name',
      };
      await validating(call, 'p', [rule('configmaps')], validation, {
        spec: { paramKind },
        binding: { paramRef: { selector: {}, parameterNotFoundAction: 'Deny' } },
      });
      const create = (name: string) => says(call('POST', MAPS, map(name, { a: '', b: '' })));
      const unknown = "failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'";
      expect(await create('a')).toBe(`failed to configure policy: ${unknown}`);
      await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
      const missing = 'no params found for policy binding with `Deny` parameterNotFoundAction';
      expect(await create('a')).toBe(`failed to configure binding: ${missing}`);
      const limit = (name: string, max: number) =>
        call('POST', '/apis/example.com/v1/limits', { ...paramKind, metadata: { name }, max });
      expect((await limit('wide', 9)).status).toBe(201);
      expect(await create('a')).toBe('');
      await limit('narrow', 1);
      expect(await create('b')).toBe('at most 1 by narrow');
      await call('DELETE', '/apis/example.com/v1/limits/narrow');
      expect(await create('b')).toBe('');
    }));

  it('holds custom resources as any other', () =>
    withCluster(async (call) => {
      const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
      const schema = { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } };
      const versions = [
        { name: 'v2', served: true, storage: true, schema },
        { name: 'v1', served: true, storage: false, schema },
      ];
      await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        metadata: { name: 'things.example.com' },
        spec: { group: 'example.com', scope: 'Namespaced', names, versions },
      });
      const validation = { expression: 'object.size < 3', messageExpression: 'string(object.apiVersion)' };
      await validating(call, 'p', [rule('things', ['*'], ['example.com'], ['v1'])], validation);
      const create = (version: string, size: number) =>
        call('POST', `/apis/example.com/${version}/namespaces/default/things`, {
          apiVersion: `example.com/${version}`,
          kind: 'Thing',
          metadata: { generateName: 't-' },
          size,
        });
      expect(await says(create('v1', 3))).toBe('example.com/v1');
      expect(await says(create('v2', 3))).toBe('example.com/v1');
      expect((await create('v2', 2)).status).toBe(201);
    }));

  it('applies where its conditions, selectors and exclusions let it', () =>
    withCluster(async (call) => {
      const variables = [{ name: 'on', expression: 'true' }];
      const matchConditions = [{ name: 'on', expression: 'variables.on' }];
      await expect(
        validating(call, 'p', [rule('configmaps')], 'false', { spec: { variables, matchConditions } }),
      ).rejects.toThrow("undeclared reference to 'variables'");
      await validating(call, 'q', [], 'false', {
        spec: {
          matchConditions: [{ name: 'named-x', expression: 'object.metadata.name.startsWith("x")' }],
          matchConstraints: {
            resourceRules: [rule('configmaps')],
            excludeResourceRules: [{ ...rule('configmaps'), resourceNames: ['x-out'] }],
            objectSelector: { matchLabels: { check: 'yes' } },
          },
        },
        binding: {
          matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } },
        },
      });
      const create = async (name: string, check: string, namespace = 'default') =>
        (await call('POST', `/api/v1/namespaces/${namespace}/configmaps`, map(name, {}, { check }))).status;
      expect(await create('x', 'yes')).toBe(422);
      expect(await create('x', 'no')).toBe(201);
      expect(await create('y', 'yes')).toBe(201);
      expect(await create('x-out', 'yes')).toBe(201);
      expect(await create('x', 'yes', 'kube-system')).toBe(201);
    }));

  it('warns with Warn, and says nothing with Audit', () =>
    withCluster(async (call) => {
      const both = { expression: 'false', message: 'beware' };
      await validating(call, 'w', [rule('configmaps')], both, { binding: { validationActions: ['Warn', 'Audit'] } });
      await validating(call, 'a', [rule('configmaps')], both, { binding: { validationActions: ['Audit'] } });
      const { status, headers } = await call('POST', MAPS, map('a'));
      expect(status).toBe(201);
      expect(headers.get('warning')).toBe(
        `299 - "Validation failed for ValidatingAdmissionPolicy 'w' with binding 'w': beware"`,
      );
    }));

  it('fails by what it costs, or by its audit annotations, as its failure policy says', () =>
    withCluster(async (call) => {
      const costly = '[0,1,2,3,4,5,6,7,8,9]'.concat(
        '.all(a, lists.range(100).all(b, lists.range(100).all(c, lists.range(100).all(d, d >= 0))))',
      );
      await validating(call, 'costly', [rule('configmaps')], costly);
      expect(await says(call('POST', MAPS, map('a')))).toMatch(
        /resulted in error: operation cancelled: actual cost limit exceeded$/,
      );
      await call('DELETE', `${POLICIES}/validatingadmissionpolicies/costly`);
      const auditAnnotations = [{ key: 'k', valueExpression: 'object.data.none' }];
      await expect(
        validating(call, 'audit', [rule('configmaps')], 'true', { spec: { auditAnnotations } }),
      ).rejects.toThrow('must evaluate to one of [string null_type] but got dyn');
      const valued = [{ key: 'k', valueExpression: 'string(object.data.none)' }];
      await validating(call, 'audited', [rule('configmaps')], 'true', { spec: { auditAnnotations: valued } });
      expect(await says(call('POST', MAPS, map('a', { a: '' })))).toBe(
        "expression 'string(object.data.none)' resulted in error: no such key: none",
      );
    }));

  it(`falls back where a message is longer than ${MAX_MESSAGE_BYTES} bytes, or has several lines`, () =>
    withCluster(async (call) => {
      const validation = { expression: 'false', message: 'written', messageExpression: 'object.data.m' };
      await validating(call, 'm', [rule('configmaps')], { ...validation, messageExpression: 'string(object.data.m)' });
      const create = (m: string) => says(call('POST', MAPS, map('a', { m })));
      expect(await create('x'.repeat(MAX_MESSAGE_BYTES))).toBe('x'.repeat(MAX_MESSAGE_BYTES));
      expect(await create('x'.repeat(MAX_MESSAGE_BYTES + 1))).toBe('written');
      expect(await create('a\nb')).toBe('written');
      expect(await create('  ')).toBe('written');
    }));

  it(`ends with its request where all policies together cost more than ${MAX_ADMISSION_COST}`, () =>
    withCluster(async (call) => {
      // A pattern costs by its own length and by its text's: some 700,000 here, ten within what one policy may cost.
      const each = { expression: `!object.data.text.matches("a*b${'c'.repeat(300)}")` };
      const policy = (name: string) =>
        validating(call, name, [rule('configmaps')], each, {
          spec: { validations: Array.from({ length: 10 }, () => each) },
        });
      const create = () => call('POST', `${MAPS}?dryRun=All`, map('a', { text: 'a'.repeat(90_000) }));
      const statuses: number[] = [];
      for (let i = 0; statuses.at(-1) !== 504; i++) {
        await policy(`p${i}`);
        statuses.push((await create()).status);
      }
      // Two policies of some 7 million fit, and three do not.
      expect(statuses).toEqual([201, 201, 504]);
      expect(MAX_ADMISSION_COST).toBeLessThan(3 * 7_500_000);
      expect(MAX_ADMISSION_COST).toBeGreaterThan(2 * 7_500_000);
      expect((await create()).body.reason).toBe('Timeout');
    }));
});
