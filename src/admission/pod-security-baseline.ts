/** The rules of the baseline level. */
import type { AnyContainer } from './pod-security-rule.ts';
import {
  addedCapabilities,
  containers,
  hasUsersOfItsOwn,
  named,
  namesWhere,
  notIncluded,
  quoted,
  type Rule,
  setters,
  type Templated,
  unmaskedProc,
} from './pod-security-rule.ts';

const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Harmless ones, with the minor version that said so. */
const SAFE_SYSCTLS: Record<string, number> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
  'net.ipv4.tcp_slow_start_after_idle': 37,
  'net.ipv4.tcp_notsent_lowat': 37,
};

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const SELINUX_ENGINE = 'container_engine_t';
const SELINUX_ENGINE_SINCE = 31;

/** Hosts that a container's probes and hooks name. */
const namedHosts = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: AnyContainer): string[] =>
  [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host): host is string => Boolean(host)),
  );

const SECCOMP_FIELDS_SINCE = 19;
const SECCOMP_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there were fields. */
function seccompAnnotations({ spec, metadata }: Templated): [string, string] | undefined {
  const keys = [SECCOMP_ANNOTATION, ...containers(spec).map((c) => `${SECCOMP_CONTAINER_ANNOTATION}${c.name}`)];
  const bad = new Set<string>();
  for (const key of keys) {
    const value: string | undefined = metadata?.annotations?.[key];
    if (value === undefined || /^(runtime\/default$|docker\/default$|localhost\/)/.test(value)) continue;
    bad.add(`${key}=${JSON.stringify(value)}`);
  }
  return bad.size === 0
    ? undefined
    : ['seccompProfile', `forbidden annotation${bad.size === 1 ? '' : 's'} ${[...bad].sort().join(', ')}`];
}

/** In the order of their ids. */
export const BASELINE_RULES: Rule[] = [
  {
    id: 'appArmorProfile',
    level: 'baseline',
    check({ spec, metadata }) {
      const bad = new Set<string>();
      const who = setters(spec, ({ appArmorProfile: profile }) => {
        const wrong = profile !== undefined && profile.type !== 'RuntimeDefault' && profile.type !== 'Localhost';
        if (wrong) bad.add(profile.type ?? '');
        return wrong;
      });
      const annotations = Object.entries<string>(metadata?.annotations ?? {})
        .filter(
          ([key, value]) => key.startsWith(APP_ARMOR_ANNOTATION) && !/^$|^runtime\/default$|^localhost\//.test(value),
        )
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      if (annotations.length > 0) who.push(annotations.length === 1 ? 'annotation' : 'annotations');
      const values = [...[...bad].sort(), ...annotations.sort()];
      return who.length === 0
        ? undefined
        : [
            `forbidden AppArmor profile${values.length === 1 ? '' : 's'}`,
            `${who.join(' and ')} must not set AppArmor profile type to ${values.map((value) => `"${value}"`).join(', ')}`,
          ];
    },
  },
  {
    id: 'capabilities_baseline',
    level: 'baseline',
    check({ spec }) {
      const found = addedCapabilities(spec, DEFAULT_CAPABILITIES);
      return found.names.length === 0 ? undefined : ['non-default capabilities', notIncluded(found)];
    },
  },
  {
    id: 'hostNamespaces',
    level: 'baseline',
    check({ spec }) {
      const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const)
        .filter((key) => spec[key])
        .map((key) => `${key}=true`);
      return used.length === 0 ? undefined : ['host namespaces', used.join(', ')];
    },
  },
  {
    id: 'hostPathVolumes',
    level: 'baseline',
    check({ spec }) {
      const names = (spec.volumes ?? []).filter((v) => v.hostPath).map((v) => v.name);
      return names.length === 0 ? undefined : ['hostPath volumes', named('volume', names)];
    },
  },
  {
    id: 'hostPorts',
    level: 'baseline',
    check({ spec }) {
      const ports = new Set<number>();
      const names = namesWhere(spec, (c) => {
        const used = (c.ports ?? []).flatMap(({ hostPort }) => hostPort || []);
        for (const port of used) ports.add(port);
        return used.length > 0;
      });
      const list = [...ports].map(String).sort().join(', ');
      return names.length === 0
        ? undefined
        : [
            'hostPort',
            `${named('container', names)} ${names.length === 1 ? 'uses' : 'use'} hostPort${ports.size === 1 ? '' : 's'} ${list}`,
          ];
    },
  },
  {
    id: 'hostProbesAndHostLifecycle',
    level: 'baseline',
    since: 34,
    check({ spec }) {
      const hosts = new Set<string>();
      const names = namesWhere(spec, (c) => {
        const found = namedHosts(c);
        for (const host of found) hosts.add(host);
        return found.length > 0;
      });
      const word = `probe or lifecycle host${hosts.size === 1 ? '' : 's'}`;
      return names.length === 0
        ? undefined
        : [
            'probe or lifecycle host',
            `${named('container', names.sort())} ${names.length === 1 ? 'uses' : 'use'} ${word} ${quoted([...hosts].sort())}`,
          ];
    },
  },
  {
    id: 'privileged',
    level: 'baseline',
    check({ spec }) {
      const names = namesWhere(spec, (c) => c.securityContext?.privileged === true);
      return names.length === 0
        ? undefined
        : ['privileged', `${named('container', names)} must not set securityContext.privileged=true`];
    },
  },
  {
    id: 'procMount',
    level: 'baseline',
    check: ({ spec }, minor) => (hasUsersOfItsOwn(spec, minor) ? undefined : unmaskedProc(spec)),
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    check({ spec }, minor) {
      const types = new Set<string>();
      let user = false;
      let role = false;
      const who = setters(spec, ({ seLinuxOptions: options }) => {
        if (!options) return false;
        const type = options.type ?? '';
        const badType = !SELINUX_TYPES.includes(type) && !(type === SELINUX_ENGINE && minor >= SELINUX_ENGINE_SINCE);
        if (badType) types.add(options.type ?? '');
        user ||= Boolean(options.user);
        role ||= Boolean(options.role);
        return badType || Boolean(options.user) || Boolean(options.role);
      });
      if (who.length === 0) return undefined;
      const faults: string[] = [];
      if (types.size > 0) faults.push(`type${types.size === 1 ? '' : 's'} ${quoted([...types].sort())}`);
      if (user) faults.push('user may not be set');
      if (role) faults.push('role may not be set');
      return [
        'seLinuxOptions',
        `${who.join(' and ')} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
      ];
    },
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    check({ spec, metadata }, minor) {
      if (minor < SECCOMP_FIELDS_SINCE) return seccompAnnotations({ spec, metadata });
      const who = setters(spec, (c) => c.seccompProfile?.type === 'Unconfined');
      return who.length === 0
        ? undefined
        : ['seccompProfile', `${who.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`];
    },
  },
  {
    id: 'sysctls',
    level: 'baseline',
    check({ spec }, minor) {
      const names = (spec.securityContext?.sysctls ?? [])
        .map((s) => s.name)
        .filter((name: string) => !((Object.hasOwn(SAFE_SYSCTLS, name) ? SAFE_SYSCTLS[name]! : minor + 1) <= minor));
      return names.length === 0 ? undefined : ['forbidden sysctls', names.join(', ')];
    },
  },
  {
    id: 'windowsHostProcess',
    level: 'baseline',
    check({ spec }) {
      const who = setters(spec, (c) => c.windowsOptions?.hostProcess === true);
      return who.length === 0
        ? undefined
        : ['hostProcess', `${who.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`];
    },
  },
];
