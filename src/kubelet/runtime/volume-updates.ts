/**
 * Volumes that change while their pod runs: ConfigMaps, Secrets and what the pod tells of itself are brought up to date with one of its
 * syncs. Models pkg/kubelet/volumemanager (remount) and pkg/volume/util (AtomicWriter).
 */
import type { Volume as MachineVolume } from '../../machine/pod-machine.ts';
import type { Pod, Volume } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import type { PlacesOf } from '../../resources/core/pod/places.ts';
import { earliest } from '../earliest.ts';
import type { Surround } from './surround.ts';
import { volumeContent } from './volume-contents.ts';
import { sourceFault } from './volumes.ts';

/** A pod's volumes are looked at with each of its syncs, so often: what has changed is seen at the next. */
export const SYNC_MS = 60_000;

type SourceKind = 'configmaps' | 'secrets';

interface Sources {
  objects: { resource: SourceKind; name: string }[];
  /** It tells of the pod itself. */
  isDownward: boolean;
}

/** From what a volume's files come. */
function sourcesOf({ configMap, secret, downwardAPI, projected }: Volume): Sources {
  const sources: Sources = { objects: [], isDownward: Boolean(downwardAPI) };
  const add = (resource: SourceKind, name: string | undefined): void =>
    void sources.objects.push({ resource, name: name ?? '' });
  if (configMap) add('configmaps', configMap.name);
  if (secret) add('secrets', secret.secretName);
  for (const source of projected?.sources ?? []) {
    if (source.configMap) add('configmaps', source.configMap.name);
    if (source.secret) add('secrets', source.secret.name);
    if (source.downwardAPI) sources.isDownward = true;
  }
  return sources;
}

const changes = (sources: Sources): boolean => sources.isDownward || sources.objects.length > 0;

/** Under what the pods are found that have an object in a volume. */
export const mountedPlace = (resource: string, namespace: string | undefined, name: string): string =>
  `mounted/${resource}/${namespace}/${name}`;

export const mountedPlaces: PlacesOf = ({ spec, status, metadata }) =>
  status?.phase === 'Running'
    ? (spec.volumes ?? []).flatMap((volume) =>
        sourcesOf(volume).objects.map(({ resource, name }) => mountedPlace(resource, metadata.namespace, name)),
      )
    : [];

/** In which state a volume's sources are. */
function stateOf(reader: View, { metadata }: Pod, { objects, isDownward }: Sources): string {
  const versions = objects.map(({ resource, name }) => {
    const found = reader.get(resource, metadata.namespace, name)?.metadata;
    return `${found?.uid} ${found?.resourceVersion}`;
  });
  const own = isDownward ? JSON.stringify([metadata.labels, metadata.annotations, metadata.generation]) : '';
  return `${versions} ${own}`;
}

export class VolumeUpdates {
  /** By volume: the state that its files are of, and since when another has been known. */
  readonly #known = new Map<string, { state: string; staleSince?: number }>();

  /** The volumes are as the pod's surroundings say now. */
  begin({ pod, reader }: Surround): void {
    for (const volume of pod.spec.volumes ?? []) {
      const sources = sourcesOf(volume);
      if (changes(sources)) this.#known.set(volume.name, { state: stateOf(reader, pod, sources) });
    }
  }

  /**
   * The volumes that are to be brought up to date now, and when the next one is. `from` is the instant from which syncs count;
   * `delayed`: a change waits for the next of them.
   */
  due(
    around: Surround,
    now: number,
    from: number,
    delayed: boolean,
  ): { volumes: [string, MachineVolume][]; dueAt?: number } {
    const { pod, reader } = around;
    const volumes: [string, MachineVolume][] = [];
    let dueAt: number | undefined;
    for (const volume of pod.spec.volumes ?? []) {
      const sources = sourcesOf(volume);
      if (!changes(sources)) continue;
      const known = this.#known.get(volume.name);
      const state = stateOf(reader, pod, sources);
      if (known?.state === state) continue;
      const staleSince = known?.staleSince ?? now;
      const at = delayed ? from + Math.ceil((staleSince - from) / SYNC_MS) * SYNC_MS : now;
      if (known && now < at) {
        known.staleSince = staleSince;
        dueAt = earliest(dueAt, at);
        continue;
      }
      this.#known.set(volume.name, { state });
      // What is missing keeps it as it is.
      if (sourceFault(reader, pod, volume) === undefined) volumes.push([volume.name, volumeContent(around, volume)]);
    }
    return { volumes, ...(dueAt === undefined ? {} : { dueAt }) };
  }
}
