/**
 * A container whose image cannot be pulled: tries after growing pauses, between which it is shown to be backing off.
 * Models pkg/kubelet/images/image_manager.go.
 */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import type { PodWriter } from '../pod-writer.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from '../telling.ts';
import type { ContainerStatus } from './container-status.ts';

/** Between two tries, doubled each time. */
export const PULL_BACKOFF_BASE_MS = 10_000;
export const PULL_BACKOFF_LIMIT_MS = 300_000;
/** The kubelet looks again a second after a try has failed, and finds that it has to wait. */
const TRY_SHOWN_MS = 1000;

/** The try before or at `now`, and the next one; all in milliseconds. */
export function pullTries(start: number, now: number): { last: number; next: number } {
  let next = start + PULL_BACKOFF_BASE_MS;
  let last = start;
  let pause = PULL_BACKOFF_BASE_MS;
  for (let tries = 1; next <= now && tries < TOLD_ONE_BY_ONE; tries++) {
    pause = Math.min(PULL_BACKOFF_LIMIT_MS, pause * 2);
    [last, next] = [next, next + pause];
  }
  if (next > now) return { last, next };
  last = next + Math.floor((now - next) / TOLD_AGAIN_MS) * TOLD_AGAIN_MS;
  return { last, next: last + TOLD_AGAIN_MS };
}

const backOffText = (image: string): string => `Back-off pulling image ${JSON.stringify(image)}`;

/** What the container waits for: a try has failed, or the next one is still to come. */
export const pullWait = (image: string, problem: string, isTry: boolean): { reason: string; message: string } =>
  isTry
    ? { reason: 'ErrImagePull', message: problem }
    : { reason: 'ImagePullBackOff', message: `${backOffText(image)}: ErrImagePull: ${problem}` };

/** The events of a try that has failed, or of the pause after one. */
export function tellPull(writer: PodWriter, container: Container, problem: string, isTry: boolean): void {
  const { image = '' } = container;
  if (isTry) {
    writer.event('Pulling', `Pulling image ${JSON.stringify(image)}`, { container });
    const failed = `Failed to pull image ${JSON.stringify(image)}: ${problem}`;
    writer.event('Failed', failed, { type: 'Warning', container });
  } else writer.event('BackOff', backOffText(image), { container });
  writer.event('Failed', `Error: ${pullWait(image, problem, isTry).reason}`, { type: 'Warning', container });
}

/** Its status at this instant; what has become of it since the last look is told. */
export function failedPull(
  writer: PodWriter,
  container: Container,
  last: ContainerStatus,
  problem: string,
): ContainerStatus {
  const { now } = writer.context;
  const { image = '' } = container;
  const before = last.state.waiting;
  const isKnown = [true, false].some((isTry) => before?.message === pullWait(image, problem, isTry).message);
  // One that comes to it only now has its first try now.
  const tries = pullTries(milliseconds(writer.pod.status?.startTime), now);
  const isTry = !isKnown || now < tries.last + TRY_SHOWN_MS;
  writer.wakeAt(isTry ? Math.min(now + TRY_SHOWN_MS, tries.next) : tries.next);
  const waiting = pullWait(image, problem, isTry);
  if (before?.message !== waiting.message) tellPull(writer, container, problem, isTry);
  return { ...last, image, state: { waiting } };
}
