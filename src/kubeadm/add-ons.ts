/** CoreDNS and kube-proxy, as kubeadm installs them. */
import { printYAML } from '../apiserver/codec/yaml-write.ts';
import { clusterDNSOf } from '../objects/cluster-dns.ts';
import type { DaemonSet, Deployment } from '../objects/generated/apps-v1.gen.ts';
import type { ConfigMap, Container, Service, ServiceAccount } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { hashed } from './config-map.ts';
import { corefile, kubeProxyConfiguration, kubeProxyKubeconfig } from './configurations.ts';
import { mayProxy, mayServeNames } from './rbac.ts';
import type { ControlPlaneConfig } from './static-pods.ts';
import { CONTROL_PLANE_TAINT } from './topology.ts';
import { COREDNS_VERSION, KUBERNETES_VERSION, REGISTRY } from './versions.ts';

const NAMESPACE = 'kube-system';
const ON_LINUX = { 'kubernetes.io/os': 'linux' };

const serviceAccount = (name: string): ServiceAccount => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: NAMESPACE },
});

/** In the order in which kubeadm makes them. */
export const coreDNS = ({ serviceCIDR }: ControlPlaneConfig): KubeObject[] => [
  corefileMap(),
  ...mayServeNames(),
  serviceAccount('coredns'),
  coreDNSDeployment(),
  dnsService(serviceCIDR),
];

const corefileMap = (): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'coredns', namespace: NAMESPACE },
  data: { Corefile: corefile() },
});

const DNS_LABELS = { 'k8s-app': 'kube-dns' };
const METRICS_PORT = 9153;

const probe = (path: string, port: string) => ({ httpGet: { path, port, scheme: 'HTTP' } });

const coreDNSContainer = (): Container => ({
  args: ['-conf', '/etc/coredns/Corefile'],
  image: `${REGISTRY}/coredns/coredns:${COREDNS_VERSION}`,
  imagePullPolicy: 'IfNotPresent',
  livenessProbe: {
    failureThreshold: 5,
    ...probe('/health', 'liveness-probe'),
    initialDelaySeconds: 60,
    successThreshold: 1,
    timeoutSeconds: 5,
  },
  name: 'coredns',
  ports: [
    { containerPort: 53, name: 'dns', protocol: 'UDP' },
    { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
    { containerPort: METRICS_PORT, name: 'metrics', protocol: 'TCP' },
    { containerPort: 8080, name: 'liveness-probe', protocol: 'TCP' },
    { containerPort: 8181, name: 'readiness-probe', protocol: 'TCP' },
  ],
  readinessProbe: probe('/ready', 'readiness-probe'),
  resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  },
  volumeMounts: [{ mountPath: '/etc/coredns', name: 'config-volume', readOnly: true }],
});

const coreDNSDeployment = (): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { labels: DNS_LABELS, name: 'coredns', namespace: NAMESPACE },
  spec: {
    replicas: 2,
    selector: { matchLabels: DNS_LABELS },
    strategy: { rollingUpdate: { maxUnavailable: 1 }, type: 'RollingUpdate' },
    template: {
      metadata: { labels: DNS_LABELS },
      spec: {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                podAffinityTerm: {
                  labelSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] },
                  topologyKey: 'kubernetes.io/hostname',
                },
                weight: 100,
              },
            ],
          },
        },
        containers: [coreDNSContainer()],
        dnsPolicy: 'Default',
        nodeSelector: ON_LINUX,
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: 'coredns',
        tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { ...CONTROL_PLANE_TAINT }],
        volumes: [
          { configMap: { items: [{ key: 'Corefile', path: 'Corefile' }], name: 'coredns' }, name: 'config-volume' },
        ],
      },
    },
  },
});

const dnsService = (serviceCIDR: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    annotations: { 'prometheus.io/port': String(METRICS_PORT), 'prometheus.io/scrape': 'true' },
    labels: { ...DNS_LABELS, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    name: 'kube-dns',
    namespace: NAMESPACE,
  },
  spec: {
    clusterIP: clusterDNSOf(serviceCIDR),
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      { name: 'metrics', port: METRICS_PORT, protocol: 'TCP', targetPort: METRICS_PORT },
    ],
    selector: DNS_LABELS,
  },
});

/** In the order in which kubeadm makes them. */
export const kubeProxy = (config: ControlPlaneConfig): KubeObject[] => [
  hashed({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { labels: { app: 'kube-proxy' }, name: 'kube-proxy', namespace: NAMESPACE },
    data: {
      'config.conf': printYAML(kubeProxyConfiguration(config)).trimEnd(),
      'kubeconfig.conf': printKubeconfig(kubeProxyKubeconfig(config)),
    },
  }),
  kubeProxyDaemonSet(),
  serviceAccount('kube-proxy'),
  ...mayProxy(),
];

/** kubeadm writes this one by a template, with what it is at the top. */
function printKubeconfig({ apiVersion, kind, ...rest }: Record<string, unknown>): string {
  return `${printYAML({ apiVersion, kind })}${printYAML(rest)}`.trimEnd();
}

const PROXY_LABELS = { 'k8s-app': 'kube-proxy' };

const kubeProxyContainer = (): Container => ({
  command: [
    '/usr/local/bin/kube-proxy',
    '--config=/var/lib/kube-proxy/config.conf',
    '--hostname-override=$(NODE_NAME)',
  ],
  env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  image: `${REGISTRY}/kube-proxy:${KUBERNETES_VERSION}`,
  imagePullPolicy: 'IfNotPresent',
  name: 'kube-proxy',
  resources: {},
  securityContext: { privileged: true },
  volumeMounts: [
    { mountPath: '/var/lib/kube-proxy', name: 'kube-proxy' },
    { mountPath: '/run/xtables.lock', name: 'xtables-lock' },
    { mountPath: '/lib/modules', name: 'lib-modules', readOnly: true },
  ],
});

const kubeProxyDaemonSet = (): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { labels: PROXY_LABELS, name: 'kube-proxy', namespace: NAMESPACE },
  spec: {
    selector: { matchLabels: PROXY_LABELS },
    template: {
      metadata: { labels: PROXY_LABELS },
      spec: {
        containers: [kubeProxyContainer()],
        hostNetwork: true,
        nodeSelector: ON_LINUX,
        priorityClassName: 'system-node-critical',
        serviceAccountName: 'kube-proxy',
        tolerations: [{ operator: 'Exists' }],
        volumes: [
          { configMap: { name: 'kube-proxy' }, name: 'kube-proxy' },
          { hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' }, name: 'xtables-lock' },
          { hostPath: { path: '/lib/modules' }, name: 'lib-modules' },
        ],
      },
    },
    updateStrategy: { type: 'RollingUpdate' },
  },
});
