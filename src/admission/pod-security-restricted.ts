/** The rules that the restricted level has beside those of the baseline. */
import {
  addedCapabilities,
  hasUsersOfItsOwn,
  isWindows,
  named,
  namesWhere,
  notIncluded,
  quoted,
  type Rule,
  setters,
  USER_NAMESPACES_SINCE,
  unmaskedProc,
} from './pod-security-rule.ts';

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

/** In the order of their ids. */
export const RESTRICTED_RULES: Rule[] = [
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
        const [type] = Object.entries(volume).find(([key, source]) => key !== 'name' && source) ?? [];
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
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: 19,
    overrides: 'seccompProfile_baseline',
    check({ spec }, minor) {
      if (isWindows(spec, minor)) return undefined;
      const allowed = (profile: { type?: string | undefined } | undefined): boolean =>
        profile?.type === 'RuntimeDefault' || profile?.type === 'Localhost';
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
];
