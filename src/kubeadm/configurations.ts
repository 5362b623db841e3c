/** The configurations that kubeadm leaves in the cluster, as the values whose YAML its ConfigMaps hold. */
import { clusterDNSOf } from '../objects/cluster-dns.ts';
import type { ControlPlaneConfig } from './static-pods.ts';
import { endpointOf, etcdHosts, type Topology } from './topology.ts';
import { KUBERNETES_VERSION, REGISTRY } from './versions.ts';

type Value = Record<string, unknown>;

const PKI = '/etc/kubernetes/pki';

/** With one API server nobody needs an address that is not its own. */
const namesEndpoint = ({ kind }: Topology): boolean => kind !== 'single';

export function clusterConfiguration({ topology, podCIDR, serviceCIDR }: ControlPlaneConfig): Value {
  return {
    apiServer: {},
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    caCertificateValidityPeriod: '87600h0m0s',
    certificateValidityPeriod: '8760h0m0s',
    certificatesDir: PKI,
    clusterName: 'kubernetes',
    ...(namesEndpoint(topology) ? { controlPlaneEndpoint: endpointOf(topology) } : {}),
    controllerManager: {},
    dns: {},
    encryptionAlgorithm: 'RSA-2048',
    etcd: topology.kind === 'external' ? externalEtcd(topology) : { local: { dataDir: '/var/lib/etcd' } },
    imageRepository: REGISTRY,
    kind: 'ClusterConfiguration',
    kubernetesVersion: KUBERNETES_VERSION,
    networking: { dnsDomain: 'cluster.local', podSubnet: podCIDR, serviceSubnet: serviceCIDR },
    proxy: {},
    scheduler: {},
  };
}

function externalEtcd(topology: Topology): Value {
  const endpoints = etcdHosts(topology).map(({ address }) => `https://${address}:2379`);
  return {
    external: {
      caFile: `${PKI}/etcd/ca.crt`,
      certFile: `${PKI}/apiserver-etcd-client.crt`,
      endpoints,
      httpEndpoints: endpoints,
      keyFile: `${PKI}/apiserver-etcd-client.key`,
    },
  };
}

/** What is left to the component: a time of nought. */
const unset = (names: readonly string[]): Value => Object.fromEntries(names.map((name) => [name, '0s']));

const LOGGING = {
  flushFrequency: 0,
  options: { json: { infoBufferSize: '0' }, text: { infoBufferSize: '0' } },
  verbosity: 0,
};

/** Of all kubelets; each has the socket of its own container runtime. */
export const kubeletConfiguration = ({ serviceCIDR }: ControlPlaneConfig): Value => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  authentication: {
    anonymous: { enabled: false },
    webhook: { cacheTTL: '0s', enabled: true },
    x509: { clientCAFile: `${PKI}/ca.crt` },
  },
  authorization: { mode: 'Webhook', webhook: unset(['cacheAuthorizedTTL', 'cacheUnauthorizedTTL']) },
  cgroupDriver: 'systemd',
  clusterDNS: [clusterDNSOf(serviceCIDR)],
  clusterDomain: 'cluster.local',
  containerRuntimeEndpoint: '',
  crashLoopBackOff: {},
  healthzBindAddress: '127.0.0.1',
  healthzPort: 10248,
  kind: 'KubeletConfiguration',
  logging: LOGGING,
  memorySwap: {},
  rotateCertificates: true,
  staticPodPath: '/etc/kubernetes/manifests',
  ...unset([
    'cpuManagerReconcilePeriod',
    'evictionPressureTransitionPeriod',
    'fileCheckFrequency',
    'httpCheckFrequency',
    'imageMaximumGCAge',
    'imageMinimumGCAge',
    'nodeStatusReportFrequency',
    'nodeStatusUpdateFrequency',
    'runtimeRequestTimeout',
    'shutdownGracePeriod',
    'shutdownGracePeriodCriticalPods',
    'streamingConnectionIdleTimeout',
    'syncFrequency',
    'volumeStatsAggPeriod',
  ]),
});

