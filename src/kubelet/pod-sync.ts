/** A pod's way from its node to its end by itself: admission, volumes, network, init containers one after the other, then its own. */
import { controllerOf } from '../controllers/owners.ts';
import { milliseconds, timestamp } from '../controllers/time.ts';
import { addNetwork } from '../network/cni.ts';
import type { KubeObject } from '../resources/object.ts';
import { podsOn } from '../resources/pod-places.ts';
import type { ReconcileResult } from '../simulation/reconciler.ts';
import { admitted, type Rejection, rejection } from './admission.ts';
import type { BehaviourOf } from './behaviour.ts';
import { allInitialized, byName, isSidecar, phaseOf } from './conditions.ts';
import { missingConfig } from './container-config.ts';
import { advance, type ContainerStatus, ended, waitingStatus } from './containers.ts';
import { imageNameFault, imageSize, pullDuration } from './images.ts';
import { networkState } from './network-state.ts';
import type { PodWriter } from './pod-writer.ts';
import { victimsFor } from './preemption.ts';
import { healthOf, hookFails } from './probe-checks.ts';
import type { Container } from './program.ts';
import { resize } from './resize.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from './telling.ts';
import { endOf, expire, isPreempted, yieldRoom } from './termination.ts';
import { userFault, userOf } from './users.ts';
import { mountFaults, nextMountTry } from './volumes.ts';

/** Between two tries to start a container that cannot be as it is. */
const CONFIG_RETRY_MS = 10_000;
export const CONFIG_ERROR = 'CreateContainerConfigError';

/** How long after its creation a controller's pod is refused that is not the first one. */
const REFUSAL_BASE_MS = 1000;
const REFUSAL_LIMIT_MS = 300_000;

/** Between two looks whether the pods that make room have gone. */
const ROOM_RETRY_MS = 500;

const NO_ADDRESSES =
  'Failed to create pod sandbox: plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set';

/** First sight: the node takes the pod or doesn't, and nothing of it runs yet. */
export function admit(writer: PodWriter): ReconcileResult<KubeObject> {
  const { pod, node, reader, context } = writer;
  const others = admitted(podsOn(reader, node.metadata.name));
  const refused = makeRoom(writer, others, rejection(pod, node, others));
  if (refused === 'wait') return writer.result();
  if (refused) {
    const due = rejectionTime(writer, refused.reason);
    if (context.now < due) {
      writer.wakeAt(due);
      return writer.result();
    }
    const { qosClass } = pod.status ?? {};
    writer.event(refused.reason, refused.message, { type: 'Warning' });
    writer.writeStatus({
      observedGeneration: pod.metadata.generation ?? 1,
      phase: 'Failed',
      message: `Pod was rejected: ${refused.message}`,
      reason: refused.reason,
      startTime: timestamp(context.now),
      ...(qosClass === undefined ? {} : { qosClass }),
    });
    return writer.finished();
  }
  const waiting = writer.initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const init = writer.initContainers.map((container) => waitingStatus(container, 'PodInitializing'));
  const containers = writer.containers.map((container) => waitingStatus(container, waiting));
  writer.writeFacts({ phase: 'Pending', init, containers, podIP: undefined });
  return writer.finished();
}

/**
 * A controller makes another pod for one that is refused. The real two take their time over it; here each refusal after the first takes
 * longer, so that they don't fill the cluster.
 */
function rejectionTime({ pod, reader, context }: PodWriter, reason: string): number {
  if (!controllerOf(pod)) return context.now;
  const { name, generateName = name, namespace, creationTimestamp } = pod.metadata;
  const before = reader.list('events', namespace).filter((event) => {
    const about: string = event.involvedObject?.name ?? '';
    return event.reason === reason && event.involvedObject?.kind === 'Pod' && about.startsWith(generateName);
  }).length;
  if (before === 0) return context.now;
  return milliseconds(creationTimestamp) + Math.min(REFUSAL_LIMIT_MS, REFUSAL_BASE_MS * 2 ** (before - 1));
}

