/** What a component's write brings into the store, whatever the store is. */

import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { newEvent } from '../../controllers/events.ts';
import type { KeyValue, RequestOp } from '../../etcd/types.ts';
import type { KubeObject } from '../../objects/object.ts';
import { viewOf } from '../../objects/view.ts';
import { componentsOf } from '../../platform/clusters/components.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { schedulerEvent } from '../../scheduler/events.ts';
import { createRandom } from '../../simulation/random.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { componentAdmission } from '../dynamic-admission/component-admission.ts';
import { storedText } from '../storage/stored.ts';
import { applyWrite } from './component-write.ts';

const NOW = Date.UTC(2026, 0, 1);
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } } as KubeObject;
const GUARD = 'ValidatingWebhookConfiguration';
const RESOURCES: Record<string, string> = {
  ConfigMap: 'configmaps',
  Namespace: 'namespaces',
  Pod: 'pods',
  ResourceQuota: 'resourcequotas',
  [GUARD]: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
};

/** A store that keeps what it is told to, and the objects that a component sees of it. */
function writerOver(seen: KubeObject[], kept: Record<string, KubeObject> = {}) {
  const steps: RequestOp[][] = [];
  let revision = 7;
  const storage = {
    get revision() {
      return revision;
    },
    read: (key: string): KeyValue | undefined =>
      kept[key] && { key, value: storedText(kept[key]), createRevision: 3, modRevision: 3, version: 1, lease: '0' },
    commit(more: RequestOp[][]) {
      steps.push(...more);
      revision += more.length;
      return revision;
    },
  };
  const is = (object: KubeObject, resource: string, namespace: string | undefined): boolean =>
    RESOURCES[object.kind] === resource && (namespace === undefined || object.metadata.namespace === namespace);
  const view = viewOf({
    revision,
    get: (resource, namespace, name) =>
      [NAMESPACE, ...seen].find((object) => is(object, resource, namespace) && object.metadata.name === name),
    list: (resource, namespace) => seen.filter((object) => is(object, resource, namespace)),
  });
  const config = {
    serviceCIDR: '10.96.0.0/16',
    nodePortRange: [30000, 32767] as [number, number],
    components: componentsOf('full'),
  };
  const cluster = { view, catalog: BUILT_IN };
  const write = (wanted: Write<KubeObject>) => {
    const dynamicAdmission = componentAdmission(cluster, { name: 'test', manager: 'tester', write: wanted });
    return applyWrite(storage, wanted, {
      manager: 'tester',
      now: NOW,
      random: createRandom('x', 'test'),
      catalog: BUILT_IN,
      config,
      view,
      ...(seen.some(({ kind }) => kind === GUARD) ? { dynamicAdmission } : {}),
    });
  };
  return { write, steps };
}

const configMap = (metadata: Partial<KubeObject['metadata']>, data = { a: '1' }): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', ...metadata }, data }) as KubeObject;
const STORED = configMap({ name: 'a', uid: 'u', resourceVersion: '5', creationTimestamp: '2026-01-01T00:00:00Z' });
const KEY = '/registry/configmaps/default/a';

const put = (step: RequestOp[] | undefined): { key: string; object: LooseObject } => {
  const [operation] = step ?? [];
  if (!operation || !('put' in operation)) throw new Error(`no put: ${JSON.stringify(step)}`);
  const { key, value } = operation.put;
  return { key, object: JSON.parse(String(value)) };
};

it('creates what the stages make of it, with the version of its commit', () => {
  const { write, steps } = writerOver([]);
  const made = write({ verb: 'create', object: configMap({ name: 'a', resourceVersion: '3' }) });
  expect(made?.metadata).toMatchObject({ name: 'a', resourceVersion: '8', creationTimestamp: '2026-01-01T00:00:00Z' });
  expect(made?.metadata.managedFields?.[0]).toMatchObject({ manager: 'tester', operation: 'Update' });
  expect(steps.map((step) => put(step).key)).toEqual([KEY]);
  expect(put(steps[0]).object.metadata.resourceVersion).toBeUndefined();
});

it('does not create twice, also what its view does not have yet', () => {
  for (const { write, steps } of [writerOver([STORED]), writerOver([], { [KEY]: STORED })]) {
    expect(() => write({ verb: 'create', object: configMap({ name: 'a' }) })).toThrow('configmaps "a" already exists');
    expect(write({ verb: 'create', object: configMap({ name: 'a' }), ignoreExisting: true })).toBeUndefined();
    expect(steps).toEqual([]);
  }
});

it('names an event by when it is written', () => {
  const { write } = writerOver([]);
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: 'web.', namespace: 'default' },
  } as KubeObject;
  const nanoseconds = (BigInt(NOW) * 1_000_000n + 7n).toString(16);
  expect(write({ verb: 'create', object: event })?.metadata.name).toBe(`web.${nanoseconds}`);
});

