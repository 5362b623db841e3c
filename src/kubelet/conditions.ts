/** A pod's phase and conditions, from its containers' statuses. Source: pkg/kubelet/status/generate.go and kubelet_pods.go. */

import { type Condition, withCondition } from '../objects/conditions.ts';
import type { Container, Pod } from '../objects/generated/core-v1.gen.ts';
import { timestamp } from '../objects/time.ts';
import { type ContainerStatus, isSidecar } from './runtime/container-status.ts';
import { mayRestart } from './runtime/restart-policy.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** What tells of a resize. */
export const RESIZE_CONDITIONS = ['PodResizePending', 'PodResizeInProgress'];

const isInitialized = (container: Container, status: ContainerStatus | undefined): boolean =>
  isSidecar(container) ? Boolean(status?.started) : Boolean(status?.ready);

export function allInitialized(pod: Pod, statuses: ContainerStatus[]): boolean {
  const init: Container[] = pod.spec.initContainers ?? [];
  return init.every((container) => isInitialized(container, byName(statuses, container.name)));
}

export const byName = <Status extends { name: string }>(statuses: Status[], name: string): Status | undefined =>
  statuses.find((status) => status.name === name);

/** Models pkg/kubelet/kubelet_pods.go (getPhase). */
export function phaseOf(pod: Pod, init: ContainerStatus[], containers: ContainerStatus[]): Phase {
  const ordinary: Container[] = (pod.spec.initContainers ?? []).filter((c: Container) => !isSidecar(c));
  const codeOf = (status: ContainerStatus | undefined): number | undefined => status?.state.terminated?.exitCode;
  const isLost = (container: Container): boolean => {
    const code = codeOf(byName(init, container.name));
    return code !== undefined && code !== 0 && !mayRestart(pod, container, code, true);
  };
  if (ordinary.some(isLost)) return 'Failed';
  if (!allInitialized(pod, init)) return 'Pending';
  if (containers.some((c) => c.state.waiting && !c.lastState.terminated)) return 'Pending';
  const ends = pod.spec.containers.map((container: Container) => {
    const code = codeOf(byName(containers, container.name));
    return { code, isOver: code !== undefined && !mayRestart(pod, container, code, false) };
  });
  if (ends.some(({ isOver }) => !isOver)) return 'Running';
  return ends.every(({ code }) => code === 0) ? 'Succeeded' : 'Failed';
}

interface Facts {
  phase: Phase;
  init: ContainerStatus[];
  containers: ContainerStatus[];
  /** Its network namespace is set up and has its address. */
  hasSandbox: boolean;
  /** Whether it is over: of a pod that is being stopped that does not follow from the phase. */
  isOver: boolean;
  /** Conditions that tell of a resize, if they are to be set anew. */
  resize?: Condition[] | undefined;
  /** Why it has to go. */
  disruption?: Condition | undefined;
  now: number;
}

export function conditionsOf(pod: Pod, facts: Facts): Condition[] {
  const at = timestamp(facts.now);
  const made = (type: string, fault?: Fault | undefined, reason?: string): Condition => ({
    type,
    observedGeneration: pod.metadata.generation ?? 1,
    status: fault ? 'False' : 'True',
    lastProbeTime: null,
    lastTransitionTime: at,
    ...(fault ? { reason: fault.reason, ...(fault.message ? { message: fault.message } : {}) } : {}),
    ...(reason ? { reason } : {}),
  });
  const notReady = containersFault(pod, facts);
  const fresh = [
    made('PodReadyToStartContainers', sandboxFault(facts)),
    made('Initialized', initFault(pod, facts), facts.phase === 'Succeeded' ? 'PodCompleted' : undefined),
    made('Ready', notReady ?? gatesFault(pod)),
    made('ContainersReady', notReady),
    made('PodScheduled'),
  ];
  const known: Condition[] = pod.status?.conditions ?? [];
  const isFresh = ({ type }: Condition): boolean => fresh.some((c) => c.type === type);
  // Those of others stand first, as the real kubelet merges them.
  return [
    ...(facts.disruption ? [facts.disruption] : []),
    ...known.filter(
      (c) => !isFresh(c) && c.type !== facts.disruption?.type && !(facts.resize && RESIZE_CONDITIONS.includes(c.type)),
    ),
    ...(facts.resize ?? []),
    ...fresh.map((condition) => {
      const before = known.find((c) => c.type === condition.type);
      return before ? withCondition([before], condition)[0]! : condition;
    }),
  ];
}

interface Fault {
  reason: string;
  message?: string;
}

function sandboxFault(facts: Facts): Fault | undefined {
  if (facts.isOver) {
    return { reason: 'PodSandboxNotReady', message: 'pod sandbox is not ready' };
  }
  return facts.hasSandbox ? undefined : { reason: 'PodSandboxNotReady', message: 'no pod sandbox exists' };
}

function containersFault(pod: Pod, facts: Facts): Fault | undefined {
  if (facts.phase === 'Succeeded') return { reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { reason: 'PodFailed' };
  const sidecars = ((pod.spec.initContainers ?? []) as Container[]).filter(isSidecar);
  const names = [
    ...sidecars.filter((c) => !byName(facts.init, c.name)?.ready),
    ...pod.spec.containers.filter((c) => !byName(facts.containers, c.name)?.ready),
  ].map((c) => c.name);
  if (names.length === 0) return undefined;
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` };
}

function initFault(pod: Pod, facts: Facts): Fault | undefined {
  if (facts.phase === 'Succeeded' || facts.containers.some((c) => c.state.running || c.state.terminated))
    return undefined;
  const incomplete = ((pod.spec.initContainers ?? []) as Container[]).filter(
    (c) => !isInitialized(c, byName(facts.init, c.name)),
  );
  if (incomplete.length === 0) return undefined;
  const names = incomplete.map((c) => c.name).join(' ');
  return { reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${names}]` };
}

function gatesFault(pod: Pod): Fault | undefined {
  const messages: string[] = [];
  for (const { conditionType } of (pod.spec.readinessGates ?? []) as { conditionType: string }[]) {
    const condition = (pod.status?.conditions as Condition[] | undefined)?.find((c) => c.type === conditionType);
    if (!condition) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== 'True') {
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
    }
  }
  return messages.length > 0 ? { reason: 'ReadinessGatesNotReady', message: messages.join(', ') } : undefined;
}
