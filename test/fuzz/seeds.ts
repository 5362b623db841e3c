/** What the fuzzer starts from: requests that a real server was sent, and questions for what is simulated without a cluster. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SeedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

const CASES = join(import.meta.dirname, '../contract/cases');
const NAMESPACE = /\/namespaces\/[^/?]+(?=\/)/;

/** Every request of the recorded cases, in the namespace that is there from the start. */
export function requestSeeds(): SeedRequest[] {
  const seeds: SeedRequest[] = [];
  for (const file of globSync('**/*.json', { cwd: CASES }).sort()) {
    for (const { request } of JSON.parse(readFileSync(join(CASES, file), 'utf8')).steps ?? []) {
      if (!request?.path || request.path.includes('watch=') || request.path.includes('/watch/')) continue;
      const { body } = request;
      if (body?.metadata?.namespace) body.metadata.namespace = 'default';
      seeds.push({
        method: request.method,
        path: request.path.replace(NAMESPACE, '/namespaces/default'),
        headers: request.headers ?? {},
        body,
      });
    }
  }
  return seeds;
}

const PROXY = join(import.meta.dirname, '../kube-proxy/cases');

/** By the last part of their path. */
export function simulateSeeds(): { path: string; body: any }[] {
  const proxies = globSync('**/*.json', { cwd: PROXY })
    .sort()
    .slice(0, 20)
    .flatMap((file) => {
      const recorded = JSON.parse(readFileSync(join(PROXY, file), 'utf8'));
      return (Array.isArray(recorded) ? recorded : [recorded]).slice(0, 5).map((r: any) => r.input);
    })
    .filter((input) => input && JSON.stringify(input).length < 20_000);
  return [
    ...proxies.map((body) => ({ path: 'kube-proxy', body })),
    { path: 'schedule', body: schedule },
    { path: 'cni', body: cni },
  ];
}

const term = {
  topologyKey: 'zone',
  labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] },
};
const podSpec = {
  containers: [
    { name: 'c', image: 'i:1', ports: [{ hostPort: 80, containerPort: 80 }], resources: { requests: { cpu: '1' } } },
  ],
  tolerations: [{ key: 't', operator: 'Exists' }],
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Gt', values: ['1'] }] }],
      },
    },
  },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
  ],
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
};
const node = (name: string) => ({
  metadata: { name, labels: { zone: '2', 'kubernetes.io/hostname': name } },
  spec: { taints: [{ key: 't', effect: 'NoSchedule' }] },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '10' }, images: [{ names: ['i:1'], sizeBytes: 1e8 }] },
});
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 's' };
const schedule = {
  pod: { metadata: { name: 'p', labels: { app: 'a' } }, spec: { ...podSpec, priority: 10 } },
  nodes: [node('a'), node('b')],
  pods: [{ metadata: { name: 'q', labels: { app: 'a' } }, spec: { ...podSpec, nodeName: 'a' } }],
  objects: [
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: claim },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'v' },
      spec: { ...claim, capacity: { storage: '2Gi' } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { selector: { app: 'a' } } },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 's' },
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  ],
  seed: 's',
};
const cni = {
  podCIDR: '10.244.0.0/16',
  nodes: [
    { name: 'a', reserved: ['10.244.0.2'], lastReserved: '10.244.0.2' },
    { name: 'b', podCIDR: 'fd00::/64' },
  ],
  pods: [
    { name: 'p', node: 'a' },
    { name: 'q', namespace: 'n', node: 'b' },
  ],
};
