/** A pod's first moments on its node: it is taken, refused, or waits until room has been made for it. */

import { recordEvent } from '../../controllers/events.ts';
import { controllerOf } from '../../controllers/owners.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { podsOn } from '../../resources/core/pod/places.ts';
import type { ReconcileResult } from '../../simulation/reconciler.ts';
import { type KubeletPorts, runtimeOf } from '../kubelet-ports.ts';
import type { PodWriter } from '../pod-writer.ts';
import { waitingStatus } from '../runtime/container-status.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { victimsFor } from './preemption.ts';
import { admitted, type Rejection, rejection } from './rejection.ts';

/** How long after its creation a controller's pod is refused that is not the first one. */
const REFUSAL_BASE_MS = 1000;
export const REFUSAL_LIMIT_MS = 300_000;

/** Between two looks whether the pods that make room have gone. */
const ROOM_RETRY_MS = 500;

/** First sight: the node takes the pod or doesn't, and nothing of it runs yet. */
export function admit(writer: PodWriter, ports: KubeletPorts): ReconcileResult<KubeObject> {
  const { pod, node, reader, context } = writer;
  const others = admitted(podsOn(reader, node.metadata.name));
  const refused = makeRoom(writer, ports, others, rejection(pod, node, others));
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
  const podIP = pod.spec.hostNetwork ? writer.hostIP : undefined;
  writer.writeFacts({ phase: 'Pending', init, containers, podIP, hasSandbox: false });
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
  ports: KubeletPorts,
  others: Pod[],
  refused: Rejection | undefined,
): Rejection | 'wait' | undefined {
  const { pod, node } = writer;
  if (!refused?.lack) return refused;
  const staying = others.filter((other) => !runtimeOfOther(writer, ports, other).eviction);
  const { lack } = rejection(pod, node, staying) ?? {};
  if (lack) {
    const victims = victimsFor(pod, staying, lack);
    if (typeof victims === 'string') {
      const message = `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: ${victims}`;
      return { reason: 'UnexpectedAdmissionError', message };
    }
    for (const victim of victims) preempt(writer, ports, victim);
  }
  writer.wakeAt(writer.context.now + ROOM_RETRY_MS);
  return 'wait';
}

const PREEMPTING = 'Preempting';
const PREEMPTING_MESSAGE = 'Preempted in order to admit critical pod';

/** Another pod of the node is to make room: it is told, and stopped by its own syncs. */
function preempt(writer: PodWriter, ports: KubeletPorts, victim: Pod): void {
  const { reader, node, context } = writer;
  const source = { component: 'kubelet', host: node.metadata.name };
  const text = { type: 'Warning' as const, reason: PREEMPTING, message: PREEMPTING_MESSAGE };
  writer.write(recordEvent(reader, victim, source, text, context.now));
  runtimeOfOther(writer, ports, victim).eviction = {
    reason: PREEMPTING,
    message: PREEMPTING_MESSAGE,
    condition: {
      reason: 'TerminationByKubelet',
      message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
    },
  };
  ports.runtime.wake(victim.metadata.namespace ?? '', victim.metadata.name);
}

const runtimeOfOther = ({ reader, node, hostIP }: PodWriter, ports: KubeletPorts, pod: Pod): PodRuntime =>
  runtimeOf({ reader, pod, node, hostIP }, ports);
