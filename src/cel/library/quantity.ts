/** Amounts of resources. Source: k8s.io/apiserver's pkg/cel/library/quantity.go. */
import { formatQuantity, parseQuantity, type Quantity, QuantityError } from '../../objects/quantity.ts';
import type { FunctionTable } from '../declarations.ts';
import { struct } from '../type.ts';
import { CelError, CelObject, MAX_INT, MIN_INT, noSuchOverload, type Value } from '../value.ts';

const NANO = 1_000_000_000n;
const QUANTITY_TYPE = struct('kubernetes.Quantity');

class CelQuantity extends CelObject {
  readonly type = QUANTITY_TYPE;
  readonly quantity: Quantity;
  /** Whether Go holds it as a whole number, which goes by how it was written: `1` it does, and `1000m` not. */
  readonly isWhole: boolean;
  constructor(quantity: Quantity, isWhole: boolean) {
    super();
    this.quantity = quantity;
    this.isWhole = isWhole;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof CelQuantity ? other.quantity.nanos === this.quantity.nanos : noSuchOverload();
  }

  get nanos(): bigint {
    return this.quantity.nanos;
  }

  override toString(): string {
    return formatQuantity(this.quantity);
  }
}

function read(text: string): Value {
  try {
    return new CelQuantity(parseQuantity(text), isWhole(text));
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message);
    throw error;
  }
}

const EXPONENTS: Record<string, number> = { '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY_EXPONENTS: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
/** Of so many digits and fewer a number is whole for sure. */
const DECIMAL_DIGITS = 18;
const BINARY_DIGITS = 14;

/** Models the fast path of ParseQuantity in k8s.io/apimachinery. */
function isWhole(text: string): boolean {
  const [, digits = '', fraction = '', suffix = ''] = /^[+-]?0*(\d*)(?:\.(\d*))?(.*)$/.exec(text) ?? [];
  const binary = BINARY_EXPONENTS[suffix];
  if (binary !== undefined)
    return fraction === '' && BINARY_DIGITS - digits.length - Math.floor((binary * 3) / 10) >= 0;
  const exponent = EXPONENTS[suffix] ?? (/^[eE]/.test(suffix) ? Number(suffix.slice(1)) : -1);
  return exponent - fraction.length >= 0 && digits.length + fraction.length <= DECIMAL_DIGITS;
}

const whole = ({ nanos, isWhole: known }: CelQuantity): bigint | undefined => {
  const value = nanos / NANO;
  return known && value >= MIN_INT && value <= MAX_INT ? value : undefined;
};

const sign = (a: bigint, b: bigint): bigint => (a < b ? -1n : a > b ? 1n : 0n);

/** Keeps the format of the first, unless that is zero. */
const plus = ({ quantity, isWhole: known }: CelQuantity, nanos: bigint, other: CelQuantity | undefined): Value =>
  new CelQuantity(
    {
      nanos: quantity.nanos + nanos,
      format: quantity.nanos === 0n && other ? other.quantity.format : quantity.format,
    },
    known && (other?.isWhole ?? true),
  );

const Q = 'kubernetes.Quantity';

export const QUANTITY: FunctionTable = {
  quantity: [['string_to_quantity', `(string) -> ${Q}`, read]],
  isQuantity: [['is_quantity_string', '(string) -> bool', (text: string) => read(text) instanceof CelQuantity]],
  sign: [['quantity_sign', `(${Q}) -> int`, (quantity: CelQuantity) => sign(quantity.nanos, 0n)]],
  isGreaterThan: [
    ['quantity_is_greater_than', `${Q}.(${Q}) -> bool`, (a: CelQuantity, b: CelQuantity) => a.nanos > b.nanos],
  ],
  isLessThan: [['quantity_is_less_than', `${Q}.(${Q}) -> bool`, (a: CelQuantity, b: CelQuantity) => a.nanos < b.nanos]],
  compareTo: [
    ['quantity_compare_to', `${Q}.(${Q}) -> int`, (a: CelQuantity, b: CelQuantity) => sign(a.nanos, b.nanos)],
  ],
  asApproximateFloat: [['quantity_get_float', `${Q}.() -> double`, ({ nanos }: CelQuantity) => approximate(nanos)]],
  asInteger: [
    [
      'quantity_get_int',
      `${Q}.() -> int`,
      (quantity: CelQuantity) => whole(quantity) ?? new CelError('cannot convert value to integer'),
    ],
  ],
  isInteger: [['quantity_is_integer', `${Q}.() -> bool`, (quantity: CelQuantity) => whole(quantity) !== undefined]],
  add: [
    ['quantity_add', `${Q}.(${Q}) -> ${Q}`, (a: CelQuantity, b: CelQuantity) => plus(a, b.nanos, b)],
    ['quantity_add_int', `${Q}.(int) -> ${Q}`, (a: CelQuantity, b: bigint) => plus(a, b * NANO, undefined)],
  ],
  sub: [
    ['quantity_sub', `${Q}.(${Q}) -> ${Q}`, (a: CelQuantity, b: CelQuantity) => plus(a, -b.nanos, b)],
    ['quantity_sub_int', `${Q}.(int) -> ${Q}`, (a: CelQuantity, b: bigint) => plus(a, -b * NANO, undefined)],
  ],
};

/** Exact as far as a double is. */
const approximate = (nanos: bigint): number => (nanos % NANO === 0n ? Number(nanos / NANO) : Number(`${nanos}e-9`));
