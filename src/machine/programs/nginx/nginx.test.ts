/** What a configuration may ask for, on either side of each bound. */
import { expect, it } from 'vitest';
import { MAX_DIRECTIVES, MAX_NESTING, parseConfig } from './config.ts';
import { checkDirectives, MAX_PATTERN, siteOf } from './servers.ts';

const parse = (files: Record<string, string>) =>
  parseConfig('/main', { read: (path) => files[path]!, expand: (pattern) => [pattern] });

it('reads so many directives and no more, those of included files too', () => {
  const some = (count: number) => 'root /a;\n'.repeat(count);
  expect(parse({ '/main': some(MAX_DIRECTIVES) })).toHaveLength(MAX_DIRECTIVES);
  expect(() => parse({ '/main': some(MAX_DIRECTIVES + 1) })).toThrow('too many directives in /main');
  const half = MAX_DIRECTIVES / 2;
  const including = (more: number) => ({ '/main': `include /b; ${some(half - 1)}`, '/b': some(half + more) });
  expect(parse(including(0))).toHaveLength(MAX_DIRECTIVES - 1);
  expect(() => parse(including(1))).toThrow('too many directives');
});

it('reads so many blocks within one another and no more, files that include others too', () => {
  const blocks = (depth: number) => parse({ '/main': 'a {'.repeat(depth) + '}'.repeat(depth) });
  expect(blocks(MAX_NESTING)).toHaveLength(1);
  expect(() => blocks(MAX_NESTING + 1)).toThrow('too deep in /main');
  const including = (depth: number) => {
    const files: Record<string, string> = { '/main': 'include /1;', [`/${depth}`]: 'root /a;' };
    for (let i = 1; i < depth; i++) files[`/${i}`] = `include /${i + 1};`;
    return parse(files);
  };
  expect(including(MAX_NESTING).map(({ name }) => name)).toEqual(['root']);
  expect(() => including(MAX_NESTING + 1)).toThrow(`too deep in /${MAX_NESTING + 1}`);
  expect(() => parse({ '/main': 'include /main; include /main;' })).toThrow('too deep in /main');
});

it('takes patterns so long and no longer, and none that repeat repetitions', () => {
  const within = 'a'.repeat(MAX_PATTERN);
  const checked = (text: string) => {
    const config = parse({ '/main': `http { server { ${text} } }` });
    checkDirectives(config);
    return siteOf(config);
  };
  for (const place of ['location ~ PATTERN { }', 'rewrite PATTERN /b;', 'server_name ~PATTERN;']) {
    const withPattern = (pattern: string) => () => checked(place.replace('PATTERN', pattern));
    expect(withPattern(within), place).not.toThrow();
    expect(withPattern(`${within}a`), place).toThrow('pattern too long');
    expect(withPattern('(a+)+b'), place).toThrow('nested repetition');
  }
  expect(checked(`location ~ ${within} { }`).servers[0]!.locations[0]!.regex?.test(within)).toBe(true);
});
