/** Whether a container that has ended is started again, and when. Models pkg/api/v1/pod/util.go and client-go's Backoff. */
import type { Container, Pod } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import type { ContainerStatus, Terminated } from './container-status.ts';

/** CrashLoopBackOff: the first restart is at once, then 10 s, doubled up to five minutes, and forgotten after ten good ones. */
const BACKOFF_BASE_MS = 10_000;
export const BACKOFF_LIMIT_MS = 300_000;
const BACKOFF_RESET_MS = 600_000;

/** A container's own, or its pod's; what was added to look into the pod is started once. */
export const policyOf = (pod: Pod, container: Container): string =>
  isEphemeral(pod, container) ? 'Never' : (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always');

const isEphemeral = ({ spec }: Pod, { name }: Container): boolean =>
  spec.ephemeralContainers?.some((each) => each.name === name) ?? false;

/** Init containers that are no sidecars are done when they have succeeded. */
export function mayRestart(pod: Pod, container: Container, exitCode: number, isInit: boolean): boolean {
  const { restartPolicy: own, restartPolicyRules: rules = [] } = container;
  if (own && rules.some((rule) => meets(rule.exitCodes, exitCode))) return true;
  const policy = policyOf(pod, container);
  if (policy === 'Never') return false;
  return (policy === 'Always' && !(isInit && own !== 'Always')) || exitCode !== 0;
}

interface ExitCodes {
  operator?: string;
  values?: readonly number[] | undefined;
}

const meets = (codes: ExitCodes | undefined, exitCode: number): boolean =>
  codes !== undefined && (codes.values ?? []).includes(exitCode) === (codes.operator === 'In');

/** Whether it has ended and is not to be started again. */
export const isOverFor = (pod: Pod, container: Container, { state }: ContainerStatus, isInit: boolean): boolean =>
  state.terminated !== undefined && !mayRestart(pod, container, state.terminated.exitCode, isInit);

/** Milliseconds from its end until it may be started again. */
export function backOffOf(restartCount: number, before: Terminated): number {
  if (restartCount === 0) return 0;
  if (milliseconds(before.finishedAt) - milliseconds(before.startedAt) >= BACKOFF_RESET_MS && !neverRan(before))
    return 0;
  return Math.min(BACKOFF_LIMIT_MS, BACKOFF_BASE_MS * 2 ** (restartCount - 1));
}

const neverRan = ({ reason }: Terminated): boolean => reason === 'StartError';

/** As Go prints one: `10s`, `1m20s`, `5m0s`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