export const kubeProxyConfiguration = ({ podCIDR }: ControlPlaneConfig): Value => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  bindAddress: '0.0.0.0',
  bindAddressHardFail: false,
  clientConnection: {
    acceptContentTypes: '',
    burst: 0,
    contentType: '',
    kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf',
    qps: 0,
  },
  clusterCIDR: podCIDR,
  configSyncPeriod: '0s',
  conntrack: {
    maxPerCore: null,
    min: null,
    tcpBeLiberal: false,
    tcpCloseWaitTimeout: null,
    tcpEstablishedTimeout: null,
    ...unset(['udpStreamTimeout', 'udpTimeout']),
  },
  detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
  detectLocalMode: '',
  enableProfiling: false,
  healthzBindAddress: '',
  hostnameOverride: '',
  iptables: {
    localhostNodePorts: null,
    masqueradeAll: false,
    masqueradeBit: null,
    ...unset(['minSyncPeriod', 'syncPeriod']),
  },
  ipvs: {
    excludeCIDRs: null,
    scheduler: '',
    strictARP: false,
    ...unset(['minSyncPeriod', 'syncPeriod', 'tcpFinTimeout', 'tcpTimeout', 'udpTimeout']),
  },
  kind: 'KubeProxyConfiguration',
  logging: LOGGING,
  metricsBindAddress: '',
  mode: 'iptables',
  nftables: { masqueradeAll: false, masqueradeBit: null, ...unset(['minSyncPeriod', 'syncPeriod']) },
  nodePortAddresses: null,
  oomScoreAdj: null,
  portRange: '',
  showHiddenMetricsForVersion: '',
  winkernel: {
    enableDSR: false,
    forwardHealthCheckVip: false,
    networkName: '',
    rootHnsEndpointName: '',
    sourceVip: '',
  },
});

/** How kube-proxy reaches the API server. */
export const kubeProxyKubeconfig = ({ topology }: ControlPlaneConfig): Value => ({
  apiVersion: 'v1',
  clusters: [
    {
      cluster: {
        'certificate-authority': '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
        server: `https://${endpointOf(topology)}`,
      },
      name: 'default',
    },
  ],
  contexts: [{ context: { cluster: 'default', namespace: 'default', user: 'default' }, name: 'default' }],
  'current-context': 'default',
  kind: 'Config',
  users: [{ name: 'default', user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' } }],
});

/** What a machine that joins must know of the cluster before it trusts it. `authority`: base64 of a PEM. */
export const discoveryKubeconfig = ({ topology }: ControlPlaneConfig, authority: string): Value => ({
  apiVersion: 'v1',
  clusters: [
    { cluster: { 'certificate-authority-data': authority, server: `https://${endpointOf(topology)}` }, name: '' },
  ],
  contexts: null,
  'current-context': '',
  kind: 'Config',
  users: null,
});

const COREFILE = {
  errors: [],
  health: ['lameduck 5s'],
  ready: [],
  'kubernetes cluster.local in-addr.arpa ip6.arpa': ['pods insecure', 'fallthrough in-addr.arpa ip6.arpa', 'ttl 30'],
  'prometheus :9153': [],
  'forward . /etc/resolv.conf': ['max_concurrent 1000'],
  'cache 30': ['disable success cluster.local', 'disable denial cluster.local'],
  loop: [],
  reload: [],
  loadbalance: [],
} as const;

/** CoreDNS' plugins with their options; kubeadm indents options by three. */
export function corefile(): string {
  const plugins = Object.entries(COREFILE).flatMap(([plugin, options]) =>
    options.length === 0
      ? [`    ${plugin}`]
      : [`    ${plugin} {`, ...options.map((option) => `       ${option}`), '    }'],
  );
  return ['.:53 {', ...plugins, '}', ''].join('\n');
}
