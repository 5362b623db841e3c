/** A pod's way to its end by itself: volumes, network, init containers one after the other, then its own. */

import { addNetwork } from '../network/attachment/node-addresses.ts';
import { attachmentFault, podCalls } from '../network/attachment/pod-calls.ts';
import type { Condition } from '../objects/conditions.ts';
import type { Container, Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { milliseconds } from '../objects/time.ts';
import { podsOn } from '../resources/core/pod/places.ts';
import type { ReconcileResult } from '../simulation/reconciler.ts';
import { admitted } from './admission/rejection.ts';
import { resize } from './admission/resize.ts';
import { allInitialized, byName, type Phase, phaseOf } from './conditions.ts';
import { earliest } from './earliest.ts';
import { type KubeletPorts, runtimeOf } from './kubelet-ports.ts';
import type { PodWriter } from './pod-writer.ts';
import { ContainerRuntime } from './runtime/container-runtime.ts';
import { heldBack, makeEvents, pullFault, startEvents, startFault } from './runtime/container-start.ts';
import { type ContainerStatus, isSidecar, waitingStatus } from './runtime/container-status.ts';
import { advance } from './runtime/containers.ts';
import { dnsFaults } from './runtime/dns.ts';
import { hold, release } from './runtime/holds.ts';
import { failedPull } from './runtime/image-pull.ts';
import { networkState } from './runtime/network-state.ts';
import type { PodRuntime } from './runtime/pod-runtime.ts';
import { isOverFor, mayRestart, policyOf } from './runtime/restart-policy.ts';
import type { Surround } from './runtime/surround.ts';
import { userOf } from './runtime/users.ts';
import { mountFaults, nextMountTry } from './runtime/volumes.ts';
import { evict, expire, stopSidecars } from './termination.ts';

/** Every container as far as it goes at this instant. */
export function run(writer: PodWriter, ports: KubeletPorts): ReconcileResult<KubeObject> {
  const { pod, context, pace } = writer;
  const { eviction } = runtimeOf(writer, ports);
  if (eviction) return evict(writer, ports, eviction);
  const deadline = deadlineOf(pod);
  if (deadline !== undefined && context.now >= deadline) return expire(writer, ports);
  if (deadline !== undefined) writer.wakeAt(deadline);
  const isUp = hasNetwork(writer);
  if (!isUp && !mountVolumes(writer)) return writer.result();
  if (pace.sandbox > 0 && !isUp && !makeSandbox(writer)) return writer.result();
  if (!isUp)
    for (const fault of dnsFaults(pod, ports.clusterDNS)) writer.event('DNSConfigForming', fault, { type: 'Warning' });
  const podIP: string | undefined = pod.status?.podIP ?? attach(writer);
  if (!podIP) {
    writer.event('FailedCreatePodSandBox', refusal(writer), { type: 'Warning' });
    return writer.result('no address left');
  }
  const sync = new Sync(writer, ports, podIP);
  const { init, containers } = sync.containers();
  const ephemeral = sync.ephemeral();
  sync.watch();
  const phase = phaseOf(pod, init, containers);
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  if (isOver && !stopSidecars(writer, sync.runtime, init)) {
    writer.writeFacts({
      phase: (pod.status?.phase ?? 'Pending') as Phase,
      reached: phase,
      init,
      containers,
      ephemeral,
      podIP,
    });
    return writer.result();
  }
  if (isOver && pace.over > 0 && !wasDone(writer)) {
    writer.writeFacts({
      phase: (pod.status?.phase ?? 'Pending') as Phase,
      reached: phase,
      init,
      containers,
      ephemeral,
      podIP,
    });
    return writer.resultAt(wereDone(writer) ? context.requeueAt! : context.now + pace.over);
  }
  const neighbours = (): Pod[] =>
    admitted(podsOn(writer.reader, writer.node.metadata.name)).filter(
      (other) => other.metadata.uid !== pod.metadata.uid,
    );
  const resized = resize(writer, containers, neighbours);
  for (const [i, status] of resized.statuses.entries())
    if (status.resources !== containers[i]!.resources) sync.runtime.limit(status.name, context.now);
  writer.writeFacts({ phase, init, containers: resized.statuses, ephemeral, podIP, resize: resized.conditions });
  return isOver ? writer.finished() : writer.result();
}

/** Its sandbox has its address. On its node's network a pod has one from the start, so only what has begun tells. */
const hasNetwork = ({ pod, statuses, initStatuses }: PodWriter): boolean =>
  pod.spec.hostNetwork
    ? [...initStatuses, ...statuses].some(({ containerID, state }) => containerID ?? state.waiting?.message)
    : pod.status?.podIP !== undefined;

/** At a pace at which there is a between, a pod is shown with its sandbox before it has an address. Whether that is past. */
function makeSandbox(writer: PodWriter): boolean {
  const { pod, context, initStatuses, statuses, pace } = writer;
  const { now, requeueAt } = context;
  const conditions: Condition[] = pod.status?.conditions ?? [];
  if (conditions.some((c) => c.type === 'PodReadyToStartContainers' && c.status === 'True')) {
    if (requeueAt === undefined || now >= requeueAt) return true;
    writer.wakeAt(requeueAt);
    return false;
  }
  const due = milliseconds(pod.status?.startTime) + pace.sandbox;
  if (now < due) writer.wakeAt(due);
  else {
    writer.writeFacts({
      phase: 'Pending',
      init: initStatuses,
      containers: statuses,
      podIP: pod.spec.hostNetwork ? writer.hostIP : undefined,
      hasSandbox: true,
    });
    writer.wakeAt(now + pace.address);
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

/** One look at all containers of a pod. */
class Sync {
  readonly runtime: PodRuntime;
  readonly #writer: PodWriter;
  readonly #ports: KubeletPorts;
  readonly #around: Surround;
  /** Containers that run on, by name. */
  readonly #running = new Map<string, ContainerRuntime>();

  constructor(writer: PodWriter, ports: KubeletPorts, podIP: string) {
    this.#writer = writer;
    this.#ports = ports;
    this.runtime = runtimeOf(writer, ports, podIP);
    this.#around = this.runtime.around;
  }

  containers(): { init: ContainerStatus[]; containers: ContainerStatus[] } {
    const { pod, initContainers, initStatuses, statuses, pace } = this.#writer;
    const init: ContainerStatus[] = [...initStatuses];
    let hasMoved = false;
    for (const [i, container] of initContainers.entries()) {
      const last = init[i] ?? waitingStatus(container, 'PodInitializing');
      init[i] = this.#step(container, last);
      // What has come of it is shown before anything follows from it.
      hasMoved = pace.step > 0 && stateOf(last) !== stateOf(init[i]);
      if (hasMoved || !(isSidecar(container) ? init[i].started : init[i].ready)) break;
    }
    let containers: ContainerStatus[] = this.#writer.containers.map(
      (container) => byName(statuses, container.name) ?? waitingStatus(container, 'ContainerCreating'),
    );
    if (hasMoved) this.#writer.wakeAt(this.#writer.context.now + pace.step);
    else if (allInitialized(pod, init)) containers = this.#started(containers);
    return { init, containers };
  }

  /** What was added to look into the pod: started once, whatever else of it waits. */
  ephemeral(): ContainerStatus[] {
    const { ephemeralContainers, ephemeralStatuses } = this.#writer;
    return ephemeralContainers.map((container) => {
      const last = byName(ephemeralStatuses, container.name) ?? waitingStatus(container, 'ContainerCreating');
      const { started: _, ...status } = this.#step(container, last);
      return { ...status, ready: false };
    });
  }

  /** What runs on is looked at again when its machine or its probes want it: what is started in it changes what it says. */
  watch(): void {
    const { now } = this.#writer.context;
    const change = this.runtime.updateVolumes(now, this.#writer.pace);
    if (change !== undefined) this.#writer.wakeAt(change);
    for (const runtime of this.#running.values()) {
      const due = earliest(runtime.due(now), runtime.probeDue());
      if (due !== undefined) this.#writer.wakeAt(due);
    }
  }

  /** All of them as far as they go; those that have just been started are looked at when all have been. */
  #started(before: ContainerStatus[]): ContainerStatus[] {
    const { containers } = this.#writer;
    const after = containers.map((container, i) => this.#step(container, before[i]!));
    return containers.map((container, i) => {
      const status = after[i]!;
      const isNew = status.state.running && stateOf(status) !== stateOf(before[i]!);
      return isNew && hasProbes(container) && this.#writer.pace.step === 0 ? this.#step(container, status) : status;
    });
  }

  /** Its status while something keeps it from being started. */
  #held(container: Container, last: ContainerStatus): ContainerStatus | undefined {
    const writer = this.#writer;
    const { holds } = this.runtime;
    const pull = pullFault(container);
    const fault = pull === undefined ? startFault(this.#around, container) : undefined;
    if (writer.pace.step === 0) {
      if (pull !== undefined) return failedPull(writer, container, last, pull);
      return fault && heldBack(writer, container, last, fault);
    }
    if (pull !== undefined) return hold(writer, holds, container, last, { pull });
    return fault ? hold(writer, holds, container, last, { fault }) : release(writer, holds, container, last);
  }

  #step(container: Container, last: ContainerStatus): ContainerStatus {
    const writer = this.#writer;
    const { pod, context, podText, pace } = writer;
    const isInit = writer.initContainers.includes(container);
    if (!last.state.running && !isOverFor(pod, container, last, isInit)) {
      const held = this.#held(container, last);
      if (held) return held;
    }
    const conduct = this.#ports.behaviourOf(pod, container);
    const runtime = new ContainerRuntime(this.runtime, container, pace, conduct.ready);
    const result = advance(container, last, {
      ...context,
      isDue: writer.isDue,
      pace,
      podText,
      mayRestart: (exitCode) => mayRestart(pod, container, exitCode, isInit),
      neverRestarts: policyOf(pod, container) === 'Never',
      mayBeReady: conduct.ready !== false,
      isInit,
      isSidecar: isInit && isSidecar(container),
      user: userOf(pod, container),
      runtime,
    });
    if (pace.step > 0 && stateOf(last) !== stateOf(result.status)) runtime.trigger(context.now + pace.step);
    for (const event of result.events) {
      if (event === 'create') makeEvents(writer, container);
      else if (event === 'start') startEvents(writer, container);
      else writer.event(event.reason, event.message, { type: event.type, container });
    }
    if (result.dueAt !== undefined) writer.wakeAt(result.dueAt);
    if (result.runsOn) this.#running.set(container.name, runtime);
    else this.#running.delete(container.name);
    return result.status;
  }
}

const stateOf = ({ state, restartCount, started }: ContainerStatus): string =>
  `${Object.keys(state)[0]} ${restartCount} ${started}`;

const hasProbes = ({ readinessProbe, livenessProbe, startupProbe }: Container): boolean =>
  Boolean(readinessProbe ?? livenessProbe ?? startupProbe);
