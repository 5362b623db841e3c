/**
 * The formats of texts that a schema may ask for. models k8s.io/kube-openapi/pkg/validation/strfmt. Every pattern here takes time in
 * proportion to its text.
 */
import { daysInMonth } from '../../objects/calendar.ts';
import { GoTimeError, parseDuration } from '../../objects/go-duration.ts';
import { requestURIProblem } from '../../objects/go-url.ts';
import { parseCIDR, parseIP } from '../../objects/ip.ts';
import { byteLength } from '../../objects/names.ts';

type Check = (text: string) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID3 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID4 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const UUID5 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const CREDIT_CARD =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;
const HEX_COLOUR = /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/;
const RGB_COLOUR =
  /^rgb\([\t\n\f\r ]*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])[\t\n\f\r ]*\)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const SSN = /^\d{3}[- ]?\d{2}[- ]?\d{4}$/;
const SSN_LENGTH = 11;
const SHORT_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(.\d+)?(z|([+-]\d{2}:\d{2}))$/;

export const MAX_HOSTNAME = 255;
export const MAX_LABEL = 63;
export const MAX_LONG_NAME = 253;

/** A label of letters, digits and symbols of any script, with dashes within. */
const HOST_LABEL = /^[a-zA-Z0-9\p{S}\p{L}](?:[-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?$/u;
const TOP_LABEL = /^[a-zA-Z\p{L}]{2,63}$/u;

function isHostname(text: string): boolean {
  if (byteLength(text) > MAX_HOSTNAME) return false;
  const labels = text.split('.');
  if (labels.some((label) => byteLength(label) > MAX_LABEL || !HOST_LABEL.test(label))) return false;
  return labels.length === 1 ? !text.includes('--') : TOP_LABEL.test(labels.at(-1)!);
}

function isISBN10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^(?:\d{9}X|\d{10})$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += (i + 1) * (digits[i] === 'X' ? 10 : Number(digits[i]));
  return sum % 11 === 0;
}

function isISBN13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (i % 2 === 0 ? 1 : 3) * Number(digits[i]);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D+/g, '');
  if (!CREDIT_CARD.test(digits)) return false;
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = Number(digits[i]) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** Six, eight or twenty bytes in hexadecimal, between colons, dashes, or two by two between dots. */
function isMAC(text: string): boolean {
  const bytes = /^[0-9a-fA-F]{2}(?:(:[0-9a-fA-F]{2})+|(-[0-9a-fA-F]{2})+)$/.test(text) ? (text.length + 1) / 3 : 0;
  const pairs = /^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+$/.test(text) ? ((text.length + 1) / 5) * 2 : 0;
  return [6, 8, 20].includes(bytes || pairs);
}

export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

export function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t');
  if (text.length < 4 || time === undefined || !isDate(date)) return false;
  const match = TIME.exec(time);
  return match !== null && match[1]! <= '23' && match[2]! <= '59' && match[3]! <= '59';
}

const UNITS = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'd', 'w', 'wk', 'min', 'hr'];
const UNIT_PREFIXES = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];
/** What Go's `int` holds has no more digits. */
const INT64_DIGITS = 19;

function isGoDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch (error) {
    if (error instanceof GoTimeError) return false;
    throw error;
  }
}

/** As Go reads one, or as Scala does: `3 days`. */
export function isDuration(text: string): boolean {
  if (isGoDuration(text)) return true;
  let known = false;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    if (digits.replace(/^0+/, '').length > INT64_DIGITS) return false;
    const lower = unit.toLowerCase();
    known ||= UNITS.includes(lower) || UNIT_PREFIXES.some((prefix) => lower.startsWith(prefix));
  }
  return known;
}

/** As Go's `mail.ParseAddress`: an address alone, or a name and the address in angle brackets. */
function isEmail(text: string): boolean {
  const trimmed = text.trim();
  const angle = /^[^<>]*<([^<>]*)>$/.exec(trimmed);
  const address = angle ? angle[1]! : trimmed;
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1) return false;
  const local = address.slice(0, at);
  const atoms =
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/u;
  const domain = address.slice(at + 1);
  return (
    (atoms.test(local) || /^"(?:[^"\\]|\\.)*"$/.test(local)) && (atoms.test(domain) || /^\[[^[\]\\]*\]$/.test(domain))
  );
}

/** Zeros in front of numbers are tolerated, as Go once did. */
const sloppy = (text: string): string => text.replace(/(^|\.)0+(?=\d)/g, '$1');

const isIPv4: Check = (text) => text.includes('.') && parseIP(text.includes(':') ? text : sloppy(text)) !== undefined;
const isIPv6: Check = (text) => text.includes(':') && parseIP(text) !== undefined;
const isCIDR: Check = (text) => parseCIDR(text.includes(':') ? text : sloppy(text)) !== undefined;

/** By their names without dashes. */
const FORMATS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', matches(/^[0-9a-fA-F]{24}$/)],
  ['byte', matches(BASE64)],
  ['cidr', isCIDR],
  ['creditcard', isCreditCard],
  ['date', isDate],
  ['datetime', isDateTime],
  ['duration', isDuration],
  ['email', isEmail],
  ['hexcolor', matches(HEX_COLOUR)],
  ['hostname', isHostname],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['isbn', (text) => isISBN10(text) || isISBN13(text)],
  ['isbn10', isISBN10],
  ['isbn13', isISBN13],
  ['k8slongname', (text) => text.length <= MAX_LONG_NAME && text.split('.').every((part) => SHORT_NAME.test(part))],
  ['k8sshortname', (text) => text.length <= MAX_LABEL && SHORT_NAME.test(text)],
  ['mac', isMAC],
  ['password', () => true],
  ['rgbcolor', matches(RGB_COLOUR)],
  ['ssn', (text) => text.length === SSN_LENGTH && SSN.test(text)],
  ['uri', (text) => requestURIProblem(text) === undefined],
  ['uuid', matches(UUID)],
  ['uuid3', matches(UUID3)],
  ['uuid4', matches(UUID4)],
  ['uuid5', matches(UUID5)],
]);

const NUMERIC: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** The check of a format of texts; undefined for one that is not known, which nothing is refused for. */
export const formatCheck = (format: string): Check | undefined => FORMATS.get(format.replaceAll('-', ''));

/** Whether the format counts for a value of this type (`''`: of any). */
export const isKnownFormat = (format: string, type: string): boolean =>
  type === '' || type === 'string' ? formatCheck(format) !== undefined : (NUMERIC[type]?.includes(format) ?? false);
