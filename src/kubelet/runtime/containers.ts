/**
 * A container's status and its next step: a pure function of the status that was written last, so the kubelet needs no memory.
 * Source: k8s.io/kubernetes/pkg/kubelet/kuberuntime and kubelet_pods.go.
 */
import type { Container, ResourceRequirements } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import type { Random } from '../../simulation/random.ts';
import type { Health } from '../probes/probe-checks.ts';
import { probesOf } from '../probes/probes.ts';
import { type Exit, exitOf, initExitOf } from '../programs/program.ts';
import type { AtOnce } from '../programs/program-end.ts';
import { canonicalImage, imageID } from './images.ts';
import type { User } from './users.ts';

/** CrashLoopBackOff: the first restart is at once, then 10 s, doubled up to five minutes, and forgotten after ten good ones. */
const BACKOFF_BASE_MS = 10_000;
export const BACKOFF_LIMIT_MS = 300_000;
const BACKOFF_RESET_MS = 600_000;

export interface Terminated {
  exitCode: number;
  reason: string;
  message?: string;
  startedAt: string;
  finishedAt: string;
  containerID: string;
}

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

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

export interface ContainerContext {
  now: number;
  /** The instant that the last look asked for this one at. */
  requeueAt?: number;
  random: Random;
  /** `namespace/name(uid)` as messages of the kubelet print a pod. */
  podText: string;
  /** The pod's, or the container's own where it has one. */
  restartPolicy: string;
  /** Whether a running container may be ready at all. */
  mayBeReady: boolean;
  /** Milliseconds after its start before which no probe is tried. */
  probeLag: number;
  isInit: boolean;
  user: User;
  health: Health;
  /** Its `postStart` hook is known to fail. */
  hookFails: boolean;
  /** How its program ends as soon as it is started, after so many restarts; undefined: it runs on. */
  endsAtOnce(restarts: number): AtOnce | undefined;
  /** How it ends when it is killed, with this many seconds of grace instead of the pod's if given. */
  killed(graceSeconds: number | undefined): Exit;
}

export interface ContainerEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

export interface Step {
  status: ContainerStatus;
  /** What is to be told of it, in order; `start`: that it was started, for the first time or again. */
  events: ('start' | ContainerEvent)[];
  /** When something will happen to it without being asked. */
  dueAt?: number | undefined;
}

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

/** Takes one container from its last status to the one that it has now; several steps in one where they take no time. */
export function advance(container: Container, last: ContainerStatus, context: ContainerContext): Step {
  const { now } = context;
  if (last.state.running) return run(container, last, context, false);
  if (!last.state.terminated && !last.lastState.terminated) return start(container, last, context);
  const before = last.state.terminated ?? last.lastState.terminated!;
  if (!restarts(context.restartPolicy, before.exitCode, context.isInit)) return { status: last, events: [] };
  const delay = backoffOf(last.restartCount, before);
  const due = milliseconds(before.finishedAt) + delay;
  if (now >= due) return start(container, last, context);
  if (last.state.waiting) return { status: last, events: [], dueAt: due };
  const message = `back-off ${duration(delay)} restarting failed container=${container.name} pod=${context.podText}`;
  return {
    status: {
      ...last,
      state: { waiting: { reason: 'CrashLoopBackOff', message } },
      lastState: { terminated: before },
      ready: false,
      started: false,
    },
    events: [
      {
        type: 'Warning',
        reason: 'BackOff',
        message: `Back-off restarting failed container ${container.name} in pod ${context.podText}`,
      },
    ],
    dueAt: due,
  };
}

/** What is left of it when it has ended at an instant. */
export const ended = (last: ContainerStatus, exitCode: number, at: number, message?: string): ContainerStatus => ({
  ...last,
  state: { terminated: terminatedState(last, exitCode, at, message) },
  ready: false,
  started: false,
});

function start(container: Container, last: ContainerStatus, context: ContainerContext): Step {
  const before = last.state.terminated ?? last.lastState.terminated;
  const running: ContainerStatus = {
    name: container.name,
    state: { running: { startedAt: timestamp(context.now) } },
    lastState: before ? { terminated: before } : {},
    ready: false,
    restartCount: before ? last.restartCount + 1 : 0,
    image: canonicalImage(container.image ?? ''),
    imageID: imageID(container.image ?? ''),
    containerID: `containerd://${hex64(context.random)}`,
    started: true,
    ...resourcesOf(container),
    ...mountsOf(container),
    user: { linux: context.user },
  };
  const step = run(container, running, context, true);
  return { ...step, events: ['start', ...step.events] };
}

