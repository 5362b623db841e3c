import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import type { Container, Service } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { ArgumentSpace, ArgumentsTooLong, MAX_ARGUMENT_CHARACTERS } from './argument-space.ts';
import { Environment } from './environment.ts';
import { variablesOf } from './service-variables.ts';
import { subPathFault } from './sub-paths.ts';
import { Surround } from './surround.ts';
import { expandReferences, referenceTo } from './variable-references.ts';

const object = (kind: string, namespace: string, name: string, more: object): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
  ...more,
});

const OBJECTS: Record<string, KubeObject[]> = {
  services: [
    object('Service', 'default', 'kubernetes', {
      spec: { clusterIP: '10.0.0.1', ports: [{ name: 'https', port: 443 }] },
    }),
    object('Service', 'ns', 'my-dns', {
      spec: { clusterIP: 'fd00::5', ports: [{ name: 'dns-tcp', port: 53, protocol: 'UDP' }] },
    }),
    object('Service', 'ns', 'headless', { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }),
    object('Service', 'other', 'far', { spec: { clusterIP: '10.0.0.9', ports: [{ port: 80 }] } }),
  ],
  configmaps: [object('ConfigMap', 'ns', 'm', { data: { a: '1', b: 'two' } })],
  secrets: [object('Secret', 'ns', 's', { data: { key: btoa('hidden') } })],
};

const reader = {
  get: (resource: string, namespace: string | undefined, name: string) =>
    OBJECTS[resource]?.find((o) => o.metadata.namespace === namespace && o.metadata.name === name),
  list: (resource: string, namespace?: string) =>
    (OBJECTS[resource] ?? []).filter((o) => !namespace || o.metadata.namespace === namespace),
} as View;

const around = (container: Container, spec: object = {}) =>
  new Surround({
    reader,
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'ns', uid: 'u', annotations: { 'a/b': 'noted' } },
      spec: { containers: [container], nodeName: 'n', serviceAccountName: 'sa', ...spec },
    } as KubeObject,
    node: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: {},
      status: { allocatable: { cpu: '16', memory: '1Gi' } },
    },
    podIP: '10.1.0.2',
    hostIP: '172.18.0.2',
  });

const container = (more: object): Container => ({ name: 'c', image: 'i', ...more });
/** Some of its variables; undefined are those that it has not. */
function variables(names: readonly string[], more: object, spec: object = {}): Record<string, string | undefined> {
  const environment = new Environment(around(container(more), spec), container(more));
  return Object.fromEntries(names.map((name) => [name, environment.get(name)]));
}

const DNS = {
  MY_DNS_SERVICE_HOST: 'fd00::5',
  MY_DNS_SERVICE_PORT: '53',
  MY_DNS_SERVICE_PORT_DNS_TCP: '53',
  MY_DNS_PORT: 'udp://[fd00::5]:53',
  MY_DNS_PORT_53_UDP: 'udp://[fd00::5]:53',
  MY_DNS_PORT_53_UDP_PROTO: 'udp',
  MY_DNS_PORT_53_UDP_PORT: '53',
  MY_DNS_PORT_53_UDP_ADDR: 'fd00::5',
};
const API = {
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
  KUBERNETES_SERVICE_PORT: '443',
  KUBERNETES_SERVICE_PORT_HTTPS: '443',
  KUBERNETES_PORT: 'tcp://10.0.0.1:443',
  KUBERNETES_PORT_443_TCP: 'tcp://10.0.0.1:443',
  KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
  KUBERNETES_PORT_443_TCP_PORT: '443',
  KUBERNETES_PORT_443_TCP_ADDR: '10.0.0.1',
};

