/** What a scalar's text stands for. models go.yaml.in/yaml/v2/resolve.go: YAML 1.1, where times and base-60 numbers stay text. */
import { decodeBase64 } from '../../../simulation/base64.ts';
import { failure, YAMLSyntaxError } from './tokens.ts';

const PREFIX = 'tag:yaml.org,2002:';

const WORDS = new Map<string, unknown>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((w) => [w, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((w) => [w, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((w) => [w, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((w) => [w, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((w) => [w, Number.NEGATIVE_INFINITY] as const),
]);

/** Longer texts are no numbers that anybody writes. */
export const MAX_NUMBER_LENGTH = 400;
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
export const MAX_INTEGER = 2n ** 64n;

/** A scalar without quotes and tag. */
export function resolvePlain(text: string): unknown {
  const known = WORDS.get(text);
  if (known !== undefined) return known;
  const first = text.charCodeAt(0);
  const mayBeNumber = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!mayBeNumber || text.length > MAX_NUMBER_LENGTH) return text;
  if (first === 46) return FLOAT.test(text) ? finite(text, text) : text;
  const plain = text.replaceAll('_', '');
  if (INTEGER.test(plain)) {
    const integer = integerOf(plain);
    if (integer !== undefined) return integer;
  }
  return FLOAT.test(plain) ? finite(plain, text) : text;
}

/** What overflows stays text. */
function finite(digits: string, text: string): unknown {
  const value = Number(digits);
  return Number.isFinite(value) ? value : text;
}

function integerOf(text: string): number | undefined {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits);
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const fits = negative ? size <= MAX_INTEGER / 2n : size < MAX_INTEGER;
  return fits ? (negative ? -Number(size) || 0 : Number(size)) : undefined;
}

/** A scalar whose type is told by a tag, in its long form. */
export function resolveTagged(tag: string, text: string): unknown {
  if (!tag.startsWith(PREFIX)) return text;
  const type = tag.slice(PREFIX.length);
  if (type === 'binary') return binary(text);
  if (type === 'str' || !['bool', 'int', 'float', 'null', 'timestamp'].includes(type)) return text;
  const value = resolvePlain(text);
  const actual = typeOf(value);
  if (actual === type || (actual === 'int' && type === 'float')) return value;
  if (type === 'timestamp' && /^[0-9]{4}-/.test(text)) return text;
  throw failure(0, `cannot decode !!${actual} \`${text.slice(0, MAX_NUMBER_LENGTH)}\` as a !!${type}`);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return 'str';
}

function binary(text: string): string {
  try {
    if (text.replaceAll(/[\r\n]/g, '').length % 4 !== 0) throw new Error('padding is missing');
    return new TextDecoder().decode(decodeBase64(text));
  } catch {
    throw failure(0, '!!binary value contains invalid base64 data');
  }
}

/** JSON has no words for these. */
export function refuseInfinite(value: number): void {
  if (Number.isFinite(value)) return;
  const word = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw new YAMLSyntaxError(`json: unsupported value: ${word}`);
}
