import { describe, expect, it } from 'vitest';
import { parseURL, requestURIProblem, URLError } from './go-url.ts';

/** As Go 1.26 says it. */
const REFUSED: [text: string, problem: string][] = [
  ['', 'empty url'],
  ['a', 'invalid URI for request'],
  ['://a', 'missing protocol scheme'],
  ['/a\u007f', 'net/url: invalid control character in URL'],
  ['/a#%zz', 'invalid URL escape "%zz"'],
  ['/%2', 'invalid URL escape "%2"'],
  ['http://a:1:2/x', 'invalid port ":1:2" after host'],
  ['http://a:b/', 'invalid port ":b" after host'],
  ['http://a b/', 'invalid character " " in host name'],
  ['http://a#b', 'invalid character "#" in host name'],
  ['http://%41/', 'invalid URL escape "%41"'],
  ['http://u"p@a/', 'net/url: invalid userinfo'],
  ['http://[::1/', "missing ']' in host"],
  ['http://a[::1]/', 'invalid IP-literal'],
  ['http://[1.2.3.4]/', 'invalid IP-literal'],
  ['http://[fe80::1%25%7b]/', 'invalid URL escape "%7b"'],
];

describe('a URI of a request', () => {
  it.each(REFUSED)('is not %s', (text, problem) => {
    expect(requestURIProblem(text)?.message).toMatch(/^parse "/);
    expect(requestURIProblem(text)!.message.endsWith(`": ${problem}`)).toBe(true);
  });

  it.each([
    '*',
    '/',
    '//a',
    '/a?%zz',
    'mailto:a',
    'ftp://a:1:2/',
    'http://[fe80::1%25en0]:80/',
    'http://é/',
    'http://%C3%A9',
  ])('is %s', (text) => expect(requestURIProblem(text)).toBeUndefined());

  it('names an address that is none', () => {
    expect(requestURIProblem('http://[::g]/')?.message).toBe(
      'parse "http://[::g]/": invalid host: ParseAddr("::g"): each colon-separated field must have at least one digit (at "g")',
    );
  });
});

it('a URL is read without its fragment', () => {
  expect(parseURL('HTTPS://u:p@a.b:80/c%20d?e=f#g')).toEqual({
    scheme: 'https',
    host: 'a.b:80',
    path: '/c%20d',
    query: 'e=f',
    text: 'HTTPS://u:p@a.b:80/c%20d?e=f#g',
  });
  expect(parseURL('/a?b#%zz')).toBeInstanceOf(URLError);
});
