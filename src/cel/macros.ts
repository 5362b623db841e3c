/** The macros of Kubernetes' environment: calls that become folds, tests and conditions. Models cel-go's parser/macro.go. */
import { ACCUMULATOR, type Expr, OPERATORS } from './ast.ts';
import { type Macro, type MacroBuilder, MacroError, type MacroSet } from './tree-builder.ts';

/** How a fold goes on: what is accumulated at first, while what holds, by which step, and what comes of it. */
type Fold = Record<'init' | 'condition' | 'step' | 'result', Expr>;
type MakeFold = (make: MacroBuilder, predicate: Expr) => Fold;

const all: MakeFold = (make, predicate) => ({
  init: make.literal(true),
  condition: make.call(OPERATORS.notStrictlyFalse, make.accumulator()),
  step: make.call(OPERATORS.and, make.accumulator(), predicate),
  result: make.accumulator(),
});

const exists: MakeFold = (make, predicate) => ({
  init: make.literal(false),
  condition: make.call(OPERATORS.notStrictlyFalse, make.call(OPERATORS.not, make.accumulator())),
  step: make.call(OPERATORS.or, make.accumulator(), predicate),
  result: make.accumulator(),
});

const existsOne: MakeFold = (make, predicate) => ({
  init: make.literal(0n),
  condition: make.literal(true),
  step: make.call(
    OPERATORS.conditional,
    predicate,
    make.call(OPERATORS.add, make.accumulator(), make.literal(1n)),
    make.accumulator(),
  ),
  result: make.call(OPERATORS.equals, make.accumulator(), make.literal(1n)),
});

/** A step, taken only where a filter holds. */
const filtered = (make: MacroBuilder, filter: Expr | undefined, step: Expr): Expr =>
  filter ? make.call(OPERATORS.conditional, filter, step, make.accumulator()) : step;

const collecting = (make: MacroBuilder, filter: Expr | undefined, element: Expr): Fold => ({
  init: make.list(),
  condition: make.literal(true),
  step: filtered(make, filter, make.call(OPERATORS.add, make.accumulator(), make.list(element))),
  result: make.accumulator(),
});

/** `filter` and `transform`, or `transform` alone. */
const transform = (args: Expr[]): [filter: Expr | undefined, transform: Expr] =>
  args.length === 2 ? [args[0], args[1]!] : [undefined, args[0]!];

const mapEntries =
  (withKey: boolean): ((make: MacroBuilder, key: string, rest: Expr[]) => Fold) =>
  (make, key, rest) => {
    const [filter, value] = transform(rest);
    const inserted = withKey ? [make.ident(key), value] : [value];
    return {
      init: make.emptyMap(),
      condition: make.literal(true),
      step: filtered(make, filter, make.call('cel.@mapInsert', make.accumulator(), ...inserted)),
      result: make.accumulator(),
    };
  };

function fold(make: MacroBuilder, range: Expr, variables: [string, string?], parts: Fold): Expr {
  const [variable, secondVariable] = variables;
  return make.comprehension({ range, variable, secondVariable, accumulator: ACCUMULATOR, ...parts });
}

/** With one variable, `message` for an argument that is none. */
const one =
  (message: string, parts: (make: MacroBuilder, rest: Expr[], variable: Expr) => Fold): Macro =>
  (make, [variable, ...rest], target) =>
    fold(make, target!, [make.variable(variable!, message)], parts(make, rest, variable!));

const two =
  (parts: (make: MacroBuilder, key: string, rest: Expr[]) => Fold): Macro =>
  (make, [first, second, ...rest], target) => {
    const names = [first!, second!].map((arg) => {
      if (arg.kind !== 'ident') throw new MacroError(arg, SIMPLE_NAME);
      return arg.name;
    }) as [string, string];
    if (names[0] === names[1]) throw new MacroError(second!, `duplicate variable name: ${names[0]}`);
    for (const arg of [first!, second!]) make.variable(arg, SIMPLE_NAME);
    return fold(make, target!, names, parts(make, names[0], rest));
  };

const SIMPLE_NAME = 'argument must be a simple name';
const NOT_IDENTIFIER = 'argument is not an identifier';

const quantifier = (make: MakeFold): Macro => one(SIMPLE_NAME, (builder, rest) => make(builder, rest[0]!));
const twoQuantifier = (make: MakeFold): Macro => two((builder, _, rest) => make(builder, rest[0]!));
const mapMacro = one(NOT_IDENTIFIER, (make, rest) => collecting(make, ...transform(rest)));
const transformList = two((make, _, rest) => collecting(make, ...transform(rest)));

const has: Macro = (make, [arg]) => {
  if (arg!.kind !== 'select') throw new MacroError(arg!, 'invalid argument to has() macro');
  return make.presenceTest(arg!.operand, arg!.field);
};

/** A name for a value within an expression: a fold over nothing. */
function bind(make: MacroBuilder, name: string, value: Expr, within: Expr): Expr {
  return make.comprehension({
    range: make.list(),
    variable: '#unused',
    secondVariable: undefined,
    accumulator: name,
    init: value,
    condition: make.literal(false),
    step: make.ident(name),
    result: within,
  });
}

const optionalMap =
  (name: string, wrapped: boolean): Macro =>
  (make, [variable, mapped], target) => {
    if (variable!.kind !== 'ident')
      throw new MacroError(variable!, `${name}() variable name must be a simple identifier`);
    const present = make.memberCall('hasValue', target!);
    const value = make.memberCall('value', make.copy(target!));
    const bound = bind(make, variable!.name, value, mapped!);
    const result = wrapped ? make.call('optional.of', bound) : bound;
    return make.call(OPERATORS.conditional, present, result, make.call('optional.none'));
  };

const SORTED = '@__sortBy_input__';
const SORTABLE = new Set(['list', 'select', 'ident', 'comprehension', 'call']);

const sortBy: Macro = (make, args, target) => {
  if (!SORTABLE.has(target!.kind))
    throw new MacroError(
      target!,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  const keys = mapMacro(make, args, make.ident(SORTED));
  const sorted = make.memberCall('@sortByAssociatedKeys', make.ident(SORTED), keys);
  return bind(make, SORTED, target!, sorted);
};

/** All of them. */
export const MACROS: MacroSet = new Map<string, Macro>([
  ['has/1', has],
  ['all/2.', quantifier(all)],
  ['exists/2.', quantifier(exists)],
  ['exists_one/2.', quantifier(existsOne)],
  ['map/2.', mapMacro],
  ['map/3.', mapMacro],
  ['filter/2.', one(NOT_IDENTIFIER, (make, rest, variable) => collecting(make, rest[0], variable))],
  ['all/3.', twoQuantifier(all)],
  ['exists/3.', twoQuantifier(exists)],
  ['exists_one/3.', twoQuantifier(existsOne)],
  ['existsOne/3.', twoQuantifier(existsOne)],
  ['transformList/3.', transformList],
  ['transformList/4.', transformList],
  ['transformMap/3.', two(mapEntries(true))],
  ['transformMap/4.', two(mapEntries(true))],
  ['transformMapEntry/3.', two(mapEntries(false))],
  ['transformMapEntry/4.', two(mapEntries(false))],
  ['optMap/2.', optionalMap('optMap', true)],
  ['optFlatMap/2.', optionalMap('optFlatMap', false)],
  ['sortBy/2.', sortBy],
]);