describe('an event of a form that was told before', () => {
  const POD = configMap({ name: 'web', uid: 'u1', resourceVersion: '5' });
  const told = (change: object): KubeObject =>
    ({
      ...newEvent(POD, { component: 'kubelet', host: 'n1' }, { reason: 'Pulled', message: 'an "image"' }, NOW),
      ...change,
    }) as KubeObject;
  const guard = { ...configMap({ name: 'g' }), kind: 'ValidatingWebhookConfiguration', webhooks: [] } as KubeObject;
  const { object: scheduled } = schedulerEvent(
    POD,
    { type: 'Normal', reason: 'Scheduled', action: 'Binding', note: 'assigned' },
    { now: NOW, revision: 7 },
  ) as { object: KubeObject };

  it.each<[string, KubeObject]>([
    ['of the kubelet', told({})],
    ['of a controller', newEvent(POD, { component: 'job-controller' }, { reason: 'A', message: '' }, NOW)],
    [
      'about a container',
      newEvent(POD, { component: 'c' }, { reason: 'A', message: 'b', fieldPath: 'spec.containers{c}' }, NOW),
    ],
    ['of the scheduler', scheduled],
    ['with a count', told({ count: 2 })],
    ['with nothing said', told({ reason: '', message: '', type: '' })],
    ['with odd letters', told({ message: '\ud800 \u2028 é "' })],
    ['with an odd instant', told({ firstTimestamp: '2026-01-01T01:00:00+01:00' })],
    ['with labels', told({ metadata: { name: 'x', namespace: 'default', labels: { a: 'b' } } })],
    ['with a field that there is not', told({ colour: 'red' })],
    ['with a list', told({ series: null, related: { kind: 'Node', parts: [1] } })],
    [
      'with little',
      { apiVersion: 'v1', kind: 'Event', metadata: { generateName: 'web.', namespace: 'default' } } as KubeObject,
    ],
  ])('is stored as the stages store it: %s', (_, object) => {
    // Where there are webhooks the stages are asked each time.
    const asked = writerOver([guard]);
    asked.write({ verb: 'create', object });
    for (let again = 0; again < 3; again++) {
      const { write, steps } = writerOver([]);
      const made = write({ verb: 'create', object });
      expect(steps).toEqual(asked.steps);
      expect(made).toEqual({
        ...put(steps[0]).object,
        metadata: { ...put(steps[0]).object.metadata, resourceVersion: '8' },
      });
    }
  });

  it('is refused where its namespace is not there, or there is such an event', () => {
    const object = told({ metadata: { name: 'a', namespace: 'default' } });
    const { write } = writerOver([]);
    write({ verb: 'create', object });
    write({ verb: 'create', object });
    const elsewhere = told({ metadata: { name: 'a', namespace: 'gone' } });
    expect(() => write({ verb: 'create', object: elsewhere })).toThrow('namespaces "gone" not found');
    const key = '/registry/events/default/a';
    expect(() => writerOver([], { [key]: object }).write({ verb: 'create', object })).toThrow('"a" already exists');
  });

  it('is refused by a webhook that cannot be reached', () => {
    const object = told({ metadata: { name: 'a', namespace: 'default' } });
    writerOver([]).write({ verb: 'create', object });
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }];
    const webhooks = [{ name: 'w.x.io', rules, clientConfig: { url: 'https://w.x.io' } }];
    const { write } = writerOver([{ ...guard, webhooks } as KubeObject]);
    expect(() => write({ verb: 'create', object })).toThrow('failed calling webhook "w.x.io"');
  });
});

it('charges a quota in a step before the object', () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default', uid: 'q', resourceVersion: '4' },
    spec: { hard: { 'count/configmaps': '2' } },
    status: { hard: { 'count/configmaps': '2' }, used: { 'count/configmaps': '1' } },
  } as unknown as KubeObject;
  const { write, steps } = writerOver([quota]);
  const made = write({ verb: 'create', object: configMap({ name: 'a' }) });
  expect(steps.map((step) => put(step).key)).toEqual(['/registry/resourcequotas/default/q', KEY]);
  expect(put(steps[0]).object.status.used).toEqual({ 'count/configmaps': '2' });
  expect(made?.metadata.resourceVersion).toBe('9');
});

it('updates what it has seen, and nothing when nothing changes', () => {
  const { write, steps } = writerOver([STORED]);
  expect(write({ verb: 'update', object: STORED })).toBe(STORED);
  expect(steps).toEqual([]);
  const changed = write({ verb: 'update', object: { ...STORED, data: { a: '2' } } });
  expect(changed).toMatchObject({ data: { a: '2' }, metadata: { resourceVersion: '8' } });
  const late = { ...STORED, metadata: { ...STORED.metadata, resourceVersion: '4' } };
  expect(() => write({ verb: 'update', object: late })).toThrow('the object has been modified');
  expect(() => write({ verb: 'update', object: configMap({ name: 'b' }) })).toThrow('configmaps "b" not found');
});

it('ends with an update what only a finalizer kept', () => {
  const ending = configMap({ ...STORED.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] });
  const { write, steps } = writerOver([ending]);
  const { finalizers: _, ...metadata } = ending.metadata;
  expect(write({ verb: 'update', object: { ...ending, metadata } })).toBeUndefined();
  expect(steps).toEqual([[{ deleteRange: { key: KEY } }]]);
});

it('deletes, in two steps where watchers see the mark first, and changes nothing that its view has', () => {
  const { write, steps } = writerOver([STORED]);
  expect(write({ verb: 'delete', resource: 'configmaps', namespace: 'default', name: 'a' })).toBeUndefined();
  expect(steps).toEqual([[{ deleteRange: { key: KEY } }]]);
  expect(STORED.metadata.resourceVersion).toBe('5');

  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...STORED.metadata, name: 'p' },
    spec: { containers: [] },
  } as unknown as KubeObject;
  const ofPod = writerOver([pod]);
  const remove = { verb: 'delete', resource: 'pods', namespace: 'default', name: 'p', gracePeriodSeconds: 0 } as const;
  expect(ofPod.write(remove)).toBeUndefined();
  expect(put(ofPod.steps[0]).object.metadata.deletionGracePeriodSeconds).toBe(0);
  expect(ofPod.steps[1]).toEqual([{ deleteRange: { key: '/registry/pods/default/p' } }]);
  expect(() => ofPod.write({ ...remove, name: 'q' })).toThrow('pods "q" not found');
});
