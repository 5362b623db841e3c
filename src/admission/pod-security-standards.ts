/** The Pod Security Standards: what a pod does that a level does not allow. Source: k8s.io/pod-security-admission/policy. */
import { BASELINE_RULES } from './pod-security-baseline.ts';
import { RESTRICTED_RULES } from './pod-security-restricted.ts';
import type { Level, Templated } from './pod-security-rule.ts';

/** As messages have them: what both levels forbid comes first. */
const IN_ORDER = [...BASELINE_RULES, ...RESTRICTED_RULES];

/** The newest standards there are. */
const LATEST_MINOR = 37;

export interface Violation {
  /** In short: what is wrong, not with what. */
  reason: string;
  detail: string;
}

/** What a pod does that a level does not allow, by the standards of `latest` or `v1.x`; undefined: nothing. */
export function evaluate(level: Level, pod: Templated, version = 'latest'): Violation | undefined {
  if (level === 'privileged') return undefined;
  const minor = version === 'latest' ? LATEST_MINOR : Math.min(Number(version.slice('v1.'.length)), LATEST_MINOR);
  const rules = IN_ORDER.filter(
    (rule) => (rule.since ?? 0) <= minor && (level === 'restricted' || rule.level === 'baseline'),
  );
  const overridden = new Set(rules.map((rule) => rule.overrides));
  const found = rules
    .filter((rule) => !overridden.has(rule.id))
    .map((rule) => rule.check(pod, minor))
    .filter((result) => result !== undefined);
  if (found.length === 0) return undefined;
  return {
    reason: found.map(([reason]) => reason).join(', '),
    detail: found.map(([reason, detail]) => `${reason} (${detail})`).join(', '),
  };
}
