/** What a pod's volumes hold, as its machine takes them. Models pkg/volume/{configmap,secret,downwardapi,projected,emptydir,hostpath}. */
import { bytesFrom, bytesOf } from '../../machine/bytes.ts';
import type { Volume as MachineVolume } from '../../machine/pod-machine.ts';
import type { KeyToPath, Volume, VolumeProjection } from '../../objects/generated/core-v1.gen.ts';
import { wholeValue } from '../../objects/quantity.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { downwardText } from './downward.ts';
import type { Surround } from './surround.ts';

type Files = Record<string, { bytes: string; mode: number }>;

const DEFAULT_MODE = 0o644;

export function volumeContents(around: Surround): Record<string, MachineVolume> {
  const volumes: Record<string, MachineVolume> = {};
  for (const volume of around.pod.spec.volumes ?? []) volumes[volume.name] = contentOf(around, volume);
  return volumes;
}

function contentOf(around: Surround, volume: Volume): MachineVolume {
  const { configMap, secret, downwardAPI, projected, emptyDir, hostPath, persistentVolumeClaim } = volume;
  const mode = (given: number | undefined): number => given ?? DEFAULT_MODE;
  if (configMap)
    return files(
      keyed(around, 'configmaps', configMap.name, configMap.items, mode(configMap.defaultMode)),
      configMap.defaultMode,
    );
  if (secret)
    return files(
      keyed(around, 'secrets', secret.secretName, secret.items, mode(secret.defaultMode)),
      secret.defaultMode,
    );
  if (downwardAPI)
    return files(downward(around, downwardAPI.items, mode(downwardAPI.defaultMode)), downwardAPI.defaultMode);
  if (projected) {
    const all: Files = {};
    for (const source of projected.sources ?? [])
      Object.assign(all, projectedFiles(around, source, mode(projected.defaultMode)));
    return files(all, projected.defaultMode);
  }
  if (hostPath) return { kind: 'shared', key: `${around.node.metadata.name}:${hostPath.path}` };
  if (persistentVolumeClaim) {
    const { namespace } = around.pod.metadata;
    return { kind: 'shared', key: `claim:${namespace}/${persistentVolumeClaim.claimName}` };
  }
  if (volume.ephemeral)
    return { kind: 'shared', key: `claim:${around.pod.metadata.namespace}/${around.pod.metadata.name}-${volume.name}` };
  const limit = emptyDir?.sizeLimit;
  return {
    kind: 'scratch',
    medium: emptyDir?.medium === 'Memory' ? 'memory' : 'disk',
    mode: 0o777,
    ...(limit === undefined ? {} : { sizeLimit: wholeValue(limit) }),
  };
}

const files = (all: Files, defaultMode: number | undefined): MachineVolume => ({
  kind: 'files',
  files: all,
  defaultMode: defaultMode ?? DEFAULT_MODE,
  isAtomic: true,
});

/** Of a ConfigMap or a Secret: all keys, or those that are named. */
function keyed(
  { reader, pod }: Surround,
  resource: 'configmaps' | 'secrets',
  name: string | undefined,
  items: readonly KeyToPath[] | undefined,
  defaultMode: number,
): Files {
  const object = reader.get(resource, pod.metadata.namespace, name ?? '');
  if (!object) return {};
  const decode = (value: string): string => bytesFrom(decodeBase64(value));
  const data = new Map<string, string>();
  for (const [key, value] of Object.entries((object.data ?? {}) as Record<string, string>))
    data.set(key, resource === 'secrets' ? decode(value) : bytesOf(value));
  const binary = 'binaryData' in object ? object.binaryData : {};
  for (const [key, value] of Object.entries((binary ?? {}) as Record<string, string>)) data.set(key, decode(value));
  if (!items) return Object.fromEntries([...data].map(([key, bytes]) => [key, { bytes, mode: defaultMode }]));
  const chosen: Files = {};
  for (const { key, path, mode } of items) {
    const bytes = data.get(key);
    if (bytes !== undefined) chosen[path] = { bytes, mode: mode ?? defaultMode };
  }
  return chosen;
}

interface DownwardItem {
  path: string;
  mode?: number | undefined;
  fieldRef?: { fieldPath: string } | undefined;
  resourceFieldRef?: Parameters<typeof downwardText>[1]['resourceFieldRef'];
}

const downward = (around: Surround, items: readonly DownwardItem[] | undefined, defaultMode: number): Files =>
  Object.fromEntries(
    (items ?? []).map((item) => [
      item.path,
      { bytes: bytesOf(downwardText(around, item)), mode: item.mode ?? defaultMode },
    ]),
  );

/** Of an account's token there is no file: nobody signs one for a program. */
function projectedFiles(around: Surround, source: VolumeProjection, mode: number): Files {
  const { configMap, secret, downwardAPI, clusterTrustBundle } = source;
  if (configMap) return keyed(around, 'configmaps', configMap.name, configMap.items, mode);
  if (secret) return keyed(around, 'secrets', secret.name, secret.items, mode);
  if (downwardAPI) return downward(around, downwardAPI.items, mode);
  if (!clusterTrustBundle?.name) return {};
  const bundle = around.reader.get('clustertrustbundles.certificates.k8s.io', undefined, clusterTrustBundle.name);
  const text: string = bundle?.spec?.trustBundle ?? '';
  return text ? { [clusterTrustBundle.path]: { bytes: bytesOf(text), mode } } : {};
}
