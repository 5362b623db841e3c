/** How objects are measured against a ResourceQuota. Models k8s.io/apiserver/pkg/quota/v1/interfaces.go. */
import type { KubeObject } from '../objects/object.ts';

/** Amounts by the names that a quota bounds, `requests.cpu`. */
export type Usage = Record<string, string>;

export interface ScopeRequirement {
  scopeName: string;
  operator: string;
  values?: string[];
}

/** How objects of one resource are measured. */
export interface Evaluator<Object extends KubeObject = KubeObject> {
  /** Whether a write may change what the object counts for; `old` is absent for a create. */
  handles(object: Object, old: Object | undefined, subresource: string | undefined): boolean;
  /** Whether a name that quotas bound is one of its measures. */
  measures(name: string): boolean;
  /** `now`: milliseconds, the cluster's time. */
  usage(object: Object, now: number): Usage;
  /** Absent: no quota with scopes means it. */
  inScope?(scope: ScopeRequirement, object: Object): boolean;
  /** What the object must say, and does not, under a quota that bounds `names`. */
  missing?(names: string[], object: Object): string[];
  /** Whether the quota's controller counts again after an update. */
  frees(object: Object, old: Object): boolean;
}
