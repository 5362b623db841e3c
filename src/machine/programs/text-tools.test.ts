/** What the recordings do not have: GNU's words, awk's mathematics, dates, and the bounds of patterns and programs. */
import { expect, it } from 'vitest';
import { MAX_CALLS } from './awk/evaluation.ts';
import { MAX_DEPTH } from './awk/expressions.ts';
import { formatDate, parseDate } from './date-format.ts';
import { MAX_FIELD } from './printf.ts';
import { compileRegex, MAX_PATTERN } from './regex.ts';
import { runApplet } from './test-run.ts';

it('says what GNU tools say where the image has those', () => {
  const gnu = (...args: string[]) => runApplet(args, { dialect: 'gnu' }).stderr;
  expect(gnu('cat', '/none')).toBe('cat: /none: No such file or directory\n');
  expect(gnu('rm', '/none')).toBe("rm: cannot remove '/none': No such file or directory\n");
  expect(gnu('mkdir', '/tmp')).toBe("mkdir: cannot create directory '/tmp': File exists\n");
  expect(gnu('head', '/none')).toBe("head: cannot open '/none' for reading: No such file or directory\n");
  expect(gnu('ls', '--zzz')).toBe("ls: unrecognized option '--zzz'\nTry 'ls --help' for more information.\n");
});

it('works out by awk what that build of BusyBox could not', () => {
  const awk = (program: string) => runApplet(['awk', program]).stdout;
  expect(awk('BEGIN { print 2^10, 2**0.5, -2^2, 2^3^2, log(exp(1)), int(-3.7), 1e20 }')).toBe(
    '1024 1.41421 -4 512 1 -3 1e+20\n',
  );
  expect(awk('BEGIN { srand(7); a = rand(); srand(7); print a == rand(), a < 1 }')).toBe('1 1\n');
  expect(
    runApplet([
      'awk',
      'BEGIN { "echo hi" | getline v; print v; print "b\\na" | "sort"; close("sort"); exit system("exit 3") }',
    ]),
  ).toMatchObject({ stdout: 'hi\na\nb\n', status: 3 });
});

it('bounds patterns, fields, expressions and calls', () => {
  expect(compileRegex('a'.repeat(MAX_PATTERN)).test('b')).toBe(false);
  expect(() => compileRegex('a'.repeat(MAX_PATTERN + 1))).toThrow('Regular expression too big');
  expect(runApplet(['printf', `%${MAX_FIELD}s`, 'x']).stdout.length).toBe(MAX_FIELD);
  expect(runApplet(['printf', `%${MAX_FIELD + 1}s`, 'x']).stdout.length).toBe(MAX_FIELD);
  const nested = (depth: number) => runApplet(['awk', `BEGIN { print ${'('.repeat(depth)}1${')'.repeat(depth)} }`]);
  expect(nested(MAX_DEPTH).stdout).toBe('1\n');
  expect(nested(MAX_DEPTH + 1).stderr).toBe('awk: expression too deep\n');
  const calls = (depth: number) =>
    runApplet(['awk', `function f(n) { return n == 1 ? 1 : 1 + f(n - 1) } BEGIN { print f(${depth}) }`]);
  expect(calls(MAX_CALLS).stdout).toBe(`${MAX_CALLS}\n`);
  expect(calls(MAX_CALLS + 1).stderr).toBe('awk: function calls too deep\n');
});

it('takes time in proportion to the text for patterns that make others take for ever', () => {
  const text = `${'a'.repeat(5000)}b`;
  expect(runApplet(['grep', '-cE', '^(a+)+$'], { stdin: text }).stdout).toBe('0\n');
});

it('ends programs that print without end when nobody reads them', () => {
  expect(runApplet(['sh', '-c', 'yes | head -n 2']).stdout).toBe('y\ny\n');
  expect(runApplet(['sh', '-c', 'seq 1 1000000000 | head -n 1']).stdout).toBe('1\n');
});

it('reads and writes dates', () => {
  const now = Date.UTC(2026, 10, 28, 7, 0, 0);
  expect(formatDate(now, '%a %b %e %H:%M:%S %Z %Y|%F|%j|%V|%s|%-d|%3N')).toBe(
    'Sat Nov 28 07:00:00 UTC 2026|2026-11-28|332|48|1795849200|28|000',
  );
  const iso = (text: string) => {
    const at = parseDate(text, now);
    return at === undefined ? undefined : new Date(at).toISOString();
  };
  expect(iso('2024-02-29 12:30')).toBe('2024-02-29T12:30:00.000Z');
  expect(iso('2023-02-29')).toBeUndefined();
  expect(iso('@86400')).toBe('1970-01-02T00:00:00.000Z');
  expect(iso('1 day ago')).toBe('2026-11-27T07:00:00.000Z');
  expect(iso('2024-01-01T00:00:00+02:00')).toBe('2023-12-31T22:00:00.000Z');
  expect(iso('nonsense')).toBeUndefined();
});
