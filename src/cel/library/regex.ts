/** What a pattern finds in a text. Source: k8s.io/apiserver's pkg/cel/library/regex.go. */
import type { FunctionTable } from '../declarations.ts';
import { withPattern } from '../regex.ts';

export const REGEX: FunctionTable = {
  find: [['string_find_string', 'string.(string) -> string', withPattern('find', 'Illegal regex: ')]],
  findAll: [
    ['string_find_all_string', 'string.(string) -> list(string)', withPattern('findAll', 'Illegal regex: ')],
    ['string_find_all_string_int', 'string.(string, int) -> list(string)', withPattern('findAll', 'Illegal regex: ')],
  ],
};
