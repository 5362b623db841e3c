/** Numbers as Go prints them for readers of English. Source: golang.org/x/text/message. */

/** With so many digits behind the point. */
export function fixedPoint(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return exactDigits(value, precision);
}

/** Rounded to the nearest, and in the middle to what is even, which only whole numbers can tell. */
function exactDigits(value: number, precision: number): string {
  const [numerator, denominator] = fraction(Math.abs(value));
  const scale = 10n ** BigInt(precision);
  let digits = (numerator * scale) / denominator;
  const twice = ((numerator * scale) % denominator) * 2n;
  if (twice > denominator || (twice === denominator && digits % 2n === 1n)) digits += 1n;
  const text = String(digits).padStart(precision + 1, '0');
  const sign = value < 0 ? '-' : '';
  return `${sign}${text.slice(0, text.length - precision)}${precision > 0 ? `.${text.slice(-precision)}` : ''}`;
}

/** A double as what it is: a whole number over a power of two. */
function fraction(value: number): [numerator: bigint, denominator: bigint] {
  let exponent = 0;
  let whole = value;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    exponent++;
  }
  return [BigInt(whole), 1n << BigInt(exponent)];
}

/** A comma after each three digits before the point. */
export const grouped = (text: string): string => {
  const [whole = '', fraction] = text.split('.');
  const sign = whole.startsWith('-') ? '-' : '';
  let digits = whole.slice(sign.length);
  const groups: string[] = [];
  while (digits.length > 3 && /^\d+$/.test(digits)) {
    groups.unshift(digits.slice(-3));
    digits = digits.slice(0, -3);
  }
  return `${sign}${[digits, ...groups].join(',')}${fraction === undefined ? '' : `.${fraction}`}`;
};

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `1.052033×10⁰³` */
export function exponential(value: number, precision: number): string {
  if (!Number.isFinite(value)) return fixedPoint(value, precision).padStart(precision);
  const [mantissa = '', exponent = '0'] = value.toExponential(Math.min(precision, 100)).split('e');
  const digits = String(Math.abs(Number(exponent))).padStart(2, '0');
  const raised = [...digits].map((digit) => SUPERSCRIPT[Number(digit)]).join('');
  return `${mantissa}×10${Number(exponent) < 0 ? '⁻' : ''}${raised}`;
}
