/** What policies have to say to an audit log of one request. Models k8s.io/apiserver's plugin/policy/validating/dispatcher.go. */
import type { KubeObject } from '../../../objects/object.ts';
import type { PluginContext } from '../plugin-context.ts';

/** Failures that are told of one request. Kubernetes' maxValidationFailures. */
export const MAX_AUDITED_FAILURES = 50;
/** Characters of a value. Kubernetes' maxAuditAnnotationValueLength, in bytes there. */
export const MAX_AUDIT_VALUE = 10 * 1024;

const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';

export class PolicyAudit {
  /** What each binding of a policy brings; what several have in common is told once. */
  readonly #values = new Map<string, Set<string>>();
  readonly #failures: object[] = [];

  note(policy: string, key: string, value: string): void {
    const full = `${policy}/${key}`;
    const values = this.#values.get(full) ?? new Set();
    this.#values.set(full, values.add(value.slice(0, MAX_AUDIT_VALUE)));
  }

  /** A validation fails whose binding has the action Audit. */
  fails({ metadata, spec }: KubeObject, message: string, expressionIndex: number): void {
    if (this.#failures.length >= MAX_AUDITED_FAILURES) return;
    const { policyName: policy, validationActions } = spec;
    this.#failures.push({ message, policy, binding: metadata.name, expressionIndex, validationActions });
  }

  tell(context: PluginContext): void {
    for (const [key, values] of this.#values) context.annotate(key, [...values].join(', '));
    if (this.#failures.length > 0) context.annotate(FAILURES, JSON.stringify(this.#failures));
  }
}
