/**
 * A running pod's containers get what its spec has come to say: first it is allocated, then in effect; what the node has no room for
 * waits. Models pkg/kubelet/allocation and events/resize.go.
 */

import type { Condition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Container, Pod } from '../../objects/generated/core-v1.gen.ts';
import { timestamp } from '../../objects/time.ts';
import { byName, RESIZE_CONDITIONS } from '../conditions.ts';
import type { PodWriter } from '../pod-writer.ts';
import type { ContainerStatus } from '../runtime/container-status.ts';
import { rejection } from './rejection.ts';

/** Between two tries to allocate what there was no room for, if no news comes before. */
const DEFERRED_RETRY_MS = 180_000;

interface Resized {
  statuses: ContainerStatus[];
  /** Conditions of the pod that take the place of those before. */
  conditions: Condition[];
}

/** `neighbours`: the other pods that the node has taken, looked up only when they are needed. */
export function resize(writer: PodWriter, statuses: ContainerStatus[], neighbours: () => Pod[]): Resized {
  const { pod, context } = writer;
  const known: Condition[] = (pod.status?.conditions ?? []).filter((c: Condition) =>
    RESIZE_CONDITIONS.includes(c.type),
  );
  const { containers, initContainers } = writer;
  if (known.length === 0 && !containers.some((c) => differs(c, byName(statuses, c.name))))
    return { statuses, conditions: [] };
  const generation: number = pod.metadata.generation ?? 1;
  const summary = (of: Container[]): object[] => of.map(({ name, resources = {} }) => ({ name, resources }));
  const describe = (of: unknown, more: object = {}): string =>
    JSON.stringify({
      ...(initContainers.length > 0 ? { initContainers: summary(initContainers) } : {}),
      containers: summary(containers),
      generation: of,
      ...more,
    });
  const inProgress = known.find((c) => c.type === 'PodResizeInProgress');
  if (inProgress && !containers.some((c) => isUnallocated(c, byName(statuses, c.name)))) {
    writer.event('ResizeCompleted', `Pod resize completed: ${describe(inProgress.observedGeneration)}`);
    return { statuses: each(statuses, containers, effective), conditions: [] };
  }
  if (!containers.some((c) => differs(c, byName(statuses, c.name)))) return { statuses, conditions: [] };
  const condition = (type: string, more: object): Condition => ({
    type,
    observedGeneration: generation,
    status: 'True',
    lastProbeTime: timestamp(context.now),
    lastTransitionTime: known.find((c) => c.type === type)?.lastTransitionTime ?? timestamp(context.now),
    ...more,
  });
  const fault = rejection(pod, writer.node, neighbours());
  if (!fault) {
    writer.event('ResizeStarted', `Pod resize started: ${describe(generation)}`);
    writer.wakeAt(context.now);
    return { statuses: each(statuses, containers, allocated), conditions: [condition('PodResizeInProgress', {})] };
  }
  writer.wakeAt(context.now + DEFERRED_RETRY_MS);
  const pending = known.find((c) => c.type === 'PodResizePending');
  if (pending?.observedGeneration === generation) return { statuses, conditions: known };
  const { message } = fault;
  const text = `Pod resize Deferred: ${describe(generation, { error: message })}`;
  writer.event('ResizeDeferred', text, { type: 'Warning' });
  return { statuses, conditions: [condition('PodResizePending', { reason: 'Deferred', message })] };
}

const isUnallocated = ({ resources }: Container, status: ContainerStatus | undefined): boolean =>
  Boolean(status?.state.running) && !sameData(resources?.requests, status!.allocatedResources);

const differs = (container: Container, status: ContainerStatus | undefined): boolean =>
  Boolean(status?.state.running) &&
  (isUnallocated(container, status) || !sameData(container.resources, status!.resources));

const allocated = ({ resources }: Container, status: ContainerStatus): ContainerStatus => ({
  ...status,
  allocatedResources: resources?.requests,
});

const effective = ({ resources }: Container, status: ContainerStatus): ContainerStatus => ({
  ...status,
  resources: {
    ...(resources?.limits ? { limits: resources.limits } : {}),
    ...(resources?.requests ? { requests: resources.requests } : {}),
  },
});

const each = (
  statuses: ContainerStatus[],
  containers: Container[],
  change: (container: Container, status: ContainerStatus) => ContainerStatus,
): ContainerStatus[] =>
  statuses.map((status) => {
    const container = containers.find(({ name }) => name === status.name);
    return container && status.state.running ? change(container, status) : status;
  });
