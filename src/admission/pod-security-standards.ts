/** A pod or a pod template. */
export interface Templated {
  spec?: any;
  metadata?: any;
}

export type Level = 'privileged' | 'baseline' | 'restricted';

interface Rule {
  id: string;
  level: Level;
  /** The minor version that it came with; with the first unless said. */
  since?: number;
  /** What must not be, by the standards of a minor version; undefined: fine. */
  check(pod: Templated, minor: number): [reason: string, detail: string] | undefined;
  /** The baseline rule whose place this stricter one takes at the restricted level. */
  overrides?: string;
}

const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const quoted = (names: string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

const named = (word: string, names: string[]): string => `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`;

const containers = (spec: any): any[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

const namesWhere = (spec: any, test: (container: any) => boolean): string[] =>
  containers(spec)
    .filter(test)
    .map((c) => c.name);

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

const RESTRICTED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const SELINUX_ENGINE = 'container_engine_t';
const SELINUX_ENGINE_SINCE = 31;

/** From these minor versions on, rules leave alone what they do not concern. */
const WINDOWS_SINCE = 25;
const USER_NAMESPACES_SINCE = 35;

const isWindows = (spec: any, minor: number): boolean => minor >= WINDOWS_SINCE && spec.os?.name === 'windows';
const hasUsersOfItsOwn = (spec: any, minor: number): boolean =>
  minor >= USER_NAMESPACES_SINCE && spec.hostUsers === false;

function addedCapabilities(spec: any, allowed: string[]): { names: string[]; added: string[] } {
  const added = new Set<string>();
  const names = namesWhere(spec, (c) => {
    const bad = (c.securityContext?.capabilities?.add ?? []).filter((name: string) => !allowed.includes(name));
    for (const name of bad) added.add(name);
    return bad.length > 0;
  });
  return { names, added: [...added].sort() };
}

const notIncluded = ({ names, added }: { names: string[]; added: string[] }): string =>
  `${named('container', names)} must not include ${quoted(added)} in securityContext.capabilities.add`;

/** Settings that a pod makes for its containers, and these for themselves: who set a bad one. */
function setters(spec: any, bad: (context: any) => boolean): string[] {
  const who: string[] = [];
  if (bad(spec.securityContext ?? {})) who.push('pod');
  const names = namesWhere(spec, (c) => bad(c.securityContext ?? {}));
  if (names.length > 0) who.push(named('container', names));
  return who;
}

function unmaskedProc(spec: any): [string, string] | undefined {
  const bad = new Set<string>();
  const names = namesWhere(spec, (c) => {
    const mount = c.securityContext?.procMount;
    if (!mount || mount === 'Default') return false;
    bad.add(mount);
    return true;
  });
  return names.length === 0
    ? undefined
    : [
        'procMount',
        `${named('container', names)} must not set securityContext.procMount to ${quoted([...bad].sort())}`,
      ];
}

/** Hosts that a container's probes and hooks name. */
const namedHosts = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: any): string[] =>
  [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter(Boolean),
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
const RULES: Rule[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: 8,
    check({ spec }, minor) {
      if (isWindows(spec, minor)) return undefined;
      const names = namesWhere(spec, (c) => c.securityContext?.allowPrivilegeEscalation !== false);
      return names.length === 0
        ? undefined
        : [
            'allowPrivilegeEscalation != false',
            `${named('container', names)} must set securityContext.allowPrivilegeEscalation=false`,
          ];
    },
  },
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
    id: 'capabilities_restricted',
    level: 'restricted',
    since: 22,
    overrides: 'capabilities_baseline',
    check({ spec }, minor) {
      if (isWindows(spec, minor)) return undefined;
      const details: string[] = [];
      const undropped = namesWhere(spec, (c) => !c.securityContext?.capabilities?.drop?.includes('ALL'));
      if (undropped.length > 0)
        details.push(`${named('container', undropped)} must set securityContext.capabilities.drop=["ALL"]`);
      const found = addedCapabilities(spec, ['NET_BIND_SERVICE']);
      if (found.names.length > 0) details.push(notIncluded(found));
      return details.length === 0 ? undefined : ['unrestricted capabilities', details.join('; ')];
    },
  },
  {
    id: 'hostNamespaces',
    level: 'baseline',
    check({ spec }) {
      const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => spec[key]).map((key) => `${key}=true`);
      return used.length === 0 ? undefined : ['host namespaces', used.join(', ')];
    },
  },
  {
    id: 'hostPathVolumes',
    level: 'baseline',
    check({ spec }) {
      const names = (spec.volumes ?? []).filter((v: any) => v.hostPath).map((v: any) => v.name);
      return names.length === 0 ? undefined : ['hostPath volumes', named('volume', names)];
    },
  },
  {
    id: 'hostPorts',
    level: 'baseline',
    check({ spec }) {
      const ports = new Set<number>();
      const names = namesWhere(spec, (c) => {
        const used = (c.ports ?? []).filter((p: any) => p.hostPort).map((p: any) => p.hostPort);
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
    id: 'procMount_restricted',
    level: 'restricted',
    since: USER_NAMESPACES_SINCE,
    overrides: 'procMount',
    check: ({ spec }) => unmaskedProc(spec),
  },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    overrides: 'hostPathVolumes',
    check({ spec }) {
      const types = new Set<string>();
      const names: string[] = [];
      for (const volume of spec.volumes ?? []) {
        const type = Object.keys(volume).find((key) => key !== 'name' && volume[key]);
        if (!type || RESTRICTED_VOLUMES.includes(type)) continue;
        types.add(type);
        names.push(volume.name);
      }
      return names.length === 0
        ? undefined
        : [
            'restricted volume types',
            `${named('volume', names)} ${names.length === 1 ? 'uses' : 'use'} restricted volume type${types.size === 1 ? '' : 's'} ${quoted([...types].sort())}`,
          ];
    },
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    check({ spec }, minor) {
      if (hasUsersOfItsOwn(spec, minor)) return undefined;
      const pod = spec.securityContext?.runAsNonRoot;
      const explicit = namesWhere(spec, (c) => c.securityContext?.runAsNonRoot === false);
      const who = pod === false ? ['pod'] : [];
      if (explicit.length > 0) who.push(named('container', explicit));
      if (who.length > 0)
        return ['runAsNonRoot != true', `${who.join(' and ')} must not set securityContext.runAsNonRoot=false`];
      const implicit = namesWhere(spec, (c) => c.securityContext?.runAsNonRoot === undefined);
      return pod || implicit.length === 0
        ? undefined
        : ['runAsNonRoot != true', `pod or ${named('container', implicit)} must set securityContext.runAsNonRoot=true`];
    },
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    since: 23,
    check({ spec }, minor) {
      if (hasUsersOfItsOwn(spec, minor)) return undefined;
      const who = setters(spec, (c) => c.runAsUser === 0);
      return who.length === 0 ? undefined : ['runAsUser=0', `${who.join(' and ')} must not set runAsUser=0`];
    },
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
        if (badType) types.add(options.type);
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
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: 19,
    overrides: 'seccompProfile_baseline',
    check({ spec }, minor) {
      if (isWindows(spec, minor)) return undefined;
      const allowed = (profile: any): boolean => profile?.type === 'RuntimeDefault' || profile?.type === 'Localhost';
      const bad = new Set<string>();
      const who = setters(spec, ({ seccompProfile: profile }) => {
        if (!profile || allowed(profile)) return false;
        bad.add(profile.type);
        return true;
      });
      if (who.length > 0)
        return [
          'seccompProfile',
          `${who.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted([...bad].sort())}`,
        ];
      if (allowed(spec.securityContext?.seccompProfile)) return undefined;
      const names = namesWhere(spec, (c) => !c.securityContext?.seccompProfile);
      return names.length === 0
        ? undefined
        : [
            'seccompProfile',
            `pod or ${named('container', names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
          ];
    },
  },
  {
    id: 'sysctls',
    level: 'baseline',
    check({ spec }, minor) {
      const names = (spec.securityContext?.sysctls ?? [])
        .map((s: any) => s.name)
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

/** As messages have them: what both levels forbid comes first. */
const IN_ORDER = [
  ...RULES.filter(({ level }) => level === 'baseline'),
  ...RULES.filter(({ level }) => level === 'restricted'),
];

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
