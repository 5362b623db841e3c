/**
 * A container's next step, from the status that was written last and from what runs of it. Models pkg/kubelet/kuberuntime
 * (computePodActions, startContainer) and kubelet_pods.go.
 */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import type { Random } from '../../simulation/random.ts';
import type { Pace } from '../pace.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { attemptAfter, type ContainerStatus, type End, ended, runningStatus, unstarted } from './container-status.ts';
import { canonicalImage } from './images.ts';
import { backOffOf, duration } from './restart-policy.ts';
import type { User } from './users.ts';

export interface ContainerContext {
  now: number;
  /** The instant that the last look asked for this one at. */
  requeueAt?: number | undefined;
  /** Whether this look is one that was asked for, rather than brought by news. */
  isDue: boolean;
  random: Random;
  pace: Pace;
  /** `namespace/name(uid)` as messages of the kubelet print a pod. */
  podText: string;
  /** Whether it is started again after it has ended so. */
  mayRestart(exitCode: number): boolean;
  /** Whether it is never started again, however it ends. */
  neverRestarts: boolean;
  /** Whether a running container may be ready at all. */
  mayBeReady: boolean;
  isInit: boolean;
  isSidecar: boolean;
  user: User;
  runtime: ContainerRuntime;
}

export interface ContainerEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

export interface Step {
  status: ContainerStatus;
  /** What is to be told of it, in order; `create`: that it was made, with its image; `start`: that it was started. */
  events: ('create' | 'start' | ContainerEvent)[];
  /** When something will happen to it without being asked. */
  dueAt?: number | undefined;
  /** It runs on: when it ends, or is to be probed, is asked when all of the pod has been looked at. */
  runsOn?: true;
}

/** After a container could not be started for the first time, until it is tried again. */
const START_RETRY_MS = 1000;

/** Takes one container from its last status to the one that it has now; several steps in one where they take no time. */
export function advance(container: Container, last: ContainerStatus, context: ContainerContext): Step {
  const { now, pace, requeueAt, isDue } = context;
  if (last.state.running) return run(container, last, context);
  const before = last.state.terminated ?? last.lastState.terminated;
  if (!before) return start(container, last, context);
  if (!context.mayRestart(before.exitCode) && !last.state.waiting) return { status: last, events: [] };
  const delay = backOffOf(last.restartCount, before);
  const due = milliseconds(before.finishedAt) + delay + (delay > 0 ? pace.backOff : 0);
  const failedAt = milliseconds(before.finishedAt);
  const isShown = last.state.waiting?.reason === 'CrashLoopBackOff';
  // What was seen in one sync is acted upon in the next.
  if (pace.step > 0 && !isDue) return { status: last, events: [], dueAt: requeueAt };
  if (now < due) {
    // What could not be started is found to be backing off by the sync after.
    if (pace.step > 0 && last.state.waiting?.reason === 'RunContainerError' && now < failedAt + 2 * START_RETRY_MS)
      return { status: last, events: [backOffEvent(container, context)], dueAt: due };
    if (isShown || pace.step > 0) return { status: last, events: [], dueAt: due };
    return {
      status: backingOff(container, last, delay, context),
      events: [backOffEvent(container, context)],
      dueAt: due,
    };
  }
  if (delay > 0 && pace.step > 0 && !isShown)
    return { status: backingOff(container, last, delay, context), events: [], dueAt: now + pace.again };
  return start(container, last, context);
}

