/**
 * How a pod ends on its node: its containers are asked to stop, those that go on are killed when the grace period is over, and the
 * object goes when all have ended. Models pkg/kubelet/kuberuntime (killContainersWithSyncResult) and pod_workers.go.
 */

import { isFinished } from '../controllers/pods.ts';
import type { Condition } from '../objects/conditions.ts';
import type { Container, Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { milliseconds } from '../objects/time.ts';
import type { ReconcileResult } from '../simulation/reconciler.ts';
import { byName, type Phase } from './conditions.ts';
import {
  type PodWriter,
  PREEMPTING,
  PREEMPTING_MESSAGE,
  type StatusText,
  TERMINATED_BY_KUBELET,
} from './pod-writer.ts';
import { type Exit, hookOf, type Surroundings, stopOf } from './programs/program.ts';
import { type ContainerStatus, ended, isSidecar } from './runtime/containers.ts';

/** What a container is given at the least when its hook has used its grace period up. */
export const LEAST_GRACE_MS = 2000;

export const DEADLINE_MESSAGE = 'Pod was active on the node longer than the specified deadline';

export const surroundingsOf = (pod: Pod, container: Container): Surroundings => ({
  serves: (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always') === 'Always',
  sharesProcesses: Boolean(pod.spec.shareProcessNamespace || pod.spec.hostPID),
});

/** A container's end with its `preStop` hook before it, counted from when it is to stop. */
export function endOf(pod: Pod, container: Container, grace: number): Exit {
  const around = surroundingsOf(pod, container);
  const hook = grace > 0 ? Math.min(grace, hookOf(container.lifecycle?.preStop).takes) : 0;
  if (hook === 0) return stopOf(container, around, grace);
  const stop = stopOf(container, around, Math.max(LEAST_GRACE_MS, grace - hook));
  return { code: stop.code, after: hook + stop.after };
}

/** The ends of the containers that run, by name: sidecars stop after the others, the last first. */
function endsOf(writer: PodWriter, grace: number): Map<string, Exit> {
  const { pod, containers, statuses, initContainers, initStatuses } = writer;
  const ends = new Map<string, Exit>();
  const runs = ({ name }: Container): boolean =>
    Boolean((byName(statuses, name) ?? byName(initStatuses, name))?.state.running);
  let last = 0;
  for (const container of [...containers, ...initContainers.filter((c) => !isSidecar(c))].filter(runs)) {
    const end = endOf(pod, container, grace);
    ends.set(container.name, end);
    last = Math.max(last, end.after);
  }
  for (const container of initContainers.filter(isSidecar).filter(runs).reverse()) {
    const left = grace === 0 ? 0 : Math.max(LEAST_GRACE_MS, grace - last);
    const end = endOf(pod, container, left);
    last += end.after;
    ends.set(container.name, { code: end.code, after: last });
  }
  return ends;
}

const lastOf = (ends: Map<string, Exit>): number => Math.max(0, ...[...ends.values()].map((end) => end.after));

function sayStopping(writer: PodWriter, ends: Map<string, Exit>): void {
  for (const container of [...writer.initContainers, ...writer.containers]) {
    if (!ends.has(container.name)) continue;
    writer.event('Killing', `Stopping container ${container.name}`, { container });
    if (hookOf(container.lifecycle?.preStop).fails)
      writer.event('FailedPreStopHook', 'PreStopHook failed', { type: 'Warning', container });
  }
}

/** The statuses when all containers have ended, having been asked to at `begin`. */
const endedAll = (statuses: ContainerStatus[], ends: Map<string, Exit>, begin: number): ContainerStatus[] =>
  statuses.map((status) => {
    const end = ends.get(status.name);
    if (end && status.state.running) return ended(status, end.code, begin + end.after);
    return status.state.terminated ? status : { ...status, ready: false, started: false };
  });

/** The pod is to be deleted. */
export function terminate(writer: PodWriter): ReconcileResult<KubeObject> {
  const { pod, context } = writer;
  const grace = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  if (isFinished(pod) || !pod.status?.startTime) return letGo(writer);
  const ends = endsOf(writer, grace);
  const begun = pod.status.observedGeneration === pod.metadata.generation;
  if (!begun) sayStopping(writer, ends);
  const takes = lastOf(ends);
  // A second, shorter deletion does not hurry the stop that is under way.
  const due = begun ? (context.requeueAt ?? beginOf(pod) + takes) : context.now + takes;
  if (context.now < due) {
    writer.writeFacts({ ...asBefore(writer), phase: (pod.status?.phase ?? 'Pending') as Phase });
    writer.wakeAt(due);
    return writer.result();
  }
  const init = endedAll(writer.initStatuses, ends, due - takes);
  const containers = endedAll(writer.statuses, ends, due - takes);
  const failed = containers.some((c) => (c.state.terminated?.exitCode ?? 137) !== 0);
  const phase = failed ? 'Failed' : 'Succeeded';
  const reached = containers.some((c) => c.state.waiting) ? 'Pending' : phase;
  writer.writeFacts({ phase, reached, init, containers, podIP: pod.status.podIP });
  return letGo(writer);
}

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

/** It has been active for too long, since `deadline`: it is stopped as if it were deleted, and stays. */
export function expire(writer: PodWriter, deadline: number): ReconcileResult<KubeObject> {
  return stopInPlace(writer, deadline, {
    begun: () => writer.event('DeadlineExceeded', DEADLINE_MESSAGE),
    why: () => ({ phase: 'Failed', reason: 'DeadlineExceeded', message: DEADLINE_MESSAGE }),
  });
}

const preemption = ({ status }: Pod): Condition | undefined =>
  (status?.conditions as Condition[] | undefined)?.find(
    (c) => c.type === 'DisruptionTarget' && c.reason === TERMINATED_BY_KUBELET,
  );

/** Whether it makes room for a critical pod. */
export const isPreempted = (pod: Pod): boolean => preemption(pod) !== undefined;

/** Stops a pod that makes room. */
export function yieldRoom(writer: PodWriter): ReconcileResult<KubeObject> {
  return stopInPlace(writer, milliseconds(preemption(writer.pod)!.lastTransitionTime), {
    why: (failed) =>
      failed ? { phase: 'Failed', reason: PREEMPTING, message: PREEMPTING_MESSAGE } : { phase: 'Succeeded' },
  });
}

interface Stop {
  /** What else is told when it begins. */
  begun?(): void;
  why(failed: boolean): { phase: 'Failed' | 'Succeeded' } & StatusText;
}

/** Stops all containers from the instant `begin` on, with the pod's own grace period; the object stays. */
function stopInPlace(writer: PodWriter, begin: number, { begun, why }: Stop): ReconcileResult<KubeObject> {
  const { pod, context } = writer;
  const ends = endsOf(writer, (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
  const due = begin + lastOf(ends);
  if (context.requeueAt !== due || due === begin) {
    begun?.();
    sayStopping(writer, ends);
  }
  if (context.now < due) {
    writer.wakeAt(due);
    return writer.result();
  }
  const init = endedAll(writer.initStatuses, ends, begin);
  const containers = endedAll(writer.statuses, ends, begin);
  const { phase, ...text } = why(containers.some((c) => (c.state.terminated?.exitCode ?? 137) !== 0));
  writer.writeFacts({ phase, init, containers, podIP: pod.status?.podIP }, text);
  return writer.finished();
}
