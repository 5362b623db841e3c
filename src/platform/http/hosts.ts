/** Host names: whose a request is by the name it came under, and which names are this machine's own. */
import { isClusterId } from '../tokens.ts';

/** The bindings that say under which names the platform is served. */
export interface HostBindings {
  /** Host names separated by commas, e.g. `diorama.example`; a cluster is then also all of the host `ID.diorama.example`. */
  HOSTS?: string;
  /** Where kubectl reaches this server if it was asked over plain http; set by the local server only. */
  LOCAL_HTTPS_ORIGIN?: string;
  /** `true`: names such as `ID.localhost` lead to this machine, whoever asks. */
  LOCAL_CLUSTER_HOSTS?: string;
}

/** Names that reach this machine and no other, whatever a name server says: no page of somebody else's can have them as its origin. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const withoutDot = (hostname: string): string => hostname.replace(/\.$/, '');

function configuredHosts({ HOSTS }: HostBindings): string[] {
  return (HOSTS ?? '')
    .split(',')
    .map((name) => withoutDot(name.trim().toLowerCase()))
    .filter((name) => name !== '');
}

/** The id that a host name such as `kx3oqmz7ab.diorama.example` has in front of a host that is served here; undefined for any other. */
export function clusterOfHost(hostname: string, bindings: HostBindings): string | undefined {
  const [, label, parent] = /^([^.]+)\.(.+)$/.exec(withoutDot(hostname)) ?? [];
  if (label === undefined || !isClusterId(label)) return undefined;
  if (bindings.LOCAL_HTTPS_ORIGIN && parent === 'localhost') return label;
  return configuredHosts(bindings).includes(parent!) ? label : undefined;
}

/** The host of a cluster's own beside the one that was asked; undefined where it would lead nowhere. */
export function hostOfCluster(hostname: string, id: string, bindings: HostBindings): string | undefined {
  const name = withoutDot(hostname);
  const has = bindings.LOCAL_HTTPS_ORIGIN
    ? name === 'localhost' && bindings.LOCAL_CLUSTER_HOSTS === 'true'
    : configuredHosts(bindings).includes(name);
  return has ? `${id}.${name}` : undefined;
}

/**
 * Whether a request to a local server came under a name that a page elsewhere cannot have: a name server's owner can let his own
 * point to this machine (DNS rebinding), and then reads what is answered.
 */
export function isOwnHost(hostname: string, bindings: HostBindings): boolean {
  const name = withoutDot(hostname);
  return LOOPBACK.has(name) || name.endsWith('.localhost') || configuredHosts(bindings).includes(name);
}
