/**
 * A container's status and its next step: a pure function of the status that was written last, so the kubelet needs no memory.
 * Source: k8s.io/kubernetes/pkg/kubelet/kuberuntime and kubelet_pods.go.
 */
import { milliseconds, timestamp } from '../controllers/time.ts';
import type { Random } from '../simulation/random.ts';
import { canonicalImage, imageID } from './images.ts';
import { type Container, type Exit, exitOf, initExitOf, stopCode } from './program.ts';
import type { User } from './users.ts';

/** CrashLoopBackOff: the first restart is at once, then 10 s, doubled up to five minutes, and forgotten after ten good ones. */
const BACKOFF_BASE_MS = 10_000;
const BACKOFF_LIMIT_MS = 300_000;
const BACKOFF_RESET_MS = 600_000;

export interface Terminated {
  exitCode: number;
  reason: string;
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
  [field: string]: unknown;
}

export interface ContainerContext {
  now: number;
  random: Random;
  /** `namespace/name(uid)` as messages of the kubelet print a pod. */
  podText: string;
  /** The pod's, or the container's own where it has one. */
  restartPolicy: string;
  /** Whether a running container may be ready at all. */
  mayBeReady: boolean;
  isInit: boolean;
  user: User;
}

export interface Step {
  status: ContainerStatus;
  /** It was started in this step, for the first time or again. */
  started?: boolean;
  /** It is held back by its backoff, and wasn't before. */
  backedOff?: boolean;
  /** When something will happen to it without being asked. */
  dueAt?: number | undefined;
}

export const waitingStatus = (container: Container, reason: string): ContainerStatus => ({
  name: container.name,
  state: { waiting: { reason } },
  lastState: {},
  ready: false,
  restartCount: 0,
  image: container.image,
  imageID: '',
  started: false,
  ...resourcesOf(container),
  ...mountsOf(container),
});

/** Takes one container from its last status to the one that it has now; several steps in one where they take no time. */
export function advance(container: Container, last: ContainerStatus, context: ContainerContext): Step {
  const { now } = context;
  if (last.state.running) return run(container, last, context);
  if (!last.state.terminated && !last.lastState.terminated) return start(container, last, context);
  const ended = last.state.terminated ?? last.lastState.terminated!;
  if (!restarts(context.restartPolicy, ended.exitCode, context.isInit)) return { status: last };
  const delay = backoffOf(last.restartCount, ended);
  const due = milliseconds(ended.finishedAt) + delay;
  if (now >= due) return start(container, last, context);
  if (last.state.waiting) return { status: last, dueAt: due };
  const message = `back-off ${duration(delay)} restarting failed container=${container.name} pod=${context.podText}`;
  return {
    status: {
      ...last,
      state: { waiting: { reason: 'CrashLoopBackOff', message } },
      lastState: { terminated: ended },
      ready: false,
      started: false,
    },
    backedOff: true,
    dueAt: due,
  };
}

/** What is left of it when the pod is stopped. */
export function stop(container: Container, last: ContainerStatus, now: number): ContainerStatus {
  if (last.state.terminated) return last;
  if (!last.state.running) return { ...last, ready: false };
  const exitCode = stopCode(container);
  return { ...last, state: { terminated: terminatedState(last, exitCode, now) }, ready: false, started: false };
}

function start(container: Container, last: ContainerStatus, context: ContainerContext): Step {
  const ended = last.state.terminated ?? last.lastState.terminated;
  const running: ContainerStatus = {
    name: container.name,
    state: { running: { startedAt: timestamp(context.now) } },
    lastState: ended ? { terminated: ended } : {},
    ready: false,
    restartCount: ended ? last.restartCount + 1 : 0,
    image: canonicalImage(container.image),
    imageID: imageID(container.image),
    containerID: `containerd://${hex64(context.random)}`,
    started: true,
    ...resourcesOf(container),
    ...mountsOf(container),
    user: { linux: context.user },
  };
  return { ...run(container, running, context), started: true };
}

function run(container: Container, status: ContainerStatus, context: ContainerContext): Step {
  const { now } = context;
  const startedAt = milliseconds(status.state.running?.startedAt);
  const exit: Exit | undefined =
    context.isInit && context.restartPolicy !== 'Always' ? initExitOf(container) : exitOf(container);
  if (exit && now >= startedAt + exit.after) {
    const terminated = terminatedState(status, exit.code, startedAt + exit.after);
    const succeededInit = context.isInit && exit.code === 0;
    const ended: ContainerStatus = { ...status, state: { terminated }, ready: succeededInit, started: false };
    return { status: ended, dueAt: now };
  }
  const startup = startedAt + (container.startupProbe?.initialDelaySeconds ?? 0) * 1000;
  const readyAt = Math.max(startup, startedAt + (container.readinessProbe?.initialDelaySeconds ?? 0) * 1000);
  const started = now >= startup;
  const ready = started && context.mayBeReady && now >= readyAt;
  const next = [exit && startedAt + exit.after, startup, readyAt].filter(
    (at): at is number => at !== undefined && at > now,
  );
  return { status: { ...status, started, ready }, dueAt: next.length > 0 ? Math.min(...next) : undefined };
}

const terminatedState = (status: ContainerStatus, exitCode: number, at: number): Terminated => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  startedAt: status.state.running?.startedAt ?? timestamp(at),
  finishedAt: timestamp(at),
  containerID: status.containerID ?? '',
});

const restarts = (policy: string, exitCode: number, isInit = false): boolean =>
  policy === 'OnFailure' || (isInit && policy !== 'Never') ? exitCode !== 0 : policy === 'Always';

function backoffOf(restartCount: number, ended: Terminated): number {
  if (restartCount === 0) return 0;
  if (milliseconds(ended.finishedAt) - milliseconds(ended.startedAt) >= BACKOFF_RESET_MS) return 0;
  return Math.min(BACKOFF_LIMIT_MS, BACKOFF_BASE_MS * 2 ** (restartCount - 1));
}

/** As Go prints one: `10s`, `1m20s`, `5m0s`. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
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
