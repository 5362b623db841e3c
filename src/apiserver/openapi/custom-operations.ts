/** The operations on custom resources: fewer forms and ways than those on built-in kinds. */
import type { Kind } from '../../catalog/kinds.ts';
import type { Schemas } from '../../catalog/schema.ts';
import { type CustomlyKind, isCustom } from '../custom/decode.ts';
import { listSchemaName } from './custom-schema.ts';
import { LIST, type Operation, type PathItem } from './operation.ts';
import { pathItems } from './operations.ts';

const FORMS = ['application/json', 'application/yaml'];
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

/** The paths of one resource and its subresources, of whichever kind. */
export const itemsOf = (kind: Kind, schemas: Schemas): PathItem[] =>
  isCustom(kind) ? customItems(kind, schemas) : pathItems(kind, schemas);

const customItems = (kind: CustomlyKind, schemas: Schemas): PathItem[] =>
  pathItems(kind, schemas)
    .filter(({ path }) => !path.startsWith(`/apis/${kind.group}/${kind.version}/watch/`))
    .map((item) => ({ ...item, operations: item.operations.map((operation) => customOperation(kind, operation)) }));

function customOperation(kind: CustomlyKind, operation: Operation): Operation {
  const forms = { produces: FORMS, consumes: operation.method === 'patch' ? PATCHES : FORMS };
  const isOfAll = operation.action === 'deletecollection';
  const { body, ...rest } = operation;
  return {
    ...rest,
    ...forms,
    ...(body && !isOfAll ? { body } : {}),
    ...(operation.action === 'list' ? { answer: listSchemaName(kind) } : {}),
    ...(isOfAll ? { parameters: LIST } : {}),
    ...(operation.method === 'patch' ? { created: false } : {}),
  };
}