describe('a container’s environment', () => {
  it('tells the Services of its namespace, and the API server', () => {
    const [api, dns, headless, far] = OBJECTS.services!.map((service) => variablesOf(service as Service));
    expect([api, dns].map((each) => Object.fromEntries(each!))).toEqual([API, DNS]);
    expect(headless).toEqual(new Map());
    const names = [...Object.keys(DNS), ...Object.keys(API), ...far!.keys()];
    expect(variables(names, {})).toEqual({
      ...DNS,
      ...API,
      ...Object.fromEntries([...far!.keys()].map((name) => [name, undefined])),
    });
    const alone = variables(names, {}, { enableServiceLinks: false });
    expect(alone).toMatchObject({ KUBERNETES_SERVICE_HOST: '10.0.0.1', MY_DNS_SERVICE_HOST: undefined });
  });

  it('takes whole ConfigMaps and Secrets, then each variable’s own source', () => {
    const names = ['a', 'b', 'S_key', 'JOINED', 'KUBERNETES_SERVICE_HOST', 'FROM_MAP', 'FROM_SECRET', 'ABSENT'];
    const found = variables(names, {
      envFrom: [
        { configMapRef: { name: 'm' } },
        { prefix: 'S_', secretRef: { name: 's' } },
        { configMapRef: { name: '-' } },
      ],
      env: [
        { name: 'a', value: 'own' },
        { name: 'JOINED', value: '$(a)-$(S_key)-$(KUBERNETES_SERVICE_PORT)-$(NONE)-$$(a)' },
        { name: 'KUBERNETES_SERVICE_HOST', value: 'mine' },
        { name: 'FROM_MAP', valueFrom: { configMapKeyRef: { name: 'm', key: 'b' } } },
        { name: 'FROM_SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'key' } } },
        { name: 'ABSENT', valueFrom: { configMapKeyRef: { name: 'm', key: 'zzz' } } },
      ],
    });
    expect(found).toEqual({
      a: 'own',
      b: 'two',
      S_key: 'hidden',
      JOINED: 'own-hidden-443-$(NONE)-$(a)',
      KUBERNETES_SERVICE_HOST: 'mine',
      FROM_MAP: 'two',
      FROM_SECRET: 'hidden',
      ABSENT: undefined,
    });
  });

  it.each([
    ['metadata.name', 'p'],
    ['metadata.namespace', 'ns'],
    ['metadata.uid', 'u'],
    ["metadata.annotations['a/b']", 'noted'],
    ["metadata.labels['none']", ''],
    ['spec.nodeName', 'n'],
    ['spec.serviceAccountName', 'sa'],
    ['status.podIP', '10.1.0.2'],
    ['status.hostIPs', '172.18.0.2'],
  ])('tells its pod’s %s', (fieldPath, value) => {
    expect(variables(['V'], { env: [{ name: 'V', valueFrom: { fieldRef: { fieldPath } } }] })).toMatchObject({
      V: value,
    });
  });

  it.each([
    ['limits.cpu', undefined, '2'],
    ['limits.cpu', '1m', '1500'],
    ['requests.cpu', '1m', '0'],
    ['limits.memory', '1Mi', '1024'],
  ])('tells its resources: %s by %s', (resource, divisor, value) => {
    const env = [{ name: 'V', valueFrom: { resourceFieldRef: { resource, ...(divisor ? { divisor } : {}) } } }];
    expect(variables(['V'], { env, resources: { limits: { cpu: '1500m' } } })).toMatchObject({ V: value });
  });
});

describe('a reference', () => {
  const known: Record<string, string> = { A: 'x', B: '$(A)' };
  const values = referenceTo((name) => known[name]);
  const expand = (text: string): string => expandReferences(text, values, new ArgumentSpace());

  it.each([
    ['$(A)/$(B)', 'x/$(A)'],
    ['$(NONE)', '$(NONE)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$x'],
    ['$A $', '$A $'],
    ['$(A', '$(A'],
    ['$(A $$', '$(A $'],
    ['$()', '$()'],
    ['$($(A)', '$($(A)'],
  ])('is replaced: %s', (text, result) => {
    expect(expand(text)).toBe(result);
  });

  it('is found in time that grows with the text', () => {
    expect(expand('$('.repeat(100_000))).toHaveLength(200_000);
  });
});

describe('what references become', () => {
  it('is no more than any program can be given', () => {
    const space = new ArgumentSpace();
    const half = 'x'.repeat(MAX_ARGUMENT_CHARACTERS / 4);
    const twice = '$(A)$(A)';
    const values = referenceTo(() => half);
    expect(expandReferences(twice, values, space)).toHaveLength(2 * half.length);
    expect(() => expandReferences(twice, values, space)).toThrow(ArgumentsTooLong);
  });

  it('does not double without an end', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => ({ name: `E${i + 1}`, value: `$(E${i})$(E${i})` }));
    expect(() => variables([], { env: [{ name: 'E0', value: 'x' }, ...doubling] })).toThrow(ArgumentsTooLong);
    const mount = { name: 'v', mountPath: '/v', subPathExpr: '$(E40)' };
    const large = container({ env: [{ name: 'E0', value: 'x' }, ...doubling], volumeMounts: [mount] });
    expect(subPathFault(around(large), large)).toContain('too long');
  });

  it('takes no more time for many keys, however often they are asked for', () => {
    let reads = 0;
    const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 'v']));
    const env = Array.from({ length: 1000 }, (_, i) => ({
      name: `E${i}`,
      valueFrom: { configMapKeyRef: { name: 'm', key: `k${i}` } },
    }));
    const one = container({ env, envFrom: Array.from({ length: 100 }, () => ({ configMapRef: { name: 'm' } })) });
    const many = new Surround({
      ...around(one),
      reader: {
        ...reader,
        get: (resource: string) => {
          if (resource !== 'configmaps') return undefined;
          reads++;
          return { data };
        },
      } as unknown as View,
    });
    for (let i = 0; i < 20; i++) expect(new Environment(many, one).get('k19999')).toBe('v');
    expect(reads).toBe(1);
  });
});

describe('a path within a volume', () => {
  const fault = (mount: object, env: object[] = []): string | undefined => {
    const mounting = container({ env, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] });
    return subPathFault(around(mounting), mounting);
  };

  it.each([
    [
      { subPathExpr: '$(A)/$(B)' },
      [
        { name: 'A', value: 'x' },
        { name: 'B', value: 'y' },
      ],
      undefined,
    ],
    [{ subPathExpr: '$(Z)/$(B)' }, [{ name: 'B', value: '' }], 'missing value for B, Z'],
    [{ subPathExpr: '$(A)' }, [{ name: 'A', value: '/tmp' }], 'error SubPath `/tmp` must not be an absolute path'],
    [
      { subPathExpr: 'a/$(A)' },
      [{ name: 'A', value: '..' }],
      "unable to provision SubPath `a/..`: must not contain '..'",
    ],
    [{ subPath: 'a..b' }, [], undefined],
    [{}, [], undefined],
  ])('is or is not one: %j', (mount, env, words) => {
    expect(fault(mount, env)).toBe(words);
  });
});
