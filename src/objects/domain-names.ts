/** Longer names made of the formats in names.ts, as field errors. Source: k8s.io/apimachinery/pkg/util/validation. */
import { type FieldError, invalid, required } from './field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';

/** At least three segments: signer names, controllers. */
export function validateFullyQualifiedName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)];
  const wrong = isDNS1123Subdomain(name);
  if (wrong.length > 0) return [invalid(field, name, wrong.join(','))];
  return name.split('.').length < 3
    ? [invalid(field, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

/** At least two segments, with or without the final dot. */
export function validateFullyQualifiedDomainName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)];
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const wrong = isDNS1123Subdomain(bare);
  if (wrong.length > 0) return [invalid(field, bare, wrong.join(','))];
  const labels = bare.split('.');
  if (labels.length < 2)
    return [invalid(field, bare, 'should be a domain with at least two segments separated by dots')];
  for (const label of labels) {
    const bad = isDNS1123Label(label);
    if (bad.length > 0) return [invalid(field, label, bad.join(','))];
  }
  return [];
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const httpPath = new RegExp(`^${HTTP_PATH}$`);

/** `acme.io/foo`, the part after the slash being a URL path. */
export function validateDomainPrefixedPath(field: string, value: string): FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1)
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const host = value.slice(0, slash);
  const path = value.slice(slash + 1);
  const errors = isDNS1123Subdomain(host).map((words) => invalid(field, host, words));
  if (!httpPath.test(path))
    errors.push(invalid(field, path, `Invalid path (regex used for validation is '${HTTP_PATH}')`));
  return errors;
}
