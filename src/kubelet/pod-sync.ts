/** A pod's way to its end by itself: volumes, network, init containers one after the other, then its own. */

import { attachmentFault, podCalls } from '../network/attachment/pod-calls.ts';
import { addNetwork } from '../network/cni.ts';
import type { Condition } from '../objects/conditions.ts';
import type { Container, Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { milliseconds } from '../objects/time.ts';
import type { BehaviourOf } from '../resources/core/pod/behaviour.ts';
import { podsOn } from '../resources/core/pod/places.ts';
import type { ReconcileResult } from '../simulation/reconciler.ts';
import { admitted } from './admission/rejection.ts';
import { resize } from './admission/resize.ts';
import { allInitialized, byName, type Phase, phaseOf } from './conditions.ts';
import type { PodWriter } from './pod-writer.ts';
import { healthOf, hookFails } from './probes/probe-checks.ts';
import { endAtOnce } from './programs/program-end.ts';
import { heldBack, pullFault, startEvents, startFault } from './runtime/container-start.ts';
import { advance, type ContainerStatus, ended, isOverFor, isSidecar, waitingStatus } from './runtime/containers.ts';
import { dnsFaults } from './runtime/dns.ts';
import { Surround } from './runtime/environment.ts';
import { failedPull } from './runtime/image-pull.ts';
import { networkState } from './runtime/network-state.ts';
import { userOf } from './runtime/users.ts';
import { mountFaults, nextMountTry } from './runtime/volumes.ts';
import { endOf, expire, isPreempted, yieldRoom } from './termination.ts';

/** At a realistic pace: until the sandbox stands, until it has its address, and until the pod is over when its containers are. */
const SANDBOX_MS = 1000;
const ADDRESS_MS = 500;
const OVER_MS = 1500;
/** And until its probes are first tried. */
const PROBE_LAG_MS = 1000;

/** Every container as far as it goes at this instant. */
export function run(writer: PodWriter, behaviourOf: BehaviourOf, clusterDNS: string): ReconcileResult<KubeObject> {
  const { pod, node, reader, context } = writer;
  if (isPreempted(pod)) return yieldRoom(writer);
  const deadline = deadlineOf(pod);
  if (deadline !== undefined && context.now >= deadline) return expire(writer, deadline);
  if (deadline !== undefined) writer.wakeAt(deadline);
  if (!pod.status?.podIP && !mountVolumes(writer)) return writer.result();
  const isPaced = behaviourOf(pod, writer.containers[0]!).pace === 'realistic';
  if (isPaced && !pod.status?.podIP && !makeSandbox(writer)) return writer.result();
  if (!pod.status?.podIP)
    for (const fault of dnsFaults(pod, clusterDNS)) writer.event('DNSConfigForming', fault, { type: 'Warning' });
  const podIP: string | undefined = pod.status?.podIP ?? attach(writer);
  if (!podIP) {
    writer.event('FailedCreatePodSandBox', refusal(writer), { type: 'Warning' });
    return writer.result('no address left');
  }
  const around = new Surround({ reader, pod, node, podIP, hostIP: writer.hostIP });
  const init: ContainerStatus[] = [...writer.initStatuses];
  for (const [i, container] of writer.initContainers.entries()) {
    init[i] = step(writer, container, init[i] ?? waitingStatus(container, 'PodInitializing'), around, behaviourOf);
    if (!(isSidecar(container) ? init[i].started : init[i].ready)) break;
  }
  let containers: ContainerStatus[] = writer.containers.map(
    (container) => byName(writer.statuses, container.name) ?? waitingStatus(container, 'ContainerCreating'),
  );
  if (allInitialized(pod, init))
    containers = writer.containers.map((container, i) => step(writer, container, containers[i]!, around, behaviourOf));
  const phase = phaseOf(pod, init, containers);
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  if (isOver) stopSidecars(writer, init);
  if (isOver && isPaced && !wasDone(writer)) {
    writer.writeFacts({ phase: (pod.status?.phase ?? 'Pending') as Phase, reached: phase, init, containers, podIP });
    return writer.resultAt(wereDone(writer) ? context.requeueAt! : context.now + OVER_MS);
  }
  const neighbours = (): Pod[] =>
    admitted(podsOn(reader, node.metadata.name)).filter((other) => other.metadata.uid !== pod.metadata.uid);
  const resized = resize(writer, containers, neighbours);
  writer.writeFacts({ phase, init, containers: resized.statuses, podIP, resize: resized.conditions });
  return isOver ? writer.finished() : writer.result();
}

/** At a realistic pace a pod is shown with its sandbox before it has an address. Whether that is past. */
function makeSandbox(writer: PodWriter): boolean {
  const { pod, context, initStatuses, statuses } = writer;
  const { now, requeueAt } = context;
  const conditions: Condition[] = pod.status?.conditions ?? [];
  if (conditions.some((c) => c.type === 'PodReadyToStartContainers' && c.status === 'True')) {
    if (requeueAt === undefined || now >= requeueAt) return true;
    writer.wakeAt(requeueAt);
    return false;
  }
  const due = milliseconds(pod.status?.startTime) + SANDBOX_MS;
  if (now < due) writer.wakeAt(due);
  else {
    writer.writeFacts({
      phase: 'Pending',
      init: initStatuses,
      containers: statuses,
      podIP: undefined,
      hasSandbox: true,
    });
    writer.wakeAt(now + ADDRESS_MS);
  }
  return false;
}

/** Whether its containers were known to have ended before this look. */
function wereDone({ statuses, initStatuses }: PodWriter): boolean {
  return (
    statuses.every((s) => s.state.terminated !== undefined) ||
    initStatuses.some((s) => (s.state.terminated?.exitCode ?? 0) !== 0)
  );
}

/** Whether that was some time ago: then the pod is over. */
const wasDone = (writer: PodWriter): boolean => wereDone(writer) && writer.isDue;

/** When the pod's own deadline ends it; undefined: never. */
const deadlineOf = ({ spec, status }: Pod): number | undefined =>
  spec.activeDeadlineSeconds == null ? undefined : milliseconds(status?.startTime) + spec.activeDeadlineSeconds * 1000;

/** Whether all volumes are there; if not, it is said at each of the tries, and the pod waits for the next. */
function mountVolumes(writer: PodWriter): boolean {
  const faults = mountFaults(writer.reader, writer.pod);
  if (faults.length === 0) return true;
  if (writer.isDue) for (const { message } of faults) writer.event('FailedMount', message, { type: 'Warning' });
  writer.wakeAt(nextMountTry(milliseconds(writer.pod.status?.startTime), writer.context.now));
  return false;
}

/** The call that is refused, made in full. */
function refusal({ pod, node, reader }: PodWriter): string {
  const fault = attachmentFault(podCalls(pod, node, podsOn(reader, node.metadata.name)));
  return `Failed to create pod sandbox: ${fault ?? 'the node has no range for pods'}`;
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
  around: Surround,
  behaviourOf: BehaviourOf,
): ContainerStatus {
  const { pod, context, podText } = writer;
  const { podIP } = around;
  const isInit = writer.initContainers.includes(container);
  const restartPolicy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (!last.state.running && !isOverFor(last, restartPolicy, isInit)) {
    const problem = pullFault(container);
    if (problem !== undefined) return failedPull(writer, container, last, problem);
    const fault = startFault(around, container);
    if (fault) return heldBack(writer, container, last, fault);
  }
  const behaviour = behaviourOf(pod, container);
  const result = advance(container, last, {
    ...context,
    podText,
    restartPolicy,
    mayBeReady: behaviour.ready !== false,
    probeLag: behaviour.pace === 'realistic' ? PROBE_LAG_MS : 0,
    isInit,
    user: userOf(pod, container),
    health: healthOf(pod, container, podIP, behaviour),
    hookFails: hookFails(container.lifecycle?.postStart, { pod, container, podIP }),
    endsAtOnce: (restarts) => endAtOnce(around, container, restarts),
    killed: (grace) => endOf(pod, container, (grace ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000),
  });
  for (const event of result.events) {
    if (event === 'start') startEvents(writer, container);
    else writer.event(event.reason, event.message, { type: event.type, container });
  }
  if (result.dueAt !== undefined) writer.wakeAt(result.dueAt);
  return result.status;
}

function stopSidecars({ pod, initContainers, context }: PodWriter, init: ContainerStatus[]): void {
  for (const [i, container] of initContainers.entries()) {
    if (!init[i]?.state.running) continue;
    const { code } = endOf(pod, container, (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    init[i] = ended(init[i], code, context.now);
  }
}
