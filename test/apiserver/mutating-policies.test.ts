/** MutatingAdmissionPolicies as whoever writes meets them; what the contract has not recorded. */
import { describe, expect, it } from 'vitest';
import { type Call, MERGE_PATCH, openCluster } from './calls.ts';
import { mutating, POLICIES, rule, validating } from './policies.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, data: object = {}, more: object = {}) => ({ metadata: { name, ...more }, data });
const IF_NEEDED = { spec: { reinvocationPolicy: 'IfNeeded' } };

async function withCluster(use: (call: Call) => Promise<void>): Promise<void> {
  const cluster = await openCluster();
  try {
    await use(cluster.call);
  } finally {
    cluster.close();
  }
}

const pod = (name: string) => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx' }] } });
const PODS = '/api/v1/namespaces/default/pods';
const setAnnotation = (name: string, value: string) =>
  `[JSONPatch{op: "add", path: "/metadata/annotations", value: {"${name}": ${value}}}]`;

describe('a mutating policy', () => {
  it('patches what is created and what is changed, before validation looks at it', () =>
    withCluster(async (call) => {
      const key = '"/data/" + jsonpatch.escapeKey("a/b~c")';
      const patch = `[JSONPatch{op: "add", path: ${key}, value: object.metadata.name}]`;
      await mutating(call, 'escaped', [rule('configmaps')], patch);
      // No ConfigMap has a key of such characters.
      const refused = await call('POST', MAPS, map('a', { k: '' }));
      expect([refused.status, refused.body.details.causes[0].field]).toEqual([422, 'data[a/b~c]']);
      await call('DELETE', `${POLICIES}/mutatingadmissionpolicies/escaped`);
      await mutating(call, 'operation', [rule('configmaps')], setAnnotation('op', 'request.operation'));
      expect((await call('POST', MAPS, map('a', { a: '' }))).body.metadata.annotations).toEqual({ op: 'CREATE' });
      const changed = await call('PATCH', `${MAPS}/a`, { data: { k: 'v' } }, MERGE_PATCH);
      expect(changed.body.metadata.annotations).toEqual({ op: 'UPDATE' });
      expect((await call('GET', `${MAPS}/a`)).body.metadata.annotations).toEqual({ op: 'UPDATE' });
      // Nobody comes to own what a policy has set.
      const { managedFields } = (await call('GET', `${MAPS}/a`)).body.metadata;
      expect(JSON.stringify(managedFields)).not.toContain('annotations');
    }));

  it('lays objects over what is there by their lists’ keys, and fills in what they leave open', () =>
    withCluster(async (call) => {
      const sidecar =
        'Object{spec: Object.spec{containers: [Object.spec.containers{name: "side", image: "envoy"}], terminationGracePeriodSeconds: 5}}';
      await mutating(call, 'sidecar', [rule('pods', ['CREATE'])], sidecar);
      await call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
      const { spec } = (await call('POST', PODS, pod('p'))).body;
      expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(['c', 'side']);
      const [own, side] = spec.containers;
      expect(side.terminationMessagePath).toBe('/dev/termination-log');
      expect(side.imagePullPolicy).toBe('Always');
      expect(spec.terminationGracePeriodSeconds).toBe(5);
      // The service account's token is mounted into what the policy has added too.
      expect(side.volumeMounts).toEqual(own.volumeMounts);
      expect(side.volumeMounts).toHaveLength(1);
      expect(spec.volumes).toHaveLength(1);
    }));

  it('refuses by what it cannot do, unless its failure does not matter', () =>
    withCluster(async (call) => {
      const refusedBy = async (expression: string, spec: object = {}) => {
        await mutating(call, 'm', [rule('pods', ['CREATE'])], expression, { spec });
        const { status, body } = await call('POST', `${PODS}?dryRun=All`, pod('p'));
        await call('DELETE', `${POLICIES}/mutatingadmissionpolicies/m`);
        await call('DELETE', `${POLICIES}/mutatingadmissionpolicybindings/m`);
        return [status, body.message?.split("binding 'm' denied request: ")[1] ?? body.message];
      };
      await call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
      expect(await refusedBy('Object{spec: Object.spec{zzz: 1}}')).toEqual([
        403,
        'error applying patch: failed to convert patch object to typed object: .spec.zzz: field not declared in schema',
      ]);
      expect(await refusedBy('Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: "a"}]}}')).toEqual([
        403,
        'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.tolerations',
      ]);
      expect(await refusedBy('[JSONPatch{op: "remove", path: "/metadata/labels"}]')).toEqual([
        403,
        "JSON Patch: error in remove for path: '/metadata/labels': Unable to remove nonexistent key: labels: missing value",
      ]);
      expect(await refusedBy('[JSONPatch{op: "add", path: "/spec/containers/7", value: {}}]')).toEqual([
        403,
        "JSON Patch: error in add for path: '/spec/containers/7': Unable to access invalid index: 7: invalid index referenced",
      ]);
      expect(await refusedBy('[JSONPatch{op: "add", path: "/spec/zzz", value: 1}]')).toEqual([
        500,
        'Internal error occurred: strict decoding error: unknown field "spec.zzz"',
      ]);
      const failing =
        '[JSONPatch{op: "add", path: "/metadata/labels", value: {"a": string(1 / (size(object.spec.containers) - 1))}}]';
      expect(await refusedBy(failing)).toEqual([403, `expression '${failing}' resulted in error: division by zero`]);
      expect(await refusedBy(failing, { failurePolicy: 'Ignore' })).toEqual([201, undefined]);
    }));

  it('runs again after another has changed the object, if it is to', () =>
    withCluster(async (call) => {
      // The first sees what the second has added only when it runs again.
      const count = '[JSONPatch{op: "add", path: "/data/count", value: string(size(object.data))}]';
      const add = '[JSONPatch{op: "add", path: "/data/added", value: "yes"}]';
      await mutating(call, 'a-count', [rule('configmaps', ['CREATE'])], count, IF_NEEDED);
      await mutating(call, 'b-add', [rule('configmaps', ['CREATE'])], add);
      expect((await call('POST', MAPS, map('a', { k: '' }))).body.data).toEqual({ added: 'yes', count: '3', k: '' });
      await call('DELETE', `${POLICIES}/mutatingadmissionpolicies/a-count`);
      await call('DELETE', `${POLICIES}/mutatingadmissionpolicybindings/a-count`);
      await mutating(call, 'a-never', [rule('configmaps', ['CREATE'])], count);
      expect((await call('POST', MAPS, map('b', { k: '' }))).body.data).toEqual({ added: 'yes', count: '1', k: '' });
    }));

  it('is seen by the policies that validate', () =>
    withCluster(async (call) => {
      await mutating(call, 'm', [rule('configmaps')], 'Object{metadata: Object.metadata{labels: {"team": "a"}}}');
      await validating(call, 'v', [rule('configmaps')], '"team" in object.metadata.labels');
      expect((await call('POST', MAPS, map('a'))).status).toBe(201);
      await call('DELETE', `${POLICIES}/mutatingadmissionpolicybindings/m`);
      expect((await call('POST', MAPS, map('b', {}, { labels: { x: 'y' } }))).status).toBe(422);
    }));

  it('cannot move an object to another name or namespace', () =>
    withCluster(async (call) => {
      await call('POST', MAPS, map('victim', { k: 'kept' }));
      await mutating(
        call,
        'm',
        [rule('configmaps')],
        '[JSONPatch{op: "add", path: "/metadata/name", value: "victim"}]',
      );
      expect((await call('POST', MAPS, map('a', { k: 'new' }))).status).toBeGreaterThanOrEqual(400);
      expect((await call('GET', `${MAPS}/victim`)).body.data).toEqual({ k: 'kept' });
      await call('DELETE', `${POLICIES}/mutatingadmissionpolicybindings/m`);
      await call('POST', MAPS, map('a', { k: 'own' }));
      await mutating(
        call,
        'n',
        [rule('configmaps')],
        '[JSONPatch{op: "add", path: "/metadata/namespace", value: "kube-system"}]',
      );
      expect((await call('PATCH', `${MAPS}/a`, { data: { k: 'x' } }, MERGE_PATCH)).status).toBeGreaterThanOrEqual(400);
      expect((await call('GET', '/api/v1/namespaces/kube-system/configmaps/a')).status).toBe(404);
    }));

  it('sets nothing that whoever writes could not', () =>
    withCluster(async (call) => {
      await mutating(
        call,
        'm',
        [rule('services'), rule('services/status', ['UPDATE'])],
        `[JSONPatch{op: "add", path: "/metadata/deletionTimestamp", value: "2026-01-01T00:00:00Z"},
          JSONPatch{op: "add", path: "/metadata/uid", value: "own"},
          JSONPatch{op: "add", path: "/spec/externalName", value: "a.example.com"},
          JSONPatch{op: "add", path: "/status", value: {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}]`,
      );
      const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }], externalName: 'b.example.com' } };
      const made = (await call('POST', '/api/v1/namespaces/default/services', service)).body;
      expect(made.metadata.deletionTimestamp).toBeUndefined();
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect([made.status, made.spec.externalName]).toEqual([{ loadBalancer: {} }, 'a.example.com']);
    }));

  it('changes custom resources by their schema', () =>
    withCluster(async (call) => {
      const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
      const properties = {
        size: { type: 'integer' },
        color: { type: 'string', default: 'red' },
        parts: { type: 'array', items: { type: 'string' } },
      };
      const schema = { openAPIV3Schema: { type: 'object', properties } };
      await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        metadata: { name: 'things.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names,
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      });
      await mutating(call, 'm', [rule('things', ['CREATE'], ['example.com'])], 'Object{size: 7}');
      const create = (name: string) =>
        call('POST', '/apis/example.com/v1/namespaces/default/things', {
          apiVersion: 'example.com/v1',
          kind: 'Thing',
          metadata: { name },
        });
      expect((await create('a')).body).toMatchObject({ size: 7, color: 'red' });
      await mutating(call, 'n', [rule('things', ['CREATE'], ['example.com'])], 'Object{parts: ["x"]}');
      expect((await create('b')).body.message).toContain('may not mutate atomic arrays, maps or structs: .parts');
    }));
});