/** For a critical pod that lacks but room, others are stopped, and it waits for that. */
function makeRoom(
  writer: PodWriter,
  others: KubeObject[],
  refused: Rejection | undefined,
): Rejection | 'wait' | undefined {
  const { pod, node } = writer;
  if (!refused?.lack) return refused;
  const staying = others.filter((other) => !isPreempted(other));
  const { lack } = rejection(pod, node, staying) ?? {};
  if (lack) {
    const victims = victimsFor(pod, staying, lack);
    if (typeof victims === 'string') {
      const message = `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: ${victims}`;
      return { reason: 'UnexpectedAdmissionError', message };
    }
    for (const victim of victims) writer.preempt(victim);
  }
  writer.wakeAt(writer.context.now + ROOM_RETRY_MS);
  return 'wait';
}

/** Every container as far as it goes at this instant. */
export function run(writer: PodWriter, behaviourOf: BehaviourOf): ReconcileResult<KubeObject> {
  const { pod, node, reader, context } = writer;
  if (isPreempted(pod)) return yieldRoom(writer);
  const deadline = deadlineOf(pod);
  if (deadline !== undefined && context.now >= deadline) return expire(writer, deadline);
  if (deadline !== undefined) writer.wakeAt(deadline);
  if (!pod.status.podIP && !mountVolumes(writer)) return writer.result();
  const podIP: string | undefined = pod.status.podIP ?? attach(writer);
  if (!podIP) {
    writer.event('FailedCreatePodSandBox', NO_ADDRESSES, { type: 'Warning' });
    return writer.result('no address left');
  }
  const init: ContainerStatus[] = [...writer.initStatuses];
  for (const [i, container] of writer.initContainers.entries()) {
    init[i] = step(writer, container, init[i] ?? waitingStatus(container, 'PodInitializing'), podIP, behaviourOf);
    if (!(isSidecar(container) ? init[i].started : init[i].ready)) break;
  }
  let containers: ContainerStatus[] = writer.containers.map(
    (container) => byName(writer.statuses, container.name) ?? waitingStatus(container, 'ContainerCreating'),
  );
  if (allInitialized(pod, init))
    containers = writer.containers.map((container, i) => step(writer, container, containers[i]!, podIP, behaviourOf));
  const phase = phaseOf(pod, init, containers);
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  if (isOver) stopSidecars(writer, init);
  const neighbours = (): KubeObject[] =>
    admitted(podsOn(reader, node.metadata.name)).filter((other) => other.metadata.uid !== pod.metadata.uid);
  const resized = resize(writer, containers, neighbours);
  writer.writeFacts({ phase, init, containers: resized.statuses, podIP, resize: resized.conditions });
  return isOver ? writer.finished() : writer.result();
}

/** When the pod's own deadline ends it; undefined: never. */
const deadlineOf = ({ spec, status }: KubeObject): number | undefined =>
  spec.activeDeadlineSeconds == null ? undefined : milliseconds(status.startTime) + spec.activeDeadlineSeconds * 1000;

/** Whether all volumes are there; if not, it is said at each of the tries, and the pod waits for the next. */
function mountVolumes(writer: PodWriter): boolean {
  const faults = mountFaults(writer.reader, writer.pod);
  if (faults.length === 0) return true;
  if (writer.isDue) for (const { message } of faults) writer.event('FailedMount', message, { type: 'Warning' });
  writer.wakeAt(nextMountTry(milliseconds(writer.pod.status.startTime), writer.context.now));
  return false;
}

/** CNI ADD, with the node's state read off its pods; the node's own address for a pod on the host's network. */
function attach({ pod, node, reader, hostIP }: PodWriter): string | undefined {
  if (pod.spec.hostNetwork) return hostIP;
  const podCIDR: string | undefined = node.spec?.podCIDR;
  return podCIDR && addNetwork(networkState(podCIDR, podsOn(reader, node.metadata.name)))?.address;
}

