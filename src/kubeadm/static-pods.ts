/** The manifests that kubeadm puts into /etc/kubernetes/manifests of a control plane. Models cmd/kubeadm/app/phases/controlplane and etcd. */
import type { Container, Pod, Probe, Volume, VolumeMount } from '../objects/generated/core-v1.gen.ts';
import { API_PORT, controlPlaneHosts, etcdHosts, type Host, type Topology } from './topology.ts';
import { ETCD_VERSION, KUBERNETES_VERSION, REGISTRY } from './versions.ts';

/** What the manifests of a cluster have in common. */
export interface ControlPlaneConfig {
  topology: Topology;
  podCIDR: string;
  serviceCIDR: string;
}

export const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

const PKI = '/etc/kubernetes/pki';
const ETCD_PKI = `${PKI}/etcd`;
const PROBE_PORT = 'probe-port';
/** The class `system-node-critical`. */
const NODE_CRITICAL = 2_000_001_000;

/** A folder or a file of the machine, where it is mounted from and to. */
interface Mount {
  name: string;
  path: string;
  isFile?: boolean;
  writable?: boolean;
}

/** Where distributions keep certificates that they trust. */
const SYSTEM_CERTIFICATES: Mount[] = [
  { name: 'ca-certs', path: '/etc/ssl/certs' },
  { name: 'etc-ca-certificates', path: '/etc/ca-certificates' },
  { name: 'k8s-certs', path: PKI },
  { name: 'usr-local-share-ca-certificates', path: '/usr/local/share/ca-certificates' },
  { name: 'usr-share-ca-certificates', path: '/usr/share/ca-certificates' },
];

interface Process {
  name: string;
  image: string;
  /** Flags by name, in any order: kubeadm sorts them. */
  flags: Record<string, string | number | boolean>;
  port: number;
  cpu: string;
  memory?: string;
  probes: { host: string; scheme: 'HTTP' | 'HTTPS'; live: string; ready?: string; startup: string };
  mounts: Mount[];
  annotations?: Record<string, string>;
}

/** The static pods of one control plane; `index`: how many have joined before it. */
export function staticPods(config: ControlPlaneConfig, index: number): Pod[] {
  const host = controlPlaneHosts(config.topology)[index]!;
  const processes = [
    ...(config.topology.kind === 'external' ? [] : [etcd(config, index)]),
    apiServer(config, host),
    controllerManager(config),
    scheduler(),
  ];
  return processes.map(staticPod);
}

function staticPod(process: Process): Pod {
  const { name, annotations, mounts } = process;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations ? { annotations } : {}),
      labels: { component: name, tier: 'control-plane' },
      name,
      namespace: 'kube-system',
    },
    spec: {
      containers: [containerOf(process)],
      hostNetwork: true,
      priority: NODE_CRITICAL,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: mounts.toSorted(byName).map(volumeOf),
    },
  };
}

const byName = (a: Mount, b: Mount): number => (a.name < b.name ? -1 : 1);

const volumeOf = ({ name, path, isFile }: Mount): Volume => ({
  hostPath: { path, type: isFile ? 'FileOrCreate' : 'DirectoryOrCreate' },
  name,
});

const volumeMountOf = ({ name, path, writable }: Mount): VolumeMount => ({
  mountPath: path,
  name,
  ...(writable ? {} : { readOnly: true }),
});

function containerOf({ name, image, flags, port, cpu, memory, probes, mounts }: Process): Container {
  const { host, scheme, live, ready, startup } = probes;
  const get = (path: string): Pick<Probe, 'httpGet'> => ({ httpGet: { host, path, port: PROBE_PORT, scheme } });
  return {
    command: [
      name,
      ...Object.keys(flags)
        .sort()
        .map((flag) => `--${flag}=${flags[flag]}`),
    ],
    image: `${REGISTRY}/${image}`,
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: {
      failureThreshold: 8,
      ...get(live),
      initialDelaySeconds: 10,
      periodSeconds: 10,
      timeoutSeconds: 15,
    },
    name,
    ports: [{ containerPort: port, name: PROBE_PORT, protocol: 'TCP' }],
    ...(ready === undefined
      ? {}
      : { readinessProbe: { failureThreshold: 3, ...get(ready), periodSeconds: 1, timeoutSeconds: 15 } }),
    resources: { requests: { cpu, ...(memory ? { memory } : {}) } },
    startupProbe: {
      failureThreshold: 24,
      ...get(startup),
      initialDelaySeconds: 10,
      periodSeconds: 10,
      timeoutSeconds: 15,
    },
    volumeMounts: mounts.map(volumeMountOf),
  };
}

