/** ResourceClaim, ResourceClaimTemplate and DeviceClass. Source: k8s.io/kubernetes/pkg/apis/resource. CEL is only checked for being there. */

import { validateAnnotations } from '../../catalog/metadata.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { sameData } from '../../objects/equality.ts';
import { dns1123Label, dns1123Subdomain, unchanged } from '../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  immutable,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../objects/field-error.ts';
import type {
  DeviceClaimConfiguration,
  DeviceClass,
  DeviceClassConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceClaimSpec,
  ResourceClaimTemplate,
} from '../../objects/generated/resource-v1.gen.ts';
import { byteLength, isDNS1123Subdomain } from '../../objects/names.ts';
import type { Unchecked } from '../../objects/object.ts';
import { repeats } from '../../objects/repeats.ts';
import { wrongInExtendedResource } from '../../objects/resource-names.ts';
import { validateLabels } from '../../objects/selector-validation.ts';

export const REQUESTS_MAX = 32;
export const SELECTORS_MAX = 32;
export const SUBREQUESTS_MAX = 8;
export const EXPRESSION_MAX_BYTES = 10 * 1024;
const MODES = ['All', 'ExactCount'];

/** Whether a list is short enough to be looked at. */
function fits(list: unknown[], max: number, field: string, found: Findings): boolean {
  if (list.length > max) found.declare(tooMany(field, list.length, max));
  return list.length <= max;
}

function validateSelectors(
  selectors: Unchecked<DeviceSelector>[] | null | undefined,
  field: string,
  found: Findings,
): void {
  const all = selectors ?? [];
  if (!fits(all, SELECTORS_MAX, field, found)) return;
  for (const [i, { cel }] of all.entries())
    if (!cel) found.add(required(`${field}[${i}].cel`));
    else if (byteLength(cel.expression ?? '') > EXPRESSION_MAX_BYTES)
      found.add(tooLong(`${field}[${i}].cel.expression`, EXPRESSION_MAX_BYTES));
}

/** What is asked of devices, in a request or in one of its alternatives. */
function validateDemand(
  demand: Unchecked<ExactDeviceRequest | DeviceSubRequest>,
  field: string,
  isAlternative: boolean,
  found: Findings,
): void {
  const className: string = demand.deviceClassName ?? '';
  const wrong =
    className === '' ? [required(`${field}.deviceClassName`)] : dns1123Subdomain(className, `${field}.deviceClassName`);
  if (isAlternative) found.declare(...wrong);
  else found.add(...wrong);
  validateSelectors(demand.selectors, `${field}.selectors`, found);
  const { allocationMode = '', count = 0 } = demand;
  if (allocationMode === 'All') {
    if (count !== 0) found.add(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) found.add(invalid(`${field}.count`, count, 'must be greater than zero'));
  } else found.declare(notSupported(`${field}.allocationMode`, allocationMode, MODES));
}

function validateRequest(request: DeviceRequest, field: string, found: Findings): void {
  found.add(...dns1123Label(request.name ?? '', `${field}.name`));
  const alternatives = request.firstAvailable ?? [];
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (alternatives.length > 0 && request.exactly)
    found.add(invalid(field, null, `${one}, but multiple fields are set`));
  else if (request.exactly) validateDemand(request.exactly, `${field}.exactly`, false, found);
  else if (alternatives.length === 0) found.add(required(field, one));
  else if (fits(alternatives, SUBREQUESTS_MAX, `${field}.firstAvailable`, found)) {
    const again = repeats(alternatives, (a) => a.name);
    for (const [i, alternative] of alternatives.entries()) {
      const at = `${field}.firstAvailable[${i}]`;
      found.add(...dns1123Label(alternative.name ?? '', `${at}.name`));
      validateDemand(alternative, at, true, found);
      if (again[i]) found.declare(duplicate(at, { name: alternative.name }));
    }
  }
}

/** `request` or `request/alternative`, of those that the claim has. */
function validateReference(name: string, requests: DeviceRequest[], field: string, found: Findings): void {
  const words = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const [request = '', alternative, ...more] = name.split('/');
  if (more.length > 0) {
    found.add(invalid(field, name, words));
    return;
  }
  found.add(...dns1123Label(request, field));
  if (alternative !== undefined) found.add(...dns1123Label(alternative, field));
  const known = requests.find((r) => r.name === request);
  const exists = known && (alternative === undefined || known.firstAvailable?.some((a) => a.name === alternative));
  if (!exists) found.add(invalid(field, name, words));
}

