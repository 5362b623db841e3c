/** The JSON patch of a mutating webhook: what is wrong with it is told in the words of gopkg.in/evanphx/json-patch.v4. */
import { isJSONObject } from '../../objects/json.ts';
import { StatusError } from '../../objects/status.ts';
import { JSONSyntaxError, parseJSON } from '../codec/json-text.ts';
import { applyJSONPatch, JSONPatchRefused } from '../patch/json-patch.ts';

/** What is no patch. */
export class UndecodablePatch extends Error {}

/** The operations of a patch. @throws UndecodablePatch */
export function decodePatch(text: string): unknown[] {
  let value: unknown;
  try {
    ({ value } = parseJSON(text));
  } catch (error) {
    if (error instanceof JSONSyntaxError) throw new UndecodablePatch(error.message);
    throw error;
  }
  const into = 'into Go value of type jsonpatch.';
  if (value === null) return [];
  if (!Array.isArray(value)) throw new UndecodablePatch(`json: cannot unmarshal ${wordOf(value)} ${into}Patch`);
  const other = value.find((operation) => operation !== null && !isJSONObject(operation));
  if (other !== undefined) throw new UndecodablePatch(`json: cannot unmarshal ${wordOf(other)} ${into}Operation`);
  return value;
}

const wordOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

/** What cannot be applied, in words. */
export class PatchFailed extends Error {}

/** @throws PatchFailed */
export function applyWebhookPatch(target: unknown, operations: readonly unknown[]): unknown {
  try {
    return applyJSONPatch(target, operations);
  } catch (error) {
    if (error instanceof StatusError)
      throw new PatchFailed(error instanceof JSONPatchRefused ? error.problem : error.message);
    throw error;
  }
}
