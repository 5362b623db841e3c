/** What is told of a container that is started, and what keeps one from it. */

import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import { podsOn } from '../../resources/core/pod/places.ts';
import type { PodWriter } from '../pod-writer.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from '../telling.ts';
import { missingConfig } from './container-config.ts';
import type { ContainerStatus } from './container-status.ts';
import { canonicalImage, imageNameFault, imageSize, isPresentFromTheStart, pullDuration } from './images.ts';
import { pullProblem } from './missing-images.ts';
import { subPathFault } from './sub-paths.ts';
import type { Surround } from './surround.ts';
import { userFault } from './users.ts';

/** Between two tries to start a container that cannot be as it is. */
const CONFIG_RETRY_MS = 10_000;
export const CONFIG_ERROR = 'CreateContainerConfigError';
const NEVER_PULL = 'ErrImageNeverPull';

export interface StartFault {
  reason: string;
  message: string;
  /** Its image is at fault: it is not even pulled, and this event says why. */
  imageEvent?: string;
}

/** Why a container cannot be started as it is; undefined: it can. */
export function startFault(around: Surround, container: Container): StartFault | undefined {
  const { pod, reader } = around;
  const { image = '' } = container;
  const name = imageNameFault(image);
  if (name !== undefined) {
    const quoted = JSON.stringify(image);
    const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${name}`;
    return { reason: 'InvalidImageName', message, imageEvent: 'InspectFailed' };
  }
  if (container.imagePullPolicy === 'Never' && pullProblem(image) !== undefined) {
    const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`;
    return { reason: NEVER_PULL, message, imageEvent: NEVER_PULL };
  }
  const message =
    missingConfig(reader, pod.metadata.namespace as string, container) ??
    subPathFault(around, container) ??
    userFault(pod, container);
  return message === undefined ? undefined : { reason: CONFIG_ERROR, message };
}

/** Why the image of a container cannot be pulled, though it may be tried again and again; undefined: it can. */
export const pullFault = ({ image = '', imagePullPolicy }: Container): string | undefined =>
  imagePullPolicy === 'Never' || imageNameFault(image) !== undefined ? undefined : pullProblem(image);

/** The kubelet looks again when what it lacks comes, and by itself now and then. */
export function heldBack(
  writer: PodWriter,
  container: Container,
  last: ContainerStatus,
  fault: StartFault,
): ContainerStatus {
  const { now, requeueAt } = writer.context;
  const { reason, message } = fault;
  const isTry = writer.isDue || last.state.waiting?.message !== message;
  if (isTry) tellFault(writer, container, fault);
  const since = now - milliseconds(writer.pod.status?.startTime);
  const retry = since < CONFIG_RETRY_MS * TOLD_ONE_BY_ONE ? CONFIG_RETRY_MS : TOLD_AGAIN_MS;
  writer.wakeAt(isTry || requeueAt === undefined ? now + retry : requeueAt);
  return { ...last, image: container.image ?? '', state: { waiting: { reason, message } } };
}

/** The events of a try to start it. */
export function tellFault(writer: PodWriter, container: Container, { reason, message, imageEvent }: StartFault): void {
  if (imageEvent) writer.event(imageEvent, message, { type: 'Warning', container });
  else pullEvents(writer, container, container);
  writer.event('Failed', `Error: ${imageEvent ? reason : message}`, { type: 'Warning', container });
}

/** A container has been made; before the pod's first one the images of its volumes are there. */
export function makeEvents(writer: PodWriter, container: Container): void {
  const { pod, initContainers, containers, initStatuses, statuses } = writer;
  const isFirst = container === (initContainers[0] ?? containers[0]);
  if (isFirst && ![...initStatuses, ...statuses].some(({ containerID }) => containerID)) {
    const images = (pod.spec.volumes ?? []).flatMap(({ image }) => image ?? []);
    for (const { reference, pullPolicy } of images)
      pullEvents(writer, { image: reference, imagePullPolicy: pullPolicy });
  }
  pullEvents(writer, container, container);
  writer.event('Created', 'Container created', { container });
}

/** And started. */
export function startEvents(writer: PodWriter, container: Container): void {
  writer.event('Started', 'Container started', { container });
}

/** `container`: whose image it is, if not a volume's. */
function pullEvents(
  writer: PodWriter,
  { image = '', imagePullPolicy }: Pick<Container, 'image' | 'imagePullPolicy'>,
  container?: Container,
): void {
  const about = container ? { container } : {};
  if (imagePullPolicy === 'Always' || !hasImage(writer, image)) {
    const took = pullDuration(image);
    writer.event('Pulling', `Pulling image "${image}"`, about);
    const pulled = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${imageSize(image)} bytes.`;
    writer.event('Pulled', pulled, about);
  } else {
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
    writer.event('Pulled', message, about);
  }
}

/** It was there from the start, or a container of it has been started on the node before. */
function hasImage({ reader, node }: PodWriter, image: string): boolean {
  if (isPresentFromTheStart(image)) return true;
  const name = canonicalImage(image);
  return podsOn(reader, node.metadata.name).some(({ status }) =>
    [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].some(
      (each) => each.imageID && each.image === name,
    ),
  );
}
