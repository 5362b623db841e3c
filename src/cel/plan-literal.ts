/** Lists, maps and objects that are written out. */
import type { ListExpr, MapExpr, StructExpr } from './ast.ts';
import { findStruct } from './environment.ts';
import type { Evaluate } from './frame.ts';
import type { Planner } from './plan-node.ts';
import { fold, type Plan } from './plan-node.ts';
import { ArrayList, CelError, CelOptional, EntryMap, mapKey, type Value } from './value.ts';
import { describeValue } from './value-text.ts';

const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

/** What is added when all goes well: for constants nothing. */
const charged =
  (cost: number, evaluate: Evaluate): Evaluate =>
  (frame) => {
    const value = evaluate(frame);
    frame.charge(cost);
    return value;
  };

export function planList(planner: Planner, expr: ListExpr): Plan {
  const elements = expr.elements.map((element) => planner.plan(element));
  const optional = elements.map((_, index) => expr.optionals.includes(index));
  const evaluate: Evaluate = (frame) => {
    const items: Value[] = [];
    for (let i = 0; i < elements.length; i++) {
      const value = elements[i]!.evaluate(frame);
      if (value instanceof CelError) return value;
      if (!optional[i]) items.push(value);
      else if (!(value instanceof CelOptional))
        return new CelError(`cannot initialize optional list element from non-optional value ${describeValue(value)}`);
      else if (value.value !== undefined) items.push(value.value);
    }
    return new ArrayList(items);
  };
  const constant = elements.every((element) => element.constant !== undefined);
  return constant ? fold(evaluate) : { evaluate: charged(LIST_COST, evaluate) };
}

/** The value of an entry; undefined: it is left out. */
function entryValue(value: Value, optional: boolean, name: string): Value | undefined {
  if (!optional || value instanceof CelError) return value;
  if (value instanceof CelOptional) return value.value;
  return new CelError(`cannot initialize optional entry '${name}' from non-optional value ${describeValue(value)}`);
}

export function planMap(planner: Planner, expr: MapExpr): Plan {
  const entries = expr.entries.map((entry) => ({
    key: planner.plan(entry.key),
    value: planner.plan(entry.value),
    optional: entry.optional,
  }));
  const evaluate: Evaluate = (frame) => {
    const map = new EntryMap();
    for (const entry of entries) {
      const key = entry.key.evaluate(frame);
      if (key instanceof CelError) return key;
      const found = entry.value.evaluate(frame);
      if (found instanceof CelError) return found;
      const value = entryValue(found, entry.optional, describeValue(key));
      if (value instanceof CelError) return value;
      const known = mapKey(key);
      if (known === undefined) return new CelError(`unsupported key type: ${describeValue(key)}`);
      if (value === undefined) map.entries.delete(known);
      else map.entries.set(known, [key, value]);
    }
    return map;
  };
  const constant = entries.every(({ key, value }) => key.constant !== undefined && value.constant !== undefined);
  return constant ? fold(evaluate) : { evaluate: charged(MAP_COST, evaluate) };
}

export function planStruct(planner: Planner, expr: StructExpr): Plan {
  const reference = planner.reference(expr.id);
  const name = reference && 'name' in reference ? reference.name : expr.typeName;
  const provider = planner.environment.types.find((types) => types.find(name));
  const fields = expr.fields.map((field) => ({ ...field, plan: planner.plan(field.value) }));
  const evaluate: Evaluate = (frame) => {
    const values = new Map<string, Value>();
    for (const field of fields) {
      const found = field.plan.evaluate(frame);
      const value = found instanceof CelError ? found : entryValue(found, field.optional, field.name);
      if (value instanceof CelError) return value;
      if (value !== undefined) values.set(field.name, value);
    }
    if (!provider || !findStruct(planner.environment, name)) return new CelError(`unknown type '${name}'`);
    return provider.construct(name, values);
  };
  return { evaluate: charged(STRUCT_COST, evaluate) };
}
