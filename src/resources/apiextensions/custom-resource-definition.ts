/** CustomResourceDefinition. Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import { isDNS1035Label, isDNS1123Subdomain } from '../../objects/names.ts';
import { own } from '../../objects/own.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateClientConfig } from '../admissionregistration/webhook-client.ts';
import { validateCustomSchema } from './structural-schema.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_RULES = 'see https://github.com/kubernetes/enhancements/pull/1111';
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
/** What may be said once for all versions, as the server's own type holds it, and its name there. */
const SHARED: [field: string, path: string][] = [
  ['schema', 'validation'],
  ['subresources', 'subresources'],
  ['additionalPrinterColumns', 'additionalPrinterColumns'],
];

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

/** The server's own type has one copy of what all versions say alike; paths of errors follow it. */
function isShared(versions: CustomResourceDefinitionVersion[], field: string): boolean {
  return versions.length > 0 && versions.every((v) => sameData(own(v, field), own(versions[0] ?? {}, field)));
}

// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
function validateVersionPart(part: string, value: any, at: string): FieldError[] {
  if (value === undefined || value === null) return [];
  if (part === 'schema')
    return value.openAPIV3Schema ? validateCustomSchema(value.openAPIV3Schema, `${at}.openAPIV3Schema`) : [];
  if (part === 'subresources') return value.scale ? validateScale(value.scale, at) : [];
  return value.flatMap((column: CustomResourceColumnDefinition, i: number) => validateColumn(column, `${at}[${i}]`));
}

function validateColumn(column: CustomResourceColumnDefinition, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!column.name) errors.push(required(`${field}.name`));
  if (!column.type) errors.push(required(`${field}.type`, types));
  else if (!COLUMN_TYPES.includes(column.type)) errors.push(invalid(`${field}.type`, column.type, types));
  if (column.format && !COLUMN_FORMATS.includes(column.format))
    errors.push(invalid(`${field}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  if (!column.jsonPath) errors.push(required(`${field}.JSONPath`));
  else errors.push(...jsonPath(column.jsonPath, `${field}.JSONPath`));
  return errors;
}

const jsonPath = (path: string, field: string): FieldError[] =>
  path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')];

function validateScale(scale: CustomResourceSubresourceScale, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, root] of [
    ['specReplicasPath', '.spec'],
    ['statusReplicasPath', '.status'],
  ] as const) {
    const at = `${field}.scale.${name}`;
    const path = scale[name];
    if (!path) errors.push(required(at));
    else if (!path.startsWith('.')) errors.push(...jsonPath(path, at));
    else if (!path.startsWith(`${root}.`)) errors.push(invalid(at, path, `should be a json path under ${root}`));
  }
  const path = scale.labelSelectorPath;
  const at = `${field}.scale.labelSelectorPath`;
  if (path && !path.startsWith('.')) errors.push(...jsonPath(path, at));
  else if (path && !path.startsWith('.spec.') && !path.startsWith('.status.'))
    errors.push(invalid(at, path, 'should be a json path under either .spec or .status'));
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

function validateVersions(versions: CustomResourceDefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, version] of versions.entries())
    if (!version.schema?.openAPIV3Schema) errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
  for (const [i, version] of versions.entries()) {
    const wrong = isDNS1035Label(version.name ?? '').join(',');
    if (wrong) errors.push(invalid(`spec.versions[${i}].name`, version.name ?? '', wrong));
    if (!version.deprecated && version.deprecationWarning !== undefined)
      errors.push(
        invalid(
          `spec.versions[${i}].deprecationWarning`,
          version.deprecationWarning,
          'can only be set for deprecated versions',
        ),
      );
    for (const [part] of SHARED)
      if (!isShared(versions, part))
        errors.push(...validateVersionPart(part, own(version, part), `spec.versions[${i}].${part}`));
  }
  const printed = versions.map((v) => printedVersion(v, versions));
  if (new Set(versions.map((v) => v.name)).size < versions.length)
    errors.push(invalid('spec.versions', printed, 'must contain unique version names'));
  if (versions.filter((v) => v.storage).length !== 1)
    errors.push(invalid('spec.versions', printed, 'must have exactly one version marked as storage version'));
  return errors;
}

/** As messages print it: the fields of the internal type. */
const printedVersion = (v: CustomResourceDefinitionVersion, versions: CustomResourceDefinitionVersion[]): object => ({
  Name: v.name ?? '',
  Served: v.served ?? false,
  Storage: v.storage ?? false,
  Deprecated: v.deprecated ?? false,
  DeprecationWarning: v.deprecationWarning ?? null,
  Schema: isShared(versions, 'schema') ? null : (v.schema ?? null),
  Subresources: isShared(versions, 'subresources') ? null : (v.subresources ?? null),
  AdditionalPrinterColumns: isShared(versions, 'additionalPrinterColumns')
    ? null
    : (v.additionalPrinterColumns ?? null),
  SelectableFields: isShared(versions, 'selectableFields') ? null : (v.selectableFields ?? null),
});

function validateSpec(spec: CustomResourceDefinition['spec']): FieldError[] {
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
  errors.push(...validateVersions(versions));
  const names = spec.names ?? {};
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const)
    if (!names[name]) errors.push(required(`spec.names.${name}`));
  errors.push(...validateNames(names, 'spec.names'));
  for (const [part, path] of SHARED)
    if (isShared(versions, part))
      errors.push(...validateVersionPart(part, own(versions[0] ?? {}, part), `spec.${path}`));
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

/** Groups of the Kubernetes project itself need a word that they were approved. */
function validateApproval(o: CustomResourceDefinition): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(o.spec?.group ?? '')) return [];
  const approval = o.metadata.annotations?.[APPROVAL] ?? '';
  const field = `metadata.annotations[${APPROVAL}]`;
  const need = `protected groups must have approval annotation "${APPROVAL}"`;
  if (approval === '') return [required(field, `${need}, ${APPROVAL_RULES}`)];
  if (approval.startsWith('unapproved') || /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(approval)) return [];
  return [
    invalid(field, approval, `${need} with either a URL or a reason starting with "unapproved", ${APPROVAL_RULES}`),
  ];
}

function validateRest(o: CustomResourceDefinition): FieldError[] {
  const errors = [...validateStoredVersions(o), ...validateApproval(o)];
  if (o.spec?.preserveUnknownFields)
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
  const errors = validateSpec(o.spec ?? {});
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
  return [...errors, ...validateRest(o)];
}

/** The version that is stored is on record from the moment it is. */
function recordStoredVersion(o: CustomResourceDefinition): void {
  const storage = (o.spec?.versions ?? []).find((v) => v.storage);
  const stored: string[] = o.status?.storedVersions ?? [];
  if (storage && !stored.includes(storage.name)) o.status!.storedVersions = [...stored, storage.name];
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
  validateStatusUpdate: (o) => validateNames(o.status?.acceptedNames ?? {}, 'status.acceptedNames'),
};
