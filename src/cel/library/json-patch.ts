/** What a key of a JSON patch's path is written as. Source: k8s.io/apiserver's pkg/cel/library/jsonpatch.go. */
import type { FunctionTable } from '../declarations.ts';

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export const JSON_PATCH: FunctionTable = {
  'jsonpatch.escapeKey': [['string_jsonpatch_escapeKey_string', '(string) -> string', escapeKey]],
};
