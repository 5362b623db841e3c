/** Requests and limits of containers and pods. Source: k8s.io/kubernetes/pkg/apis/core/validation, validateResourceRequirements. */

import { dns1123Label } from '../../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notFound, required } from '../../../objects/field-error.ts';
import type { ResourceRequirements } from '../../../objects/generated/core-v1.gen.ts';
import { bare } from '../../../objects/own.ts';
import { compareQuantities, parseQuantity } from '../../../objects/quantity.ts';
import {
  isHugePages,
  isOvercommitAllowed,
  validateContainerResourceName,
  validateQuantity,
} from '../../../objects/resource-names.ts';

type NameCheck = (name: string, field: string) => FieldError[];

function hugePages(name: string, quantity: string, field: string): FieldError[] {
  if (!isHugePages(name)) return [];
  try {
    const size = parseQuantity(name.slice('hugepages-'.length)).nanos;
    if (size > 0n && parseQuantity(quantity).nanos % size === 0n) return [];
  } catch {
    // A page size that can't be read divides nothing.
  }
  return [invalid(field, quantity, `${quantity} is not positive integer multiple of ${name}`)];
}

const isCompute = (name: string): boolean => name === 'cpu' || name === 'memory';

export function validateResourceRequirements(
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  field: string,
  nameCheck: NameCheck = validateContainerResourceName,
): FieldError[] {
  if (!resources) return [];
  const errors: FieldError[] = [];
  const [limits, requests] = [bare(resources.limits), bare(resources.requests)];
  let compute = false;
  let huge = false;
  for (const name of Object.keys(limits)) {
    const path = `${field}.limits[${name}]`;
    errors.push(...nameCheck(name, path), ...validateQuantity(name, limits[name]!, path));
    errors.push(...hugePages(name, limits[name]!, path));
    compute ||= isCompute(name);
    huge ||= isHugePages(name);
  }
  for (const name of Object.keys(requests)) {
    const path = `${field}.requests[${name}]`;
    const request = requests[name]!;
    const limit = limits[name];
    errors.push(...nameCheck(name, path), ...validateQuantity(name, request, path));
    if (limit !== undefined) {
      const order = compareQuantities(request, limit);
      if (order !== 0 && !isOvercommitAllowed(name))
        errors.push(invalid(`${field}.requests`, request, `must be equal to ${name} limit of ${limit}`));
      else if (order > 0)
        errors.push(invalid(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
    } else if (!isOvercommitAllowed(name))
      errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
    errors.push(...hugePages(name, request, path));
    compute ||= isCompute(name);
    huge ||= isHugePages(name);
  }
  if (huge && !compute) errors.push(forbidden(field, 'HugePages require cpu or memory'));
  errors.push(...validateClaims(resources.claims ?? [], claimNames, `${field}.claims`));
  return errors;
}

function validateClaims(
  claims: NonNullable<ResourceRequirements['claims']>,
  podClaims: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, claim] of claims.entries()) {
    const path = `${field}[${i}]`;
    const name: string = claim.name ?? '';
    if (!name) {
      errors.push(required(path));
      continue;
    }
    if (names.has(name)) errors.push(duplicate(path, name));
    else {
      if (claim.request) errors.push(...dns1123Label(claim.request, `${path}.request`));
      const key = claim.request ? `${name}/${claim.request}` : name;
      if (names.has(key)) errors.push(duplicate(path, key));
      else if (!claim.request)
        for (const other of names) if (other.startsWith(`${name}/`)) errors.push(duplicate(path, name));
      names.add(key);
    }
    if (!podClaims.has(name)) {
      const known = podClaims.size === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`;
      const error = notFound(path, name);
      errors.push({
        ...error,
        message: `${error.message}: must be one of the names in pod.spec.resourceClaims${known}`,
      });
    }
  }
  return errors;
}
