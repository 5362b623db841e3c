/**
 * What keeps a pod's volumes from being set up: sources that are not there, or lack a key that is asked for.
 * Models pkg/volume/{secret,configmap,projected} and pkg/kubelet/volumemanager.
 */
import type {
  ClusterTrustBundleProjection,
  ConfigMapProjection,
  Container,
  Pod,
  Volume,
  VolumeProjection,
} from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from '../telling.ts';

type Projection = ConfigMapProjection;

/** A volume that cannot be set up, in the kubelet's words. */
export interface MountFault {
  volume: string;
  message: string;
}

/** The first try is followed by one after half a second; each later one waits twice as long, up to two minutes. */
const RETRY_BASE_MS = 500;
export const RETRY_LIMIT_MS = 122_000;

/** When the tries of a mount that began at `start` come next after `now`; both in milliseconds. */
export function nextMountTry(start: number, now: number): number {
  let at = start;
  let tries = 0;
  for (let delay = RETRY_BASE_MS; at <= now && tries < TOLD_ONE_BY_ONE; delay = Math.min(RETRY_LIMIT_MS, delay * 2)) {
    at += delay;
    tries++;
  }
  return at > now ? at : at + (Math.floor((now - at) / TOLD_AGAIN_MS) + 1) * TOLD_AGAIN_MS;
}

/** Every fault of the volumes that containers mount, in the pod's order; volumes that nobody mounts are not set up. */
export function mountFaults(reader: View, pod: Pod): MountFault[] {
  const volumes = pod.spec.volumes ?? [];
  if (volumes.length === 0) return [];
  const used = usedVolumes(pod);
  const claims: string[] = [];
  const names: string[] = [];
  const faults: MountFault[] = [];
  for (const volume of volumes) {
    if (!used.has(volume.name)) continue;
    const claim = claimOf(pod, volume);
    const claimFault = claim && claimProblem(reader, pod, claim);
    if (claimFault) {
      claims.push(`error processing PVC ${pod.metadata.namespace}/${claim}: ${claimFault}`);
      names.push(volume.name);
      continue;
    }
    const fault = sourceFault(reader, pod, volume);
    if (fault !== undefined) {
      const message = `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${fault}`;
      faults.push({ volume: volume.name, message });
    }
  }
  if (claims.length === 0) return faults;
  // A volume that cannot even be looked up is told of the pod, together with all that are not mounted.
  const unmounted = [...names, ...faults.map((fault) => fault.volume)].sort().join(' ');
  const failed = [...names].sort().join(' ');
  const message = `Unable to attach or mount volumes: unmounted volumes=[${unmounted}], unattached volumes=[], failed to process volumes=[${failed}]: ${claims.join('; ')}`;
  return [...faults, { volume: '', message }];
}

function usedVolumes(pod: Pod): Set<string> {
  const used = new Set<string>();
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec;
  for (const container of [...containers, ...initContainers, ...ephemeralContainers] as Container[])
    for (const { name } of [...(container.volumeMounts ?? []), ...(container.volumeDevices ?? [])]) used.add(name);
  return used;
}

/** The claim behind a volume: named, or made for the pod. */
function claimOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined;
}

function claimProblem(reader: View, pod: Pod, name: string): string | undefined {
  const claim = reader.get('persistentvolumeclaims', pod.metadata.namespace, name);
  if (!claim) return `failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`;
  const { deletionTimestamp, finalizers, uid } = claim.metadata;
  if (deletionTimestamp && !finalizers?.includes('kubernetes.io/pvc-protection')) return 'PVC is being deleted';
  if (claim.status?.phase !== 'Bound') return 'PVC is not bound';
  const volumeName: string | undefined = claim.spec.volumeName;
  if (!volumeName) return 'PVC has empty pvc.Spec.VolumeName';
  const volume = reader.get('persistentvolumes', undefined, volumeName);
  if (!volume) return `failed to fetch PV ${volumeName} from API server: persistentvolumes "${volumeName}" not found`;
  const owner: string | undefined = volume.spec.claimRef?.uid;
  if (!volume.spec.claimRef)
    return `found PV object ${volumeName} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`;
  if (owner !== uid)
    return `found PV object ${volumeName} but its pv.Spec.ClaimRef.UID ${owner} does not point to claim.UID ${uid}`;
  return undefined;
}

/** Why one volume cannot be set up from its sources; undefined: it can. */
export function sourceFault(reader: View, pod: Pod, volume: Volume): string | undefined {
  const { namespace = 'default' } = pod.metadata;
  const { secret, configMap, projected } = volume;
  if (secret) return dataFault(reader, namespace, 'secret', { ...secret, name: secret.secretName });
  if (configMap) return dataFault(reader, namespace, 'configmap', configMap);
  if (volume.hostPath) return hostPathFault(volume.hostPath);
  if (!projected) return undefined;
  const faults = new Set<string>();
  for (const source of projected.sources ?? []) {
    const fault = projectionFault(reader, pod, source);
    if (fault !== undefined) faults.add(fault);
  }
  if (faults.size === 0) return undefined;
  const [first] = faults;
  return faults.size === 1 ? first : `[${[...faults].join(', ')}]`;
}

