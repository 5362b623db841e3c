/** A StatefulSet's pods and their identities: names that end with an ordinal, and labels that say so. */
import type { ControllerRevision, StatefulSet } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { podFromTemplate } from '../pods.ts';
import { REVISION_LABEL, templateOf } from './revisions.ts';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';

const INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** `web-2` is 2 to `web`. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = pod.metadata.name.slice(prefix.length);
  return pod.metadata.name.startsWith(prefix) && /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

/** The labels that say who a pod is. */
export const identityOf = (podName: string, ordinal: number): Record<string, string> => ({
  [POD_NAME_LABEL]: podName,
  [INDEX_LABEL]: String(ordinal),
});

/** The pod of an ordinal, as a revision has it; its claims are not in it yet. */
export function newPod(set: StatefulSet, ordinal: number, revision: ControllerRevision): Pod {
  const podName = `${set.metadata.name}-${ordinal}`;
  const pod = podFromTemplate(templateOf(revision), set, podName);
  pod.metadata.labels = {
    ...pod.metadata.labels,
    ...identityOf(podName, ordinal),
    [REVISION_LABEL]: revision.metadata.name,
  };
  pod.spec.hostname = podName;
  if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName;
  return pod;
}