function step(
  writer: PodWriter,
  container: Container,
  last: ContainerStatus,
  podIP: string,
  behaviourOf: BehaviourOf,
): ContainerStatus {
  const { pod, context, podText } = writer;
  const fault = last.state.running ? undefined : startFault(writer, container);
  if (fault) return heldBack(writer, container, last, fault);
  const isInit = writer.initContainers.includes(container);
  const behaviour = behaviourOf(pod, container);
  const result = advance(container, last, {
    ...context,
    podText,
    restartPolicy: container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always',
    mayBeReady: behaviour.ready !== false,
    isInit,
    user: userOf(pod, container),
    health: healthOf(pod, container, podIP, behaviour),
    hookFails: hookFails(container.lifecycle?.postStart, { pod, container, podIP }),
    killed: (grace) => endOf(pod, container, (grace ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000),
  });
  for (const event of result.events) {
    if (event === 'start') startEvents(writer, container);
    else writer.event(event.reason, event.message, { type: event.type, container });
  }
  if (result.dueAt !== undefined) writer.wakeAt(result.dueAt);
  return result.status;
}

interface StartFault {
  reason: string;
  message: string;
  /** Its image is at fault: it is not even pulled. */
  isImage?: boolean;
}

/** Why a container cannot be started as it is; undefined: it can. */
function startFault({ pod, reader }: PodWriter, container: Container): StartFault | undefined {
  const { image } = container;
  const name = imageNameFault(image);
  if (name !== undefined) {
    const quoted = JSON.stringify(image);
    const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${name}`;
    return { reason: 'InvalidImageName', message, isImage: true };
  }
  const message = missingConfig(reader, pod.metadata.namespace as string, container) ?? userFault(pod, container);
  return message === undefined ? undefined : { reason: CONFIG_ERROR, message };
}

/** The kubelet looks again when what it lacks comes, and by itself now and then. */
function heldBack(
  writer: PodWriter,
  container: Container,
  last: ContainerStatus,
  { reason, message, isImage }: StartFault,
): ContainerStatus {
  const { now, requeueAt } = writer.context;
  const isTry = writer.isDue || last.state.waiting?.message !== message;
  if (isTry) {
    if (isImage) writer.event('InspectFailed', message, { type: 'Warning', container });
    else pullEvents(writer, container);
    writer.event('Failed', `Error: ${isImage ? reason : message}`, { type: 'Warning', container });
  }
  const since = now - milliseconds(writer.pod.status.startTime);
  const retry = since < CONFIG_RETRY_MS * TOLD_ONE_BY_ONE ? CONFIG_RETRY_MS : TOLD_AGAIN_MS;
  writer.wakeAt(isTry || requeueAt === undefined ? now + retry : requeueAt);
  return { ...last, state: { waiting: { reason, message } } };
}

function stopSidecars({ pod, initContainers, context }: PodWriter, init: ContainerStatus[]): void {
  for (const [i, container] of initContainers.entries()) {
    if (!init[i]?.state.running) continue;
    const { code } = endOf(pod, container, (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    init[i] = ended(init[i], code, context.now);
  }
}

function startEvents(writer: PodWriter, container: Container): void {
  pullEvents(writer, container);
  writer.event('Created', 'Container created', { container });
  writer.event('Started', 'Container started', { container });
}

function pullEvents(writer: PodWriter, container: Container): void {
  const { image } = container;
  if (container.imagePullPolicy === 'Always' || !hasImage(writer, image)) {
    const took = pullDuration(image);
    writer.event('Pulling', `Pulling image "${image}"`, { container });
    const pulled = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${imageSize(image)} bytes.`;
    writer.event('Pulled', pulled, { container });
  } else {
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
    writer.event('Pulled', message, { container });
  }
}

/** A container of this image has been started on the node before. */
function hasImage({ reader, node }: PodWriter, image: string): boolean {
  return podsOn(reader, node.metadata.name).some((pod) => {
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(
      (container: Container) => container.image === image && Boolean(byName(statuses, container.name)?.imageID),
    );
  });
}
