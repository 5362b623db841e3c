import { describe, expect, it } from 'vitest';
import { MAX_UNIX, MIN_UNIX } from './arithmetic.ts';
import { MAX_CHARACTERS, MAX_COMPARED, MAX_ELEMENTS } from './budget.ts';
import { compile, evaluate, kubernetesEnvironment, PER_CALL_LIMIT } from './cel.ts';
import { MAX_PRECISION } from './format-text.ts';
import { MAX_RANGE } from './library/lists.ts';
import { MAX_RECOVERIES, MAX_RECOVERY_TOKENS, MAX_RECURSION, MAX_SYNTAX_ERRORS } from './parse-state.ts';
import { MAX_ISSUES, MAX_SNIPPET_BYTES } from './source.ts';
import { MAX_NODES } from './tree-builder.ts';
import { ArrayList, MAX_INT, MAX_UINT, MIN_INT } from './value.ts';
import { describeValue, MAX_SHOWN } from './value-text.ts';

const environment = kubernetesEnvironment({ variables: new Map() });
const errors = (expression: string): string => compile(expression, environment).errors ?? '';
function outcome(expression: string): unknown {
  const { program, programError, errors: wrong } = compile(expression, environment);
  if (!program) return programError ?? wrong;
  const { value, error } = evaluate(program, new Map(), Number.POSITIVE_INFINITY);
  return value ?? error;
}

describe('an expression', () => {
  it('stands in so many parentheses', () => {
    const nested = (depth: number): string => '('.repeat(depth) + 1 + ')'.repeat(depth);
    expect(errors(nested(MAX_RECURSION - 1))).toBe('');
    expect(errors(nested(MAX_RECURSION))).toBe(
      `ERROR: <input>:-1:0: expression recursion limit exceeded: ${MAX_RECURSION}`,
    );
  });

  it('has so many operators in a row', () => {
    const sum = (operators: number): string => `1${'+1'.repeat(operators)}`;
    expect(errors(sum(MAX_RECURSION))).toBe('');
    expect(errors(sum(MAX_RECURSION + 1))).toBe('ERROR: <input>:-1:0: max recursion depth exceeded');
  });

  it('does not grow without end by its macros', () => {
    const chain = (length: number): string => `optional.of(1)${'.optMap(x, x)'.repeat(length)}.hasValue()`;
    expect(outcome(chain(8))).toBe(true);
    expect(errors(chain(40))).toBe(`ERROR: <input>:-1:0: expression has more than ${MAX_NODES} nodes`);
  });
});

describe('what is wrong with an expression', () => {
  it('is told so many times', () => {
    const list = (names: number): string => `[${'zz,'.repeat(names)}]`;
    expect(errors(list(MAX_ISSUES)).match(/ERROR/g)).toHaveLength(MAX_ISSUES);
    expect(errors(list(MAX_ISSUES + 2)).match(/ERROR/g)).toHaveLength(MAX_ISSUES);
    expect(errors(list(MAX_ISSUES + 2))).toMatch(/\n2 more errors were truncated$/);
  });

  it('is told of so many characters that are none of the language', () => {
    const odd = (characters: number): string => `1 ${';'.repeat(characters)}`;
    expect(errors(odd(MAX_SYNTAX_ERRORS)).match(/ERROR/g)).toHaveLength(MAX_SYNTAX_ERRORS);
    expect(errors(odd(MAX_SYNTAX_ERRORS + 1))).toContain('1 more errors were truncated');
  });

  it('is made up for so often', () => {
    const broken = (times: number): string => Array.from({ length: times }, () => '(1 2)').join('+');
    const limit = `error recovery attempt limit exceeded: ${MAX_RECOVERIES}`;
    const least = Array.from({ length: 60 }, (_, i) => i + 1).find((times) => errors(broken(times)).includes(limit));
    expect(least).toBeLessThanOrEqual(MAX_RECOVERIES + 1);
    expect(errors(broken(least! - 1))).not.toContain(limit);
  });

  it('is made up for by leaving out so many tokens', () => {
    const more = (tokens: number): string => `1${' 2'.repeat(tokens)}`;
    const limit = `error recovery token lookahead limit exceeded: ${MAX_RECOVERY_TOKENS}`;
    expect(errors(more(MAX_RECOVERY_TOKENS))).not.toContain(limit);
    expect(errors(more(MAX_RECOVERY_TOKENS + 1))).toContain(limit);
  });

  it('is shown below lines that are not too long', () => {
    const line = (bytes: number): string => `zz${' '.repeat(bytes - 2)}`;
    expect(errors(line(MAX_SNIPPET_BYTES))).toContain('\n | ^');
    expect(errors(line(MAX_SNIPPET_BYTES + 1))).toBe(
      "ERROR: <input>:1:1: undeclared reference to 'zz' (in container '')",
    );
  });
});

