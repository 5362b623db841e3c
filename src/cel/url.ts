/** URLs as Go reads them. Source: Go's net/url. */
import { quoteGo } from '../objects/go-quote.ts';

export interface ParsedURL {
  scheme: string;
  /** With the port. */
  host: string;
  /** As it was written. */
  path: string;
  query: string;
  text: string;
}

export class URLError {
  readonly message: string;
  constructor(text: string, message: string) {
    this.message = `parse ${quoteGo(text)}: ${message}`;
  }
}

const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})[\s\S]{0,2}/;
const badEscape = (text: string): string | undefined => {
  const found = BAD_ESCAPE.exec(text)?.[0];
  return found === undefined ? undefined : `invalid URL escape ${quoteGo(found)}`;
};

/** As `ParseRequestURI`: it is absolute, or a path. */
export function parseRequestURI(text: string): ParsedURL | URLError {
  const failed = (message: string): URLError => new URLError(text, message);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (/[\x00-\x1f\x7f]/.test(text)) return failed('net/url: invalid control character in URL');
  if (text === '') return failed('empty url');
  if (text === '*') return { scheme: '', host: '', path: '*', query: '', text };
  if (text.startsWith(':')) return failed('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const withoutFragment = text.split('#')[0]!;
  let rest = scheme ? withoutFragment.slice(scheme.length + 1) : withoutFragment;
  const mark = rest.indexOf('?');
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  if (!rest.startsWith('/')) {
    // A scheme and no path: opaque.
    if (scheme) return { scheme: scheme.toLowerCase(), host: '', path: '', query, text };
    return failed('invalid URI for request');
  }
  let host = '';
  if (rest.startsWith('//') && (scheme || !rest.startsWith('///'))) {
    const end = rest.indexOf('/', 2);
    const authority = end < 0 ? rest.slice(2) : rest.slice(2, end);
    rest = end < 0 ? '' : rest.slice(end);
    const found = readAuthority(authority);
    if (typeof found !== 'string') return failed(found.problem);
    host = found;
  }
  const problem = badEscape(rest);
  return problem ? failed(problem) : { scheme: scheme.toLowerCase(), host, path: rest, query, text };
}

/** The host with its port, without who asks it. */
function readAuthority(authority: string): string | { problem: string } {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (at >= 0) {
    const user = authority.slice(0, at);
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return { problem: 'net/url: invalid userinfo' };
    const problem = badEscape(user);
    if (problem) return { problem };
  }
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) return { problem: "missing ']' in host" };
    const port = host.slice(close + 1);
    return /^(?::\d*)?$/.test(port) ? host : { problem: `invalid port ${quoteGo(port)} after host` };
  }
  const colon = host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) return { problem: `invalid port ${quoteGo(port)} after host` };
  const odd = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (odd !== undefined && !/["<>]/.test(odd)) return { problem: `invalid character ${quoteGo(odd)} in host name` };
  const problem = badEscape(host);
  return problem ? { problem } : decodeEscapes(host);
}

const decodeEscapes = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Without the port, and without brackets. */
export function hostname({ host }: ParsedURL): string {
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  const colon = host.lastIndexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}

export const port = ({ host }: ParsedURL): string => /:(\d+)$/.exec(host)?.[1] ?? '';

/** Spaces and the like as they must be written. */
export const escapedPath = ({ path }: ParsedURL): string =>
  path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]+/g, (odd) => encodeURIComponent(odd));

/** What is asked, each name with all its values; what can't be read is left out. */
export function queryValues({ query }: ParsedURL): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';') || badEscape(part)) continue;
    const equals = part.indexOf('=');
    const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    const key = decodeEscapes(name.replaceAll('+', ' '));
    values.set(key, [...(values.get(key) ?? []), decodeEscapes(value.replaceAll('+', ' '))]);
  }
  return values;
}
