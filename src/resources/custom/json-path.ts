/** The JSONPath of printer columns and selectable fields. models k8s.io/client-go/util/jsonpath, without templates. */

import { sameJSON } from '../../objects/equality.ts';
import { isJSONObject } from '../../objects/json.ts';
import { own } from '../../objects/own.ts';

type Step =
  | { step: 'member'; name: string }
  | { step: 'all' }
  | { step: 'below' }
  | { step: 'slice'; from?: number; to?: number; by?: number }
  | { step: 'union'; of: Step[][] }
  | { step: 'filter'; left: Operand; operator: string; right?: Operand };

type Operand = { path: Step[] } | { value: unknown };

export type JSONPath = readonly Step[];

/** Values that one path may find: a path that looks everywhere finds more than there is. */
export const MAX_FOUND = 10_000;

/** `.spec.replicas`, without braces. Undefined for a text that is no path. */
export function parseJSONPath(text: string): JSONPath | undefined {
  const parser = new Parser(text);
  try {
    const steps = parser.steps();
    return parser.isAtEnd ? steps : undefined;
  } catch (error) {
    if (error instanceof NoPath) return undefined;
    throw error;
  }
}

class NoPath extends Error {}

const NAME = /(?:\\.|[^\s.[\]()'"<>=!,*@$?{}|\\])+/y;
const QUOTED = /'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/y;
const NUMBER = /-?\d+(?:\.\d+)?/y;
const SLICE = /(-?\d+)?(?::(-?\d+)?(?::(-?\d+)?)?)?(?=[\],])/y;
const OPERATOR = /==|!=|<=|>=|<|>/y;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  steps(): Step[] {
    if (this.#is('$') || this.#is('@')) this.#at++;
    const steps: Step[] = [];
    for (;;) {
      if (this.#is('..')) {
        this.#at += 2;
        steps.push({ step: 'below' });
        if (!this.#is('[')) steps.push(this.#member());
      } else if (this.#is('.')) {
        this.#at++;
        if (!this.#is('[') && !this.isAtEnd) steps.push(this.#member());
      } else if (this.#is('[')) steps.push(this.#bracket());
      else return steps;
    }
  }

  #is(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #member(): Step {
    if (this.#is('*')) {
      this.#at++;
      return { step: 'all' };
    }
    const name = this.#take(NAME)?.[0];
    if (!name) throw new NoPath();
    return { step: 'member', name: name.replace(/\\(.)/g, '$1') };
  }

  #bracket(): Step {
    this.#at++;
    if (this.#is('?(')) return this.#filter();
    const parts: Step[][] = [];
    for (;;) {
      parts.push(this.#part());
      if (this.#is(',')) this.#at++;
      else break;
    }
    this.#end(']');
    const [only] = parts;
    return parts.length === 1 && only?.length === 1 ? only[0]! : { step: 'union', of: parts };
  }

  #part(): Step[] {
    if (this.#is('*')) {
      this.#at++;
      return [{ step: 'all' }];
    }
    const quoted = this.#quoted();
    if (quoted !== undefined) return [{ step: 'member', name: quoted }];
    const slice = this.#take(SLICE);
    if (!slice || slice[0] === '') throw new NoPath();
    const [from, to, by] = [slice[1], slice[2], slice[3]].map((n) => (n === undefined ? undefined : Number(n)));
    if (!slice[0].includes(':'))
      return [{ step: 'slice', from: from!, to: from === -1 ? Number.POSITIVE_INFINITY : from! + 1 }];
    return [
      {
        step: 'slice',
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(by ? { by } : {}),
      },
    ];
  }

  #quoted(): string | undefined {
    const match = this.#take(QUOTED);
    return match && (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1');
  }

  #filter(): Step {
    this.#at += 2;
    const left = this.#operand();
    this.#space();
    const operator = this.#take(OPERATOR)?.[0];
    if (!operator) {
      this.#end(')');
      this.#end(']');
      return { step: 'filter', left, operator: 'exists' };
    }
    const right = this.#operand();
    this.#space();
    this.#end(')');
    this.#end(']');
    return { step: 'filter', left, operator, right };
  }

  #operand(): Operand {
    this.#space();
    if (this.#is('@') || this.#is('.')) return { path: this.steps() };
    const quoted = this.#quoted();
    if (quoted !== undefined) return { value: quoted };
    const number = this.#take(NUMBER)?.[0];
    if (number !== undefined) return { value: Number(number) };
    const word = this.#take(NAME)?.[0];
    if (word === 'true' || word === 'false') return { value: word === 'true' };
    throw new NoPath();
  }

  #space(): void {
    while (this.#is(' ')) this.#at++;
  }

  #end(text: string): void {
    if (!this.#is(text)) throw new NoPath();
    this.#at += text.length;
  }
}

/** What the path leads to; what is missing on the way leads to nothing. */
export function findByPath(path: JSONPath, value: unknown): unknown[] {
  let found: unknown[] = [value];
  for (const step of path) {
    const next: unknown[] = [];
    for (const item of found) {
      next.push(...stepped(step, item));
      if (next.length > MAX_FOUND) return next.slice(0, MAX_FOUND);
    }
    found = next;
  }
  return found;
}

function stepped(step: Step, value: unknown): unknown[] {
  switch (step.step) {
    case 'member': {
      const member = isJSONObject(value) ? own(value, step.name) : undefined;
      return member === undefined ? [] : [member];
    }
    case 'all':
      return Array.isArray(value) ? value : isJSONObject(value) ? Object.values(value) : [];
    case 'below':
      return everything(value);
    case 'slice':
      return Array.isArray(value) ? sliced(value, step) : [];
    case 'union':
      return step.of.flatMap((path) => findByPath(path, value));
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => holds(step, item)) : [];
    default:
      return step satisfies never;
  }
}

function everything(value: unknown): unknown[] {
  const found: unknown[] = [];
  const rest: unknown[] = [value];
  while (rest.length > 0 && found.length < MAX_FOUND) {
    const next = rest.shift();
    found.push(next);
    if (Array.isArray(next)) rest.push(...next);
    else if (isJSONObject(next)) rest.push(...Object.values(next));
  }
  return found;
}

function sliced(list: readonly unknown[], { from = 0, to, by = 1 }: Step & { step: 'slice' }): unknown[] {
  const at = (n: number): number => Math.max(0, Math.min(list.length, n < 0 ? list.length + n : n));
  if (from < 0 && from < -list.length) return [];
  const found: unknown[] = [];
  const end = to === undefined ? list.length : at(to);
  for (let i = at(from); i < end && by > 0; i += by) found.push(list[i]);
  return found;
}

function holds({ left, operator, right }: Step & { step: 'filter' }, item: unknown): boolean {
  const values = (operand: Operand): unknown[] =>
    'path' in operand ? findByPath(operand.path, item) : [operand.value];
  const [a] = values(left);
  if (operator === 'exists') return a !== undefined;
  const [b] = right ? values(right) : [];
  if (a === undefined || b === undefined) return false;
  if (operator === '==') return sameJSON(a, b);
  if (operator === '!=') return !sameJSON(a, b);
  if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string')) return false;
  const order = a < (b as typeof a) ? -1 : a > (b as typeof a) ? 1 : 0;
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
}
