/** Which kernel parameters a pod may set. Models pkg/kubelet/sysctl; no node allows an unsafe one. */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';

/** By the kernel's namespace that they belong to, which the pod must then not share with the host. */
const SAFE: Record<string, 'ipc' | 'net'> = {
  'kernel.shm_rmid_forced': 'ipc',
  'net.ipv4.ip_local_port_range': 'net',
  'net.ipv4.tcp_syncookies': 'net',
  'net.ipv4.ping_group_range': 'net',
  'net.ipv4.ip_unprivileged_port_start': 'net',
  'net.ipv4.ip_local_reserved_ports': 'net',
  'net.ipv4.tcp_keepalive_time': 'net',
  'net.ipv4.tcp_fin_timeout': 'net',
  'net.ipv4.tcp_keepalive_intvl': 'net',
  'net.ipv4.tcp_keepalive_probes': 'net',
  'net.ipv4.tcp_rmem': 'net',
  'net.ipv4.tcp_wmem': 'net',
  'net.ipv4.tcp_slow_start_after_idle': 'net',
  'net.ipv4.tcp_notsent_lowat': 'net',
};

/** Why the first of the pod's sysctls that may not be set may not; undefined when all may. */
export function sysctlFault({ spec }: Pod): string | undefined {
  for (const { name } of (spec.securityContext?.sysctls ?? []) as { name: string }[]) {
    const sysctl = normalized(name);
    const space = Object.hasOwn(SAFE, sysctl) ? SAFE[sysctl] : undefined;
    if (!space) return `${JSON.stringify(sysctl)} not allowlisted`;
    if (space === 'ipc' ? spec.hostIPC : spec.hostNetwork)
      return `${JSON.stringify(sysctl)} not allowed with host ${space} enabled`;
  }
  return undefined;
}

/** `net/ipv4/conf` is `net.ipv4.conf`: whichever separator comes first stands for the dot. */
function normalized(name: string): string {
  if (/^[^./]*\//.test(name) === false) return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}
