/**
 * A pod that has written more on its node's disk than it may has to go. Models pkg/kubelet/eviction (localStorageEviction), which goes by what is
 * measured now and then.
 */
import type { Pod, Volume } from '../objects/generated/core-v1.gen.ts';
import { addQuantities, wholeValue } from '../objects/quantity.ts';
import { milliseconds } from '../objects/time.ts';
import type { PodWriter } from './pod-writer.ts';
import type { Eviction } from './runtime/eviction.ts';
import type { PodRuntime } from './runtime/pod-runtime.ts';

const STORAGE = 'ephemeral-storage';
/** Volumes are measured once a minute, what containers have written beside more often; from the pod's start on. */
export const VOLUME_STATS_MS = 60_000;
export const CONTAINER_STATS_MS = 15_000;
const GRACE_SECONDS = 1;

/** What the last measurement says against the pod. It is told, and the next one is waited for while something may still be written. */
export function storageEviction(writer: PodWriter, runtime: PodRuntime): Eviction | undefined {
  const { pod, context } = writer;
  const volumes = (pod.spec.volumes ?? []).filter(isBound);
  const limit = storageLimit(pod);
  if ((volumes.length === 0 && limit === undefined) || !runtime.hasMachine) return undefined;
  const start = milliseconds(pod.status?.startTime);
  const isMeasured = (period: number): boolean => (context.now - start) % period === 0 && context.now > start;
  const message =
    (isMeasured(VOLUME_STATS_MS) ? volumesFault(writer, runtime, volumes) : undefined) ??
    (isMeasured(CONTAINER_STATS_MS) ? containersFault(writer, runtime, limit) : undefined);
  if (message !== undefined) {
    writer.event('Evicted', message, { type: 'Warning' });
    runtime.eviction = { reason: 'Evicted', message, graceSeconds: GRACE_SECONDS };
    return runtime.eviction;
  }
  const period = limit === undefined ? VOLUME_STATS_MS : CONTAINER_STATS_MS;
  const after = (at: number): number => start + (Math.floor((at - start) / period) + 1) * period;
  const isOver = volumesFault(writer, runtime, volumes) ?? containersFault(writer, runtime, limit);
  const wakes = runtime.wakes();
  if (isOver !== undefined) writer.wakeAt(after(context.now));
  else if (wakes !== undefined) writer.wakeAt(after(Math.max(context.now, wakes)));
  return undefined;
}

/** On the disk: what is in memory is bounded by its own file system. */
const isBound = ({ emptyDir }: Volume): boolean =>
  emptyDir?.sizeLimit !== undefined && emptyDir.medium !== 'Memory' && wholeValue(emptyDir.sizeLimit) > 0;

/** Of all containers that have one; undefined: none has. */
function storageLimit({ spec }: Pod): string | undefined {
  const limits = spec.containers.flatMap(({ resources }) => resources?.limits?.[STORAGE] ?? []);
  return limits.length === 0 ? undefined : limits.reduce((sum, each) => addQuantities(sum, each));
}

function volumesFault({ context }: PodWriter, runtime: PodRuntime, volumes: readonly Volume[]): string | undefined {
  const { volumes: used } = runtime.machine(context.now).usage;
  for (const { name, emptyDir } of volumes) {
    const limit = emptyDir!.sizeLimit!;
    if ((used[name] ?? 0) > wholeValue(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
  }
  return undefined;
}

function containersFault(
  { pod, context }: PodWriter,
  runtime: PodRuntime,
  limit: string | undefined,
): string | undefined {
  if (limit === undefined) return undefined;
  const { volumes, containers } = runtime.machine(context.now).usage;
  const scratch = (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && emptyDir.medium !== 'Memory');
  const own = (name: string): number => containers[name] ?? 0;
  const all = pod.spec.containers.map(({ name }) => own(name));
  const used = [...all, ...scratch.map(({ name }) => volumes[name] ?? 0)].reduce((sum, each) => sum + each, 0);
  if (used > wholeValue(limit))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `;
  for (const { name, resources } of pod.spec.containers) {
    const most = resources?.limits?.[STORAGE];
    if (most !== undefined && own(name) > wholeValue(most))
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(most)}. `;
  }
  return undefined;
}
