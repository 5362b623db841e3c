/** Every object that `kubeadm init` makes through the API, in its order: its configuration, the tokens by which others join, the add-ons. */
import { printYAML } from '../apiserver/codec/yaml-write.ts';
import type { ConfigMap } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { encodeBase64 } from '../simulation/base64.ts';
import { coreDNS, kubeProxy } from './add-ons.ts';
import { tokenSecret } from './bootstrap-token.ts';
import { hashed } from './config-map.ts';
import { clusterConfiguration, discoveryKubeconfig, kubeletConfiguration } from './configurations.ts';
import { mayDiscover, mayJoin, mayReadClusterConfiguration, mayReadKubeletConfiguration } from './rbac.ts';
import type { ControlPlaneConfig } from './static-pods.ts';

export interface InitConfig extends ControlPlaneConfig {
  /** The bootstrap token. */
  token: string;
  /** When that is over, milliseconds since 1970. */
  tokenExpiration: number;
  /** The certificate that clients trust the API server by, PEM. */
  rootCA: string;
}

const configMap = (namespace: string, name: string, key: string, value: Record<string, unknown>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { [key]: printYAML(value) },
});

export const initObjects = (config: InitConfig): KubeObject[] => [
  configMap('kube-system', 'kubeadm-config', 'ClusterConfiguration', clusterConfiguration(config)),
  ...mayReadClusterConfiguration(),
  hashed(configMap('kube-system', 'kubelet-config', 'kubelet', kubeletConfiguration(config))),
  ...mayReadKubeletConfiguration(),
  tokenSecret(config.token, config.tokenExpiration),
  ...mayJoin(),
  configMap('kube-public', 'cluster-info', 'kubeconfig', discoveryKubeconfig(config, authorityOf(config))),
  ...mayDiscover(),
  ...coreDNS(config),
  ...kubeProxy(config),
];

const authorityOf = ({ rootCA }: InitConfig): string => encodeBase64(new TextEncoder().encode(rootCA));
