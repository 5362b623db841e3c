/** APIService. Source: k8s.io/kube-aggregator/pkg/apis/apiregistration. */

import type { Strategy } from '../../catalog/strategy.ts';
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type { APIService, ServiceReference } from '../../objects/generated/apiregistration-v1.gen.ts';
import { isDNS1035Label, isDNS1123Subdomain, isPathSegmentName, isPortNumber } from '../../objects/names.ts';

export const GROUP_PRIORITY_MAX = 20_000;
export const VERSION_PRIORITY_MAX = 1000;

function validate(o: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service, ...rest } = o.spec ?? {};
  const { caBundle, insecureSkipTLSVerify = false } = rest;
  const errors: FieldError[] = [];
  const name = `${version}.${group}`;
  // Names are otherwise checked with the metadata; this one depends on the spec.
  if (o.metadata.name && isPathSegmentName(o.metadata.name).length === 0 && o.metadata.name !== name)
    errors.push(invalid('metadata.name', o.metadata.name, `must be \`spec.version+"."+spec.group\`: "${name}"`));
  if (group === '' && version !== 'v1')
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  if (group !== '') for (const words of isDNS1123Subdomain(group)) errors.push(invalid('spec.group', group, words));
  for (const words of isDNS1035Label(version)) errors.push(invalid('spec.version', version, words));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > GROUP_PRIORITY_MAX)
    errors.push(invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'));
  if (versionPriority <= 0 || versionPriority > VERSION_PRIORITY_MAX)
    errors.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  return [
    ...errors,
    ...(service ? validateService(service) : validateLocal(caBundle, insecureSkipTLSVerify)),
    ...(service && insecureSkipTLSVerify && caBundle
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ];
}

function validateLocal(caBundle: string | undefined, insecure: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (caBundle)
    errors.push(
      invalid('spec.caBundle', `${atob(caBundle).length} bytes`, 'local APIServices may not have a caBundle'),
    );
  if (insecure)
    errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
  return errors;
}

function validateService(service: ServiceReference): FieldError[] {
  const errors: FieldError[] = [];
  for (const part of ['namespace', 'name'] as const) if (!service[part]) errors.push(required(`spec.service.${part}`));
  const port = service.port ?? 0;
  const wrong = isPortNumber(port);
  if (wrong.length > 0) errors.push(invalid('spec.service.port', port, `port is not valid: ${wrong.join(', ')}`));
  return errors;
}

export const apiService: Strategy<APIService> = {
  nameRule: 'path',
  metadataRules: 'plain',
  allowUnconditionalUpdate: false,
  hasGeneration: false,
  defaults: (o) => {
    if (o.spec?.service) o.spec.service.port ??= 443;
  },
  prepareForCreate: (o, { now }) => {
    if (o.spec?.service) return;
    o.status = {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastTransitionTime: now,
          reason: 'Local',
          message: 'Local APIServices are always available',
        },
      ],
    };
  },
  validate,
};
