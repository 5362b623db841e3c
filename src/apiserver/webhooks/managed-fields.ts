/**
 * What a webhook has made of `metadata.managedFields` is kept if it can be read.
 * Models k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager/admission.go.
 */
import { isJSONObject } from '../../objects/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../objects/object.ts';

const WARNING =
  '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ';

/** Puts back `before` where they cannot be read. */
export function keepReadable(
  { metadata }: KubeObject,
  before: ManagedFieldsEntry[] | undefined,
  warn: (text: string) => void,
): void {
  const problem = problemOf(metadata.managedFields ?? []);
  if (problem === undefined) return;
  if (before) metadata.managedFields = before;
  else delete metadata.managedFields;
  warn(WARNING + problem);
}

function problemOf(entries: readonly ManagedFieldsEntry[]): string | undefined {
  for (const [i, { operation, apiVersion, fieldsType, fieldsV1 }] of entries.entries()) {
    if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
    if (!apiVersion) return 'apiVersion must not be empty';
    if (!fieldsType) return `missing fieldsType in managed fields entry ${i}`;
    if (fieldsType !== 'FieldsV1')
      return `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`;
    if (fieldsV1 !== undefined && !isJSONObject(fieldsV1)) return 'error decoding versioned set';
  }
  return undefined;
}
