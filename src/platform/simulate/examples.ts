/** Bodies for `/v1/simulate` that the document shows. */

const resources = { cpu: '4', memory: '8Gi', pods: '110' };
const node = (name: string, labels: Record<string, string>) => ({
  metadata: { name, labels },
  status: { capacity: resources, allocatable: resources },
});

export const SCHEDULE_EXAMPLES = {
  selector: {
    pod: {
      metadata: { name: 'web', namespace: 'default' },
      spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'nginx', resources: { requests: { cpu: '1' } } }] },
    },
    nodes: [node('node-1', { disk: 'ssd' }), node('node-2', { disk: 'hdd' })],
  },
};

const POD_NETWORK = {
  bridge: 'cni0',
  isGateway: true,
  ipMasq: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.22.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] },
};
const ADD = {
  command: 'ADD',
  containerID: 'c1',
  netns: '/var/run/netns/pod-1',
  ifname: 'eth0',
  path: '/opt/cni/bin',
};
const POD = {
  links: [{ name: 'lo', type: 'loopback', mtu: 65536, mac: '00:00:00:00:00:00', up: false, addresses: [] }],
  routes: [],
};
const MACHINE = {
  files: {},
  network: {
    host: { links: [], routes: [], sysctls: {}, filter: {} },
    containers: { '/var/run/netns/pod-1': POD },
  },
};

export const CNI_EXAMPLES = {
  plugin: {
    plugin: 'bridge',
    ...ADD,
    config: { cniVersion: '1.0.0', name: 'podnet', type: 'bridge', ...POD_NETWORK },
    state: MACHINE,
  },
  list: {
    ...ADD,
    config: {
      cniVersion: '1.0.0',
      name: 'podnet',
      plugins: [
        { type: 'bridge', ...POD_NETWORK },
        { type: 'portmap', capabilities: { portMappings: true } },
      ],
    },
    capabilityArgs: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
    state: MACHINE,
  },
  pods: {
    nodes: [{ name: 'node-1' }, { name: 'node-2', reserved: ['10.244.1.2'] }],
    pods: [
      { name: 'web-1', node: 'node-1' },
      { name: 'web-2', node: 'node-2' },
    ],
  },
};

export const PROXY_EXAMPLES = {
  service: {
    ipFamily: 'IPv4',
    node: { name: 'node-1', ips: ['172.18.0.2'] },
    clusterCIDR: '10.244.0.0/16',
    services: [
      {
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          type: 'ClusterIP',
          clusterIP: '10.96.0.10',
          clusterIPs: ['10.96.0.10'],
          ipFamilies: ['IPv4'],
          ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
        },
      },
    ],
    endpointSlices: [
      {
        metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
        endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: true }, nodeName: 'node-1' }],
      },
    ],
  },
};

export const POLICIES_EXAMPLES = {
  web: {
    pods: [
      {
        metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
        spec: { containers: [{ name: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }] },
      },
      { metadata: { name: 'monitor', namespace: 'ops', labels: { app: 'monitor' } } },
    ],
    namespaces: [{ metadata: { name: 'shop' } }, { metadata: { name: 'ops', labels: { team: 'ops' } } }],
    policies: [
      {
        metadata: { name: 'from-ops', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'ops' } } }], ports: [{ port: 'http' }] }],
        },
      },
    ],
  },
};

export const CEL_EXAMPLES = {
  rule: {
    expression: 'self.replicas <= self.max',
    place: 'rule',
    schema: { type: 'object', properties: { replicas: { type: 'integer' }, max: { type: 'integer' } } },
    values: { self: { replicas: 3, max: 5 } },
  },
};

export const TRACE_EXAMPLES = {
  clusterIP: {
    input: PROXY_EXAMPLES.service,
    packet: { from: 'localPod', src: '10.244.1.7', dst: '10.96.0.10', dport: 80, proto: 'tcp' },
    explain: true,
  },
};
