/**
 * As whom a container's program runs: the pod and the container say it, or the image does.
 * Models pkg/kubelet/kuberuntime/security_context_others.go and pkg/securitycontext.
 */
import type { Container, Pod, SecurityContext } from '../../objects/generated/core-v1.gen.ts';
import { imageRepository, isBaseImage } from './images.ts';

/** Docker's official images: they run as root, but for these, which name a user. */
const OFFICIAL_USERS: Record<string, number | string> = {
  elasticsearch: 1000,
  kibana: 1000,
  logstash: 1000,
  memcached: 'memcache',
  solr: 'solr',
  varnish: 'varnish',
};
/** The user of an image that is made to run without root, as distroless images have it. */
const NON_ROOT = 65532;

export interface User {
  uid: number;
  gid: number;
  supplementalGroups: number[];
}

/** What counts of the two security contexts: the container's own fields come first. */
export const effectiveContext = (pod: Pod, container: Container): SecurityContext => ({
  ...pod.spec.securityContext,
  ...container.securityContext,
});

/** A number, or a name that only the image's own list of users could tell the number of. */
function imageUser(image: string, nonRoot: boolean): number | string {
  const repository = imageRepository(image);
  if (isBaseImage(image)) return 0;
  if (repository.includes('/')) return nonRoot ? NON_ROOT : 0;
  return Object.hasOwn(OFFICIAL_USERS, repository) ? OFFICIAL_USERS[repository]! : 0;
}

/** Why the container may not run as the user that it would run as; undefined: it may. */
export function userFault(pod: Pod, container: Container): string | undefined {
  const { runAsNonRoot, runAsUser } = effectiveContext(pod, container);
  if (!runAsNonRoot) return undefined;
  const { name, namespace, uid } = pod.metadata;
  const where = `(pod: ${JSON.stringify(`${name}_${namespace}(${uid})`)}, container: ${container.name})`;
  if (runAsUser !== undefined)
    return runAsUser === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  const user = imageUser(container.image ?? '', true);
  if (typeof user === 'string')
    return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${where}`;
  return user === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
}

/** The user as the container's status tells it. */
export function userOf(pod: Pod, container: Container): User {
  const { runAsUser, runAsGroup, runAsNonRoot } = effectiveContext(pod, container);
  const image = imageUser(container.image ?? '', runAsNonRoot === true);
  const uid = runAsUser ?? (typeof image === 'number' ? image : NON_ROOT);
  const gid = runAsGroup ?? 0;
  const groups: number[] = pod.spec.securityContext?.supplementalGroups ?? [];
  const { fsGroup } = pod.spec.securityContext ?? {};
  const all = [gid, ...(fsGroup === undefined ? [] : [fsGroup]), ...groups];
  return { uid, gid, supplementalGroups: [...new Set(all)] };
}
