/** ConfigMaps of components' configurations, by whose hash kubeadm later sees whether somebody has changed them. */
import { sha256 } from '@noble/hashes/sha2';
import type { ConfigMap } from '../objects/generated/core-v1.gen.ts';

const HASH = 'kubeadm.kubernetes.io/component-config.hash';

/** With the hash of its data, the texts of its keys one after the other. Models kubeadm's componentconfigs/checksums.go. */
export function hashed(configMap: ConfigMap): ConfigMap {
  const { data = {}, metadata } = configMap;
  const text = Object.keys(data)
    .sort()
    .map((key) => data[key])
    .join('');
  const digest = [...sha256(new TextEncoder().encode(text))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    ...configMap,
    metadata: { ...metadata, annotations: { ...metadata?.annotations, [HASH]: `sha256:${digest}` } },
  };
}
