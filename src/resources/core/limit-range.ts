/** LimitRanges. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { checked } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, required } from '../../objects/field-error.ts';
import type { LimitRange } from '../../objects/generated/core-v1.gen.ts';
import { isQualifiedName } from '../../objects/names.ts';
import { own } from '../../objects/own.ts';
import { compareQuantities, milliValue } from '../../objects/quantity.ts';
import { repeats } from '../../objects/repeats.ts';
import {
  isOvercommitAllowed,
  validateContainerResourceName,
  validateResourceName,
} from '../../objects/resource-names.ts';

type Amounts = Record<string, string>;

function defaultLimitRange(object: LimitRange): void {
  object.spec ??= {} as LimitRange['spec'];
  for (const item of object.spec.limits ?? []) {
    if (item.type !== 'Container') continue;
    const limits: Amounts = { ...item.max, ...item.default };
    const requests: Amounts = { ...item.min, ...limits, ...item.defaultRequest };
    if (Object.keys(limits).length > 0) item.default = limits;
    if (Object.keys(requests).length > 0) item.defaultRequest = requests;
  }
}

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

function typeName(type: string, field: string): FieldError[] {
  const errors = [...checked(isQualifiedName(type), field, type)];
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors;
  return [invalid(field, type, 'must be a standard limit type or fully qualified')];
}

// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
function bounds(item: any, key: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const [min, max, limit, request, ratio] = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'].map(
    (name) => (item.type === 'Pod' && name.startsWith('default') ? undefined : item[name]?.[key]),
  );
  const above = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && compareQuantities(a, b) > 0;
  const wrong = (name: string, value: string, words: string): void =>
    void errors.push(invalid(`${field}.${name}[${key}]`, value, words));
  if (above(min, max)) wrong('min', min, `min value ${min} is greater than max value ${max}`);
  if (above(min, request))
    wrong('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  if (above(request, max))
    wrong('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  if (above(request, limit))
    wrong('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`);
  if (above(min, limit)) wrong('default', min, `min value ${min} is greater than default value ${limit}`);
  if (above(limit, max)) wrong('default', max, `default value ${limit} is greater than max value ${max}`);
  if (ratio !== undefined) {
    const value = milliValue(ratio) / 1000;
    if (value < 1) wrong('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`);
    if (min !== undefined && max !== undefined) {
      const most = milliValue(max) / milliValue(min);
      if (value > most)
        wrong('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
    }
  }
  if (
    !isOvercommitAllowed(key) &&
    limit !== undefined &&
    request !== undefined &&
    compareQuantities(limit, request) !== 0
  )
    wrong('defaultRequest', request, `default value ${limit} must equal to defaultRequest value ${request} in ${key}`);
  return errors;
}

function validateLimitRange(object: LimitRange): FieldError[] {
  const errors: FieldError[] = [];
  const limits = object.spec.limits ?? [];
  const again = repeats(limits, (item) => item.type ?? '');
  for (const [i, item] of limits.entries()) {
    const path = `spec.limits[${i}]`;
    const type: string = item.type ?? '';
    errors.push(...typeName(type, `${path}.type`));
    if (again[i]) errors.push(duplicate(`${path}.type`, type));
    const isPod = type === 'Pod';
    const name = isPod || type === 'Container' ? validateContainerResourceName : validateResourceName;
    const keys = new Set<string>();
    const visit = (field: string): void => {
      for (const key of Object.keys(own(item, field) ?? {})) {
        errors.push(...name(key, `${path}.${field}[${key}]`));
        keys.add(key);
      }
    };
    visit('max');
    visit('min');
    for (const field of ['default', 'defaultRequest'] as const)
      if (!isPod) visit(field);
      else if (Object.keys(own(item, field) ?? {}).length > 0)
        errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    if (type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage)
      errors.push(
        required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
      );
    visit('maxLimitRequestRatio');
    for (const key of keys) errors.push(...bounds(item, key, path));
  }
  return errors;
}

export const limitranges: Strategy<LimitRange> = {
  defaults: defaultLimitRange,
  prepareForCreate({ metadata }, { random }) {
    metadata.name ||= random.uid();
  },
  validate: validateLimitRange,
  allowCreateOnUpdate: true,
};
