/** What an autoscaler says of itself, in its status and in events. Models pkg/controller/podautoscaler/horizontal.go. */
import { type Condition, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { HorizontalPodAutoscaler } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';

/** One reconcile's. */
export class AutoscalerReport {
  readonly writes: Write<KubeObject>[] = [];
  private readonly reader: View;
  private readonly hpa: HorizontalPodAutoscaler;
  private readonly now: number;
  private conditions: Condition[];

  constructor(reader: View, hpa: HorizontalPodAutoscaler, now: number) {
    this.reader = reader;
    this.hpa = hpa;
    this.now = now;
    this.conditions = hpa.status?.conditions ?? [];
  }

  condition(type: string): Condition | undefined {
    return this.conditions.find((condition) => condition.type === type);
  }

  set(type: string, status: string, reason: string, message: string): void {
    const made = { type, status, lastTransitionTime: timestamp(this.now), reason, message };
    this.conditions = withCondition(this.conditions, made);
  }

  event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Warning'): void {
    this.writes.push(this.record(reason, message, type));
  }

  private record(reason: string, message: string, type: 'Normal' | 'Warning'): Write<KubeObject> {
    const source = { component: 'horizontal-pod-autoscaler' };
    return recordEvent(this.reader, this.hpa, source, { type, reason, message }, this.now);
  }

  /** Nothing new: the events, which the real controller counts up every 15 seconds, stay as they are. */
  publish(counts: {
    current: number;
    desired: number;
    metrics: unknown[] | null;
    scaledAt?: string;
    observed?: number | undefined;
  }): ReconcileResult<KubeObject> {
    const observedGeneration = 'observed' in counts ? counts.observed : this.hpa.metadata.generation;
    const lastScaleTime = counts.scaledAt ?? this.hpa.status?.lastScaleTime;
    const status = {
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(counts.current > 0 ? { currentReplicas: counts.current } : {}),
      desiredReplicas: counts.desired,
      currentMetrics: counts.metrics,
      conditions: this.conditions,
    };
    if (sameData(status, this.hpa.status)) return { writes: [] };
    this.writes.push({
      verb: 'update',
      subresource: 'status',
      object: { ...this.hpa, status },
      refused: (message) => [this.record('FailedUpdateStatus', message, 'Warning')],
    });
    return { writes: this.writes };
  }
}
