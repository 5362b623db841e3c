/** Which container of a pod is meant, and what its node says of it. Models pkg/registry/core/pod (strategy.go). */
import type { ContainerStatus } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest } from '../../objects/status.ts';

/** The container asked for, or the only one, or the one that an annotation names. @throws StatusError 400 */
export function chooseContainer(pod: KubeObject, asked: string, subresource: string): string {
  const names = (field: string): string[] => (pod.spec[field] ?? []).map((c: { name: string }) => c.name);
  const all = [...names('initContainers'), ...names('containers'), ...names('ephemeralContainers')];
  const { name } = pod.metadata;
  if (asked !== '') {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const [only = '', ...others] = names('containers');
  if (others.length === 0) return only;
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (chosen && subresource !== 'log' && all.includes(chosen)) return chosen;
  const init = names('initContainers');
  const choices = `choose one of: [${names('containers').join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${name}, ${choices}${init.length ? ` or one of the init containers: [${init.join(' ')}]` : ''}`,
  );
}

export function statusOf(pod: KubeObject, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const all: ContainerStatus[] = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  return all.find(({ name }) => name === container);
}

export const isRunning = (pod: KubeObject, container: string): boolean =>
  statusOf(pod, container)?.state?.running !== undefined;
