/** The rights that kubeadm gives to machines that join, to nodes and to its add-ons. */
import type { KubeObject } from '../objects/object.ts';
import { NODE_TOKEN_GROUP } from './bootstrap-token.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

type Subject =
  | { kind: 'Group' | 'User'; name: string }
  | { kind: 'ServiceAccount'; name: string; namespace: 'kube-system' };

interface Rule {
  apiGroups: string[];
  resourceNames?: string[];
  resources: string[];
  verbs: string[];
}

const group = (name: string): Subject => ({ kind: 'Group', name });
const user = (name: string): Subject => ({ kind: 'User', name });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

const JOINING = group(NODE_TOKEN_GROUP);
const NODES = group('system:nodes');

const clusterRole = (name: string, rules: Rule[]): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
});

/** To a role of the whole cluster. */
const clusterBinding = (name: string, role: string, subject: Subject): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
  subjects: [subject],
});

/** A role that may read one ConfigMap, and who has it. */
function reading(configMap: string, namespace: string, name: string, subjects: Subject[]): KubeObject[] {
  const metadata = { name, namespace };
  const rule: Rule = { apiGroups: [''], resourceNames: [configMap], resources: ['configmaps'], verbs: ['get'] };
  return [
    { apiVersion: API_VERSION, kind: 'Role', metadata, rules: [rule] },
    {
      apiVersion: API_VERSION,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: GROUP, kind: 'Role', name },
      subjects,
    },
  ];
}

export const mayReadClusterConfiguration = (): KubeObject[] =>
  reading('kubeadm-config', 'kube-system', 'kubeadm:nodes-kubeadm-config', [JOINING, NODES]);

export const mayReadKubeletConfiguration = (): KubeObject[] =>
  reading('kubelet-config', 'kube-system', 'kubeadm:kubelet-config', [NODES, JOINING]);

/** Nobody is known yet who reads it. */
export const mayDiscover = (): KubeObject[] =>
  reading('cluster-info', 'kube-public', 'kubeadm:bootstrap-signer-clusterinfo', [user('system:anonymous')]);

const signing = (signer: string): string => `system:certificates.k8s.io:certificatesigningrequests:${signer}`;

/** What a machine that joins may do, until it is a node, and then. */
export const mayJoin = (): KubeObject[] => [
  clusterRole('kubeadm:get-nodes', [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }]),
  clusterBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', JOINING),
  clusterBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', JOINING),
  clusterBinding('kubeadm:node-autoapprove-bootstrap', signing('nodeclient'), JOINING),
  clusterBinding('kubeadm:node-autoapprove-certificate-rotation', signing('selfnodeclient'), NODES),
  clusterBinding('kubeadm:apiserver-kubelet-client', 'system:kubelet-api-admin', user('kube-apiserver-kubelet-client')),
];

const WATCHED = ['list', 'watch'];

export const mayServeNames = (): KubeObject[] => [
  clusterRole('system:coredns', [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: WATCHED },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: WATCHED },
  ]),
  clusterBinding('system:coredns', 'system:coredns', account('coredns')),
];

export const mayProxy = (): KubeObject[] => [
  clusterBinding('kubeadm:node-proxier', 'system:node-proxier', account('kube-proxy')),
  ...reading('kube-proxy', 'kube-system', 'kube-proxy', [JOINING]),
];
