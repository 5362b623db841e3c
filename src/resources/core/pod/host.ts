/** Validation of how a pod shares its host: network, users, names, processes. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { checked, dns1123Subdomain, isSet } from '../../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../../../objects/field-error.ts';
import type { PodDNSConfig, PodSpec } from '../../../objects/generated/core-v1.gen.ts';
import { validateIPForLegacyField } from '../../../objects/ip.ts';
import { byteLength, isDNS1123SubdomainWithUnderscore } from '../../../objects/names.ts';
import { containersOf } from './security-context.ts';

export function dnsConfig(config: PodDNSConfig | undefined, policy: string, field: string): FieldError[] {
  const servers: string[] = config?.nameservers ?? [];
  if (policy === 'None') {
    if (!config) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (servers.length === 0)
      return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (!config) return [];
  const errors: FieldError[] = [];
  const searches: string[] = config.searches ?? [];
  if (servers.length > 3)
    errors.push(invalid(`${field}.nameservers`, servers, 'must not have more than 3 nameservers'));
  for (const [i, server] of servers.entries())
    errors.push(...validateIPForLegacyField(`${field}.nameservers[${i}]`, server));
  if (searches.length > 32)
    errors.push(invalid(`${field}.searches`, searches, 'must not have more than 32 search paths'));
  if (byteLength(searches.join(' ')) > 2048)
    errors.push(
      invalid(
        `${field}.searches`,
        searches,
        'must not have more than 2048 characters (including spaces) in the search list',
      ),
    );
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue;
    const bare = search.replace(/\.$/, '');
    errors.push(...checked(isDNS1123SubdomainWithUnderscore(bare), `${field}.searches[${i}]`, bare));
  }
  for (const [i, option] of (config.options ?? []).entries())
    if (!option.name) errors.push(required(`${field}.options[${i}]`, 'must not be empty'));
  return errors;
}

export function hostNetworkPorts(spec: PodSpec, field: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return [];
  const errors: FieldError[] = [];
  for (const [i, container] of (spec.containers ?? []).entries())
    for (const [j, port] of (container.ports ?? []).entries()) {
      const host = port.hostPort ?? 0;
      if ((isPod || host !== 0) && host !== (port.containerPort ?? 0))
        errors.push(
          invalid(
            `${field}.containers[${i}].ports[${j}].hostPort`,
            host,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    }
  return errors;
}

export function hostUsersRules(spec: PodSpec, field: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const words = 'when `hostUsers` is false';
  const errors: FieldError[] = [];
  if (spec.hostNetwork) errors.push(forbidden(`${field}.hostNetwork`, words));
  if (spec.hostPID) errors.push(forbidden(`${field}.HostPID`, words));
  if (spec.hostIPC) errors.push(forbidden(`${field}.HostIPC`, words));
  for (const [container, path] of containersOf(spec, field))
    if (container.volumeDevices?.length) errors.push(forbidden(`${path}.volumeDevices`, words));
  return errors;
}

export function hostnameOverride(spec: PodSpec, field: string): FieldError[] {
  const name = spec.hostnameOverride;
  if (!isSet(name)) return [];
  const path = `${field}.hostnameOverride`;
  const errors: FieldError[] = [];
  if (spec.setHostnameAsFQDN) errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork) errors.push(forbidden(path, 'may not be specified when hostNetwork is true'));
  if (byteLength(name) > 64) errors.push(tooLong(path, 64));
  return [...errors, ...dns1123Subdomain(name, path)];
}

export function windowsHostProcess(spec: PodSpec, field: string): FieldError[] {
  const pod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  let all = 0;
  let host = 0;
  for (const [container, path] of containersOf(spec, field)) {
    all++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (isSet(pod) && isSet(own) && pod !== own)
      errors.push(
        invalid(
          `${path}.securityContext.windowsOptions.hostProcess`,
          own,
          `pod hostProcess value must be identical if both are specified, was ${pod}`,
        ),
      );
    if (own ?? pod) host++;
  }
  if (host === 0) return errors;
  if (host !== all)
    errors.push(
      invalid(
        field,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (!spec.hostNetwork)
    errors.push(
      invalid(`${field}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
  return errors;
}
