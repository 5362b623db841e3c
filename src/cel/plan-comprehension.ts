/** Folds, which is what `all`, `exists`, `map` and `filter` are. Models evalFold in cel-go's interpreter/interpretable.go. */
import type { Comprehension } from './ast.ts';
import { type Evaluate, type Frame, PENDING } from './frame.ts';
import type { Plan, Planner } from './plan-node.ts';
import { runtimeType } from './runtime-type.ts';
import { ArrayList, CelError, CelList, CelMap, EntryMap, GrowingList, GrowingMap, type Value } from './value.ts';

interface Loop {
  /** Where the variables are. */
  first: number;
  second: number | undefined;
  accumulator: number;
  condition: Evaluate;
  step: Evaluate;
}

export function planComprehension(planner: Planner, expr: Comprehension): Plan {
  const range = planner.plan(expr.range).evaluate;
  const start = planner.plan(expr.init).evaluate;
  const init: Evaluate = (frame) => growing(start(frame));
  return planner.withLocal(expr.accumulator, init, (accumulator) => {
    const loop = planner.withLocal(expr.variable, undefined, (first) => {
      const body = (second: number | undefined): Loop => ({
        first,
        second,
        accumulator,
        condition: planner.plan(expr.condition).evaluate,
        step: planner.plan(expr.step).evaluate,
      });
      return expr.secondVariable === undefined
        ? body(undefined)
        : planner.withLocal(expr.secondVariable, undefined, body);
    });
    const result = planner.plan(expr.result).evaluate;
    const evaluate: Evaluate = (frame) => {
      const over = range(frame);
      if (over instanceof CelError) return over;
      frame.slots[accumulator] = PENDING;
      const failed = over instanceof CelList ? foldList(frame, loop, over) : foldMap(frame, loop, over);
      return failed ?? settled(result(frame));
    };
    return { evaluate };
  });
}

/** An empty list or map that a macro begins with grows in place. */
function growing(value: Value): Value {
  if (value instanceof CelList && value.size === 0) return new GrowingList([]);
  return value instanceof CelMap && value.size === 0 ? new GrowingMap() : value;
}

/** What has grown is not to grow any more. */
function settled(value: Value): Value {
  if (value instanceof GrowingList) return new ArrayList(value.items);
  return value instanceof GrowingMap ? new EntryMap(value.entries) : value;
}

function foldList(frame: Frame, loop: Loop, list: CelList): undefined {
  for (let i = 0; i < list.size; i++) {
    const element = list.get(i);
    const going = loop.second === undefined ? turn(frame, loop, element, null) : turn(frame, loop, BigInt(i), element);
    if (!going) return;
  }
}

function foldMap(frame: Frame, loop: Loop, map: Value): CelError | undefined {
  if (!(map instanceof CelMap)) return notIterable(map, loop.second !== undefined);
  for (const key of map.keys()) {
    const value = loop.second === undefined ? null : map.get(key)!;
    if (!turn(frame, loop, key, value)) return undefined;
  }
  return undefined;
}

/** One element; false: there is no need of more. */
function turn(frame: Frame, loop: Loop, first: Value, second: Value): boolean {
  frame.slots[loop.first] = first;
  if (loop.second !== undefined) frame.slots[loop.second] = second;
  if (loop.condition(frame) === false) return false;
  frame.slots[loop.accumulator] = loop.step(frame);
  return true;
}

/** As Go names its types of values. */
const GO_NAMES: Record<string, string> = { null: 'Null', optional_type: 'Optional' };

function notIterable(value: Value, two: boolean): CelError {
  const { kind } = runtimeType(value);
  const name = `types.${GO_NAMES[kind] ?? kind[0]!.toUpperCase() + kind.slice(1)}`;
  return new CelError(two ? `unsupported comprehension range type: ${name}` : `got '${name}', expected iterable type`);
}
