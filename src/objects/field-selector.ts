/** The `fieldSelector` of a request. Source: k8s.io/apimachinery/pkg/fields/selector.go. */

export interface FieldTerm {
  field: string;
  operator: '=' | '!=';
  value: string;
}

export type FieldSelector = FieldTerm[];

/** Throws `Error` with the API server's message. Terms come sorted as text; an empty selector matches everything. */
export function parseFieldSelector(text: string): FieldSelector {
  const selector: FieldSelector = [];
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (!match) throw new Error(`invalid selector: '${text}'; can't understand '${part}'`);
    selector.push({
      field: match[1] ?? '',
      operator: match[2] === '!=' ? '!=' : '=',
      value: unescapeValue(match[3] ?? ''),
    });
  }
  return selector;
}

/** At commas that no backslash protects. */
function splitTerms(text: string): string[] {
  const terms: string[] = [''];
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === ',') terms.push('');
    else terms[terms.length - 1] += c === '\\' ? c + text.charAt(++i) : c;
  }
  return terms;
}

function unescapeValue(text: string): string {
  let value = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === ',' || c === '=')
      throw new Error(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`);
    if (c !== '\\') {
      value += c;
      continue;
    }
    const next = text.charAt(++i);
    if (next === '' || !'\\,='.includes(next))
      throw new Error(`invalid field selector: invalid escape sequence: \\${next}`);
    value += next;
  }
  return value;
}

/** `fields` has the value of every field that the kind allows; one that is missing counts as empty. */
export function matchesFieldSelector(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every((t) => ((fields[t.field] ?? '') === t.value) === (t.operator === '='));
}
