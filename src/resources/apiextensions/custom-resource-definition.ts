/** CustomResourceDefinition. Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import type { Strategy } from '../../catalog/strategy.ts';
import { unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import { isDNS1035Label, isDNS1123Subdomain } from '../../objects/names.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateClientConfig } from '../admissionregistration/webhook-client.ts';
import { validateApproval } from './api-approval.ts';
import { expressionsIn } from './definition-rules.ts';
import { schemaWarnings } from './definition-schema.ts';
import { isShared, validateShared, validateVersions } from './definition-versions.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const label = (value: string | undefined, field: string, mixedCase = false): FieldError[] => {
  if (!value) return [];
  const wrong = isDNS1035Label(mixedCase ? value.toLowerCase() : value).join(',');
  if (wrong === '') return [];
  return [invalid(field, value, mixedCase ? `may have mixed case, but should otherwise match: ${wrong}` : wrong)];
};

function validateNames(names: Partial<CustomResourceDefinitionNames>, field: string): FieldError[] {
  const errors = [
    ...label(names.plural, `${field}.plural`),
    ...label(names.singular, `${field}.singular`),
    ...label(names.kind, `${field}.kind`, true),
    ...label(names.listKind, `${field}.listKind`, true),
  ];
  for (const [i, name] of (names.shortNames ?? []).entries()) errors.push(...label(name, `${field}.shortNames[${i}]`));
  if (names.kind && names.kind === names.listKind)
    errors.push(invalid(`${field}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  for (const [i, name] of (names.categories ?? []).entries()) errors.push(...label(name, `${field}.categories[${i}]`));
  return errors;
}

function validateConversion(conversion: CustomResourceConversion): FieldError[] {
  const field = 'spec.conversion';
  const { strategy = '', webhook } = conversion ?? {};
  const errors: FieldError[] = [];
  if (strategy === '') errors.push(required(`${field}.strategy`));
  else if (strategy !== 'None' && strategy !== 'Webhook')
    errors.push(notSupported(`${field}.strategy`, strategy, ['None', 'Webhook']));
  const [config, versions = []] = [webhook?.clientConfig, webhook?.conversionReviewVersions];
  if (strategy !== 'Webhook') {
    const words = 'should not be set when strategy is not set to Webhook';
    if (config) errors.push(forbidden(`${field}.webhookClientConfig`, words));
    if (versions.length > 0) errors.push(forbidden(`${field}.conversionReviewVersions`, words));
    return errors;
  }
  if (!config) errors.push(required(`${field}.webhookClientConfig`, 'required when strategy is set to Webhook'));
  else errors.push(...validateClientConfig(config, `${field}.webhookClientConfig`));
  const at = `${field}.conversionReviewVersions`;
  if (versions.length === 0) return [...errors, required(at)];
  const again = repeats(versions);
  for (const [i, version] of versions.entries())
    if (again[i]) errors.push(invalid(`${at}[${i}]`, version, 'duplicate version'));
    else for (const words of isDNS1035Label(version)) errors.push(invalid(`${at}[${i}]`, version, words));
  if (!versions.some((v) => REVIEW_VERSIONS.includes(v)))
    errors.push(invalid(at, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  return errors;
}

/** `old`: what there was. */
function validateSpec(spec: CustomResourceDefinition['spec'], old?: CustomResourceDefinition): FieldError[] {
  const stored = old && expressionsIn((old.spec?.versions ?? []).map(({ schema }) => schema?.openAPIV3Schema));
  const errors: FieldError[] = [];
  const group: string = spec.group ?? '';
  const wrongGroup = isDNS1123Subdomain(group).join(',');
  if (group === '') errors.push(required('spec.group'));
  else if (wrongGroup) errors.push(invalid('spec.group', group, wrongGroup));
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  if (!spec.scope) errors.push(required('spec.scope'));
  else if (spec.scope !== 'Cluster' && spec.scope !== 'Namespaced')
    errors.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  const versions = spec.versions ?? [];
  errors.push(...validateVersions(versions, stored));
  const names = spec.names ?? {};
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const)
    if (!names[name]) errors.push(required(`spec.names.${name}`));
  errors.push(...validateNames(names, 'spec.names'));
  errors.push(...validateShared(versions, stored));
  return [...errors, ...validateConversion(spec.conversion!)];
}

