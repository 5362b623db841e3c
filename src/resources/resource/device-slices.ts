/** ResourceSlice and DeviceTaintRule. Source: k8s.io/kubernetes/pkg/apis/resource. */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateConditions } from '../../objects/condition-validation.ts';
import { Findings } from '../../objects/declarative.ts';
import { dns1123Label, dns1123Subdomain, isSet, unchanged } from '../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../objects/field-error.ts';
import type {
  Device,
  DeviceTaint,
  DeviceTaintRule,
  ResourcePool,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../objects/generated/resource-v1.gen.ts';
import { byteLength, isDNS1123Subdomain, isLabelValue } from '../../objects/names.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateLabelName } from '../../objects/selector-validation.ts';
import { validateNodeSelector } from '../core/node-selector-validation.ts';

export const DRIVER_NAME_MAX = 63;
export const POOL_NAME_MAX = 253;
export const DEVICES_MAX = 128;
export const DEVICES_MAX_ADVANCED = 64;
export const TRAITS_MAX = 32;
const TAINT_EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

function validateDriverName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const errors = byteLength(name) > DRIVER_NAME_MAX ? [tooLong(field, DRIVER_NAME_MAX)] : [];
  for (const words of isDNS1123Subdomain(name.toLowerCase())) errors.push(invalid(field, name, words));
  return errors;
}

function validatePool(pool: ResourcePool | undefined): FieldError[] {
  const { name = '', resourceSliceCount = 0, generation = 0 } = pool ?? {};
  const errors: FieldError[] = [];
  if (name === '') errors.push(required('spec.pool.name'));
  else {
    if (byteLength(name) > POOL_NAME_MAX) errors.push(tooLong('spec.pool.name', POOL_NAME_MAX));
    for (const part of name.split('/')) errors.push(...dns1123Subdomain(part, 'spec.pool.name'));
  }
  if (resourceSliceCount <= 0)
    errors.push(invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero'));
  if (generation < 0) errors.push(invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'));
  return errors;
}

const PLACES = '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`';

/** Which nodes reach the devices: said in exactly one way. */
function validatePlace(spec: Partial<ResourceSliceSpec>): FieldError[] {
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (isSet(spec.nodeName)) {
    if (spec.nodeName === '')
      errors.push(invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string'));
    else {
      set.push('`nodeName`');
      errors.push(...dns1123Subdomain(spec.nodeName, 'spec.nodeName'));
    }
  }
  if (spec.nodeSelector) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(spec.nodeSelector, 'spec.nodeSelector'));
    const terms: unknown[] = spec.nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1)
      errors.push(invalid('spec.nodeSelector.nodeSelectorTerms', terms, 'must have exactly one node selector term'));
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const)
    if (spec[field] === true) set.push(`\`${field}\``);
    else if (isSet(spec[field])) errors.push(invalid(`spec.${field}`, false, 'must be either unset or set to true'));
  const one = `exactly one of ${PLACES} is required`;
  if (set.length === 0) errors.push(required('spec', one));
  else if (set.length > 1) errors.push(invalid('spec', `{${set.join(', ')}}`, `${one}, but multiple fields are set`));
  return errors;
}

function validateTaint(taint: Partial<DeviceTaint>, field: string, found: Findings): void {
  found.add(...validateLabelName(taint.key ?? '', `${field}.key`));
  if (taint.value)
    for (const words of isLabelValue(taint.value)) found.add(invalid(`${field}.value`, taint.value, words));
  if (!taint.effect) found.declare(required(`${field}.effect`));
  else if (!TAINT_EFFECTS.includes(taint.effect))
    found.declare(notSupported(`${field}.effect`, taint.effect, TAINT_EFFECTS));
}

