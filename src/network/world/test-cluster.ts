/** A small cluster for the tests of connections: two nodes with two pods each, and Services of each kind before them. */
import type { KubeObject, View } from '../../objects/object.ts';
import { createRandom } from '../../simulation/random.ts';
import { iptables } from '../kube-proxy/iptables.ts';
import { nftables } from '../kube-proxy/nftables.ts';
import { nodeProxyInput } from '../kube-proxy/node-input.ts';
import { drawnChance } from '../packet/chance.ts';
import { connect } from '../packet/connect.ts';
import type { ConnectRequest } from '../packet/connect-request.ts';
import type { ConnectionResult } from '../packet/connection-result.ts';
import { type ClusterNetwork, ClusterWorld } from './cluster-world.ts';

export type Objects = Record<string, object[]>;

export function viewOfObjects(objects: Objects): View {
  const list = (resource: string, namespace?: string): KubeObject[] =>
    ((objects[resource] ?? []) as KubeObject[]).filter(
      (o) => namespace === undefined || o.metadata.namespace === namespace,
    );
  const get = (resource: string, namespace: string | undefined, name: string) =>
    list(resource, namespace).find((o) => o.metadata.name === name);
  return { get, list } as unknown as View;
}

export const node = (place: number): object => ({
  metadata: { name: `node-${place}`, labels: {} },
  spec: { podCIDRs: [`10.244.${place}.0/24`, `fd00:10:244:${place}::/64`] },
  status: {
    addresses: [
      { type: 'InternalIP', address: `172.18.0.${place + 2}` },
      { type: 'InternalIP', address: `fc00:18::${place + 2}` },
    ],
  },
});

export const pod = (name: string, onNode: number, host: number, port = 8080, spec: object = {}): object => ({
  metadata: { namespace: 'default', name, labels: { app: name } },
  spec: {
    nodeName: `node-${onNode}`,
    containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }],
    ...spec,
  },
  status: {
    phase: 'Running',
    podIPs: [{ ip: `10.244.${onNode}.${host}` }, { ip: `fd00:10:244:${onNode}::${host}` }],
  },
});

export function service(name: string, ip: number, spec: object = {}, status: object = {}): object {
  const ips = [`10.96.0.${ip}`, `fd00:10:96::${ip}`];
  return {
    metadata: { namespace: 'default', name },
    spec: {
      type: 'ClusterIP',
      clusterIP: ips[0],
      clusterIPs: ips,
      ipFamilies: ['IPv4', 'IPv6'],
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
      ...spec,
    },
    status,
  };
}

/** One slice a family, of pods by their node and their host's number. */
export const slices = (name: string, endpoints: [onNode: number, host: number][], port = 8080): object[] =>
  (['IPv4', 'IPv6'] as const).map((addressType) => ({
    metadata: {
      namespace: 'default',
      name: `${name}-${addressType.toLowerCase()}`,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType,
    ports: [{ name: 'http', protocol: 'TCP', port }],
    endpoints: endpoints.map(([onNode, host]) => ({
      addresses: [addressType === 'IPv4' ? `10.244.${onNode}.${host}` : `fd00:10:244:${onNode}::${host}`],
      conditions: { ready: true },
      nodeName: `node-${onNode}`,
    })),
  }));

export const CLUSTER: Objects = {
  nodes: [node(0), node(1)],
  namespaces: [{ metadata: { name: 'default' } }],
  pods: [pod('web-a', 0, 10), pod('web-b', 1, 10), pod('client', 0, 20), pod('other', 1, 20, 9000)],
  services: [
    service('web', 10),
    service('one', 11),
    service('none', 12),
    service('sticky', 13, { sessionAffinity: 'ClientIP' }),
    service('node-port', 14, {
      type: 'NodePort',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }],
    }),
    service(
      'local',
      15,
      {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30081 }],
      },
      { loadBalancer: { ingress: [{ ip: '203.0.113.5' }] } },
    ),
    service('headless', 16, { clusterIP: 'None', clusterIPs: ['None'] }),
  ],
  'endpointslices.discovery.k8s.io': [
    ...slices('web', [
      [0, 10],
      [1, 10],
    ]),
    ...slices('one', [[1, 10]]),
    ...slices('sticky', [
      [0, 10],
      [1, 10],
    ]),
    ...slices('node-port', [[1, 10]]),
    ...slices('local', [[1, 10]]),
    ...slices('headless', [
      [0, 10],
      [1, 10],
    ]),
  ],
  'networkpolicies.networking.k8s.io': [],
};

const CONFIG = { podCIDR: '10.244.0.0/16,fd00:10:244::/56', serviceCIDR: '10.96.0.0/16,fd00:10:96::/112' };

/** The objects as a network in which what a pod has as a port is listened on. */
export const networkOf = (mode: 'iptables' | 'nftables', view: View): ClusterNetwork => ({
  view,
  rules: (name, family) => {
    const input = nodeProxyInput(view, name, CONFIG, family)!;
    if (mode === 'nftables') return nftables(input).ruleset;
    const { filter, nat } = iptables(input);
    return `${filter}${nat}`;
  },
  podListens: (target, _, port) =>
    target.spec.containers.some((c) => c.ports?.some(({ containerPort }) => containerPort === port)),
  nodeListens: (_, __, port) => port === 10_250,
});

/** Connections through a cluster, each with the chance of its own number. */
export function connections(mode: 'iptables' | 'nftables', objects: Objects = CLUSTER) {
  const network = networkOf(mode, viewOfObjects(objects));
  const known = new ClusterWorld();
  let made = 0;
  return (request: Partial<ConnectRequest> & Pick<ConnectRequest, 'from' | 'to'>, now = 0): ConnectionResult => {
    made++;
    const chance = drawnChance(createRandom('connections', String(made)));
    return connect(known.world(network), { port: 80, protocol: 'tcp', ...request }, { chance, now, explain: true });
  };
}
