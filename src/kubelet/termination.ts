/**
 * How a pod ends on its node: its containers are asked to stop, those that go on are killed when the grace period is over, and the
 * object goes when all have ended. Models pkg/kubelet/kuberuntime (killContainersWithSyncResult) and pod_workers.go.
 */

import { isFinished } from '../controllers/pods.ts';
import type { Condition } from '../objects/conditions.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { milliseconds, timestamp } from '../objects/time.ts';
import type { ReconcileResult } from '../simulation/reconciler.ts';
import type { Phase } from './conditions.ts';
import { type KubeletPorts, runtimeOf } from './kubelet-ports.ts';
import { PodStop } from './pod-stop.ts';
import type { PodWriter, StatusText } from './pod-writer.ts';
import { type ContainerStatus, isSidecar } from './runtime/container-status.ts';
import type { Eviction, PodRuntime } from './runtime/pod-runtime.ts';
import { graceSecondsOf } from './runtime/stop.ts';

export const DEADLINE_MESSAGE = 'Pod was active on the node longer than the specified deadline';

/** The pod is to be deleted. */
export function terminate(writer: PodWriter, ports: KubeletPorts): ReconcileResult<KubeObject> {
  const { pod, context, pace } = writer;
  const runtime = runtimeOf(writer, ports);
  if (isFinished(pod) && runtime.stoppedAt === undefined) return letGo(writer);
  if (!pod.status?.startTime) return letGo(writer);
  const begun = pod.status.observedGeneration === pod.metadata.generation;
  runtime.deletionSeen ??= context.now;
  if (!begun && context.now < runtime.deletionSeen + pace.step) {
    writer.wakeAt(runtime.deletionSeen + pace.step);
    return writer.result();
  }
  const stop = new PodStop(writer, runtime, {
    begin: begun ? beginOf(pod) : context.now,
    graceSeconds: pod.metadata.deletionGracePeriodSeconds ?? 0,
    isTold: !begun,
  });
  if (!stop.isOver) {
    writer.writeFacts({ ...asBefore(writer), phase: (pod.status?.phase ?? 'Pending') as Phase });
    writer.wakeAt(stop.dueAt!);
    return writer.result();
  }
  const init = stop.applied(writer.initStatuses);
  const ephemeral = stop.applied(writer.ephemeralStatuses);
  const containers = stop.applied(writer.statuses);
  const phase = isFailure(containers) ? 'Failed' : 'Succeeded';
  const neverBegan = containers.some((c) => c.state.waiting && !c.lastState.terminated);
  const reached: Phase = neverBegan ? 'Pending' : phase;
  const facts = { reached, init, containers, ephemeral, podIP: pod.status.podIP };
  if (pace.cleanup === 0) {
    writer.writeFacts({ ...facts, phase });
    return letGo(writer);
  }
  // What it has come to is seen, and then that it is over, before the object goes.
  runtime.stoppedAt ??= context.now;
  const isEarly = neverBegan && init.length > 0 && context.now < runtime.stoppedAt + pace.step;
  writer.writeFacts({ ...facts, phase: isEarly ? ((pod.status.phase ?? 'Pending') as Phase) : phase, isOver: true });
  const due = runtime.stoppedAt + pace.cleanup;
  if (context.now >= due) return letGo(writer);
  writer.wakeAt(isEarly ? runtime.stoppedAt + pace.step : due);
  return writer.result();
}

const isFailure = (containers: ContainerStatus[]): boolean =>
  containers.some((c) => (c.state.terminated?.exitCode ?? 137) !== 0);

const beginOf = ({ metadata }: Pod): number =>
  milliseconds(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;

const asBefore = (writer: PodWriter) => ({
  init: writer.initStatuses,
  containers: writer.statuses,
  podIP: writer.pod.status?.podIP as string | undefined,
});

/** With a grace period of 0 the kubelet has let go before: what keeps the object is a finalizer. */
function letGo(writer: PodWriter): ReconcileResult<KubeObject> {
  const { metadata } = writer.pod;
  if (metadata.deletionGracePeriodSeconds !== 0) {
    writer.write({
      verb: 'delete',
      resource: 'pods',
      namespace: metadata.namespace as string,
      name: metadata.name,
      uid: metadata.uid as string,
      gracePeriodSeconds: 0,
    });
  }
  return writer.finished();
}

/** It has been active for too long: it is stopped as if it were deleted, and stays. */
export function expire(writer: PodWriter, ports: KubeletPorts): ReconcileResult<KubeObject> {
  return stopInPlace(writer, ports, {
    begun: () => writer.event('DeadlineExceeded', DEADLINE_MESSAGE),
    why: () => ({ phase: 'Failed', reason: 'DeadlineExceeded', message: DEADLINE_MESSAGE }),
  });
}

/** Stops a pod that has to go. */
export function evict(
  writer: PodWriter,
  ports: KubeletPorts,
  { reason, message, condition }: Eviction,
): ReconcileResult<KubeObject> {
  return stopInPlace(writer, ports, {
    why: (failed) => (failed ? { phase: 'Failed', reason, message } : { phase: 'Succeeded' }),
    condition,
  });
}

interface InPlace {
  /** What else is told when it begins. */
  begun?(): void;
  why(failed: boolean): { phase: 'Failed' | 'Succeeded' } & StatusText;
  condition?: Eviction['condition'];
}

const disruptionOf = (
  { pod, context }: PodWriter,
  { reason, message }: { reason: string; message: string },
): Condition => ({
  type: 'DisruptionTarget',
  observedGeneration: pod.metadata.generation ?? 1,
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: timestamp(context.now),
  reason,
  message,
});

/** Stops all containers, with the pod's own grace period; the object stays. */
function stopInPlace(
  writer: PodWriter,
  ports: KubeletPorts,
  { begun, why, condition }: InPlace,
): ReconcileResult<KubeObject> {
  const { pod, context } = writer;
  const stop = new PodStop(writer, runtimeOf(writer, ports), {
    begin: context.now,
    graceSeconds: graceSecondsOf(pod),
    isTold: true,
  });
  if (stop.isNew || stop.isOver) begun?.();
  if (!stop.isOver) {
    writer.wakeAt(stop.dueAt!);
    return writer.result();
  }
  const init = stop.applied(writer.initStatuses);
  const ephemeral = stop.applied(writer.ephemeralStatuses);
  const containers = stop.applied(writer.statuses);
  const { phase, ...text } = why(isFailure(containers));
  const disruption = condition && disruptionOf(writer, condition);
  writer.writeFacts({ phase, init, containers, ephemeral, podIP: pod.status?.podIP, disruption }, text);
  return writer.finished();
}

/** The pod's own containers are over: its sidecars are stopped, and `init` says so. @returns whether they have ended. */
export function stopSidecars(writer: PodWriter, runtime: PodRuntime, init: ContainerStatus[]): boolean {
  const running = writer.initContainers.filter((container, i) => isSidecar(container) && init[i]?.state.running);
  if (running.length === 0) return true;
  const stop = new PodStop(writer, runtime, {
    begin: writer.context.now,
    graceSeconds: graceSecondsOf(writer.pod),
    isTold: true,
    among: running,
  });
  for (const [i, status] of stop.applied(init).entries())
    if (running.some(({ name }) => name === status.name)) init[i] = status;
  if (!stop.isOver) writer.wakeAt(stop.dueAt!);
  return stop.isOver;
}
