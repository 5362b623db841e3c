import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '../../objects/generated/autoscaling-v2.gen.ts';
import { stabilizationOf, stepTo, tolerancesOf, UP_FACTOR, UP_LEAST } from './pace.ts';

const NOW = Date.parse('2026-01-05T10:00:00Z');
const autoscaler = (spec: object = {}, status: object = {}): HorizontalPodAutoscaler =>
  ({ metadata: { name: 'h' }, spec: { minReplicas: 2, maxReplicas: 50, ...spec }, status }) as HorizontalPodAutoscaler;
const step = (current: number, wanted: number, spec: object = {}, status: object = {}): string => {
  const { replicas, limited, reason } = stepTo(autoscaler(spec, status), current, wanted, NOW);
  return `${replicas} ${limited} ${reason}`;
};

describe('without policies', () => {
  it('keeps within the bounds', () => {
    expect(step(4, 3)).toBe('3 false DesiredWithinRange');
    expect(step(4, 1)).toBe('2 true TooFewReplicas');
    expect(step(30, 60)).toBe('50 true TooManyReplicas');
  });

  it('goes up by a factor, and from few pods to some', () => {
    expect(step(10, 10 * UP_FACTOR)).toBe(`${10 * UP_FACTOR} false DesiredWithinRange`);
    expect(step(10, 10 * UP_FACTOR + 1)).toBe(`${10 * UP_FACTOR} true ScaleUpLimit`);
    expect(step(1, UP_LEAST)).toBe(`${UP_LEAST} false DesiredWithinRange`);
    expect(step(1, UP_LEAST + 1)).toBe(`${UP_LEAST} true ScaleUpLimit`);
  });

  it('waits five minutes on the way down, and not at all on the way up', () => {
    expect([stabilizationOf(autoscaler(), 'up'), stabilizationOf(autoscaler(), 'down')]).toEqual([0, 300_000]);
    expect(tolerancesOf(autoscaler())).toEqual({ up: 0.1, down: 0.1 });
  });
});

describe('with policies', () => {
  const policies = [
    { type: 'Pods', value: 4, periodSeconds: 60 },
    { type: 'Percent', value: 50, periodSeconds: 30 },
  ];
  const behavior = (rules: object) => ({ behavior: { scaleUp: rules, scaleDown: rules } });

  it('takes the one that changes most, or least, or none', () => {
    expect(step(10, 30, behavior({ policies }))).toBe('15 true ScaleUpLimit');
    expect(step(10, 30, behavior({ policies, selectPolicy: 'Min' }))).toBe('14 true ScaleUpLimit');
    expect(step(10, 3, behavior({ policies }))).toBe('5 true ScaleDownLimit');
    expect(step(10, 3, behavior({ policies, selectPolicy: 'Min' }))).toBe('6 true ScaleDownLimit');
    expect(step(10, 30, behavior({ policies, selectPolicy: 'Disabled' }))).toBe('10 true ScaleUpLimit');
    expect(step(10, 12, behavior({ policies }))).toBe('12 false DesiredWithinRange');
  });

  it('begins a period with a step, and says when the next may be', () => {
    const one = behavior({ policies: policies.slice(0, 1) });
    const ago = (seconds: number) => ({ lastScaleTime: new Date(NOW - seconds * 1000).toISOString() });
    expect(step(10, 30, one, ago(59))).toBe('10 true ScaleUpLimit');
    expect(stepTo(autoscaler(one, ago(59)), 10, 30, NOW).again).toBe(NOW + 1000);
    expect(step(10, 30, one, ago(60))).toBe('14 true ScaleUpLimit');
    expect(stepTo(autoscaler(one, ago(60)), 10, 30, NOW).again).toBe(NOW + 60_000);
  });

  it('waits as long as they say, and tolerates as much', () => {
    const said = autoscaler(behavior({ stabilizationWindowSeconds: 7, tolerance: '50m' }));
    expect([stabilizationOf(said, 'up'), stabilizationOf(said, 'down')]).toEqual([7000, 7000]);
    expect(tolerancesOf(said)).toEqual({ up: 0.05, down: 0.05 });
  });
});
