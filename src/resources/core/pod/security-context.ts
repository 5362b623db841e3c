/** Validation of security contexts. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateSecurityContext. */

import { checked, isSet, localPath, optionalOneOf } from '../../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../objects/field-error.ts';
import type {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
  WindowsSecurityContextOptions,
} from '../../../objects/generated/core-v1.gen.ts';
import { goValue } from '../../../objects/go-value.ts';
import { byteLength, isDNS1123Subdomain, isUserID } from '../../../objects/names.ts';
import { own } from '../../../objects/own.ts';

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function seccomp(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (!profile) return [];
  const errors: FieldError[] = [];
  if (!profile.type) errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILES.includes(profile.type)) errors.push(notSupported(`${field}.type`, profile.type, PROFILES));
  const local = profile.localhostProfile;
  if (profile.type === 'Localhost') {
    if (!isSet(local)) errors.push(required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost'));
    else errors.push(...localPath(local, `${field}.localhostProfile`));
  } else if (isSet(local))
    errors.push(
      invalid(
        `${field}.localhostProfile`,
        goValue('core.SeccompProfile', profile),
        'can only be set when seccomp type is Localhost',
      ),
    );
  return errors;
}

function appArmor(profile: AppArmorProfile | undefined, field: string): FieldError[] {
  if (!profile) return [];
  const local = profile.localhostProfile;
  const path = `${field}.localhostProfile`;
  const missing = required(path, 'must be set when AppArmor type is Localhost');
  if (profile.type === 'Localhost') {
    if (!isSet(local)) return [missing];
    const errors: FieldError[] = [];
    if (local.trim() !== local) errors.push(invalid(path, local, 'must not be padded with whitespace'));
    else if (!local) errors.push(missing);
    return byteLength(local) > 4095 ? [...errors, tooLong(path, 4095)] : errors;
  }
  if (!profile.type) return [required(`${field}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILES.includes(profile.type)) return [notSupported(`${field}.type`, profile.type, PROFILES)];
  return isSet(local) ? [invalid(path, local, 'can only be set when AppArmor type is Localhost')] : [];
}

function windowsUser(name: string, field: string): FieldError[] {
  const wrong = (words: string): FieldError => invalid(field, name, words);
  const parts = name.split('\\');
  if (!name) return [wrong('runAsUserName cannot be an empty string')];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f]/.test(name)) return [wrong('runAsUserName cannot contain control characters')];
  if (parts.length > 2) return [wrong('runAsUserName cannot contain more than one backslash')];
  const user = parts[parts.length - 1] ?? '';
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const errors: FieldError[] = [];
  if (domain !== undefined) {
    if (domain.length >= 256) errors.push(wrong("runAsUserName's Domain length must be under 256 characters"));
    const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
    const known =
      /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/.test(domain) || new RegExp(`^${label}(?:\\.${label})*$`).test(domain);
    if (!known) errors.push(wrong("runAsUserName's Domain doesn't match the NetBios nor the DNS format"));
  }
  if (!user) errors.push(wrong("runAsUserName's User cannot be empty"));
  else if (user.length > 104) errors.push(wrong("runAsUserName's User length must not be longer than 104 characters"));
  if (/^[. ]+$/.test(user)) errors.push(wrong("runAsUserName's User cannot contain only periods or spaces"));
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    errors.push(wrong('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'));
  return errors;
}

function windows(options: WindowsSecurityContextOptions | undefined, field: string): FieldError[] {
  if (!options) return [];
  const errors: FieldError[] = [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (isSet(name)) errors.push(...checked(isDNS1123Subdomain(name), `${field}.gmsaCredentialSpecName`, name));
  if (spec === '')
    errors.push(invalid(`${field}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string'));
  else if (isSet(spec) && byteLength(spec) > 65536)
    errors.push(invalid(`${field}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec size must be under 64 KiB'));
  if (isSet(user)) errors.push(...windowsUser(user, `${field}.runAsUserName`));
  return errors;
}

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlName = new RegExp(SYSCTL);
const IPC_SYSCTLS = ['kernel.sem', 'kernel.shm', 'kernel.msg', 'fs.mqueue.'];

function sysctls(list: Sysctl[], spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, { name = '' }] of list.entries()) {
    const path = `${field}[${i}].name`;
    if (!name) errors.push(required(path));
    else if (name.length > 253 || !sysctlName.test(name))
      errors.push(invalid(path, name, `must have at most 253 characters and match regex ${SYSCTL}`));
    else if (names.has(name)) errors.push(duplicate(path, name));
    const dotted = name.replaceAll('/', '.');
    if (spec.hostNetwork && dotted.startsWith('net.'))
      errors.push(invalid(path, name, "may not be specified when 'hostNetwork' is true"));
    else if (spec.hostIPC && IPC_SYSCTLS.some((prefix) => dotted.startsWith(prefix)))
      errors.push(invalid(path, name, "may not be specified when 'hostIPC' is true"));
    names.add(name);
  }
  return errors;
}

const id = (value: unknown, field: string): FieldError[] =>
  isSet(value) ? checked(isUserID(value as number), field, value) : [];

export function validatePodSecurityContext(
  context: PodSecurityContext | undefined,
  spec: PodSpec,
  field: string,
): FieldError[] {
  if (!context) return [];
  const errors = [
    ...id(context.fsGroup, `${field}.fsGroup`),
    ...id(context.runAsUser, `${field}.runAsUser`),
    ...id(context.runAsGroup, `${field}.runAsGroup`),
  ];
  for (const [i, group] of (context.supplementalGroups ?? []).entries())
    errors.push(...id(group, `${field}.supplementalGroups[${i}]`));
  if (context.sysctls?.length) errors.push(...sysctls(context.sysctls, spec, `${field}.sysctls`));
  errors.push(
    ...optionalOneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${field}.fsGroupChangePolicy`),
  );
  errors.push(...seccomp(context.seccompProfile, `${field}.seccompProfile`));
  errors.push(...windows(context.windowsOptions, `${field}.windowsOptions`));
  errors.push(...appArmor(context.appArmorProfile, `${field}.appArmorProfile`));
  errors.push(
    ...optionalOneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${field}.supplementalGroupsPolicy`),
  );
  errors.push(
    ...optionalOneOf(context.seLinuxChangePolicy, ['MountOption', 'Recursive'], `${field}.seLinuxChangePolicy`),
  );
  return errors;
}

/** Of a container. `hostUsers`: the pod shares the node's user namespace. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  field: string,
  hostUsers: boolean,
): FieldError[] {
  if (!context) return [];
  const errors = [...id(context.runAsUser, `${field}.runAsUser`), ...id(context.runAsGroup, `${field}.runAsGroup`)];
  if (isSet(context.procMount)) {
    errors.push(...optionalOneOf(context.procMount, ['Default', 'Unmasked'], `${field}.procMount`));
    if (hostUsers && context.procMount === 'Unmasked')
      errors.push(invalid(`${field}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...seccomp(context.seccompProfile, `${field}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const wrong = (words: string): FieldError =>
      invalid(
        field,
        goValue('core.SecurityContext', context),
        `cannot set \`allowPrivilegeEscalation\` to false and ${words}`,
      );
    if (context.privileged) errors.push(wrong('`privileged` to true'));
    for (const capability of context.capabilities?.add ?? [])
      if (capability === 'CAP_SYS_ADMIN') errors.push(wrong('`capabilities.Add` CAP_SYS_ADMIN'));
  }
  errors.push(...windows(context.windowsOptions, `${field}.windowsOptions`));
  errors.push(...appArmor(context.appArmorProfile, `${field}.appArmorProfile`));
  return errors;
}

/** Each container with its path: init, app and ephemeral ones. */
export function* containersOf(
  spec: PodSpec,
  field: string,
): Generator<[container: Container | EphemeralContainer, path: string]> {
  for (const key of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [i, container] of (spec[key] ?? []).entries()) yield [container, `${field}.${key}[${i}]`];
}

const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const POD_LINUX_ONLY = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
];
const CONTAINER_LINUX_ONLY = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** What an operating system's pods can't have. */
export function validatePodOS(spec: PodSpec, field: string): FieldError[] {
  if (!spec.os) return [];
  const name = spec.os.name;
  if (!name) return [required(`${field}.os.name`)];
  if (name !== 'linux' && name !== 'windows') return [notSupported(`${field}.os`, name, ['linux', 'windows'])];
  const errors: FieldError[] = [];
  if (name === 'linux') {
    const words = 'windows options cannot be set for a linux pod';
    if (spec.securityContext?.windowsOptions) errors.push(forbidden(`${field}.securityContext.windowsOptions`, words));
    for (const [container, path] of containersOf(spec, field))
      if (container.securityContext?.windowsOptions)
        errors.push(forbidden(`${path}.securityContext.windowsOptions`, words));
    return errors;
  }
  for (const key of POD_LINUX_ONLY)
    if (isSet(own(spec.securityContext ?? {}, key)))
      errors.push(forbidden(`${field}.securityContext.${key}`, NOT_ON_WINDOWS));
  if (isSet(spec.hostUsers)) errors.push(forbidden(`${field}.hostUsers`, NOT_ON_WINDOWS));
  if (spec.hostPID) errors.push(forbidden(`${field}.hostPID`, NOT_ON_WINDOWS));
  if (spec.hostIPC) errors.push(forbidden(`${field}.hostIPC`, NOT_ON_WINDOWS));
  if (isSet(spec.shareProcessNamespace)) errors.push(forbidden(`${field}.shareProcessNamespace`, NOT_ON_WINDOWS));
  for (const [container, path] of containersOf(spec, field))
    for (const key of CONTAINER_LINUX_ONLY)
      if (isSet(own(container.securityContext ?? {}, key)))
        errors.push(forbidden(`${path}.securityContext.${key}`, NOT_ON_WINDOWS));
  return errors;
}