function validateConstraint(
  constraint: DeviceConstraint,
  requests: DeviceRequest[],
  field: string,
  found: Findings,
): void {
  for (const [i, name] of (constraint.requests ?? []).entries())
    validateReference(name, requests, `${field}.requests[${i}]`, found);
  const attribute = constraint.matchAttribute ?? constraint.distinctAttribute;
  const key = constraint.matchAttribute === undefined ? 'distinctAttribute' : 'matchAttribute';
  if (attribute === undefined)
    found.add(
      required(
        field,
        'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ),
    );
  else if (!attribute.includes('/'))
    found.declare(
      invalid(`${field}.${key}`, attribute, 'a fully qualified name must be a domain and a name separated by a slash'),
    );
}

function validateConfiguration(
  config: DeviceClaimConfiguration | DeviceClassConfiguration,
  field: string,
  found: Findings,
): void {
  const { opaque } = config;
  if (!opaque) {
    found.add(required(`${field}.opaque`));
    return;
  }
  const driver: string = opaque.driver ?? '';
  if (driver === '') found.declare(required(`${field}.opaque.driver`));
  else
    for (const words of isDNS1123Subdomain(driver.toLowerCase()))
      found.declare(invalid(`${field}.opaque.driver`, driver, words));
  if (opaque.parameters === undefined || opaque.parameters === null) found.add(required(`${field}.opaque.parameters`));
}

function validateClaimSpec(spec: ResourceClaimSpec | undefined, field: string): FieldError[] {
  const found = new Findings();
  const { requests: asked, constraints, config } = spec?.devices ?? {};
  const requests = asked ?? [];
  const at = `${field}.devices`;
  const again = repeats(requests, (r) => r.name);
  if (fits(requests, REQUESTS_MAX, `${at}.requests`, found))
    for (const [i, request] of requests.entries()) {
      validateRequest(request, `${at}.requests[${i}]`, found);
      if (again[i]) found.declare(duplicate(`${at}.requests[${i}]`, { name: request.name }));
    }
  if (fits(constraints ?? [], REQUESTS_MAX, `${at}.constraints`, found))
    for (const [i, constraint] of (constraints ?? []).entries())
      validateConstraint(constraint, requests, `${at}.constraints[${i}]`, found);
  if (fits(config ?? [], REQUESTS_MAX, `${at}.config`, found))
    for (const [i, entry] of (config ?? []).entries()) {
      for (const [j, name] of (entry.requests ?? []).entries())
        validateReference(name, requests, `${at}.config[${i}].requests[${j}]`, found);
      validateConfiguration(entry, `${at}.config[${i}]`, found);
    }
  return found.all();
}

function claimDefaults(spec: ResourceClaimSpec | undefined): void {
  for (const request of spec?.devices?.requests ?? [])
    for (const demand of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (!demand) continue;
      if (!demand.allocationMode) demand.allocationMode = 'ExactCount';
      if (demand.allocationMode === 'ExactCount' && !demand.count) demand.count = 1;
    }
}

export const resourceClaim: Strategy<ResourceClaim> = {
  statusKeepsMetadata: true,
  hasGeneration: false,
  defaults: (o) => claimDefaults(o.spec),
  validate: (o) => validateClaimSpec(o.spec, 'spec'),
  validateUpdate: (o, old) => (sameData(o.spec, old.spec) ? [] : [immutable('spec', null)]),
};

export const resourceClaimTemplate: Strategy<ResourceClaimTemplate> = {
  defaults: (o) => claimDefaults(o.spec?.spec),
  validate: (o) => [
    ...validateLabels(o.spec?.metadata?.labels, 'spec.metadata.labels'),
    ...validateAnnotations(o.spec?.metadata?.annotations, 'spec.metadata.annotations'),
    ...validateClaimSpec(o.spec?.spec, 'spec.spec'),
  ],
  validateUpdate: (o, old) => unchanged(o.spec, old.spec, 'spec'),
};

function validateClass(o: DeviceClass): FieldError[] {
  const found = new Findings();
  const { selectors, config, extendedResourceName } = o.spec ?? {};
  validateSelectors(selectors, 'spec.selectors', found);
  if (fits(config ?? [], REQUESTS_MAX, 'spec.config', found))
    for (const [i, entry] of (config ?? []).entries()) validateConfiguration(entry, `spec.config[${i}]`, found);
  if (extendedResourceName !== undefined)
    for (const words of wrongInExtendedResource(extendedResourceName))
      found.declare(invalid('spec.extendedResourceName', extendedResourceName, words));
  return found.all();
}

export const deviceClass: Strategy<DeviceClass> = { hasGeneration: true, validate: validateClass };