function backingOff(
  { name }: Container,
  last: ContainerStatus,
  delay: number,
  { podText }: ContainerContext,
): ContainerStatus {
  const message = `back-off ${duration(delay)} restarting failed container=${name} pod=${podText}`;
  const terminated = last.state.terminated ?? last.lastState.terminated;
  return {
    ...last,
    state: { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: terminated ? { terminated } : {},
    ready: false,
    started: false,
  };
}

const backOffEvent = ({ name }: Container, { podText }: ContainerContext): ContainerEvent => ({
  type: 'Warning',
  reason: 'BackOff',
  message: `Back-off restarting failed container ${name} in pod ${podText}`,
});

function start(container: Container, last: ContainerStatus, context: ContainerContext): Step {
  const { now, runtime } = context;
  const attempt = attemptAfter(last);
  const isNew = !runtime.isUnderWay(attempt);
  const fault = runtime.start({ attempt, at: now, followsStarted: last.started === true });
  const status = runningStatus(container, last, context);
  if (fault) return notStarted(last, status, fault, context);
  const events: Step['events'] = isNew ? ['create', 'start'] : [];
  const hook = runtime.postStart(now);
  // The kubelet waits for the hook before it looks at anything else of the pod.
  if (hook === 'waits') return { status: last, events, dueAt: runtime.hookDue(now) };
  if (hook) return hookFailed(container, { last, status, events, message: hook }, context);
  // What else the pod starts in this sync is there when its probes first look.
  const step = context.isInit ? run(container, status, context) : begun(container, status, context);
  return { ...step, events: [...events, ...step.events] };
}

/** It has just been started: nothing looks at it yet but for its end. */
function begun(container: Container, status: ContainerStatus, context: ContainerContext): Step {
  const { now, pace, runtime } = context;
  const end = runtime.end(now);
  if (end && now >= end.at + pace.look) return over(container, status, end, context);
  const step = { status: upTo(status, context), events: [] };
  return end ? { ...step, dueAt: end.at + pace.look } : { ...step, runsOn: true };
}

function notStarted(
  last: ContainerStatus,
  status: ContainerStatus,
  fault: { message: string; exitCode: number },
  context: ContainerContext,
): Step {
  const { now, pace } = context;
  const mayRestart = context.mayRestart(fault.exitCode);
  const failed = unstarted({ ...status, lastState: last.lastState }, fault, now, mayRestart);
  const events: Step['events'] = ['create', { type: 'Warning', reason: 'Failed', message: `Error: ${fault.message}` }];
  if (!mayRestart) return { status: failed, events, dueAt: now };
  return { status: failed, events, dueAt: now + (pace.step > 0 ? START_RETRY_MS : 0) };
}

interface FailedStart {
  /** Its status before, and that which it has now. */
  last: ContainerStatus;
  status: ContainerStatus;
  events: Step['events'];
  /** What is told of the hook. */
  message: string;
}

/** It is stopped by the sync that has started it, which tells nothing of it before it has ended. */
function hookFailed(
  container: Container,
  { last, status, events, message }: FailedStart,
  context: ContainerContext,
): Step {
  const { now, pace, runtime } = context;
  const told = [...events];
  if (!runtime.isStopping) {
    told.push({ type: 'Warning', reason: 'FailedPostStartHook', message: 'PostStartHook failed' });
    told.push({ type: 'Normal', reason: 'Killing', message: 'FailedPostStartHook' });
    runtime.beginStop(now, undefined);
  }
  const stop = stopped(context);
  told.push(...stop.events);
  const seenAt = stop.end && stop.end.at + pace.look + pace.step;
  if (!stop.end || now < seenAt!) return { status: last, events: told, dueAt: seenAt ?? runtime.stopDue(now) };
  const done = ended(status, stop.end);
  const { terminated } = done.state;
  if (!context.mayRestart(stop.end.exitCode)) return { status: done, events: told, dueAt: now };
  const failed = {
    ...done,
    state: { waiting: { reason: 'PostStartHookError', message } },
    lastState: { terminated: terminated! },
  };
  if (pace.step === 0) return { status: failed, events: told, dueAt: now };
  return {
    status: failed,
    events: [...told, ...restartsLater(container, done, context)],
    dueAt: restartDue(done, context),
  };
}

/** Goes on with its stop. */
function stopped({ now, runtime }: ContainerContext): { events: ContainerEvent[]; end: End | undefined } {
  const failed = runtime.stepStop(now, true);
  const event: ContainerEvent = { type: 'Warning', reason: 'FailedPreStopHook', message: 'PreStopHook failed' };
  return { events: failed ? [event] : [], end: runtime.end(now) };
}

function run(container: Container, status: ContainerStatus, context: ContainerContext): Step {
  const { now, pace, runtime } = context;
  runtime.resume(status);
  if (runtime.isStopping) return stopping(container, status, context);
  const end = runtime.end(now);
  if (end && now < end.at + pace.look) return { status: upTo(status, context), events: [], dueAt: end.at + pace.look };
  if (end) return over(container, status, end, context);
  if (isOtherImage(container, status)) {
    const message = `Container ${container.name} definition changed, will be restarted`;
    return killing(container, status, [], { type: 'Normal', reason: 'Killing', message }, undefined, context);
  }
  const { told, kill } = runtime.probe(now);
  const events: Step['events'] = told.map((message) => ({ type: 'Warning', reason: 'Unhealthy', message }));
  if (kill) {
    const message = killingMessage(container, kill.kind, context);
    return killing(container, status, events, { type: 'Normal', reason: 'Killing', message }, kill.grace, context);
  }
  return { status: upTo(status, context), events, runsOn: true };
}

/** Its image is all of a container that may be changed while it runs, but for what is resized. */
const isOtherImage = ({ image = '' }: Container, status: ContainerStatus): boolean =>
  canonicalImage(image) !== status.image;

/** It is told to stop, and why; `grace` in seconds, if not the pod's. */
function killing(
  container: Container,
  status: ContainerStatus,
  events: Step['events'],
  why: ContainerEvent,
  grace: number | undefined,
  context: ContainerContext,
): Step {
  context.runtime.beginStop(context.now, grace);
  const step = stopping(container, status, context);
  return { ...step, events: [...events, why, ...step.events] };
}

const upTo = (
  status: ContainerStatus,
  { runtime, mayBeReady, isInit, isSidecar }: ContainerContext,
): ContainerStatus => ({
  ...status,
  started: runtime.isStarted,
  ready: (!isInit || isSidecar) && mayBeReady && runtime.isReady,
});

/** It has ended by itself. */
function over(container: Container, status: ContainerStatus, end: End, context: ContainerContext): Step {
  const { now, pace, isInit, isSidecar } = context;
  const last = ended(status, end);
  const done = { ...last, ready: isInit && !isSidecar && end.exitCode === 0 };
  if (pace.step === 0) return { status: done, events: [], dueAt: now };
  return { status: done, events: restartsLater(container, done, context), dueAt: restartDue(done, context) };
}

function restartsLater(
  container: Container,
  { restartCount, state }: ContainerStatus,
  context: ContainerContext,
): ContainerEvent[] {
  const { terminated } = state;
  const waits = context.mayRestart(terminated!.exitCode) && backOffOf(restartCount, terminated!) > 0;
  return waits ? [backOffEvent(container, context)] : [];
}

function restartDue({ restartCount, state }: ContainerStatus, context: ContainerContext): number {
  const delay = backOffOf(restartCount, state.terminated!);
  const { now, pace } = context;
  if (delay === 0 || !context.mayRestart(state.terminated!.exitCode)) return now + pace.step;
  return milliseconds(state.terminated!.finishedAt) + delay + pace.backOff;
}

/** It has been told to stop, and is started again when it has. */
function stopping(container: Container, status: ContainerStatus, context: ContainerContext): Step {
  const { now, pace, runtime } = context;
  const { events, end } = stopped(context);
  if (!end) return { status, events, dueAt: runtime.stopDue(now) };
  const seenAt = runtime.seenAt(end);
  if (now < seenAt) return { status, events, dueAt: seenAt };
  const last = ended(status, end);
  // One that was killed is started again at once, if the back-off since its last end lets it, and whatever it ended with.
  if (!context.neverRestarts && now >= mayStartAt(status)) {
    const again = start(container, { ...last, started: status.started ?? false }, context);
    return { ...again, events: [...events, ...again.events] };
  }
  if (pace.step === 0) return { status: last, events, dueAt: now };
  return {
    status: last,
    events: [...events, ...(context.neverRestarts ? [] : [backOffEvent(container, context)])],
    dueAt: restartDue(last, context),
  };
}

/** By the end before this one: of this one the node does not know yet when it starts it again. */
function mayStartAt({ restartCount, lastState }: ContainerStatus): number {
  const before = lastState.terminated;
  return before ? milliseconds(before.finishedAt) + backOffOf(restartCount - 1, before) : 0;
}

function killingMessage({ name }: Container, kind: string, { isInit, neverRestarts }: ContainerContext): string {
  const probe = kind.toLowerCase();
  if (isInit) return `Init container ${name} failed ${probe} probe`;
  return `Container ${name} failed ${probe} probe${neverRestarts ? '' : ', will be restarted'}`;
}