function validateStoredVersions(o: CustomResourceDefinition): FieldError[] {
  const stored: string[] = o.status?.storedVersions ?? [];
  const field = 'status.storedVersions';
  if (stored.length === 0) return [invalid(field, null, 'must have at least one stored version')];
  const versions = o.spec?.versions ?? [];
  const errors: FieldError[] = [];
  for (const v of versions)
    if (v.storage && !stored.includes(v.name))
      errors.push(invalid(field, stored, `must have the storage version ${v.name}`));
  for (const [i, name] of stored.entries())
    if (!versions.some((v) => v.name === name))
      errors.push(
        invalid(
          `${field}[${i}]`,
          name,
          `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
        ),
      );
  return errors;
}

function validateRest(o: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const errors = [...validateStoredVersions(o), ...validateApproval(o, old)];
  if (o.spec?.preserveUnknownFields && !old?.spec?.preserveUnknownFields)
    errors.push(
      invalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  return errors;
}

function validate(o: CustomResourceDefinition): FieldError[] {
  const name = `${o.spec?.names?.plural ?? ''}.${o.spec?.group ?? ''}`;
  const errors =
    o.metadata.name && o.metadata.name !== name
      ? [invalid('metadata.name', o.metadata.name, 'must be spec.names.plural+"."+spec.group')]
      : [];
  return [...errors, ...validateSpec(o.spec ?? {}), ...validateRest(o)];
}

function validateUpdate(o: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const errors = validateSpec(o.spec ?? {}, old);
  const established = old.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True');
  if (established)
    errors.push(
      ...unchanged(o.spec?.scope, old.spec?.scope, 'spec.scope'),
      ...unchanged(o.spec?.names?.kind, old.spec?.names?.kind, 'spec.names.kind'),
    );
  errors.push(
    ...unchanged(o.spec?.group, old.spec?.group, 'spec.group'),
    ...unchanged(o.spec?.names?.plural, old.spec?.names?.plural, 'spec.names.plural'),
  );
  return [...errors, ...validateRest(o, old)];
}

/** The version that is stored is on record from the moment it is. */
function recordStoredVersion(o: CustomResourceDefinition): void {
  const storage = (o.spec?.versions ?? []).find((v) => v.storage);
  const stored: string[] = o.status?.storedVersions ?? [];
  if (storage && !stored.includes(storage.name)) o.status!.storedVersions = [...stored, storage.name];
}

/** Of what there was already nothing is told again. */
function definitionWarnings(o: CustomResourceDefinition, old: CustomResourceDefinition | undefined): string[] {
  const of = (definition: CustomResourceDefinition | undefined) =>
    (definition?.spec?.versions ?? []).map(({ schema }) => schemaWarnings(schema?.openAPIV3Schema));
  const [now, before] = [of(o), of(old)];
  const known = new Set(before.flatMap(({ formats, sets }) => [...formats, ...sets]));
  const shared = isShared(o.spec?.versions ?? [], 'schema') ? now.slice(0, 1) : now;
  const told = [...shared.flatMap(({ formats }) => formats), ...new Set(now.flatMap(({ sets }) => sets))];
  return told.filter((warning) => !known.has(warning));
}

export const customResourceDefinition: Strategy<CustomResourceDefinition> = {
  metadataRules: 'plain',
  allowUnconditionalUpdate: false,
  hasGeneration: true,
  defaults: (o) => {
    const spec = o.spec ?? {};
    o.spec = spec;
    const names = spec.names ?? {};
    spec.names = names;
    if (!names.singular) names.singular = (names.kind ?? '').toLowerCase();
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
    if (spec.conversion.webhook?.clientConfig?.service) spec.conversion.webhook.clientConfig.service.port ??= 443;
  },
  prepareForCreate: (o) => {
    o.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null };
    recordStoredVersion(o);
  },
  prepareForUpdate: (o, _, { subresource }) => {
    if (subresource) return;
    o.status = { ...o.status };
    recordStoredVersion(o);
  },
  validate,
  validateUpdate,
  warnings: definitionWarnings,
  validateStatusUpdate: (o) => validateNames(o.status?.acceptedNames ?? {}, 'status.acceptedNames'),
};