describe('numbers and times', () => {
  it.each([
    [`${MAX_INT}`, MAX_INT],
    [`${MAX_INT} + 1`, 'integer overflow'],
    [`${MIN_INT}`, MIN_INT],
    [`${MIN_INT} - 1`, 'integer overflow'],
    [`string(${MAX_UINT}u)`, `${MAX_UINT}`],
    [`${MAX_UINT}u + 1u`, 'unsigned integer overflow'],
    [`int(timestamp(${MAX_UNIX}))`, MAX_UNIX],
    [`timestamp(dyn(${MAX_UNIX + 1n}))`, 'timestamp overflow'],
    [`int(timestamp(${MIN_UNIX}))`, MIN_UNIX],
    [`timestamp(dyn(${MIN_UNIX - 1n}))`, 'timestamp overflow'],
  ])('%s', (expression, expected) => {
    expect(outcome(expression)).toBe(expected);
  });

  it('are printed with so many digits', () => {
    const size = (digits: number) => outcome(`"%.${digits}f".format([1.0]).size()`);
    expect(size(MAX_PRECISION)).toBe(BigInt(MAX_PRECISION + 2));
    expect(size(MAX_PRECISION + 1)).toBe(BigInt(MAX_PRECISION + 2));
  });
});

describe('lists', () => {
  it('are counted out so far', () => {
    expect(outcome(`lists.range(${MAX_RANGE}).size()`)).toBe(MAX_RANGE);
    expect(outcome(`lists.range(${MAX_RANGE + 1n})`)).toBe(
      `lists.range: size ${MAX_RANGE + 1n} exceeds maximum allowed (${MAX_RANGE})`,
    );
  });

  it('are shown so far', () => {
    const shown = (size: number): number => describeValue(new ArrayList(new Array(size).fill(1n))).split(',').length;
    expect(shown(MAX_SHOWN)).toBe(MAX_SHOWN);
    expect(shown(MAX_SHOWN + 1)).toBe(MAX_SHOWN);
  });
});

describe('the budget of an evaluation', () => {
  const run = (budget: number) => evaluate(compile('[1, 2].all(x, x > 0)', environment).program!, new Map(), budget);
  const { cost } = run(PER_CALL_LIMIT);

  it('is what it may cost, and no more', () => {
    expect(run(cost)).toMatchObject({ value: true, overBudget: false });
    expect(run(cost - 1)).toMatchObject({
      value: undefined,
      overBudget: true,
      error: 'operation cancelled: actual cost limit exceeded',
    });
  });

  it('ends what goes on for long', () => {
    const long = 'lists.range(1000).all(x, lists.range(1000).all(y, x + y >= 0))';
    const result = evaluate(compile(long, environment).program!, new Map());
    expect(result.overBudget).toBe(true);
    expect(result.cost).toBeGreaterThan(PER_CALL_LIMIT);
  });
});

describe('what costs little and grows', () => {
  const over = (expression: string): boolean =>
    evaluate(compile(expression, environment).program!, new Map(), Number.POSITIVE_INFINITY).overBudget;

  it('is a list of so many elements', () => {
    const half = MAX_ELEMENTS / 2;
    const joined = (sizes: number[]): string =>
      `[lists.range(${MAX_RANGE})].map(a, ${sizes.map((size) => `a.slice(0, ${size})`).join(' + ')}).size()`;
    const whole = new Array(half / Number(MAX_RANGE)).fill(Number(MAX_RANGE));
    expect(over(joined([...whole, ...whole]))).toBe(false);
    expect(over(joined([...whole, ...whole, 1]))).toBe(true);
  });

  it('is a text of so many characters', () => {
    const part = 1000;
    const text = (parts: number): string =>
      `[lists.range(${part}).map(i, "x").join("")].map(a, lists.range(${parts}).map(i, a).join("")).size()`;
    expect(over(text(MAX_CHARACTERS / part))).toBe(false);
    expect(over(text(MAX_CHARACTERS / part + 1))).toBe(true);
  });

  it('is a comparison of so many elements', () => {
    const lists = (size: number): string =>
      `[lists.range(1000)].map(a, lists.range(${size}).map(i, a)).all(b, b == b.map(c, c + []))`;
    const times = MAX_COMPARED / 1001 - 1;
    expect(over(lists(Math.floor(times)))).toBe(false);
    expect(over(lists(Math.ceil(times) + 2))).toBe(true);
  });

  it('is never deeper than the machine', () => {
    const nested = (depth: number): string =>
      Array.from({ length: depth }, (_, i) => `[1].map(v${i}, `).join('') + 1 + ')'.repeat(depth);
    for (const depth of [10, 80, 120, 240]) {
      const { errors: wrong, program } = compile(nested(depth), environment);
      if (program) expect(evaluate(program, new Map()).error).toBeUndefined();
      else expect(wrong).toMatch(/recursion/);
    }
  });
});
