/** How a container's program ends as soon as it has begun, where its spec tells: a script or a command that takes no time. */
import type { Container, Pod, Volume, VolumeMount } from '../../objects/generated/core-v1.gen.ts';
import { podsOn } from '../../resources/core/pod/places.ts';
import { ArgumentsTooLong } from '../runtime/argument-space.ts';
import { Environment } from '../runtime/environment.ts';
import { isBaseImage } from '../runtime/images.ts';
import type { Surround } from '../runtime/surround.ts';
import { expandReferences, referenceTo } from '../runtime/variable-references.ts';
import { endOfCommand, endOfScript, type ScriptEnd, type ScriptWorld } from '../shell/script-run.ts';
import { isShell, scriptOf } from '../shell/shell.ts';

export interface AtOnce {
  code: number;
  /** What it leaves behind for `kubectl describe`. */
  message: string | undefined;
}

/** Runs before this one that are looked at for the files that they have left. */
export const MAX_RUNS = 20;
/** A container with more mounts has no folder of which all is known. */
export const MAX_MOUNTS = 100;
const TERMINATION_LOG = '/dev/termination-log';
/** Source: pkg/kubelet/container/runtime.go. */
export const MESSAGE_MAX = 4096;
export const LOG_MESSAGE_MAX = 2048;
const LOG_MESSAGE_LINES = 80;

/** Variables that are set by the image, the runtime or the shell. */
const FOREIGN = new Set(
  'PATH HOME PWD OLDPWD HOSTNAME SHELL USER TERM LANG IFS PS1 PPID UID RANDOM SECONDS LINENO'.split(' '),
);
/** Where images, and nodes, keep nothing. */
const EMPTY_PLACES = ['/tmp/', '/var/tmp/', '/dev/shm/'];

/** Its end after it has been started again `restarts` times; undefined: it runs on, or nothing is known of it. */
export function endAtOnce(around: Surround, container: Container, restarts: number): AtOnce | undefined {
  try {
    return knownEnd(around, container, restarts);
  } catch (error) {
    if (error instanceof ArgumentsTooLong) return undefined;
    throw error;
  }
}

function knownEnd(around: Surround, container: Container, restarts: number): AtOnce | undefined {
  const written = [...(container.command ?? []), ...(container.args ?? [])];
  if (written.length === 0 || !(container.command || isBaseImage(container.image ?? ''))) return undefined;
  let variables: Environment | undefined;
  const environment = (): Environment => {
    variables ??= new Environment(around, container);
    return variables;
  };
  const words = written.map((word) =>
    word.includes('$')
      ? expandReferences(
          word,
          referenceTo((name) => environment().get(name)),
          around.space,
        )
      : word,
  );
  const script = scriptOf(words);
  if (script === undefined && isShell(words)) return undefined;
  const places = placesOf(around, container);
  const log = container.terminationMessagePath || TERMINATION_LOG;
  const world: ScriptWorld = {
    files: new Map(),
    variable: (name) =>
      environment().get(name) ?? (FOREIGN.has(name) || !isBaseImage(container.image ?? '') ? undefined : ''),
    knows: (path) => !path.split('/').includes('..') && places.empty.some((place) => path.startsWith(place)),
  };
  let end: ScriptEnd | undefined;
  for (let run = Math.max(0, restarts - MAX_RUNS); run <= restarts; run++) {
    for (const path of world.files.keys())
      if (!places.kept.some((place) => path.startsWith(place))) world.files.delete(path);
    world.files.set(log, '');
    end = script === undefined ? endOfCommand(words, world) : endOfScript(script, world);
    if (!end) return undefined;
  }
  return end && { code: end.code, message: messageOf(container, end, world.files.get(log) ?? '') };
}

/** Containers that mount each volume of a pod, by its name; worked out once for a pod. */
const mounters = new WeakMap<Pod, Map<string, number>>();

function mountersOf(pod: Pod): Map<string, number> {
  let counts = mounters.get(pod);
  if (!counts) {
    counts = new Map();
    const all: Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    for (const { volumeMounts } of all)
      for (const { name } of volumeMounts ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
    mounters.set(pod, counts);
  }
  return counts;
}

/** Folders in which nothing is but what the container itself has put there, and of these the ones that outlive it. */
function placesOf(around: Surround, container: Container): { empty: string[]; kept: string[] } {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length > MAX_MOUNTS) return { empty: [], kept: [] };
  const volumes: Volume[] = around.pod.spec.volumes ?? [];
  const isOwn = ({ name, subPath, subPathExpr }: VolumeMount): boolean => {
    if (subPath || subPathExpr || mountersOf(around.pod).get(name) !== 1) return false;
    const volume = volumes.find((each) => each.name === name);
    return Boolean(volume?.emptyDir || (volume?.hostPath && isUntouched(around, volume.hostPath.path)));
  };
  const folders = mounts.map(folderOf);
  const holdsAnother = (place: string): boolean => folders.some((each) => each !== place && each.startsWith(place));
  const kept = mounts
    .filter(isOwn)
    .map(folderOf)
    .filter((place) => !holdsAnother(place));
  const isBare = (place: string): boolean => !holdsAnother(place) && !folders.some((each) => place.startsWith(each));
  return { empty: [...kept, ...EMPTY_PLACES.filter(isBare)], kept };
}

/** Nothing is in a node's folders for passing things either, until a pod brings it. */
function isUntouched({ reader, pod, node }: Surround, path: string): boolean {
  const folder = `${path.replace(/\/$/, '')}/`;
  const touches = (volume: Volume): boolean => {
    const other = `${volume.hostPath?.path.replace(/\/$/, '')}/`;
    return volume.hostPath !== undefined && (other.startsWith(folder) || folder.startsWith(other));
  };
  return (
    EMPTY_PLACES.some((place) => folder.startsWith(place) && folder !== place) &&
    podsOn(reader, node.metadata.name).every(
      (other) =>
        other.metadata.uid === pod.metadata.uid || !hasBegun(other) || !(other.spec.volumes ?? []).some(touches),
    )
  );
}

/** Some container of it runs, or has run. */
const hasBegun = ({ status }: Pod): boolean =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some((each) => each.containerID);

const folderOf = ({ mountPath }: VolumeMount): string => `${mountPath.replace(/\/$/, '')}/`;

/** Models pkg/kubelet/kuberuntime (getTerminationMessage). */
function messageOf(
  { terminationMessagePolicy }: Container,
  { code, output }: ScriptEnd,
  log: string,
): string | undefined {
  if (log !== '') return log.slice(0, MESSAGE_MAX);
  if (code === 0 || terminationMessagePolicy !== 'FallbackToLogsOnError' || !output) return undefined;
  const lines = output.split(/(?<=\n)/).slice(-LOG_MESSAGE_LINES);
  return lines.join('').slice(-LOG_MESSAGE_MAX);
}
