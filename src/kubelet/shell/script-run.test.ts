import { describe, expect, it } from 'vitest';
import { MAX_NESTING } from './script-commands.ts';
import { endOfCommand, endOfScript, MAX_STEPS, MAX_TEXT, type ScriptWorld } from './script-run.ts';
import { MAX_SCRIPT } from './shell.ts';

const world = (
  files: Record<string, string> = {},
  variables: Record<string, string | undefined> = {},
): ScriptWorld => ({
  files: new Map(Object.entries(files)),
  variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : ''),
  knows: (path) => path.startsWith('/data/'),
});

describe('a script’s end', () => {
  it.each<[string, number, (string | undefined)?]>([
    ['exit 3', 3],
    ['true; exit 0', 0],
    ['', 0],
    ['# nothing but a word\n', 0],
    ['false', 1],
    ['false\nexit', 1],
    ['echo a; false || exit 7', 7, 'a\n'],
    ['true && false && echo no', 1],
    ['! true', 1],
    ['exit 257', 1],
    ['/bin/echo -n DONE; /bin/false', 1, 'DONE'],
    ['printf \'x=%s\\n\' "a  b"; printf done', 0, 'x=a  b\ndone'],
    ['A=1 ; B="$A$A"; echo $B "$B" \'$B\' \\$B', 0, '11 11 $B $B\n'],
    [`exit $\{N}`, 5],
    ['echo $((7 % 4 * 2 - 1)) $(expr 9 / 2) $(echo a; echo b)', 0, '5 4 a b\n'],
    ['if [ $(expr $N % 2) -ne 0 ]; then\n exit 1\nelse\n exit 0\nfi', 1],
    ['if false; then exit 1; elif [ "$N" = 5 ]; then exit 9; else exit 2; fi', 9],
    ['[ -z "$UNSET" ] && [[ ! -e /data/x ]] && test 2 -ge 2', 0],
    ['[[ -r /data/foo ]]', 1],
    ['touch /data/foo; [ -f /data/foo ] && rm /data/foo && [ -e /data/foo ]', 1],
    ['rm /data/none', 1],
    ['rm -f /data/none', 0],
    ['echo one > /data/f; echo two >> /data/f; cat /data/f | wc -l', 0, '2\n'],
    ["echo hello >> /data/f; wc -l /data/f | awk {'print $1'}", 0, '1\n'],
    ['echo hidden >/dev/null 2>&1', 0, ''],
    ['set -e; false; exit 5', 1],
    ['set -e; if false; then :; fi; false || true; ! true; exit 5', 5],
    ['date; hostname; exit 4', 4],
    ['if [ 1 -eq 1 ]; then exit 6; fi\nwhile true; do sleep 1; done', 6],
    ['echo "a \\"b\\" \\n"', 0, undefined],
  ])('is known: %s', (script, code, output) => {
    const end = endOfScript(script, world({}, { N: '5' }));
    if (script.includes('\\n"')) expect(end).toBeUndefined();
    else expect(end).toMatchObject(output === undefined ? { code } : { code, output });
  });

  it.each([
    'sleep 5; exit 1',
    'nginx -g "daemon off;"',
    'while true; do exit 1; done',
    'for i in 1 2; do :; done',
    'exit $RANDOM',
    '[ -e /etc/passwd ]',
    'touch /elsewhere',
    'echo *',
    'echo `date`',
    'exit 1 &',
    '(exit 1)',
    'f() { exit 1; }; f',
    'case a in a) exit 1;; esac',
    'cat < /data/f',
    'if true; then exit 1',
    'exit 1 )',
    'echo "open',
    'date | wc -l',
    'trap "exit 0" TERM; exit 1',
    '[ a -lt 3 ]',
    'exit $((1 / 0))',
    '[[ a = a* ]]',
    'X=$(date); exit 0',
  ])('is not known: %s', (script) => {
    expect(endOfScript(script, world({}, { RANDOM: undefined }))).toBeUndefined();
  });

  it('leaves its files to the next', () => {
    const script = 'if [[ -r /data/foo ]]; then exit 0; else touch /data/foo; exit 42; fi';
    const shared = world();
    expect([endOfScript(script, shared)?.code, endOfScript(script, shared)?.code]).toEqual([42, 0]);
  });

  it('is that of a command that needs no shell', () => {
    expect(endOfCommand(['/bin/echo', 'a', '$B'], world())).toEqual({ code: 0, output: 'a $B\n' });
    expect(endOfCommand(['date'], world())).toEqual({ code: 0, output: undefined });
    expect(endOfCommand(['sleep', '1'], world())).toBeUndefined();
  });

  it('is looked for within limits', () => {
    const known = (script: string): boolean => endOfScript(script, world()) !== undefined;
    expect(known(`:${' '.repeat(MAX_SCRIPT - 1)}`)).toBe(true);
    expect(known(`:${' '.repeat(MAX_SCRIPT)}`)).toBe(false);
    const commands = (count: number): string => ':;'.repeat(count);
    // A command is a step, and so are its program and the list around all.
    expect(known(commands((MAX_STEPS - 2) / 2))).toBe(true);
    expect(known(commands(MAX_STEPS / 2 + 1))).toBe(false);
    const nested = (depth: number): string => `${'if :; then '.repeat(depth)}:;${' fi;'.repeat(depth)}`;
    expect(known(nested(MAX_NESTING))).toBe(true);
    expect(known(nested(MAX_NESTING + 1))).toBe(false);
    const doubled = (times: number): string => `A=${'x'.repeat(1024)};${'A=$A$A;'.repeat(times)}`;
    expect(known(doubled(3))).toBe(true);
    expect(MAX_TEXT).toBeLessThan(1024 * 2 ** 8);
    expect(known(doubled(8))).toBe(false);
  });
});
