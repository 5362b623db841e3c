/** Comparing answers, and the small languages of a scenario's steps: `pick` paths, `until` conditions, `${…}` references. */
import { isNumber, sameNumber } from './json.ts';

/** Where a recorded and an actual value differ. */
export interface Difference {
  /** From the step on, e.g. `step 1.body.metadata.labels`. */
  path: string;
  /** What is there instead of what was to be. */
  text: string;
}

/** Every difference between a recorded and an actual value. */
export function differences(want: any, got: any, path = ''): Difference[] {
  if (isObject(want) && isObject(got)) {
    const out: Difference[] = [];
    for (const key of [...new Set([...Object.keys(want), ...Object.keys(got)])].sort()) {
      const at = `${path}.${key}`;
      if (!Object.hasOwn(got, key)) out.push({ path: at, text: `missing (want ${short(want[key])})` });
      else if (!Object.hasOwn(want, key)) out.push({ path: at, text: `unexpected ${short(got[key])}` });
      else out.push(...differences(want[key], got[key], at));
    }
    return out;
  }
  if (Array.isArray(want) && Array.isArray(got)) {
    const out = want.length === got.length ? [] : [{ path, text: `${got.length} items, want ${want.length}` }];
    for (let i = 0; i < Math.min(want.length, got.length); i++)
      out.push(...differences(want[i], got[i], `${path}[${i}]`));
    return out;
  }
  const same = isNumber(want) && isNumber(got) ? sameNumber(want, got) : want === got;
  return same ? [] : [{ path, text: `${short(got)}, want ${short(want)}` }];
}

/** The value at a dotted path; `*` goes through every item of a list and sorts what it finds; keys may hold dots. */
export function pick(value: any, path: string[]): any {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (head === '*')
    return Array.isArray(value)
      ? value
          .map((item) => pick(item, rest) ?? null)
          .map((item): [string, unknown] => [sortKey(item), item])
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
          .map(([, item]) => item)
      : null;
  if (Array.isArray(value)) return /^\d+$/.test(head) ? pick(value[Number(head)], rest) : null;
  if (!isObject(value)) return null;
  for (let n = path.length; n > 0; n--) {
    const key = path.slice(0, n).join('.');
    if (Object.hasOwn(value, key)) return pick(value[key], path.slice(n));
  }
  return null;
}

/** Whether a polled answer is the one waited for; every key of `until` must hold. */
export function met(until: any, status: number, body: any): boolean {
  const conditions: any[] = Array.isArray(body?.status?.conditions) ? body.status.conditions : [];
  const at = (path: string) => pick(body, path.split('.')) ?? null;
  const checks: Record<string, (value: any) => boolean> = {
    status: (v) => status === v,
    statusNot: (v) => status !== v,
    has: (v) => at(v) !== null,
    equals: (v) => Object.entries(v).every(([path, want]) => differences(want, at(path)).length === 0),
    condition: (v) => conditions.some((c) => c.type === v && c.status === 'True'),
    items: (v) => isObject(body) && (body.items ?? []).length === v,
  };
  return Object.entries(until).every(([name, value]) => checks[name]!(value));
}

/** `${steps.2.body.metadata.uid}` becomes what an earlier answer had there. */
export function resolve(value: any, env: any): any {
  if (Array.isArray(value)) return value.map((item) => resolve(item, env));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [resolve(k, env), resolve(v, env)]));
  if (typeof value !== 'string') return value;
  const whole = /^\$\{([^}]+)\}$/.exec(value);
  if (whole) return lookup(whole[1]!, env);
  return value.replace(/\$\{([^}]+)\}/g, (_, expression) => String(lookup(expression, env)));
}

function lookup(expression: string, env: any): any {
  let current = env;
  for (const part of expression.split('.')) {
    if (current === null || typeof current !== 'object' || !Object.hasOwn(current, part))
      return `<missing ${expression}>`;
    current = current[part];
  }
  return current;
}

const isObject = (value: unknown): value is Record<string, any> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumber(value);

const short = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 160);

/** The order of the recording: JSON text in ASCII, with sorted keys and a space after separators. */
function sortKey(value: any): string {
  if (Array.isArray(value)) return `[${value.map(sortKey).join(', ')}]`;
  if (isObject(value))
    return `{${Object.keys(value)
      .sort()
      .map((k) => `${ascii(k)}: ${sortKey(value[k])}`)
      .join(', ')}}`;
  return ascii(value ?? null);
}

const ascii = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
