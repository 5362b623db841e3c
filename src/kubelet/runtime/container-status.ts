/** A container's status as the kubelet writes it, in each of the states that it goes through. Models pkg/kubelet/kubelet_pods.go. */
import type { Container, ResourceRequirements } from '../../objects/generated/core-v1.gen.ts';
import { timestamp } from '../../objects/time.ts';
import type { Random } from '../../simulation/random.ts';
import { canonicalImage, imageID } from './images.ts';
import type { User } from './users.ts';

export interface Terminated {
  exitCode: number;
  reason: string;
  message?: string;
  startedAt: string;
  finishedAt: string;
  containerID: string;
}

export interface ContainerStatus {
  name: string;
  state: {
    waiting?: { reason: string; message?: string };
    running?: { startedAt: string };
    terminated?: Terminated;
  };
  lastState: { terminated?: Terminated };
  ready: boolean;
  restartCount: number;
  image: string;
  imageID: string;
  containerID?: string;
  started?: boolean;
  allocatedResources?: Record<string, string> | undefined;
  resources?: ResourceRequirements;
  [field: string]: unknown;
}

/** How a program ended. */
export interface End {
  exitCode: number;
  /** Milliseconds since 1970. */
  at: number;
  message?: string | undefined;
  /** It, or one of its children, was ended for lack of memory. */
  isOutOfMemory?: boolean | undefined;
}

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

export const waitingStatus = (container: Container, reason: string): ContainerStatus => ({
  name: container.name,
  state: { waiting: { reason } },
  lastState: {},
  ready: false,
  restartCount: 0,
  image: container.image ?? '',
  imageID: '',
  started: false,
  ...mountsOf(container),
});

/** How often it has been started before the next time. */
export const attemptAfter = (last: ContainerStatus): number =>
  last.state.terminated || last.lastState.terminated ? last.restartCount + 1 : 0;

/** It has just been made and started. */
export function runningStatus(
  container: Container,
  last: ContainerStatus,
  { now, random, user }: { now: number; random: Random; user: User },
): ContainerStatus {
  const before = last.state.terminated ?? last.lastState.terminated;
  return {
    name: container.name,
    state: { running: { startedAt: timestamp(now) } },
    lastState: before ? { terminated: before } : {},
    ready: false,
    restartCount: attemptAfter(last),
    image: canonicalImage(container.image ?? ''),
    imageID: imageID(container.image ?? ''),
    containerID: `containerd://${hex64(random)}`,
    started: true,
    ...resourcesOf(container),
    ...mountsOf(container),
    user: { linux: user },
  };
}

/** What is left of it when it has ended. */
export const ended = (last: ContainerStatus, end: End): ContainerStatus => ({
  ...last,
  state: { terminated: terminatedState(last, end) },
  ready: false,
  started: false,
});

const terminatedState = (status: ContainerStatus, { exitCode, at, message, isOutOfMemory }: End): Terminated => ({
  exitCode,
  reason: isOutOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error',
  ...(message ? { message } : {}),
  startedAt: status.state.running?.startedAt ?? timestamp(at),
  finishedAt: timestamp(at),
  containerID: status.containerID ?? '',
});

/** When what never ran is said to have begun. */
const NEVER = '1970-01-01T00:00:00Z';

/** It was made and could not be started; `running`: its status had it been. */
export function unstarted(
  running: ContainerStatus,
  { message, exitCode }: { message: string; exitCode: number },
  now: number,
  mayRestart: boolean,
): ContainerStatus {
  const terminated: Terminated = {
    exitCode,
    reason: 'StartError',
    message,
    startedAt: NEVER,
    finishedAt: timestamp(now),
    containerID: running.containerID ?? '',
  };
  const state = mayRestart ? { waiting: { reason: 'RunContainerError', message } } : { terminated };
  return { ...running, state, lastState: mayRestart ? { terminated } : running.lastState, started: false };
}

function hex64(random: Random): string {
  let hex = '';
  for (let i = 0; i < 8; i++) hex += random.integer(0x1_0000_0000).toString(16).padStart(8, '0');
  return hex;
}

function resourcesOf(container: Container): Record<string, unknown> {
  const { requests, limits } = container.resources ?? {};
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  };
}

function mountsOf(container: Container): Record<string, unknown> {
  if (!container.volumeMounts?.length) return {};
  return {
    volumeMounts: container.volumeMounts.map((mount) => ({
      name: mount.name,
      mountPath: mount.mountPath,
      ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}
