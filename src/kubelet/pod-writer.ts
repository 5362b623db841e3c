/** One pod on its node during one sync: what is known of it, and what the kubelet writes about it. */

import { recordEvent } from '../controllers/events.ts';
import type { Condition } from '../objects/conditions.ts';
import { sameData } from '../objects/equality.ts';
import type { Container, Node, Pod, PodStatus } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';
import type { ReconcileContext, ReconcileResult, Write } from '../simulation/reconciler.ts';
import { podResources } from './admission/pod-resources.ts';
import { conditionsOf, type Phase } from './conditions.ts';
import type { Pace } from './pace.ts';
import type { ContainerStatus } from './runtime/container-status.ts';

export interface StatusText {
  reason?: string;
  message?: string;
}

export interface PodFacts {
  phase: Phase;
  init: ContainerStatus[];
  containers: ContainerStatus[];
  /** Of containers that were added to look into it; as they were unless said. */
  ephemeral?: ContainerStatus[];
  /** Undefined while it has no network. */
  podIP: string | undefined;
  /** Its sandbox stands though it has no address yet. */
  hasSandbox?: boolean;
  /** What its conditions go by, if that is not the phase: of a pod that was stopped before it could begin. */
  reached?: Phase;
  /** Its sandbox is gone, though its phase does not say so yet. */
  isOver?: boolean;
  /** Conditions that tell of a resize, if they are to be set anew. */
  resize?: Condition[];
  /** Why it has to go. */
  disruption?: Condition | undefined;
}

export class PodWriter {
  readonly reader: View;
  readonly pod: Pod;
  readonly node: Node;
  readonly context: ReconcileContext;
  readonly pace: Pace;
  private readonly writes: Write<KubeObject>[] = [];
  private dueAt: number | undefined;

  constructor(from: Pick<PodWriter, 'reader' | 'pod' | 'node' | 'context' | 'pace'>) {
    this.reader = from.reader;
    this.pod = from.pod;
    this.node = from.node;
    this.context = from.context;
    this.pace = from.pace;
  }

  get initContainers(): Container[] {
    return this.pod.spec.initContainers ?? [];
  }

  get containers(): Container[] {
    return this.pod.spec.containers;
  }

  /** Added while it runs, to look into it: they are started once. */
  get ephemeralContainers(): Container[] {
    return (this.pod.spec.ephemeralContainers ?? []) as Container[];
  }

  get ephemeralStatuses(): ContainerStatus[] {
    return (this.pod.status?.ephemeralContainerStatuses ?? []) as ContainerStatus[];
  }

  /** The kubelet itself has written them. */
  get initStatuses(): ContainerStatus[] {
    return (this.pod.status?.initContainerStatuses ?? []) as ContainerStatus[];
  }

  get statuses(): ContainerStatus[] {
    return (this.pod.status?.containerStatuses ?? []) as ContainerStatus[];
  }

  /** As messages of the kubelet print a pod. */
  get podText(): string {
    const { name, namespace, uid } = this.pod.metadata;
    return `${name}_${namespace}(${uid})`;
  }

  get hostIP(): string {
    const addresses: { type: string; address: string }[] = this.node.status?.addresses ?? [];
    return addresses.find((address) => address.type === 'InternalIP')?.address ?? '';
  }

  /** Whether this sync is at the instant that the last one asked for, or later: a try is due, rather than news. */
  get isDue(): boolean {
    const { now, requeueAt } = this.context;
    return requeueAt === undefined || now >= requeueAt;
  }

  wakeAt(at: number): void {
    this.dueAt = Math.min(this.dueAt ?? at, at);
  }

  /** Whatever else was due: next at this instant. */
  resultAt(at: number): ReconcileResult<KubeObject> {
    return { writes: this.writes, requeueAt: at };
  }

  result(error?: string): ReconcileResult<KubeObject> {
    const { writes, dueAt } = this;
    return { writes, ...(dueAt === undefined ? {} : { requeueAt: dueAt }), ...(error === undefined ? {} : { error }) };
  }

  /** It is over: nothing more is due. */
  finished(): ReconcileResult<KubeObject> {
    return { writes: this.writes };
  }

  write(write: Write<KubeObject>): void {
    this.writes.push(write);
  }

  writeFacts(
    {
      phase,
      init,
      containers,
      ephemeral = this.ephemeralStatuses,
      podIP,
      hasSandbox,
      reached = phase,
      resize,
      disruption,
      isOver,
    }: PodFacts,
    why: StatusText = {},
  ): void {
    const { now } = this.context;
    const old = this.pod.status ?? {};
    this.writeStatus({
      ...old,
      observedGeneration: this.pod.metadata.generation ?? 1,
      phase,
      ...why,
      conditions: conditionsOf(this.pod, {
        phase: reached,
        isOver: isOver ?? (phase === 'Succeeded' || phase === 'Failed'),
        init,
        containers,
        hasSandbox: hasSandbox ?? podIP !== undefined,
        resize,
        disruption,
        now,
      }),
      hostIP: this.hostIP,
      hostIPs: [{ ip: this.hostIP }],
      ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
      startTime: old.startTime ?? timestamp(now),
      ...(init.length > 0 ? { initContainerStatuses: init } : {}),
      containerStatuses: containers.toSorted(({ name: a }, { name: b }) => (a < b ? -1 : 1)),
      ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
      ...(old.qosClass === undefined ? {} : { qosClass: old.qosClass }),
      ...podResources(this.pod, [...containers, ...init]),
    });
  }

  #partOf(container: Container): string {
    if (this.initContainers.includes(container)) return 'initContainers';
    return this.ephemeralContainers.includes(container) ? 'ephemeralContainers' : 'containers';
  }

  /** Nothing is written that is written already. */
  writeStatus(status: PodStatus): void {
    if (sameData(status, this.pod.status ?? {})) return;
    this.writes.push({ verb: 'update', subresource: 'status', object: { ...this.pod, status } });
  }

  event(reason: string, message: string, options: { type?: 'Normal' | 'Warning'; container?: Container } = {}): void {
    const { container, type } = options;
    const part = container && this.#partOf(container);
    const source = { component: 'kubelet', host: this.node.metadata.name };
    const text = {
      reason,
      message,
      ...(type ? { type } : {}),
      ...(container ? { fieldPath: `spec.${part}{${container.name}}` } : {}),
    };
    this.writes.push(recordEvent(this.reader, this.pod, source, text, this.context.now));
  }
}
