/** What a schema asks of a number. */
import { beyond, type Findings, general, notPositive } from './problems.ts';
import type { Schema } from './schema.ts';

const INT32 = 2 ** 31;
const FLOAT32_END = 3.4028234663852886e38;

export function checkNumber(
  schema: Schema,
  types: readonly string[],
  value: number,
  path: string,
  found: Findings,
): void {
  const type = types.length === 1 ? types[0]! : '';
  const misfit = (number: number, what: string): string | undefined =>
    outOfRange(number, type, schema.format, what, path);
  const whole = misfit(value, 'Checked');
  if (whole) found.add(general(whole));
  const bounded = (
    bound: number | undefined,
    what: string,
    isBroken: (bound: number) => boolean,
    words: string,
  ): void => {
    if (bound === undefined) return;
    const bad = misfit(bound, what);
    if (bad) found.add(general(bad));
    // A whole number is held to whole bounds.
    const effective = Number.isInteger(value) && !bad ? Math.trunc(bound) : bound;
    if (isBroken(effective)) found.add(beyond(path, value, `${words} ${effective}`));
  };
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema;
  if (multipleOf !== undefined && multipleOf <= 0) found.add(notPositive(path, multipleOf));
  else bounded(multipleOf, 'MultipleOf', (factor) => !isMultiple(value, factor), 'a multiple of');
  bounded(
    minimum,
    'Minimum boundary',
    (bound) => (exclusiveMinimum ? value <= bound : value < bound),
    exclusiveMinimum ? 'greater than' : 'greater than or equal to',
  );
  bounded(
    maximum,
    'Maximum boundary',
    (bound) => (exclusiveMaximum ? value >= bound : value > bound),
    exclusiveMaximum ? 'less than' : 'less than or equal to',
  );
  found.checks++;
}

/** What is as good as a whole number to Go's swag package. */
const EPSILON = 1e-9;

function isMultiple(value: number, factor: number): boolean {
  if (factor === 0) return false;
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  return Math.abs(times - Math.round(times)) <= EPSILON * Math.max(1, Math.abs(times));
}

function outOfRange(
  value: number,
  type: string,
  format: string | undefined,
  what: string,
  path: string,
): string | undefined {
  const isFine =
    type === 'integer'
      ? Number.isInteger(value) && (format !== 'int32' || (value >= -INT32 && value < INT32))
      : type !== 'number' || format !== 'float' || Math.abs(value) <= FLOAT32_END;
  if (isFine) return undefined;
  const isNamed = type === 'integer' ? format === 'int32' || format === 'int64' : true;
  const named = isNamed ? `with format ${format}` : '(default format)';
  return `${what} value must be of type ${type} ${named} in ${path}`;
}