const REQUEST_HEADER_CA = { 'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt` };

function apiServer({ topology, serviceCIDR }: ControlPlaneConfig, { address }: Host): Process {
  const members = topology.kind === 'external' ? etcdHosts(topology).map((host) => host.address) : ['127.0.0.1'];
  return {
    name: 'kube-apiserver',
    image: `kube-apiserver:${KUBERNETES_VERSION}`,
    annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:${API_PORT}` },
    flags: {
      'advertise-address': address,
      'allow-privileged': true,
      'authorization-mode': 'Node,RBAC',
      'client-ca-file': `${PKI}/ca.crt`,
      'enable-admission-plugins': 'NodeRestriction',
      'enable-bootstrap-token-auth': true,
      'etcd-cafile': `${ETCD_PKI}/ca.crt`,
      'etcd-certfile': `${PKI}/apiserver-etcd-client.crt`,
      'etcd-keyfile': `${PKI}/apiserver-etcd-client.key`,
      'etcd-servers': members.map((member) => `https://${member}:2379`).join(','),
      'kubelet-client-certificate': `${PKI}/apiserver-kubelet-client.crt`,
      'kubelet-client-key': `${PKI}/apiserver-kubelet-client.key`,
      'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
      'proxy-client-cert-file': `${PKI}/front-proxy-client.crt`,
      'proxy-client-key-file': `${PKI}/front-proxy-client.key`,
      'requestheader-allowed-names': 'front-proxy-client',
      ...REQUEST_HEADER_CA,
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-username-headers': 'X-Remote-User',
      'secure-port': API_PORT,
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': `${PKI}/sa.pub`,
      'service-account-signing-key-file': `${PKI}/sa.key`,
      'service-cluster-ip-range': serviceCIDR,
      'tls-cert-file': `${PKI}/apiserver.crt`,
      'tls-private-key-file': `${PKI}/apiserver.key`,
    },
    port: API_PORT,
    cpu: '250m',
    probes: { host: address, scheme: 'HTTPS', live: '/livez', ready: '/readyz', startup: '/livez' },
    mounts: SYSTEM_CERTIFICATES,
  };
}

function controllerManager({ podCIDR, serviceCIDR }: ControlPlaneConfig): Process {
  const kubeconfig = '/etc/kubernetes/controller-manager.conf';
  const [first, second, pki, ...others] = SYSTEM_CERTIFICATES;
  return {
    name: 'kube-controller-manager',
    image: `kube-controller-manager:${KUBERNETES_VERSION}`,
    flags: {
      'allocate-node-cidrs': true,
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      'client-ca-file': `${PKI}/ca.crt`,
      'cluster-cidr': podCIDR,
      'cluster-name': 'kubernetes',
      'cluster-signing-cert-file': `${PKI}/ca.crt`,
      'cluster-signing-key-file': `${PKI}/ca.key`,
      controllers: '*,bootstrapsigner,tokencleaner',
      kubeconfig,
      'leader-elect': true,
      ...REQUEST_HEADER_CA,
      'root-ca-file': `${PKI}/ca.crt`,
      'service-account-private-key-file': `${PKI}/sa.key`,
      'service-cluster-ip-range': serviceCIDR,
      'use-service-account-credentials': true,
    },
    port: 10257,
    cpu: '200m',
    probes: { host: '127.0.0.1', scheme: 'HTTPS', live: '/healthz', startup: '/healthz' },
    mounts: [first!, second!, pki!, { name: 'kubeconfig', path: kubeconfig, isFile: true }, ...others],
  };
}

function scheduler(): Process {
  const kubeconfig = '/etc/kubernetes/scheduler.conf';
  return {
    name: 'kube-scheduler',
    image: `kube-scheduler:${KUBERNETES_VERSION}`,
    flags: {
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      kubeconfig,
      'leader-elect': true,
    },
    port: 10259,
    cpu: '100m',
    probes: { host: '127.0.0.1', scheme: 'HTTPS', live: '/livez', ready: '/readyz', startup: '/livez' },
    mounts: [{ name: 'kubeconfig', path: kubeconfig, isFile: true }],
  };
}

/** A member knows those that were there when it joined. */
function etcd({ topology }: ControlPlaneConfig, index: number): Process {
  const members = controlPlaneHosts(topology).slice(0, index + 1);
  const { name, address } = members[index]!;
  const client = `https://${address}:2379`;
  const peer = `https://${address}:2380`;
  return {
    name: 'etcd',
    image: `etcd:${ETCD_VERSION}`,
    annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': client },
    flags: {
      'advertise-client-urls': client,
      'cert-file': `${ETCD_PKI}/server.crt`,
      'client-cert-auth': true,
      'data-dir': '/var/lib/etcd',
      'feature-gates': 'InitialCorruptCheck=true',
      'initial-advertise-peer-urls': peer,
      'initial-cluster': members.map((member) => `${member.name}=https://${member.address}:2380`).join(','),
      ...(index > 0 ? { 'initial-cluster-state': 'existing' } : {}),
      'key-file': `${ETCD_PKI}/server.key`,
      'listen-client-urls': `https://127.0.0.1:2379,${client}`,
      'listen-metrics-urls': 'http://127.0.0.1:2381',
      'listen-peer-urls': peer,
      name,
      'peer-cert-file': `${ETCD_PKI}/peer.crt`,
      'peer-client-cert-auth': true,
      'peer-key-file': `${ETCD_PKI}/peer.key`,
      'peer-trusted-ca-file': `${ETCD_PKI}/ca.crt`,
      'snapshot-count': 10_000,
      'trusted-ca-file': `${ETCD_PKI}/ca.crt`,
      'watch-progress-notify-interval': '5s',
    },
    port: 2381,
    cpu: '100m',
    memory: '100Mi',
    probes: { host: '127.0.0.1', scheme: 'HTTP', live: '/livez', ready: '/readyz', startup: '/readyz' },
    mounts: [
      { name: 'etcd-data', path: '/var/lib/etcd', writable: true },
      { name: 'etcd-certs', path: ETCD_PKI, writable: true },
    ],
  };
}