function run(container: Container, status: ContainerStatus, context: ContainerContext, isNew: boolean): Step {
  const { now, requeueAt } = context;
  const startedAt = milliseconds(status.state.running?.startedAt);
  const serves = !context.isInit || isSidecar(container);
  // What its script does it does at its start: later its environment may be another.
  const atOnce = isNew ? context.endsAtOnce(status.restartCount) : undefined;
  const own = atOnce ? { code: atOnce.code, after: 0 } : serves ? exitOf(container) : initExitOf(container);
  const ownEnd = own && startedAt + own.after;
  const course = probesOf(container, context.health, startedAt, context.probeLag);
  // At which instants something is to be told is known from the start: of this look it is the one that it was asked for at.
  const instant = isNew
    ? Math.min(now, course.first ?? now)
    : requeueAt !== undefined && requeueAt <= now
      ? requeueAt
      : undefined;
  const events: Step['events'] = [];
  const kill: Kill | undefined = context.hookFails
    ? { at: startedAt, probe: undefined, grace: undefined }
    : course.kill;
  const isKilled = kill !== undefined && kill.at <= now && (ownEnd === undefined || kill.at < ownEnd);
  if (instant !== undefined) {
    if (isNew && context.hookFails)
      events.push({ type: 'Warning', reason: 'FailedPostStartHook', message: 'PostStartHook failed' });
    else for (const message of course.tell(instant)) events.push({ type: 'Warning', reason: 'Unhealthy', message });
    if (isKilled && (kill.at === instant || (isNew && context.hookFails)))
      events.push({ type: 'Normal', reason: 'Killing', message: killingMessage(container, kill.probe, context) });
  }
  const end = isKilled ? context.killed(kill.grace) : undefined;
  if (end && now >= kill!.at + end.after) {
    const last = ended(status, end.code, kill!.at + end.after);
    // One that was killed is started again at once, if its backoff lets it, and whatever it ended with.
    const mayRestart = context.restartPolicy !== 'Never' && backoffOf(last.restartCount, last.state.terminated!) === 0;
    if (!mayRestart) return { status: last, events, dueAt: now };
    const again = start(container, last, context);
    return { ...again, events: [...events, ...again.events] };
  }
  if (own && now >= ownEnd!) {
    const last = ended(status, own.code, ownEnd!, atOnce?.message);
    return { status: { ...last, ready: context.isInit && own.code === 0 }, events, dueAt: now };
  }
  const started = !context.hookFails && course.startedAt !== undefined && now >= course.startedAt;
  const ready = started && context.mayBeReady && course.isReady(now);
  const next = [ownEnd, course.startedAt, course.next(now), kill?.at, end && kill!.at + end.after].filter(
    (at): at is number => at !== undefined && at > now,
  );
  return { status: { ...status, started, ready }, events, dueAt: next.length > 0 ? Math.min(...next) : undefined };
}

interface Kill {
  at: number;
  /** Which one failed; undefined: the hook after its start. */
  probe: 'liveness' | 'startup' | undefined;
  grace: number | undefined;
}

/** Models pkg/kubelet/kuberuntime: computePodActions and kuberuntime_container.go. */
function killingMessage(
  { name }: Container,
  probe: Kill['probe'],
  { isInit, restartPolicy }: ContainerContext,
): string {
  if (!probe) return 'FailedPostStartHook';
  if (isInit) return `Init container ${name} failed ${probe} probe`;
  return `Container ${name} failed ${probe} probe${restartPolicy === 'Never' ? '' : ', will be restarted'}`;
}

const terminatedState = (status: ContainerStatus, exitCode: number, at: number, message?: string): Terminated => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  ...(message === undefined ? {} : { message }),
  startedAt: status.state.running?.startedAt ?? timestamp(at),
  finishedAt: timestamp(at),
  containerID: status.containerID ?? '',
});

const restarts = (policy: string, exitCode: number, isInit = false): boolean =>
  policy === 'OnFailure' || (isInit && policy !== 'Never') ? exitCode !== 0 : policy === 'Always';

/** Whether it has ended and is not to be started again. */
export const isOverFor = ({ state }: ContainerStatus, restartPolicy: string, isInit: boolean): boolean =>
  state.terminated !== undefined && !restarts(restartPolicy, state.terminated.exitCode, isInit);

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
