/**
 * Containers that cannot be started, at a pace at which a node's syncs are seen one by one: each shows what the last one has come to, and
 * tries again. Models pkg/kubelet/images (image_manager.go), the kubelet's reason cache and pod_workers.go (completeWork).
 */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import type { PodWriter } from '../pod-writer.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from '../telling.ts';
import { type StartFault, tellFault } from './container-start.ts';
import type { ContainerStatus } from './container-status.ts';
import { PULL_BACKOFF_BASE_MS, PULL_BACKOFF_LIMIT_MS, pullWait, tellPull } from './image-pull.ts';

/** From a sync to the next; the second one follows the first at once, as the sandbox has come. */
const NEXT_SYNC_MS = 11_000;

/** Of one container. */
export interface Hold {
  /** What the last sync has come to. */
  reason: string;
  message: string;
  /** Syncs so far, and tries to pull of these. */
  syncs: number;
  pulls: number;
  lastPull: number;
}

export type Problem = { pull: string } | { fault: StartFault };

/** Whether this is a sync, rather than news of something that the pod waits for. */
const isSync = ({ isDue, pod }: PodWriter): boolean =>
  isDue || pod.status?.observedGeneration !== pod.metadata.generation;

/** The container cannot be started; its status after this sync. */
export function hold(
  writer: PodWriter,
  holds: Map<string, Hold>,
  container: Container,
  last: ContainerStatus,
  problem: Problem,
): ContainerStatus {
  const before = holds.get(container.name);
  if (before && !isSync(writer)) return later(writer, last);
  const next = attempt(writer, container, before, problem);
  holds.set(container.name, next);
  const { now } = writer.context;
  const isQuiet = next.syncs > TOLD_ONE_BY_ONE;
  writer.wakeAt(now + (next.syncs === 1 ? 0 : isQuiet ? TOLD_AGAIN_MS : NEXT_SYNC_MS));
  // What started beside it brings one more sync.
  if (next.syncs === 2 && writer.statuses.some((status) => status.state.running)) writer.wakeAt(now);
  return shown(container, last, before ?? next);
}

/** Nothing keeps the container any more. What is still to be shown of its hold; undefined: it is to be started. */
export function release(
  writer: PodWriter,
  holds: Map<string, Hold>,
  container: Container,
  last: ContainerStatus,
): ContainerStatus | undefined {
  const before = holds.get(container.name);
  if (!before) return undefined;
  if (!isSync(writer)) return later(writer, last);
  if (!writer.isDue && last.state.waiting?.reason !== before.reason) {
    writer.wakeAt(writer.context.now + writer.pace.step);
    return shown(container, last, before);
  }
  holds.delete(container.name);
  return undefined;
}

function later(writer: PodWriter, last: ContainerStatus): ContainerStatus {
  const { requeueAt } = writer.context;
  if (requeueAt !== undefined) writer.wakeAt(requeueAt);
  return last;
}

const shown = ({ image = '' }: Container, last: ContainerStatus, { reason, message }: Hold): ContainerStatus => ({
  ...last,
  image,
  state: { waiting: { reason, message } },
});

function attempt(writer: PodWriter, container: Container, before: Hold | undefined, problem: Problem): Hold {
  const syncs = (before?.syncs ?? 0) + 1;
  const { pulls = 0, lastPull = 0 } = before ?? {};
  if ('pull' in problem) return { ...pull(writer, container, pulls, lastPull, problem.pull), syncs };
  tellFault(writer, container, problem.fault);
  const { reason, message } = problem.fault;
  return { reason, message, syncs, pulls, lastPull };
}

function pull(
  writer: PodWriter,
  container: Container,
  pulls: number,
  lastPull: number,
  problem: string,
): Omit<Hold, 'syncs'> {
  const { now } = writer.context;
  const pause = Math.min(PULL_BACKOFF_LIMIT_MS, PULL_BACKOFF_BASE_MS * 2 ** (pulls - 1));
  const isTry = pulls === 0 || now >= lastPull + pause;
  tellPull(writer, container, problem, isTry);
  const wait = pullWait(container.image ?? '', problem, isTry);
  return isTry ? { ...wait, pulls: pulls + 1, lastPull: now } : { ...wait, pulls, lastPull };
}
