/** Named formats of texts, and why a text has one not. Source: k8s.io/apiserver's pkg/cel/library/format.go. */
import { requestURIProblem } from '../../objects/go-url.ts';
import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../objects/names.ts';
import type { FunctionTable } from '../declarations.ts';
import { parseDate } from '../time-text.ts';
import { struct } from '../type.ts';
import { ArrayList, type CelError, CelObject, CelOptional, NONE, noSuchOverload, type Value } from '../value.ts';

const FORMAT_TYPE = struct('kubernetes.NamedFormat');

class CelFormat extends CelObject {
  readonly type = FORMAT_TYPE;
  readonly name: string;
  /** How long the expression is that it counts as, where it costs. */
  readonly regexSize: number;
  readonly validate: (text: string) => string[];
  constructor(name: string, regexSize: number, validate: (text: string) => string[]) {
    super();
    this.name = name;
    this.regexSize = regexSize;
    this.validate = validate;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof CelFormat ? other.name === this.name : noSuchOverload();
  }
}

/** What a name begins with may end in a dash. */
const prefix =
  (check: (text: string) => string[]) =>
  (text: string): string[] =>
    check(text.endsWith('-') ? `${text.slice(0, -2)}a` : text);

const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/i;

const unless = (holds: (text: string) => boolean, message: string) => (text: string) => (holds(text) ? [] : [message]);

function uri(text: string): string[] {
  const problem = requestURIProblem(text);
  return problem ? [problem.message] : [];
}

const FORMATS: Record<string, CelFormat> = {
  dns1123Label: new CelFormat('DNS1123Label', 30, isDNS1123Label),
  dns1123Subdomain: new CelFormat('DNS1123Subdomain', 60, isDNS1123Subdomain),
  dns1035Label: new CelFormat('DNS1035Label', 30, isDNS1035Label),
  qualifiedName: new CelFormat('QualifiedName', 60, isQualifiedName),
  dns1123LabelPrefix: new CelFormat('DNS1123LabelPrefix', 30, prefix(isDNS1123Label)),
  dns1123SubdomainPrefix: new CelFormat('DNS1123SubdomainPrefix', 60, prefix(isDNS1123Subdomain)),
  dns1035LabelPrefix: new CelFormat('DNS1035LabelPrefix', 30, prefix(isDNS1035Label)),
  labelValue: new CelFormat('LabelValue', 40, isLabelValue),
  uri: new CelFormat('URI', 1104, uri),
  uuid: new CelFormat(
    'uuid',
    72,
    unless((text) => UUID.test(text), 'does not match the UUID format'),
  ),
  byte: new CelFormat(
    'byte',
    84,
    unless((text) => BASE64.test(text), 'invalid base64'),
  ),
  date: new CelFormat(
    'date',
    72,
    unless((text) => parseDate(text) !== undefined, 'invalid date'),
  ),
  datetime: new CelFormat(
    'datetime',
    72,
    unless((text) => DATE_TIME.test(text), 'invalid datetime'),
  ),
};

function validate(format: CelFormat, text: string): Value {
  const wrong = format.validate(text);
  return wrong.length === 0 ? NONE : new CelOptional(new ArrayList(wrong));
}

function named(name: string): Value {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  return format ? new CelOptional(format) : NONE;
}

const F = 'kubernetes.NamedFormat';

export const FORMAT: FunctionTable = {
  validate: [['format-validate', `${F}.(string) -> optional(list(string))`, validate]],
  'format.named': [['format-named', `(string) -> optional(${F})`, named]],
  ...Object.fromEntries(
    Object.entries(FORMATS).map(([name, format]) => [
      `format.${name}`,
      [[`format.${name}`, `() -> ${F}`, () => format]] as const,
    ]),
  ),
};
