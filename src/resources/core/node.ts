/** Nodes. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateNode, and pkg/registry/core/node. */

import type { Strategy } from '../../catalog/strategy.ts';
import { duplicate, type FieldError, forbidden, internalError, invalid } from '../../objects/field-error.ts';
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import { goValue } from '../../objects/go-value.ts';
import { parseCIDR, validateCIDRForLegacyField, warningsForCIDR } from '../../objects/ip.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateQuantity } from '../../objects/resource-names.ts';
import { validateTaints } from './pod/scheduling.ts';

function amounts(object: Node): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['capacity', 'allocatable'] as const)
    for (const [name, amount] of Object.entries<string>(object.status?.[key] ?? {}))
      errors.push(...validateQuantity(name, amount, `status.${key}.${name}`));
  return errors;
}

/** Their errors name `metadata.taints`, where taints once were. */
const taints = (object: Node): FieldError[] =>
  validateTaints(object.spec.taints, 'metadata.taints', (taint) => goValue('core.Taint', taint));

const validate = (object: Node): FieldError[] => [...taints(object), ...amounts(object), ...podRanges(object)];

function podRanges(object: Node): FieldError[] {
  const errors: FieldError[] = [];
  const ranges: string[] = object.spec.podCIDRs ?? [];
  for (const [i, range] of ranges.entries()) errors.push(...validateCIDRForLegacyField(`spec.podCIDRs[${i}]`, range));
  if (ranges.length > 1) {
    const wrong = ranges.findIndex((range) => !parseCIDR(range));
    if (wrong >= 0)
      errors.push(
        internalError(
          'spec.podCIDRs',
          `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`,
        ),
      );
    const families = new Set(ranges.map((range) => parseCIDR(range)?.address.family));
    if (wrong >= 0 || families.size < 2 || ranges.length > 2)
      errors.push(invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'));
  }
  return errors;
}

function validateUpdate(object: Node, old: Node): FieldError[] {
  const errors = amounts(object);
  const addresses = object.status?.addresses ?? [];
  const again = repeats(addresses, (a) => JSON.stringify([a.type, a.address]));
  for (const [i, address] of addresses.entries())
    if (again[i]) errors.push(duplicate(`status.addresses[${i}]`, goValue('core.NodeAddress', address)));
  const before: string[] = old.spec?.podCIDRs ?? [];
  const now: string[] = object.spec?.podCIDRs ?? [];
  const kept = forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  if (before.length > 0) {
    if (before.length !== now.length) errors.push(kept);
    else for (const [i, range] of before.entries()) if (range !== now[i]) errors.push(kept);
  }
  const [was = '', is = ''] = [old.spec?.providerID, object.spec?.providerID];
  if (was && is && was !== is) errors.push(invalid('spec.providerID', null, 'field cannot be modified once set'));
  if (was && !is) errors.push(invalid('spec.providerID', null, 'field cannot be cleared once set'));
  errors.push(...taints(object));
  if ((object.spec?.externalID ?? '') !== (old.spec?.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  errors.push(...podRanges(object));
  return errors;
}

/** `podCIDR` and the first of `podCIDRs` are one thing. */
function defaults(object: Node): void {
  object.spec ??= {} as Node['spec'];
  const { spec, status } = object;
  if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR];
  else if (!spec.podCIDR && spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0];
  if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
}

/** What this version has no more, or has not yet. */
function dropDisabled(object: Node): void {
  delete object.spec.configSource;
  delete object.spec.podPreemptionPolicy;
  delete object.status?.config;
}

/** What the API server shows of a node's status even when nobody has set it. */
function completeStatus(object: Node): void {
  dropDisabled(object);
  object.status ??= {};
  object.status.daemonEndpoints ??= {};
  object.status.daemonEndpoints.kubeletEndpoint ??= { Port: 0 };
  object.status.nodeInfo ??= {
    machineID: '',
    systemUUID: '',
    bootID: '',
    kernelVersion: '',
    osImage: '',
    containerRuntimeVersion: '',
    kubeletVersion: '',
    kubeProxyVersion: '',
    operatingSystem: '',
    architecture: '',
  };
}

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** A node takes no pods until it has said that it is ready; one that says so at once needs nobody to lift the taint again. */
function taintUntilReady(object: Node): void {
  const list = object.spec.taints ?? [];
  if (list.some((t) => t.key === NOT_READY.key && t.effect === NOT_READY.effect)) return;
  object.spec.taints = [...list, { ...NOT_READY }];
}

export const nodes: Strategy<Node> = {
  defaults,
  admit(object, old) {
    const ready = object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
    if (!old && !ready) taintUntilReady(object);
  },
  prepareForCreate: completeStatus,
  prepareForUpdate: completeStatus,
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateUpdate(object, old)],
  validateStatusUpdate: validateUpdate,
  hasGeneration: false,
  keepsStatusOnCreate: true,
  warnings: ({ spec = {} }) => [
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec.podCIDRs ?? []).flatMap((range: string, i: number) => warningsForCIDR(`spec.podCIDRs[${i}]`, range)),
  ],
  selectableFields: ({ spec = {} }) => ({ 'spec.unschedulable': String(spec.unschedulable ?? false) }),
};
