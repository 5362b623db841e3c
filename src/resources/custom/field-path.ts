/** Paths to a field that a schema knows, as rules and selectable fields name one. models ValidFieldPath of k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel */
import { additionalOf, propertyOf, type Schema } from './schema.ts';

interface Followed {
  /** As errors name the field, `spec.list[key]`. */
  path: string;
  /** The first name of it. */
  root: string;
  schema: Schema;
}

interface Options {
  /** Whether `['name']` is read. */
  brackets: boolean;
}

/** `.spec.replicas`, `.metadata['name']`. */
export function followFieldPath(
  text: string,
  from: object,
  { brackets }: Options = { brackets: true },
): Followed | { problem: string } {
  const tokens = tokensOf(text);
  let found: Followed = { path: '', root: '', schema: from as Schema };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token !== '.' && token !== '[') return { problem: `expected [ or . but got: ${token}` };
    if (token === '[' && !brackets) return { problem: 'array notation is not allowed' };
    const next = tokens[++i];
    if (next === undefined) return { problem: 'unexpected end of JSON path' };
    const name = token === '[' ? unquoted(next) : next;
    if (name === undefined) return { problem: `expected single quoted string but got ${next}` };
    const below = stepTo(found, name);
    if (!below) return { problem: 'does not refer to a valid field' };
    found = below;
    if (token === '.') continue;
    const end = tokens[++i];
    if (end === undefined) return { problem: 'unexpected end of JSON path' };
    if (end !== ']') return { problem: `expected ] but got ${end}` };
  }
  return found;
}

/** Dots and brackets, and what is between them; within single quotes they mean nothing. */
const tokensOf = (text: string): string[] => text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gs) ?? [];

const unquoted = (token: string): string | undefined =>
  /^'.*'$/s.test(token) && token.length >= 2 ? token.slice(1, -1).replace(/\\(.)/gs, '$1') : undefined;

function stepTo({ path, root, schema }: Followed, name: string): Followed | undefined {
  if (schema.properties) {
    const property = propertyOf(schema, name);
    return property && { path: path === '' ? name : `${path}.${name}`, root: root || name, schema: property };
  }
  const additional = additionalOf(schema);
  return additional && { path: `${path}[${name}]`, root: root || name, schema: additional };
}