function projectionFault(reader: View, pod: Pod, source: VolumeProjection): string | undefined {
  const { namespace = 'default' } = pod.metadata;
  if (source.secret) return dataFault(reader, namespace, 'secret', source.secret);
  if (source.configMap) return dataFault(reader, namespace, 'configmap', source.configMap);
  if (source.serviceAccountToken) {
    const account: string = pod.spec.serviceAccountName || 'default';
    if (reader.get('serviceaccounts', namespace, account)) return undefined;
    return `failed to fetch token: serviceaccounts "${account}" not found`;
  }
  return source.clusterTrustBundle ? trustFault(reader, source.clusterTrustBundle) : undefined;
}

/** What a Secret or a ConfigMap lacks of what is asked of it; one that is optional lacks nothing. */
function dataFault(
  reader: View,
  namespace: string,
  kind: 'secret' | 'configmap',
  { name = '', items, optional }: Projection,
): string | undefined {
  if (optional) return undefined;
  const object = reader.get(`${kind}s`, namespace, name);
  if (!object) return `${kind} "${name}" not found`;
  const data = { ...object.data, ...('binaryData' in object ? object.binaryData : {}) };
  const missing = items?.find((item) => !Object.hasOwn(data, item.key));
  if (!missing) return undefined;
  return kind === 'secret'
    ? `references non-existent secret key: ${missing.key}`
    : `configmap references non-existent config key: ${missing.key}`;
}

/** Models pkg/kubelet/clustertrustbundle. */
function trustFault(reader: View, source: ClusterTrustBundleProjection): string | undefined {
  if (source.optional) return undefined;
  if (trustBundles(reader, source).length > 0) return undefined;
  if (source.name) return `clustertrustbundle.certificates.k8s.io "${source.name}" not found`;
  return `combination of signerName and labelSelector matched zero ClusterTrustBundles`;
}

/** The texts of the bundles that a source names, or that match it; a selector that is not given matches none. */
export function trustBundles(
  reader: View,
  { name, signerName, labelSelector }: ClusterTrustBundleProjection,
): string[] {
  if (name) {
    const bundle = reader.get('clustertrustbundles.certificates.k8s.io', undefined, name);
    return bundle ? [bundle.spec.trustBundle ?? ''] : [];
  }
  return reader
    .list('clustertrustbundles.certificates.k8s.io')
    .filter(
      ({ spec, metadata }) => spec.signerName === signerName && matchesLabelSelector(labelSelector, metadata.labels),
    )
    .map(({ spec }) => spec.trustBundle ?? '');
}

/** What a node has at its root, as folders, and files that every node has. */
const NODE_FOLDERS =
  /^\/(?:$|(?:bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(?:\/(?:log|lib|run|tmp|cache|spool|bin|sbin|local|share|containerd|kubernetes|docker|kubelet|pods|containers|ssl|certs|manifests|pki)?)*$)/;
const NODE_FILES = new Set(
  ['hostname', 'hosts', 'passwd', 'group', 'resolv.conf', 'os-release', 'localtime', 'machine-id'].map(
    (n) => `/etc/${n}`,
  ),
);
/** Whether every node has it, and it is a file. */
export const isNodeFile = (path: string): boolean => NODE_FILES.has(path);

const NODE_SOCKETS = new Set([
  '/run/containerd/containerd.sock',
  '/var/run/docker.sock',
  '/var/run/containerd/containerd.sock',
]);

/** Which type a path must be of, in the kubelet's words, and which paths are. Models pkg/volume/hostpath. */
const PATH_TYPES: Record<string, { words: string; has(path: string): boolean }> = {
  Directory: { words: 'a directory', has: (path) => NODE_FOLDERS.test(path) },
  File: { words: 'a file', has: (path) => NODE_FILES.has(path) },
  Socket: { words: 'a socket file', has: (path) => NODE_SOCKETS.has(path) },
  CharDevice: {
    words: 'a character device',
    has: (path) => /^\/dev\/(?:null|zero|full|random|urandom|tty|kmsg)$/.test(path),
  },
  BlockDevice: { words: 'a block device', has: (path) => /^\/dev\/[sv]da\d*$/.test(path) },
};

function hostPathFault({ path, type }: { path: string; type?: string | undefined }): string | undefined {
  const wanted = type ? PATH_TYPES[type] : undefined;
  if (!wanted || wanted.has(path.replace(/(.)\/$/, '$1'))) return undefined;
  return `hostPath type check failed, ${path} is not ${wanted.words}, unable to determine its type: path ${JSON.stringify(path)} does not exist`;
}