function validateDevice(device: Device, perDevice: boolean, field: string, found: Findings): void {
  found.add(...dns1123Label(device.name ?? '', `${field}.name`));
  const traits = Object.keys(device.attributes ?? {}).length + Object.keys(device.capacity ?? {}).length;
  if (traits > TRAITS_MAX)
    found.add(invalid(field, traits, `the total number of attributes and capacities must not exceed ${TRAITS_MAX}`));
  for (const [i, taint] of (device.taints ?? []).entries()) validateTaint(taint, `${field}.taints[${i}]`, found);
  const set = (['nodeName', 'nodeSelector', 'allNodes'] as const).filter((place) => isSet(device[place]));
  const words =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (!perDevice && set.length > 0)
    found.add(
      invalid(
        field,
        null,
        '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      ),
    );
  else if (perDevice && set.length === 0) found.add(required(field, words));
  else if (perDevice && set.length > 1)
    found.add(invalid(field, `{${set.map((place) => `\`${place}\``).join(', ')}}`, words));
}

function validateSlice(o: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const found = new Findings();
  const spec = o.spec ?? {};
  found.add(...validateDriverName(spec.driver ?? '', 'spec.driver'));
  found.add(...validatePool(spec.pool));
  if (old) {
    found.add(...unchanged(spec.pool?.name, old.spec?.pool?.name, 'spec.pool.name'));
    found.add(...unchanged(spec.driver, old.spec?.driver, 'spec.driver'));
    found.add(...unchanged(spec.nodeName, old.spec?.nodeName, 'spec.nodeName', spec.nodeName ?? null));
  }
  found.add(...validatePlace(spec));
  if (isSet(spec.sharedCounters) && isSet(spec.devices))
    found.add(invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'));
  const devices = spec.devices ?? [];
  const advanced = devices.some((d) => d.taints?.length || d.consumesCounters?.length);
  const max = advanced ? DEVICES_MAX_ADVANCED : DEVICES_MAX;
  if (devices.length > max) found.add(tooMany('spec.devices', devices.length, max));
  else {
    for (const [i, device] of devices.entries())
      validateDevice(device, spec.perDeviceNodeSelection === true, `spec.devices[${i}]`, found);
    const again = repeats(devices, (d) => d.name);
    for (const [i, device] of devices.entries()) if (again[i]) found.add(duplicate(`spec.devices[${i}]`, device.name));
  }
  return found.all();
}

function validateTaintRule(o: DeviceTaintRule): FieldError[] {
  const found = new Findings();
  const { driver, pool, device } = o.spec?.deviceSelector ?? {};
  if (isSet(driver)) found.add(...validateDriverName(driver, 'spec.deviceSelector.driver'));
  if (isSet(pool)) for (const part of pool.split('/')) found.add(...dns1123Subdomain(part, 'spec.deviceSelector.pool'));
  if (isSet(device)) found.add(...dns1123Label(device, 'spec.deviceSelector.device'));
  validateTaint(o.spec?.taint ?? {}, 'spec.taint', found);
  return found.all();
}

export const resourceSlice: Strategy<ResourceSlice> = {
  hasGeneration: true,
  prepareForCreate: (o, { now }) => addTimes(o, now),
  prepareForUpdate: (o, _, { now }) => addTimes(o, now),
  validate: (o) => validateSlice(o),
  validateUpdate: (o, old) => validateSlice(o, old),
  selectableFields: (o) => ({
    'spec.nodeName': o.spec?.nodeName ?? '',
    'spec.driver': o.spec?.driver ?? '',
    'spec.pool.name': o.spec?.pool?.name ?? '',
  }),
};

export const deviceTaintRule: Strategy<DeviceTaintRule> = {
  hasGeneration: true,
  prepareForCreate: (o, { now }) => {
    if (o.spec?.taint) o.spec.taint.timeAdded ??= now;
  },
  validate: validateTaintRule,
  validateStatusUpdate: (o) => validateConditions(o.status?.conditions, 'status.conditions'),
};

/** A taint counts from when it came. */
function addTimes(o: ResourceSlice, now: string): void {
  for (const device of o.spec?.devices ?? []) for (const taint of device.taints ?? []) taint.timeAdded ??= now;
}
