/**
 * How fast a workload follows its metrics: by how much at a time, and after how long a wait.
 * Models pkg/controller/podautoscaler/horizontal.go (normalizeDesiredReplicas, with and without behaviors).
 */
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../objects/generated/autoscaling-v2.gen.ts';
import { milliValue } from '../../objects/quantity.ts';
import type { Tolerances } from './replica-calculator.ts';

export type Direction = 'up' | 'down';

/** `--horizontal-pod-autoscaler-downscale-stabilization`. */
const DOWN_STABILIZATION_SECONDS = 300;
/** `--horizontal-pod-autoscaler-tolerance`. */
const TOLERANCE = 0.1;
/** How far up in one step, where nothing is said. */
export const UP_FACTOR = 2;
export const UP_LEAST = 4;

const rulesOf = ({ spec }: HorizontalPodAutoscaler, direction: Direction): HPAScalingRules | undefined =>
  (direction === 'up' ? spec.behavior?.scaleUp : spec.behavior?.scaleDown) ?? undefined;

/** For how long a recommendation must last before it is followed, milliseconds. */
export function stabilizationOf(hpa: HorizontalPodAutoscaler, direction: Direction): number {
  const seconds = rulesOf(hpa, direction)?.stabilizationWindowSeconds;
  return (seconds ?? (direction === 'down' ? DOWN_STABILIZATION_SECONDS : 0)) * 1000;
}

export function tolerancesOf(hpa: HorizontalPodAutoscaler): Tolerances {
  const said = (direction: Direction): number => {
    const tolerance = rulesOf(hpa, direction)?.tolerance;
    return tolerance == null ? TOLERANCE : milliValue(tolerance) / 1000;
  };
  return { up: said('up'), down: said('down') };
}

export interface Step {
  replicas: number;
  /** Of the condition `ScalingLimited`. */
  limited: boolean;
  reason: string;
  message: string;
  /** When more may be done, milliseconds since 1970. */
  again?: number;
}

const WITHIN = {
  limited: false,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const TOO_MANY = {
  limited: true,
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const TOO_FEW = {
  limited: true,
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const TOO_FAST_UP = {
  limited: true,
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const TOO_FAST_DOWN = {
  limited: true,
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** How far to go of what is wanted. `now`: the cluster's time, milliseconds. */
export function stepTo(hpa: HorizontalPodAutoscaler, current: number, wanted: number, now: number): Step {
  const { maxReplicas, behavior } = hpa.spec;
  const least = hpa.spec.minReplicas ?? 1;
  if (!behavior) {
    const upLimit = Math.max(UP_FACTOR * current, UP_LEAST);
    if (wanted < least) return { replicas: least, ...TOO_FEW };
    if (wanted > Math.min(maxReplicas, upLimit))
      return maxReplicas > upLimit ? { replicas: upLimit, ...TOO_FAST_UP } : { replicas: maxReplicas, ...TOO_MANY };
    return { replicas: wanted, ...WITHIN };
  }
  if (wanted > current) {
    const { limit, again } = paced(hpa, 'up', current, now);
    const most = Math.min(maxReplicas, Math.max(limit, current));
    if (wanted <= most) return { replicas: wanted, ...WITHIN };
    return { replicas: most, ...(most < maxReplicas ? TOO_FAST_UP : TOO_MANY), ...again };
  }
  if (wanted < current) {
    const { limit, again } = paced(hpa, 'down', current, now);
    const fewest = Math.max(least, Math.min(limit, current));
    if (wanted >= fewest) return { replicas: wanted, ...WITHIN };
    return { replicas: fewest, ...(fewest > least ? TOO_FAST_DOWN : TOO_FEW), ...again };
  }
  return { replicas: wanted, ...WITHIN };
}

/**
 * What the policies allow. The real controller remembers each step of the last periods; here it is known when the last one was, so that
 * a period begins with a step and allows no other.
 */
function paced(
  hpa: HorizontalPodAutoscaler,
  direction: Direction,
  current: number,
  now: number,
): { limit: number; again?: { again: number } } {
  const { policies, selectPolicy } = rulesOf(hpa, direction) ?? {};
  if (selectPolicy === 'Disabled' || !policies?.length) return { limit: current };
  const last = Date.parse(hpa.status?.lastScaleTime ?? '');
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const end = last + periodSeconds * 1000;
    if (end > now) return { limit: current, end };
    if (direction === 'up')
      return { limit: type === 'Pods' ? current + value : Math.ceil(current * (1 + value / 100)) };
    return { limit: type === 'Pods' ? current - value : Math.trunc(current * (1 - value / 100)) };
  });
  const farthest = (selectPolicy !== 'Min') === (direction === 'up') ? Math.max : Math.min;
  const ends = limits.flatMap(({ end }) => (end === undefined ? [] : [end]));
  const first = policies.map(({ periodSeconds }) => now + periodSeconds * 1000);
  return {
    limit: farthest(...limits.map(({ limit }) => limit)),
    again: { again: Math.min(...(ends.length > 0 ? ends : first)) },
  };
}
