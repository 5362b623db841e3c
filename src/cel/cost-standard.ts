/** What calls of the language's own functions may cost. Models functionCost in cel-go's checker/cost.go. */
import type { Call, Expr } from './ast.ts';
import type { CallEstimate, CostNode } from './cost-functions.ts';
import { least, ONE, plus, type Range, scaled, sumOf, times, union } from './cost-range.ts';
import { REGEX_FACTOR, STRING_FACTOR } from './runtime-cost.ts';
import { MAX_UINT } from './value.ts';

export interface StandardCall {
  expr: Call;
  overload: string;
  target: CostNode | undefined;
  args: readonly CostNode[];
  argCosts: readonly Range[];
  /** The result contains what either of two parts contains. */
  joinEntries: (a: Expr, b: Expr) => void;
}

type Estimate = (call: StandardCall) => CallEstimate;

/** Beside what the arguments cost. */
const beside = ({ argCosts }: StandardCall, cost: Range, size?: Range): CallEstimate => ({
  cost: plus(cost, sumOf(argCosts)),
  ...(size ? { size } : {}),
});

const walked = (range: Range): Range => scaled(range, STRING_FACTOR);

const affix: Estimate = (call) => beside(call, walked(call.args[0]!.size));

const matches: Estimate = (call) => {
  const [text, pattern] = call.target ? [call.target, call.args[0]!] : [call.args[0]!, call.args[1]!];
  return beside(call, times(walked(plus(text.size, ONE)), scaled(pattern.size, REGEX_FACTOR)));
};

const compared: Estimate = (call) => {
  const [left, right] = call.args;
  const max = least(left!.size.max, right!.size.max);
  return beside(call, walked({ min: max > 0n ? 1n : 0n, max }));
};

const joined =
  (isList: boolean): Estimate =>
  (call) => {
    const [left, right] = call.args;
    const size = plus(left!.size, right!.size);
    call.joinEntries(left!.expr!, right!.expr!);
    return beside(call, isList ? ONE : walked(size), size);
  };

const logical: Estimate = ({ argCosts: [left, right] }) => ({
  cost: { min: left!.min, max: plus(left!, right!).max },
});

const conditional: Estimate = ({ args, argCosts, joinEntries }) => {
  joinEntries(args[1]!.expr!, args[2]!.expr!);
  const size = union(args[1]!.size, args[2]!.size);
  return { cost: plus(argCosts[0]!, union(argCosts[1]!, argCosts[2]!)), size };
};

const capped = (value: bigint): bigint => (value > MAX_UINT ? BigInt.asUintN(64, value) : value);

const BY_OVERLOAD: Record<string, Estimate> = {
  string_format: (call) => beside(call, walked(call.target!.size)),
  string_to_bytes: (call) => {
    const { min, max } = call.args[0]!.size;
    return beside(call, walked({ min, max }), { min, max: capped(max * 4n) });
  },
  bytes_to_string: (call) => {
    const { min, max } = call.args[0]!.size;
    return beside(call, walked({ min, max }), { min: min / 4n, max });
  },
  strings_quote: (call) => {
    const { min, max } = call.args[0]!.size;
    return beside(call, walked({ min, max }), { min: min + 2n, max: capped(max * 2n + 2n) });
  },
  starts_with_string: affix,
  ends_with_string: affix,
  in_list: (call) => beside(call, call.args[1]!.size),
  matches,
  matches_string: matches,
  contains_string: (call) => beside(call, times(walked(call.target!.size), walked(call.args[0]!.size))),
  logical_or: logical,
  logical_and: logical,
  conditional,
  add_string: joined(false),
  add_bytes: joined(false),
  add_list: joined(true),
  equals: compared,
  not_equals: compared,
};
for (const operator of ['less', 'less_equals', 'greater', 'greater_equals'])
  for (const type of ['string', 'bytes']) BY_OVERLOAD[`${operator}_${type}`] = compared;

export function standardCall(call: StandardCall): CallEstimate {
  return (BY_OVERLOAD[call.overload] ?? ((other: StandardCall) => beside(other, ONE)))(call);
}
