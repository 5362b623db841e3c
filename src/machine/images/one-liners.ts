/** Programs of one or a few lines that only print, wait and end, as Python, JavaScript and Perl have them. */

export type Step = { print: string; isError: boolean } | { sleep: number } | { exit: number };

type Language = 'python' | 'node' | 'perl';

/** Statements of one program. */
export const MAX_STEPS = 2000;
/** Characters that one prints altogether. */
export const MAX_PRINTED = 256 * 1024;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\', "'": "'", '"': '"' };
const unquote = (text: string): string => text.replace(/\\(.)/g, (all, letter: string) => ESCAPES[letter] ?? all);

/** A text or a number, or sums and products of them; undefined: something else. */
function literalOf(source: string): string | number | undefined {
  const text = source.trim();
  const [, quote, inner] = /^(['"`])((?:\\.|(?!\1).)*)\1$/s.exec(text) ?? [];
  if (quote !== undefined && !(quote === '`' && /\$\{/.test(inner!))) return unquote(inner!);
  if (/^[-+*/%() \d.]+$/.test(text) && /\d/.test(text)) return arithmetic(text);
  const repeated = /^(['"])((?:\\.|(?!\1).)*)\1\s*(?:\*|x)\s*(\d+)$/s.exec(text);
  return repeated === null ? undefined : unquote(repeated[2]!).repeat(Math.min(Number(repeated[3]), 1000));
}

/** Numbers with the four operations and brackets. */
function arithmetic(source: string): number | undefined {
  const tokens = source.match(/\d+(?:\.\d+)?|\*\*|[-+*/%()]/g) ?? [];
  let at = 0;
  const primary = (): number => {
    const token = tokens[at++];
    if (token === '-') return -primary();
    if (token === '+') return primary();
    if (token !== '(') return Number(token);
    const value = sum();
    at++;
    return value;
  };
  const power = (): number => {
    const base = primary();
    if (tokens[at] !== '**') return base;
    at++;
    return base ** power();
  };
  const product = (): number => {
    let value = power();
    while (tokens[at] === '*' || tokens[at] === '/' || tokens[at] === '%') {
      const operator = tokens[at++];
      const right = power();
      value = operator === '*' ? value * right : operator === '/' ? value / right : value % right;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const value = sum();
  return at === tokens.length && Number.isFinite(value) ? value : undefined;
}

/** Parts between commas that are not within quotes or brackets. */
function partsOf(source: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  let quote = '';
  for (const character of source) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (/['"`]/.test(character)) quote = character;
    else if (/[([{]/.test(character)) depth++;
    else if (/[)\]}]/.test(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push('');
      continue;
    }
    parts[parts.length - 1] += character;
  }
  return parts;
}

function printed(source: string, end: string): string | undefined {
  if (source.trim() === '') return end;
  const values = partsOf(source).map(literalOf);
  return values.includes(undefined) ? undefined : values.join(' ') + end;
}

const IMPORT =
  /^(?:import\s|from\s+\S+\s+import\s|use\s|(?:const|let|var)\s+\w+\s*=\s*require\(|#|\/\/|['"]use strict)/;

function stepOf(statement: string, language: Language): Step | undefined | 'nothing' {
  if (statement === '' || IMPORT.test(statement)) return 'nothing';
  const call = /^([\w.]+)\s*\(\s*(.*?)\s*\)$/s.exec(statement);
  const [name, args] =
    call === null ? [/^\w+/.exec(statement)?.[0] ?? '', statement.replace(/^\w+\s*/, '')] : [call[1]!, call[2]!];
  if (language === 'python' && name === 'print') {
    const flush = args.replace(/,\s*(?:flush|file)\s*=\s*[\w.]+/g, '');
    const [, own] = /,?\s*end\s*=\s*(['"].*['"])\s*$/.exec(flush) ?? [];
    const text = printed(
      flush.replace(/,?\s*end\s*=\s*(['"]).*?\1/, ''),
      own === undefined ? '\n' : String(literalOf(own) ?? ''),
    );
    return text === undefined ? undefined : { print: text, isError: /sys\.stderr/.test(args) };
  }
  if (language === 'node' && /^console\.(log|info|warn|error)$/.test(name)) {
    const text = printed(args, '\n');
    return text === undefined ? undefined : { print: text, isError: /warn|error/.test(name) };
  }
  if (language === 'perl' && (name === 'print' || name === 'say')) {
    const text = printed(args, name === 'say' ? '\n' : '');
    return text === undefined ? undefined : { print: text, isError: false };
  }
  const value = literalOf(args);
  if (/^(time\.)?sleep$/.test(name) && typeof value === 'number') return { sleep: value * 1000 };
  if (
    /^(sys\.exit|exit|quit|os\._exit|process\.exit)$/.test(name) &&
    (value === undefined ? args === '' : typeof value === 'number')
  )
    return { exit: typeof value === 'number' ? value : 0 };
  return undefined;
}

/** What a program does; undefined: something that is not known here. */
export function printedBy(code: string, language: Language): readonly Step[] | undefined {
  const statements = code.split(/;|\n/).map((statement) => statement.trim());
  if (statements.length > MAX_STEPS) return undefined;
  const steps: Step[] = [];
  let left = MAX_PRINTED;
  for (const statement of statements) {
    const step = stepOf(statement, language);
    if (step === undefined) return undefined;
    if (step === 'nothing') continue;
    if ('print' in step) left -= step.print.length;
    if (left < 0) return undefined;
    steps.push(step);
  }
  return steps;
}
