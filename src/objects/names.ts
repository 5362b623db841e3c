/**
 * The formats that names, keys and small values must have. Each check returns what is wrong, in the API server's words; nothing: it is fine.
 * Source: k8s.io/apimachinery/pkg/util/validation and pkg/api/validate/content.
 */

/** Length in UTF-8 bytes, which is what Go's `len` counts. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

interface Format {
  words: string;
  /** The pattern as messages print it, without anchors. */
  pattern: string;
  examples: string[];
  regexp: RegExp;
}

const format = (words: string, pattern: string, ...examples: string[]): Format => ({
  words,
  pattern,
  examples,
  regexp: new RegExp(`^${pattern}$`),
});

const mismatch = (f: Format): string => {
  const using = `regex used for validation is '${f.pattern}')`;
  return f.examples.length === 0
    ? `${f.words} (${using}`
    : `${f.words} (e.g. ${f.examples.map((e) => `'${e}', `).join(' or ')}${using}`;
};

export const rangeError = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;
const tooManyCharacters = (max: number): string => `must be no more than ${max} characters`;
const tooManyBytes = (max: number): string => `must be no more than ${max} bytes`;
const EMPTY = 'must be non-empty';

/** Checks a length in bytes, then a pattern. */
function check(value: string, f: Format, max?: number): string[] {
  const wrong: string[] = [];
  if (max !== undefined && byteLength(value) > max) wrong.push(tooManyCharacters(max));
  if (!f.regexp.test(value)) wrong.push(mismatch(f));
  return wrong;
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;

const dns1123Label = format(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
);
const dns1123Subdomain = format(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
);
const LABEL_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const dns1123SubdomainUnderscore = format(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  `${LABEL_UNDERSCORE}(\\.${LABEL_UNDERSCORE})*`,
  'example.com',
);
const dns1123SubdomainCaseless: Format = {
  ...format(
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    SUBDOMAIN,
    'Example.com',
  ),
  regexp: new RegExp(`^${SUBDOMAIN}$`, 'i'),
};
const dns1035Label = format(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  'abc-123',
);
const wildcardSubdomain = format(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${SUBDOMAIN}`,
  '*.example.com',
);

export function isDNS1123Label(value: string): string[] {
  const wrong = byteLength(value) > 63 ? [tooManyCharacters(63)] : [];
  if (!dns1123Label.regexp.test(value))
    wrong.push(dns1123Subdomain.regexp.test(value) ? 'must not contain dots' : mismatch(dns1123Label));
  return wrong;
}

/** A label and a subdomain of any length, for who documents them as patterns. */
export const DNS1123_LABEL = dns1123Label.regexp;
export const DNS1123_SUBDOMAIN = dns1123Subdomain.regexp;
export const isDNS1123Subdomain = (value: string): string[] => check(value, dns1123Subdomain, 253);
export const isDNS1123SubdomainWithUnderscore = (value: string): string[] =>
  check(value, dns1123SubdomainUnderscore, 253);
/** Like a subdomain, with capitals. */
export function isDNS1123SubdomainCaseless(value: string): string[] {
  const wrong = byteLength(value) > 253 ? [tooManyBytes(253)] : [];
  return dns1123SubdomainCaseless.regexp.test(value) ? wrong : [...wrong, mismatch(dns1123SubdomainCaseless)];
}
export const isDNS1035Label = (value: string): string[] => check(value, dns1035Label, 63);
export const isWildcardDNS1123Subdomain = (value: string): string[] => check(value, wildcardSubdomain, 253);

const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const qualifiedName = format(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  'MyName',
  'my.name',
  '123-abc',
);
const labelValue = format(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${QUALIFIED})?`,
  'MyValue',
  'my_value',
  '12345',
);

/** A label key: an optional DNS prefix with a slash, and a name. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2)
    return [
      `a valid label key ${mismatch(qualifiedName)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const wrong: string[] = [];
  const name = parts[parts.length - 1] ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  if (prefix === '') wrong.push(`prefix part ${EMPTY}`);
  else if (prefix !== undefined) {
    if (byteLength(prefix) > 253) wrong.push(`prefix part ${tooManyBytes(253)}`);
    if (!dns1123Subdomain.regexp.test(prefix)) wrong.push(`prefix part ${mismatch(dns1123Subdomain)}`);
  }
  if (name === '') wrong.push(`name part ${EMPTY}`);
  else if (byteLength(name) > 63) wrong.push(`name part ${tooManyBytes(63)}`);
  if (!qualifiedName.regexp.test(name)) wrong.push(`name part ${mismatch(qualifiedName)}`);
  return wrong;
}

export function isLabelValue(value: string): string[] {
  const wrong = byteLength(value) > 63 ? [tooManyBytes(63)] : [];
  if (!labelValue.regexp.test(value)) wrong.push(mismatch(labelValue));
  return wrong;
}

const percent = format(
  "a valid percent string must be a numeric string followed by an ending '%'",
  '[0-9]+%',
  '1%',
  '93%',
);
export const isPercent = (value: string): string[] => check(value, percent);

const httpHeaderName = format(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  '[-A-Za-z0-9]+',
  'X-Header-Name',
);
export const isHTTPHeaderName = (value: string): string[] => check(value, httpHeaderName);

const configMapKey = format(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  'key.name',
  'KEY_NAME',
  'key-name',
);
/** A key of a ConfigMap or Secret. */
export const isConfigMapKey = (value: string): string[] => [...check(value, configMapKey, 253), ...leadsUp(value)];

function leadsUp(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** An environment variable's name: any printable ASCII but `=`. */
export function isRelaxedEnvVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${EMPTY}`];
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** A port number 1–65535. */
export const isPortNumber = (port: number): string[] => (port >= 1 && port <= 65535 ? [] : [rangeError(1, 65535)]);

export const isInRange = (value: number, low: number, high: number): string[] =>
  value >= low && value <= high ? [] : [rangeError(low, high)];

/** A user or group id. */
export const isUserID = (id: number): string[] => isInRange(id, 0, 2147483647);

export function isPortName(port: string): string[] {
  const wrong: string[] = [];
  if (byteLength(port) > 15) wrong.push(tooManyCharacters(15));
  if (!/^[-a-z0-9]+$/.test(port)) wrong.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(port)) wrong.push('must contain at least one letter (a-z)');
  if (port.includes('--')) wrong.push('must not contain consecutive hyphens');
  if (port.startsWith('-') || port.endsWith('-')) wrong.push('must not begin or end with a hyphen');
  return wrong;
}

/** A name that can stand in a URL path; `prefix`: something will be appended. */
export function isPathSegmentName(name: string, prefix = false): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`);
}

const conditionReason = format(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?',
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);
export const isConditionReason = (value: string): string[] => check(value, conditionReason);

/** How a kind's names are checked; `prefix` is a generateName, to which a suffix will be appended. */
export type NameRule =
  | 'dns1123Subdomain'
  | 'dns1123Label'
  | 'dns1035Label'
  | 'path'
  | ((name: string, prefix: boolean) => string[]);

export function checkName(rule: NameRule, name: string, prefix = false): string[] {
  if (typeof rule === 'function') return rule(name, prefix);
  if (rule === 'path') return isPathSegmentName(name, prefix);
  // A trailing dash is fine before a suffix; like the original, the last two characters give way to an `a`.
  const masked = prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
  if (rule === 'dns1123Label') return isDNS1123Label(masked);
  return rule === 'dns1035Label' ? isDNS1035Label(masked) : isDNS1123Subdomain(masked);
}
