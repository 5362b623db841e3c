/** An expression to a tree, within cel-go's limit on its size. */
import type { Expr } from './ast.ts';
import { ParseEnded } from './parse-state.ts';
import { Parser } from './parser.ts';
import { type Issue, type Location, NO_LOCATION, type Source } from './source.ts';
import { type MacroSet, TreeBuilder } from './tree-builder.ts';

/** In code points. */
export const MAX_EXPRESSION_SIZE = 100_000;

export interface Parsed {
  expr: Expr;
  /** The place of each node, by its number. */
  locations: (id: number) => Location;
  issues: Issue[];
}

/** Reads an expression; what is wrong is in `issues`, in which case the tree is not to be used. */
export function parse(source: Source, macros: MacroSet): Parsed {
  const builder = new TreeBuilder(source, macros);
  const failed = (message: string): Parsed => ({
    expr: builder.unspecified(0),
    locations: () => NO_LOCATION,
    issues: [{ location: NO_LOCATION, message }],
  });
  if (source.size > MAX_EXPRESSION_SIZE)
    return failed(`expression code point size exceeds limit: size: ${source.size}, limit ${MAX_EXPRESSION_SIZE}`);
  const syntax: Issue[] = [];
  let expr: Expr = builder.unspecified(0);
  try {
    expr = new Parser(source, builder, syntax).start();
  } catch (end) {
    if (!(end instanceof ParseEnded)) throw end;
    if (end.message !== undefined) syntax.push({ location: NO_LOCATION, message: end.message });
    return { expr, locations: (id) => builder.location(id), issues: syntax };
  }
  return { expr, locations: (id) => builder.location(id), issues: [...syntax, ...builder.issues] };
}
