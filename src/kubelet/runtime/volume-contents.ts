/** What a pod's volumes hold, as its machine takes them. Models pkg/volume/{configmap,secret,downwardapi,projected,emptydir,hostpath}. */
import { bytesFrom, bytesOf } from '../../machine/bytes.ts';
import type { Volume as MachineVolume, VolumeFile } from '../../machine/pod-machine.ts';
import type { KeyToPath, Volume, VolumeProjection } from '../../objects/generated/core-v1.gen.ts';
import { wholeValue } from '../../objects/quantity.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { downwardText } from './downward.ts';
import { tokenFile } from './pod-tokens.ts';
import type { Surround } from './surround.ts';
import { isNodeFile, trustBundles } from './volumes.ts';

type Files = Record<string, VolumeFile>;

const DEFAULT_MODE = 0o644;

export function volumeContents(around: Surround): Record<string, MachineVolume> {
  const volumes: Record<string, MachineVolume> = {};
  for (const volume of around.pod.spec.volumes ?? []) volumes[volume.name] = volumeContent(around, volume);
  return volumes;
}

/** What one volume holds, given to the pod's group if it has one. */
export function volumeContent(around: Surround, volume: Volume): MachineVolume {
  const group = around.pod.spec.securityContext?.fsGroup;
  const content = contentOf(around, volume);
  // A path of the node stays its own.
  return group === undefined || volume.hostPath ? content : { ...content, group };
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
  if (hostPath) return onNode(around, hostPath);
  if (persistentVolumeClaim) return claimed(around, persistentVolumeClaim.claimName);
  if (volume.ephemeral) return claimed(around, `${around.pod.metadata.name}-${volume.name}`);
  if (volume.image) return { kind: 'image', reference: volume.image.reference ?? '' };
  const limit = emptyDir?.sizeLimit;
  return {
    kind: 'scratch',
    medium: emptyDir?.medium === 'Memory' ? 'memory' : 'disk',
    mode: 0o777,
    ...(limit === undefined ? {} : { sizeLimit: wholeValue(limit) }),
  };
}

const FILE_TYPES = new Set(['File', 'FileOrCreate', 'Socket', 'CharDevice', 'BlockDevice']);

/** What a node's own files are called among the trees that pods share. */
export const nodeTree = (node: string): string => `${NODE_TREE}${node}`;
export const NODE_TREE = 'node:';

const onNode = ({ node }: Surround, { path, type }: { path: string; type?: string | undefined }): MachineVolume => ({
  kind: 'shared',
  tree: nodeTree(node.metadata.name),
  path,
  ...(FILE_TYPES.has(type ?? '') || isNodeFile(path) ? { isFile: true } : {}),
});

/** What is behind a claim: a path of the node, or storage that all nodes reach. */
function claimed(around: Surround, claimName: string): MachineVolume {
  const { reader, pod } = around;
  const claim = reader.get('persistentvolumeclaims', pod.metadata.namespace, claimName);
  const volume = reader.get('persistentvolumes', undefined, claim?.spec?.volumeName ?? '');
  const local: { path: string } | undefined = volume?.spec?.hostPath ?? volume?.spec?.local;
  if (local) return onNode(around, { path: local.path });
  return {
    kind: 'shared',
    tree: `claim:${claim?.metadata.uid ?? `${pod.metadata.namespace}/${claimName}`}`,
    path: '/',
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

function projectedFiles(around: Surround, source: VolumeProjection, mode: number): Files {
  const { configMap, secret, downwardAPI, clusterTrustBundle } = source;
  if (configMap) return keyed(around, 'configmaps', configMap.name, configMap.items, mode);
  if (secret) return keyed(around, 'secrets', secret.name, secret.items, mode);
  if (downwardAPI) return downward(around, downwardAPI.items, mode);
  if (source.serviceAccountToken) {
    const file = tokenFile(around, source.serviceAccountToken, mode);
    return file ? { [source.serviceAccountToken.path]: file } : {};
  }
  if (!clusterTrustBundle) return {};
  const bundles = trustBundles(around.reader, clusterTrustBundle);
  return { [clusterTrustBundle.path]: { bytes: bytesOf(trustAnchors(bundles)), mode } };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----/g;
const PEM_WIDTH = /.{1,64}/g;

/** The certificates of bundles, each once, in one file. Models pkg/kubelet/clustertrustbundle (normalizeTrustAnchors). */
function trustAnchors(bundles: readonly string[]): string {
  const bodies = bundles.flatMap((text) =>
    [...text.matchAll(CERTIFICATE)].map(([, body]) => body!.replaceAll(/\s/g, '')),
  );
  return [...new Set(bodies)]
    .sort()
    .map((body) => `-----BEGIN CERTIFICATE-----\n${body.match(PEM_WIDTH)!.join('\n')}\n-----END CERTIFICATE-----\n`)
    .join('');
}
