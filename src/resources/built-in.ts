/** The built-in kinds: what every cluster has, as one value that is never changed. */
import { Catalog } from '../catalog/catalog.ts';
import { builtInTable } from '../catalog/columns.ts';
import { KINDS } from '../catalog/generated/kinds.gen.ts';
import type { Kind } from '../catalog/kinds.ts';
import { BUILT_IN_SCHEMAS } from '../catalog/schema.ts';
import { groupResourceName } from '../objects/status.ts';
import { STRATEGIES } from './strategies.ts';

export const BUILT_IN: Catalog = Catalog.of(
  KINDS.map((description) => {
    const name = groupResourceName(description);
    return { ...description, strategy: STRATEGIES[name], table: builtInTable(name) };
  }),
  BUILT_IN_SCHEMAS,
);

/** The built-in kind of that name (`pods`, `deployments.apps`), for code that means just this one. Throws `Error` for any other name. */
export function builtIn(name: string): Kind {
  const kind = BUILT_IN.named(name);
  if (!kind) throw new Error(`no built-in kind ${name}`);
  return kind;
}
