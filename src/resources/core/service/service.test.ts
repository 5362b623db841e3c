import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../../test/loose-object.ts';
import type { StageContext } from '../../../catalog/strategy.ts';
import { viewOf } from '../../../objects/view.ts';
import { createRandom } from '../../../simulation/random.ts';
import { builtIn } from '../../built-in.ts';
import { allocateIPs, RESERVED_MAX, RESERVED_MIN } from './cluster-ips.ts';
import { allocatePorts, PORTS_RESERVED_MAX } from './node-ports.ts';

const { strategy } = builtIn('services');

function context(others: KubeObject[] = [], seed = 'seed'): StageContext {
  return {
    now: '2026-01-05T10:00:00Z',
    random: createRandom(seed, 'service'),
    namespace: 'default',
    view: viewOf({ revision: 1, get: () => undefined, list: (resource) => (resource === 'services' ? others : []) }),
    serviceCIDR: '10.96.0.0/16',
    nodePortRange: [30000, 32767],
    dryRun: false,
  };
}

function create(spec: LooseObject, others: KubeObject[] = [], name = 's', seed?: string): KubeObject {
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: structuredClone(spec),
  };
  strategy.defaults!(service);
  strategy.admit!(service, undefined, context(others, seed));
  strategy.prepareForCreate!(service, context(others, seed));
  return service;
}

function update(old: KubeObject, change: (spec: LooseObject) => void): KubeObject {
  const service = structuredClone(old);
  change(service.spec);
  strategy.defaults!(service);
  strategy.admit!(service, old, context([old]));
  strategy.prepareForUpdate!(service, old, context([old]));
  return service;
}

const web = { selector: { app: 'a' }, ports: [{ port: 80 }] };

describe('a new Service', () => {
  it('gets an address of the range, the same for the same seed', () => {
    const { spec } = create(web);
    expect(spec.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(spec).toMatchObject({ clusterIPs: [spec.clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    expect(create(web).spec.clusterIP).toBe(spec.clusterIP);
    expect(create(web, [], 's', 'other').spec.clusterIP).not.toBe(spec.clusterIP);
  });

  it('never gets an address that another has', () => {
    const first = create(web);
    expect(create(web, [first], 'second').spec.clusterIP).not.toBe(first.spec.clusterIP);
    expect(() => create({ ...web, clusterIP: first.spec.clusterIP }, [first], 'third')).toThrow(
      'provided IP is already allocated',
    );
  });

  it('gets node ports of the range, or the ones it asks for', () => {
    const port = create({ ...web, type: 'NodePort' }).spec.ports[0].nodePort;
    expect(port).toBeGreaterThanOrEqual(30000);
    expect(() => create({ ...web, type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).toThrow(
      'provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
  });

  it('has no address when it is headless or a name', () => {
    expect(create({ ...web, clusterIP: 'None' }).spec.clusterIPs).toEqual(['None']);
    expect(create({ type: 'ExternalName', externalName: 'a.example' }).spec.clusterIP).toBeUndefined();
  });
});

describe('a Service that changes', () => {
  it('keeps its address and gets ports when it becomes a NodePort', () => {
    const old = create(web);
    const { spec } = update(old, (s) => Object.assign(s, { type: 'NodePort' }));
    expect(spec.clusterIP).toBe(old.spec.clusterIP);
    expect(spec.ports[0].nodePort).toBeGreaterThan(0);
  });

  it('gives its address back when it becomes a name', () => {
    const { spec } = update(create(web), (s) => Object.assign(s, { type: 'ExternalName', externalName: 'a.example' }));
    expect(spec.clusterIP ?? spec.clusterIPs ?? spec.ipFamilies ?? spec.internalTrafficPolicy).toBeUndefined();
  });

  it('may not choose another address', () => {
    const old = create(web);
    const service = update(old, (s) => Object.assign(s, { clusterIP: '10.96.99.99', clusterIPs: ['10.96.99.99'] }));
    expect(strategy.validateUpdate!(service, old, context())).toEqual([
      {
        type: 'FieldValueInvalid',
        field: 'spec.clusterIPs[0]',
        message: 'Invalid value: ["10.96.99.99"]: may not change once set',
      },
    ]);
  });
});

describe('what a range keeps for those who ask by number', () => {
  const first = { suffix: () => '', uid: () => '', integer: () => 0 };
  const bare = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });

  it.each([
    // Of 14 addresses none, of 30 and 254 sixteen, of more a sixteenth, up to a limit.
    ['10.0.0.0/28', 1],
    ['10.0.0.0/27', 1 + RESERVED_MIN],
    ['10.0.0.0/24', 1 + RESERVED_MIN],
    ['10.0.0.0/23', 1 + 31],
    ['10.0.0.0/20', 1 + RESERVED_MAX - 1],
    ['10.0.0.0/19', 1 + RESERVED_MAX],
    ['10.0.0.0/16', 1 + RESERVED_MAX],
  ])('of the addresses in %s: the first that is given is number %i', (serviceCIDR, number) => {
    const service = bare({ type: 'ClusterIP', ipFamilies: ['IPv4'] });
    allocateIPs(service, { ...context(), random: first, serviceCIDR });
    expect(service.spec.clusterIP).toBe(`10.0.${number >> 8}.${number & 255}`);
  });

  it.each([
    [PORTS_RESERVED_MAX - 1, 0],
    [PORTS_RESERVED_MAX, 16],
    [32 * (PORTS_RESERVED_MAX - 1), PORTS_RESERVED_MAX - 1],
    [32 * PORTS_RESERVED_MAX, PORTS_RESERVED_MAX],
    [33 * PORTS_RESERVED_MAX, PORTS_RESERVED_MAX],
  ])('of %i ports the first %i', (size, reserved) => {
    const service = bare({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP' }] });
    allocatePorts(service, undefined, { ...context(), random: first, nodePortRange: [30000, 30000 + size - 1] });
    expect(service.spec.ports[0].nodePort).toBe(30000 + reserved);
  });
});
