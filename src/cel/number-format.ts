/** Numbers as Go prints them for readers of English. Source: golang.org/x/text/message. */

/** With so many digits behind the point. */
export function fixedPoint(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return exactDigits(value, precision);
}

/** JavaScript's own ends at 100 digits, and at 1e21. */
function exactDigits(value: number, precision: number): string {
  if (precision <= 100 && Math.abs(value) < 1e21) return value.toFixed(precision);
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
  return value.toFixed(100) + '0'.repeat(precision - 100);
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

/** `1.052033 × 10⁰³` */
export function exponential(value: number, precision: number): string {
  if (!Number.isFinite(value)) return fixedPoint(value, precision);
  const [mantissa = '', exponent = '0'] = value.toExponential(Math.min(precision, 100)).split('e');
  const digits = String(Math.abs(Number(exponent))).padStart(2, '0');
  const raised = [...digits].map((digit) => SUPERSCRIPT[Number(digit)]).join('');
  return `${mantissa} × 10${Number(exponent) < 0 ? '⁻' : ''}${raised}`;
}
