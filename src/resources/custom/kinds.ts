/** The kinds that a definition brings: one for each version that it serves. */
import { sha256 } from '@noble/hashes/sha2';
import type { KindDefinition } from '../../catalog/catalog.ts';
import type { Converter, CustomKind } from '../../catalog/custom-kind.ts';
import type { Subresource } from '../../catalog/kinds.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  WebhookConversion,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import { encodeBase64 } from '../../simulation/base64.ts';
import { type Definition, isTrue, readableDefinition, storageVersionOf } from './definition.ts';
import { customTable } from './printer-columns.ts';
import { customStrategy } from './strategy.ts';
import { compareVersions } from './version-order.ts';

/** A definition as it lies in the store. */
export interface StoredDefinition {
  key: string;
  revision: number;
  text: string;
}

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];
const HASH_BYTES = 8;

/** Every kind of the definitions that are served, in the order of discovery. */
export function customKinds(stored: readonly StoredDefinition[]): KindDefinition[] {
  return stored
    .flatMap(kindsOf)
    .sort(
      (a, b) => byText(a.group, b.group) || compareVersions(a.version, b.version) || byText(a.resource, b.resource),
    );
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function kindsOf({ key, revision, text }: StoredDefinition): KindDefinition[] {
  const definition = readableDefinition(text);
  if (!definition || !isTrue(definition.head, 'Established')) return [];
  const { spec } = definition.head;
  const storage = storageVersionOf(definition.head);
  if (!storage) return [];
  return spec.versions
    .filter(({ served }) => served)
    .map((version) => kindOf(definition, version, { definition: { key, revision }, storageVersion: storage.name }));
}

function kindOf(
  definition: Definition,
  version: CustomResourceDefinitionVersion,
  stored: Pick<CustomKind, 'definition' | 'storageVersion'>,
): KindDefinition {
  const { head } = definition;
  const { spec, status } = head;
  const { group, conversion } = spec;
  const names = status?.acceptedNames ?? spec.names;
  const { plural, kind, singular = kind.toLowerCase(), listKind = `${kind}List` } = names;
  const { subresources, additionalPrinterColumns, selectableFields } = version;
  const isTerminating = isTrue(head, 'Terminating');
  return {
    group,
    version: version.name,
    resource: plural,
    kind,
    singular,
    namespaced: spec.scope === 'Namespaced',
    verbs: VERBS,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    storage: `${group}/${plural}`,
    schema: schemaName(group, version.name, kind),
    storageVersionHash: storageVersionHash(group, stored.storageVersion, spec.names.kind),
    subresources: subresourcesOf(version, group, kind),
    strategy: customStrategy({ schema: () => definition.schema(version.name)!, subresources, selectableFields }),
    table: customTable(additionalPrinterColumns),
    custom: {
      ...stored,
      digest: definition.digest,
      listKind,
      schema: (name) => definition.schema(name),
      isTerminating,
      scale: subresources?.scale,
      selectable: (selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
      deprecation: deprecationOf(head, version),
      converter: conversion?.strategy === 'Webhook' ? converterOf(conversion.webhook) : undefined,
    },
  };
}

/** `com.example.v1.Widget`: as OpenAPI names it. */
const schemaName = (group: string, version: string, kind: string): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`;

const storageVersionHash = (group: string, version: string, kind: string): string =>
  encodeBase64(sha256(`${group}/${version}/${kind}`).slice(0, HASH_BYTES));

function subresourcesOf(
  { name, subresources }: CustomResourceDefinitionVersion,
  group: string,
  kind: string,
): Subresource[] {
  const verbs = SUBRESOURCE_VERBS;
  return [
    ...(subresources?.status ? [{ name: 'status', verbs, group, version: name, kind }] : []),
    ...(subresources?.scale ? [{ name: 'scale', verbs, group: 'autoscaling', version: 'v1', kind: 'Scale' }] : []),
  ];
}

const converterOf = (webhook: WebhookConversion | undefined): Converter => ({
  clientConfig: webhook?.clientConfig ?? {},
  reviewVersions: webhook?.conversionReviewVersions ?? [],
});

/** What those who ask for a version that is on its way out are told: which to take in its place. */
function deprecationOf(
  { spec }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const { group, names } = spec;
  const [better] = spec.versions
    .filter(({ name, served, deprecated }) => served && !deprecated && compareVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .sort(compareVersions);
  const said = `${group}/${version.name} ${names.kind} is deprecated`;
  return better ? `${said}; use ${group}/${better} ${names.kind}` : said;
}
