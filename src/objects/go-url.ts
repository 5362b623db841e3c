/** URLs as Go reads them. Source: Go's net/url. */
import { addressProblem } from './address-problem.ts';
import { quoteGo } from './go-quote.ts';

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

/** Why it is no URL. */
class Refused extends Error {}

/** As `ParseRequestURI`: it is absolute, or a path, and `#` is a character like any other. Undefined: it is one. */
export const requestURIProblem = (text: string): URLError | undefined =>
  refusalOf(text, () => void read(text, text, true));

/** One that `ParseRequestURI` takes, read as `Parse` does: what follows a `#` is no part of its path. */
export function parseURL(text: string): ParsedURL | URLError {
  const problem = requestURIProblem(text);
  if (problem) return problem;
  let url: ParsedURL | undefined;
  const refusal = refusalOf(text, () => {
    const mark = text.indexOf('#');
    url = read(mark < 0 ? text : text.slice(0, mark), text, false);
    if (mark >= 0) checkEscapes(text.slice(mark + 1));
  });
  return refusal ?? url!;
}

function refusalOf(text: string, work: () => void): URLError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return new URLError(text, error.message);
    throw error;
  }
}

/** `fromRequest`: it must be absolute, or a path. @throws Refused */
function read(source: string, text: string, fromRequest: boolean): ParsedURL {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (/[\x00-\x1f\x7f]/.test(source)) throw new Refused('net/url: invalid control character in URL');
  if (source === '' && fromRequest) throw new Refused('empty url');
  if (source === '*') return { scheme: '', host: '', path: '*', query: '', text };
  if (source.startsWith(':')) throw new Refused('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(source)?.[1]?.toLowerCase() ?? '';
  let rest = scheme ? source.slice(scheme.length + 1) : source;
  const mark = rest.indexOf('?');
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  if (!rest.startsWith('/')) {
    // A scheme and no path: opaque.
    if (scheme) return { scheme, host: '', path: '', query, text };
    if (fromRequest) throw new Refused('invalid URI for request');
    if (rest.split('/', 1)[0]!.includes(':')) throw new Refused('first path segment in URL cannot contain colon');
  }
  let host = '';
  if (rest.startsWith('//') && (scheme || (!fromRequest && !rest.startsWith('///')))) {
    const end = rest.indexOf('/', 2);
    host = readAuthority(scheme, end < 0 ? rest.slice(2) : rest.slice(2, end));
    rest = end < 0 ? '' : rest.slice(end);
  }
  checkEscapes(rest);
  return { scheme, host, path: rest, query, text };
}

/** The host with its port, without who asks it. */
function readAuthority(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@');
  const host = readHost(scheme, authority.slice(at + 1));
  if (at >= 0) {
    const user = authority.slice(0, at);
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new Refused('net/url: invalid userinfo');
    checkEscapes(user);
  }
  return host;
}

function readHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) throw new Refused('invalid IP-literal');
  if (open === 0) return readLiteral(host);
  const first = host.indexOf(':');
  // What is not the web's may have more of them.
  const colon = scheme === 'http' || scheme === 'https' ? first : host.lastIndexOf(':');
  if (first >= 0) checkPort(host.slice(colon));
  checkHost(host);
  return unescaped(host);
}

/** An IPv6 address in brackets. */
function readLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new Refused("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const name = host.slice(1, close);
  const zone = name.indexOf('%25');
  checkHost(zone < 0 ? name : name.slice(0, zone));
  if (zone >= 0) checkHost(name.slice(zone), true);
  const address = unescaped(name);
  const problem = addressProblem(address);
  if (problem !== undefined) throw new Refused(`invalid host: ${problem}`);
  if (!address.includes(':')) throw new Refused('invalid IP-literal');
  return `[${address}]${port}`;
}

function checkPort(port: string): void {
  if (!/^(?::\d*)?$/.test(port)) throw new Refused(`invalid port ${quoteGo(port)} after host`);
}

const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/;
/** An escape, a sign that begins none, or a character. */
const TOKEN = /%(?:[0-9a-fA-F]{2})?|[^%]/gu;
const badEscape = (text: string, at: number): Refused =>
  new Refused(`invalid URL escape ${quoteGo(text.slice(at, at + 3))}`);

function checkEscapes(text: string): void {
  const at = text.search(BAD_ESCAPE);
  if (at >= 0) throw badEscape(text, at);
}

/** Of ASCII a host is made of these as they are; of what is escaped only what is beyond it, and the sign of a zone. */
const HOST = /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/;

/** `isZone`: it is one of an address, beginning with its sign. */
function checkHost(text: string, isZone = false): void {
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token[0] !== '%') {
      if (token < '\u0080' && !HOST.test(token)) throw new Refused(`invalid character ${quoteGo(token)} in host name`);
    } else if (token !== '%25' && !mayBeEscaped(token, isZone)) throw badEscape(text, index);
  }
}

function mayBeEscaped(token: string, isZone: boolean): boolean {
  if (token.length === 1) return false;
  const c = String.fromCharCode(Number.parseInt(token.slice(1), 16));
  return isZone ? c === ' ' || HOST.test(c) : c >= '\u0080';
}

const unescaped = (text: string): string => {
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
    if (part === '' || part.includes(';') || BAD_ESCAPE.test(part)) continue;
    const equals = part.indexOf('=');
    const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    const key = unescaped(name.replaceAll('+', ' '));
    values.set(key, [...(values.get(key) ?? []), unescaped(value.replaceAll('+', ' '))]);
  }
  return values;
}
