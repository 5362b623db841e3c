/** DefaultTolerationSeconds: how long a pod stays on a node in trouble. Source: k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds. */
import type { Pod } from '../objects/generated/core-v1.gen.ts';

const TOLERATION_SECONDS = 300;

const NODE_TROUBLES = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Also on updates: a client that leaves them out keeps them. */
export function admitTolerations(pod: Pod): void {
  const before = pod.spec.tolerations ?? [];
  const missing = NODE_TROUBLES.filter(
    (key) => !before.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')),
  );
  if (missing.length === 0) return;
  pod.spec.tolerations = [
    ...before,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: TOLERATION_SECONDS,
    })),
  ];
}
