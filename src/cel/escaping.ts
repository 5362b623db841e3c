/**
 * Names of fields as an expression must write them: `a-b` is `a__dash__b`, `if` is `__if__`. Source: k8s.io/apiserver's
 * pkg/cel/escaping.go.
 */

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPES: Record<string, string> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const UNESCAPES: Record<string, string> = { underscores: '__', dot: '.', dash: '-', slash: '/' };

/** Undefined: no expression can name it. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_\-./][A-Za-z0-9_\-./]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => ESCAPES[part]!);
}

/** Undefined: it is the name of nothing. */
export function unescapeName(escaped: string): string | undefined {
  if (!escaped.includes('__')) return escaped;
  let wrong = false;
  const name = escaped.replace(/__([^_]+)__/g, (part, inner: string) => {
    const plain = Object.hasOwn(UNESCAPES, inner) ? UNESCAPES[inner] : undefined;
    if (plain !== undefined) return plain;
    if (!RESERVED.has(inner) || part.length !== escaped.length) wrong = true;
    return inner;
  });
  return wrong ? undefined : name;
}

/** A word of the language may also be written as it is, where only a field can stand. */
export const escapedKeyword = (name: string): string | undefined => (RESERVED.has(name) ? `__${name}__` : undefined);
