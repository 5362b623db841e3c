/** ReplicationControllers and Endpoints. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { inBytes } from '../../objects/declarative.ts';
import {
  checked,
  dns1123Label,
  dns1123Subdomain,
  isSet,
  nonNegative,
  qualifiedName,
} from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import { goMap, sameData } from '../../objects/go-value.ts';
import { validateIPForLegacyField } from '../../objects/ip.ts';
import { isDNS1123Subdomain, isPortNumber } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';
import { matchesLabelMap } from '../../objects/selectors.ts';
import { reviewTemplate, templateReads, templateWarnings } from '../apps/deployment.ts';
import { validateCounts } from '../apps/workload-validation.ts';
import { validateProtocol } from './pod/containers.ts';
import { defaultPodTemplate } from './pod/defaults.ts';
import { validatePodTemplate } from './pod/validation.ts';
import { warningsForHostname } from './pod/warnings.ts';
import { validateEndpointIP } from './service/validation.ts';

const size = (map: unknown): number => Object.keys(map ?? {}).length;

function defaultController(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  if (spec.template) defaultPodTemplate(spec);
  spec.replicas ??= 1;
  const labels = spec.template?.metadata?.labels;
  if (!labels) return;
  if (size(spec.selector) === 0) spec.selector = { ...labels };
  object.metadata ??= {} as KubeObject['metadata'];
  if (size(object.metadata.labels) === 0) object.metadata.labels = { ...labels };
}

function validateController({ metadata, spec }: KubeObject, old?: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (size(spec.selector) === 0) errors.push(required('spec.selector'));
  errors.push(...(spec.template ? templateErrors(spec) : [required('spec.template')]));
  // What the API's types say themselves comes last.
  if (metadata.name && !old)
    for (const words of isDNS1123Subdomain(metadata.name))
      errors.push(invalid('metadata.name', metadata.name, inBytes(words)));
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  return errors;
}

function templateErrors(spec: any): FieldError[] {
  const errors: FieldError[] = [];
  const { template } = spec;
  const labels = template.metadata?.labels;
  if (size(spec.selector) > 0 && !matchesLabelMap(spec.selector, labels))
    errors.push(invalid('spec.template.metadata.labels', goMap(labels), '`selector` does not match template `labels`'));
  errors.push(...validatePodTemplate(template, 'spec.template'));
  const policy = template.spec.restartPolicy;
  if (policy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', policy ?? '', ['Always']));
  if (isSet(template.spec.activeDeadlineSeconds))
    errors.push(
      forbidden(
        'spec.template.spec.activeDeadlineSeconds',
        'activeDeadlineSeconds in ReplicationController is not Supported',
      ),
    );
  return errors;
}

const replicationcontrollers: Strategy = {
  defaults: defaultController,
  reads: templateReads,
  review: reviewTemplate,
  prepareForCreate(object) {
    object.status = { replicas: 0 };
  },
  nameRule: () => [],
  validate: (object) => validateController(object),
  validateUpdate: validateController,
  validateStatusUpdate: (object) =>
    validateCounts(
      object.status,
      ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ),
  warnings: (object, old) => [
    ...(old ? [] : warningsForHostname(object.metadata.name, 'this is used in Pod names and hostnames')),
    ...templateWarnings(object, old),
  ],
  defaultPropagation: 'Orphan',
  selectableFields: ({ status = {} }) => ({ 'status.replicas': String(status.replicas ?? 0) }),
};

function address(value: any, field: string): FieldError[] {
  const errors = [...validateIPForLegacyField(`${field}.ip`, value.ip ?? '')];
  if (value.hostname) errors.push(...dns1123Label(value.hostname, `${field}.hostname`));
  if (isSet(value.nodeName)) errors.push(...dns1123Subdomain(value.nodeName, `${field}.nodeName`));
  return [...errors, ...validateEndpointIP(value.ip ?? '', `${field}.ip`)];
}

function port(value: any, field: string, needsName: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (needsName && !value.name) errors.push(required(`${field}.name`));
  else if (value.name) errors.push(...dns1123Label(value.name, `${field}.name`));
  errors.push(...checked(isPortNumber(value.port ?? 0), `${field}.port`, value.port ?? 0));
  errors.push(...validateProtocol(value.protocol, `${field}.protocol`));
  if (isSet(value.appProtocol)) errors.push(...qualifiedName(value.appProtocol, `${field}.appProtocol`));
  return errors;
}

function validateEndpoints(object: KubeObject, old?: KubeObject): FieldError[] {
  if (old && sameData(object.subsets, old.subsets)) return [];
  const errors: FieldError[] = [];
  for (const [i, subset] of (object.subsets ?? []).entries()) {
    const path = `subsets[${i}]`;
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length)
      errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    for (const key of ['addresses', 'notReadyAddresses'])
      for (const [j, value] of (subset[key] ?? []).entries()) errors.push(...address(value, `${path}.${key}[${j}]`));
    const ports: any[] = subset.ports ?? [];
    for (const [j, value] of ports.entries()) errors.push(...port(value, `${path}.ports[${j}]`, ports.length > 1));
  }
  return errors;
}

const endpoints: Strategy = {
  defaults(object) {
    for (const subset of object.subsets ?? []) for (const value of subset.ports ?? []) value.protocol ||= 'TCP';
  },
  validate: (object) => validateEndpoints(object),
  validateUpdate: validateEndpoints,
  allowCreateOnUpdate: true,
};

export const REPLICATION_CONTROLLER_STRATEGIES: Record<string, Strategy> = { replicationcontrollers, endpoints };
