/** What a program of awk may make, on either side of each bound. */
import { expect, it } from 'vitest';
import { runApplet } from '../test-run.ts';
import { MAX_FIELDS } from './record.ts';
import { MAX_TEXT } from './values.ts';
import { MAX_ELEMENTS, Variables } from './variables.ts';

const awk = (program: string) => runApplet(['awk', program]);

it('makes so many fields by assigning and no more', () => {
  expect(awk(`BEGIN { NF = ${MAX_FIELDS}; print NF; $${MAX_FIELDS} = "x"; print length($0) }`).stdout).toBe(
    `${MAX_FIELDS}\n${MAX_FIELDS}\n`,
  );
  const tooMany = { stdout: '', stderr: 'awk: too many fields\n', status: 2 };
  expect(awk(`BEGIN { NF = ${MAX_FIELDS + 1}; print NF }`)).toEqual(tooMany);
  expect(awk(`BEGIN { $${MAX_FIELDS + 1} = "x"; print NF }`)).toEqual(tooMany);
  expect(awk('BEGIN { NF = log(-1); print NF }')).toEqual(tooMany);
  expect(awk('BEGIN { $2.5 = "x"; print NF; NF = 3.5; print NF }').stdout).toBe('2\n3\n');
});

it('puts so many elements into an array and no more, and still changes those that there are', () => {
  const variables = new Variables();
  const array = variables.array('a');
  for (let i = 0; i < MAX_ELEMENTS; i++) variables.store(array, String(i), i);
  variables.store(array, '0', 'changed');
  expect([array.size, array.get('0')]).toEqual([MAX_ELEMENTS, 'changed']);
  expect(() => variables.store(array, 'one more', 1)).toThrow('out of memory');
});

it('makes strings so long and no longer, whatever they are made by', () => {
  /** A program in which x has half as many characters as a string may have. */
  const withHalf = (program: string) =>
    awk(
      `BEGIN { x = sprintf("%1000s", ""); while (length(x) * 2 <= ${MAX_TEXT / 2}) x = x x
        x = x substr(x, 1, ${MAX_TEXT / 2} - length(x)); ${program} }`,
    );
  for (const [made, beyond] of [
    ['y = x x', 'y = x x "."'],
    ['y = sprintf("%s%s", x, x)', 'y = sprintf("%s%s.", x, x)'],
    ['y = "a" x; sub(/^a/, x, y)', 'y = "aa" x; sub(/^a/, x, y)'],
    ['y = "ab"; gsub(/[ab]/, x, y)', 'y = "ab."; gsub(/[ab]/, x, y)'],
    ['y = "ab"; y = gensub(/[ab]/, x, "g", y)', 'y = "ab."; y = gensub(/[ab]/, x, "g", y)'],
    ['OFS = ""; $1 = x; $2 = x; y = $0', '$1 = x; $2 = x; y = $0'],
    ['SUBSEP = ""; a[x, x]; for (y in a);', 'a[x, x]; for (y in a);'],
  ]) {
    expect(withHalf(`${made}; print length(y)`), made).toEqual({ stdout: `${MAX_TEXT}\n`, stderr: '', status: 0 });
    expect(withHalf(`${beyond}; print length(y)`), beyond).toEqual({
      stdout: '',
      stderr: 'awk: out of memory\n',
      status: 2,
    });
  }
});
