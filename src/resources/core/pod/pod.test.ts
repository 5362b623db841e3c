import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../../test/loose-object.ts';
import type { StageContext } from '../../../catalog/strategy.ts';
import { viewOf } from '../../../objects/view.ts';
import { createRandom } from '../../../simulation/random.ts';
import { builtIn } from '../../built-in.ts';
import { MAX_PORT_WARNINGS, warningsForPodSpec } from './warnings.ts';

const { strategy } = builtIn('pods');

const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };

function context(objects: Record<string, KubeObject[]> = {}): StageContext {
  const all: Record<string, KubeObject[]> = { serviceaccounts: [account], ...objects };
  return {
    now: '2026-01-05T10:00:00Z',
    random: createRandom('seed', 'pod'),
    namespace: 'default',
    view: viewOf({
      revision: 1,
      get: (resource, _namespace, name) => all[resource]?.find((o) => o.metadata.name === name),
      list: (resource) => all[resource] ?? [],
    }),
    serviceCIDR: '10.96.0.0/16',
    nodePortRange: [30000, 32767],
    dryRun: false,
  };
}

function create(spec: LooseObject, objects?: Record<string, KubeObject[]>): KubeObject {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec },
  };
  strategy.defaults!(pod);
  strategy.admit!(pod, undefined, context(objects));
  strategy.prepareForCreate!(pod, context(objects));
  strategy.review!(pod, undefined, context(objects));
  return pod;
}

describe('a new pod', () => {
  it('gets its defaults, an account with a token, a priority, tolerations and a status', () => {
    const { spec, status } = create({});
    expect(spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      enableServiceLinks: true,
    });
    expect(spec.containers[0]).toMatchObject({ imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'File' });
    expect(spec.tolerations.map((t: LooseObject) => t.tolerationSeconds)).toEqual([300, 300]);
    expect(spec.volumes[0].name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(spec.containers[0].volumeMounts[0].name).toBe(spec.volumes[0].name);
    expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['localhost:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:0000', 'IfNotPresent'],
  ])('pulls %s: %s', (image, policy) => {
    expect(create({ containers: [{ name: 'c', image }] }).spec.containers[0].imagePullPolicy).toBe(policy);
  });

  it('is Guaranteed when each container has limits of both, Burstable with less', () => {
    const limits = { cpu: '1', memory: '1Gi' };
    const of = (resources: LooseObject): string =>
      create({ containers: [{ name: 'c', image: 'x', resources }] }).status.qosClass;
    expect(of({ limits })).toBe('Guaranteed');
    expect(of({ limits, requests: { cpu: '500m' } })).toBe('Burstable');
  });

  it('is refused without its service account', () => {
    expect(() => create({ serviceAccountName: 'nope' })).toThrow(
      'error looking up service account default/nope: serviceaccount "nope" not found',
    );
  });

  it('is filled in and bounded by LimitRanges', () => {
    const range: KubeObject = {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', default: { cpu: '1' }, max: { cpu: '2' } }] },
    };
    const pod = create({}, { limitranges: [range] });
    expect(pod.spec.containers[0].resources.limits).toEqual({ cpu: '1' });
    expect(pod.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu limit for container c',
    );
    const big = { containers: [{ name: 'c', image: 'x', resources: { limits: { cpu: '3' } } }] };
    expect(() => create(big, { limitranges: [range] })).toThrow('maximum cpu usage per Container is 2, but limit is 3');
  });

  it('must meet the level of its namespace', () => {
    const namespace: KubeObject = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'default', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    };
    expect(() => create({ hostNetwork: true }, { namespaces: [namespace] })).toThrow(
      'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    );
  });
});

describe('an update of a pod', () => {
  const errors = (change: (pod: KubeObject) => void): string[] => {
    const old = create({});
    const pod = structuredClone(old);
    change(pod);
    return strategy.validateUpdate!(pod, old, context()).map((e) => `${e.field}: ${e.message}`);
  };

  it('may change an image', () => {
    expect(
      errors((pod) => {
        pod.spec.containers[0].image = 'nginx:1.28';
      }),
    ).toEqual([]);
  });

  it('may not change much else, and is told what it changed', () => {
    const [text] = errors((pod) => Object.assign(pod.spec.containers[0], { env: [{ name: 'A', value: 'b' }] }));
    expect(text).toContain('spec: Forbidden: pod updates may not change fields other than');
    expect(text).toContain('-   "Env": null,\n+   "Env": [');
  });

  it('may not add a container', () => {
    expect(errors((pod) => void pod.spec.containers.push({ name: 'd', image: 'x' }))).toContain(
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    );
  });
});

it('waits for a pod on a node, and for no other', () => {
  const pod = create({});
  expect(strategy.gracePeriodSeconds!(pod)).toBe(0);
  pod.spec.nodeName = 'n';
  expect(strategy.gracePeriodSeconds!(pod)).toBe(30);
  pod.spec.terminationGracePeriodSeconds = 0;
  expect(strategy.gracePeriodSeconds!(pod)).toBe(0);
  expect(strategy.gracePeriodSeconds!(pod, 60)).toBe(60);
  expect(strategy.gracePeriodSeconds!(pod, -5)).toBe(1);
  pod.status.phase = 'Succeeded';
  expect(strategy.gracePeriodSeconds!(pod, 60)).toBe(0);
});

it('tells of so many ports that get in the way of others', () => {
  const told = (ports: number): number => {
    const port = { containerPort: 80, protocol: 'TCP' };
    const spec = { containers: [{ name: 'c', image: 'i', ports: Array.from({ length: ports }, () => port) }] };
    return warningsForPodSpec(spec, {}).filter((text) => text.includes('duplicate port definition')).length;
  };
  // Of n ports there are n(n-1)/2 pairs.
  const few = Math.floor((1 + Math.sqrt(1 + 8 * MAX_PORT_WARNINGS)) / 2);
  expect(told(few)).toBe((few * (few - 1)) / 2);
  expect([told(few + 1), told(2 * few)]).toEqual([MAX_PORT_WARNINGS, MAX_PORT_WARNINGS]);
});
