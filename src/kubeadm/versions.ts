/** What kubeadm v1.37.2 installs. */
export const KUBERNETES_VERSION = 'v1.37.2';
export const ETCD_VERSION = '3.7.0-0';
export const COREDNS_VERSION = 'v1.14.6';
export const REGISTRY = 'registry.k8s.io';
