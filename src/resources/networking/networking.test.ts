import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import type { StageContext } from '../../catalog/strategy.ts';
import { ingress } from './ingress.ts';
import { networkPolicy as policy } from './network-policy.ts';

const context = (classes: KubeObject[] = []): StageContext => ({
  now: '2026-01-01T00:00:00Z',
  random: { suffix: () => 'xxxxx', uid: () => 'u', integer: () => 0 },
  view: { revision: 1, get: () => undefined, list: () => classes },
  serviceCIDR: '10.96.0.0/16',
  nodePortRange: [30000, 32767],
  dryRun: false,
});

const object = (kind: string, spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind,
  metadata: { name: 'x', namespace: 'default', ...metadata },
  spec,
});

const said = (errors: { field: string; message: string }[] | undefined) =>
  errors?.map((e) => `${e.field}: ${e.message}`);

describe('network policies', () => {
  it('apply to what comes in unless they say more', () => {
    const np = object('NetworkPolicy', { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] });
    policy.defaults?.(np);
    expect(np.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(np.spec.egress[0].ports[0].protocol).toBe('TCP');
  });
  it('take exceptions only from within their block, and report missing blocks last', () => {
    const from = [{ ipBlock: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }, {}];
    const np = object('NetworkPolicy', { podSelector: {}, ingress: [{ from }], policyTypes: ['Ingress'] });
    expect(said(policy.validate?.(np, context()))).toEqual([
      'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
      'spec.ingress[0].from[2]: Required value: must specify a peer',
      'spec.ingress[0].from[0].ipBlock.cidr: Required value',
    ]);
  });
});

describe('ingresses', () => {
  it('take the youngest default class', () => {
    const mark = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    const ingressClass = (name: string, creationTimestamp: string) =>
      object('IngressClass', {}, { name, creationTimestamp, annotations: mark });
    const classes = [ingressClass('old', '2026-01-01T00:00:00Z'), ingressClass('new', '2026-01-02T00:00:00Z')];
    const o = object('Ingress', { defaultBackend: { service: { name: 's', port: { number: 80 } } } });
    ingress.admit?.(o, undefined, context(classes));
    expect(o.spec.ingressClassName).toBe('new');
  });
  it('need absolute paths and one kind of port', () => {
    const backend = { service: { name: 's', port: { name: 'http', number: 80 } } };
    const rules = [{ host: '10.0.0.1', http: { paths: [{ path: 'a//b', pathType: 'Prefix', backend }] } }];
    expect(said(ingress.validate?.(object('Ingress', { rules }), context()))).toEqual([
      'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
      'spec.rules[0].http.paths[0].path: Invalid value: "a//b": must be an absolute path',
      'spec.rules[0].http.paths[0].path: Invalid value: "a//b": must not contain \'//\'',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number',
    ]);
  });
});
