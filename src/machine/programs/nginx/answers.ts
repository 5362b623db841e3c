/** Answers a request as a configuration says. */
import { Errno } from '../../errno.ts';
import type { Run } from '../../program.ts';
import { attempt, factsAt } from '../applet.ts';
import { formatDate } from '../date-format.ts';
import { type Headers, type HttpResponse, headerOf, REASONS } from '../http.ts';
import { call, parseUrl } from '../http-client.ts';
import { normalPath } from '../paths.ts';
import { contentType, entityTag, escapeHtml, httpDate } from '../static-files.ts';
import { type Location, locationFor, nearest, nearestAll } from './servers.ts';
import { type Asked, substitute } from './variables.ts';

/** Changes of path within one request. */
export const MAX_REDIRECTS = 10;

export const errorPage = (status: number, version: string): string => {
  const title = `${status} ${status === 503 ? 'Service Temporarily Unavailable' : status === 504 ? 'Gateway Time-out' : status === 405 ? 'Not Allowed' : (REASONS[status] ?? '')}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;
};

export function* answer(asked: Asked): Run<HttpResponse> {
  return yield* answerPath(asked, asked.request.path, 0);
}

function* answerPath(asked: Asked, given: string, redirects: number): Run<HttpResponse> {
  const path = `${normalPath(given, '/')}${given.endsWith('/') && normalPath(given, '/') !== '/' ? '/' : ''}`;
  if (redirects > MAX_REDIRECTS) return yield* cycle(asked, `internally redirecting to "${path}"`);
  const own = nearest(asked.server.scopes.slice(0, 1), 'return');
  if (own !== undefined) return returned(asked, own.args, null, path, undefined);
  const found = locationFor(asked.server, path);
  return yield* answerIn(asked, found?.location, found?.captures ?? null, path, redirects);
}

function* cycle(asked: Asked, where: string): Run<HttpResponse> {
  asked.complain(`rewrite or internal redirection cycle while ${where}`);
  return yield* refusal(asked, 500, undefined, MAX_REDIRECTS);
}

function* answerIn(
  asked: Asked,
  location: Location | undefined,
  captures: RegExpExecArray | null,
  path: string,
  redirects: number,
): Run<HttpResponse> {
  const body = location?.body ?? [];
  const scopes = location?.scopes ?? asked.server.scopes;
  for (const { name, args } of body) {
    if (name === 'return') return returned(asked, args, captures, path, location);
    if (name === 'rewrite') {
      const match = attempt(
        () => new RegExp(args[0]!).exec(path),
        () => null,
      );
      if (match === null) continue;
      const to = substitute(args[1]!, asked, match, path);
      if (/^https?:/.test(to) || args[2] === 'redirect' || args[2] === 'permanent')
        return redirect(asked, args[2] === 'permanent' ? 301 : 302, to);
      if (args[2] === 'break') return yield* fromFiles(asked, location, to, redirects);
      return yield* answerPath(asked, to.replace(/\?.*/, ''), redirects + 1);
    }
    if (name === 'deny' && args[0] === 'all') {
      asked.complain('access forbidden by rule');
      return yield* refusal(asked, 403, location, redirects);
    }
    if (name === 'stub_status')
      return {
        status: 200,
        headers: [...common(asked), ['Content-Type', 'text/plain']],
        body: `Active connections: 1 \nserver accepts handled requests\n ${asked.connection} ${asked.connection} ${asked.connection} \nReading: 0 Writing: 1 Waiting: 0 \n`,
      };
  }
  const proxy = body.find(({ name }) => name === 'proxy_pass');
  if (proxy !== undefined)
    return yield* proxied(asked, location!, substitute(proxy.args[0]!, asked, captures, path), path, redirects);
  const tries = nearest(scopes.slice(0, 2), 'try_files');
  if (tries === undefined) return yield* fromFiles(asked, location, path, redirects);
  const last = tries.args.at(-1)!;
  for (const each of tries.args.slice(0, -1)) {
    const tried = substitute(each, asked, captures, path);
    const facts = factsAt(asked.process.files, fileOf(asked, location, tried.replace(/\/$/, '')));
    const wantsFolder = tried.endsWith('/');
    if (facts !== undefined && (facts.kind === 'directory') === wantsFolder)
      return yield* fromFiles(asked, location, tried, redirects);
  }
  if (/^=\d+$/.test(last)) return yield* refusal(asked, Number(last.slice(1)), location, redirects);
  if (last.startsWith('@')) {
    const named = asked.server.locations.find((each) => each.path === last);
    if (redirects >= MAX_REDIRECTS) return yield* cycle(asked, `redirect to named location "${last}"`);
    return yield* answerIn(asked, named, null, path, redirects + 1);
  }
  return yield* answerPath(asked, substitute(last, asked, captures, path).replace(/\?.*/, ''), redirects + 1);
}

const common = ({ process, version }: Asked): Headers => [
  ['Server', `nginx/${version}`],
  ['Date', httpDate(process.now())],
];

function added(asked: Asked, scopes: Location['scopes'], status: number): Headers {
  return nearestAll(scopes, 'add_header')
    .filter(({ args }) => status < 400 || args.includes('always'))
    .map(({ args }): [string, string] => [args[0]!, substitute(args[1] ?? '', asked)]);
}

function returned(
  asked: Asked,
  args: readonly string[],
  captures: RegExpExecArray | null,
  path: string,
  location: Location | undefined,
): HttpResponse {
  const isNumber = /^\d{3}$/.test(args[0] ?? '');
  const status = isNumber ? Number(args[0]) : 302;
  const text = substitute((isNumber ? args[1] : args[0]) ?? '', asked, captures, path);
  if (status >= 300 && status < 400) return redirect(asked, status, text);
  const scopes = location?.scopes ?? asked.server.scopes;
  const type = nearest(scopes, 'default_type')?.args[0] ?? 'text/plain';
  const isPage = text === '' && args[1] === undefined && status >= 400;
  const own = added(asked, scopes, status);
  const typed: Headers =
    headerOf(own, 'content-type') !== undefined ? [] : [['Content-Type', isPage ? 'text/html' : type]];
  return {
    status,
    headers: [...common(asked), ...typed, ...own],
    body: isPage ? errorPage(status, asked.version) : text,
  };
}

function redirect(asked: Asked, status: number, to: string): HttpResponse {
  const host = headerOf(asked.request.headers, 'host') ?? asked.server.names[0] ?? 'localhost';
  const location = to.startsWith('/') ? `http://${host}${to}` : to;
  return {
    status,
    headers: [...common(asked), ['Content-Type', 'text/html'], ['Location', location]],
    body: errorPage(status, asked.version),
  };
}

function* refusal(asked: Asked, status: number, location: Location | undefined, redirects: number): Run<HttpResponse> {
  const scopes = location?.scopes ?? asked.server.scopes;
  const page = nearestAll(scopes, 'error_page').find(({ args }) => args.slice(0, -1).includes(String(status)));
  if (page !== undefined && redirects < MAX_REDIRECTS) {
    const to = page.args.at(-1)!;
    const shown = page.args.find((arg) => arg.startsWith('='));
    if (to.startsWith('/')) {
      const inner = yield* answerPath({ ...asked, complain: () => undefined }, to, MAX_REDIRECTS);
      if (inner.status === 200)
        return { ...inner, status: shown === undefined || shown === '=' ? status : Number(shown.slice(1)) };
    } else if (/^https?:/.test(to)) return redirect(asked, 302, to);
  }
  return {
    status,
    headers: [...common(asked), ['Content-Type', 'text/html'], ...added(asked, scopes, status)],
    body: errorPage(status, asked.version),
  };
}

function fileOf(asked: Asked, location: Location | undefined, path: string): string {
  const scopes = location?.scopes ?? asked.server.scopes;
  const alias = nearest(scopes.slice(0, 1), 'alias')?.args[0];
  if (alias !== undefined && location !== undefined) return substitute(alias, asked) + path.slice(location.path.length);
  const root = substitute(nearest(scopes, 'root')?.args[0] ?? '/etc/nginx/html', asked);
  return (root.startsWith('/') ? root : `/etc/nginx/${root}`).replace(/\/$/, '') + path;
}

function* fromFiles(asked: Asked, location: Location | undefined, path: string, redirects: number): Run<HttpResponse> {
  const { process, request } = asked;
  const scopes = location?.scopes ?? asked.server.scopes;
  if (!['GET', 'HEAD'].includes(request.method)) return yield* refusal(asked, 405, location, redirects);
  const file = fileOf(asked, location, path);
  const facts = factsAt(process.files, file);
  if (path.endsWith('/') && (facts === undefined || facts.kind === 'directory')) {
    const indexes = nearest(scopes, 'index')?.args ?? ['index.html'];
    const index = indexes.find((name) => process.files.exists(file + name));
    if (index !== undefined) return yield* answerPath(asked, path + index, redirects + 1);
    if (facts !== undefined && nearest(scopes, 'autoindex')?.args[0] === 'on') return listing(asked, file, path);
    asked.complain(
      facts === undefined
        ? `"${file}${indexes[0]}" is not found (2: No such file or directory)`
        : `directory index of "${file}" is forbidden`,
    );
    return yield* refusal(asked, facts === undefined ? 404 : 403, location, redirects);
  }
  if (facts?.kind === 'directory') return redirect(asked, 301, `${path}/`);
  try {
    const body = process.files.read(file);
    const { modifiedAt } = process.files.stat(file);
    const tag = entityTag(modifiedAt, body.length);
    const headers: Headers = [
      ...common(asked),
      ['Content-Type', contentType(file, nearest(scopes, 'default_type')?.args[0] ?? 'text/plain')],
      ['Last-Modified', httpDate(modifiedAt)],
      ['ETag', tag],
      ['Accept-Ranges', 'bytes'],
      ...added(asked, scopes, 200),
    ];
    if (headerOf(request.headers, 'if-none-match') === tag) return { status: 304, headers, body: '' };
    return { status: 200, headers, body };
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const number = error.code === 'EACCES' ? 13 : error.code === 'ENOTDIR' ? 20 : 2;
    asked.complain(`open() "${file}" failed (${number}: ${error.message})`);
    return yield* refusal(asked, error.code === 'EACCES' ? 403 : 404, location, redirects);
  }
}

function listing(asked: Asked, file: string, path: string): HttpResponse {
  const rows = asked.process.files
    .list(file)
    .toSorted()
    .map((name) => {
      const facts = asked.process.files.stat(`${file}${name}`);
      const shown = facts.kind === 'directory' ? `${name}/` : name;
      return `<a href="${encodeURI(shown)}">${escapeHtml(shown)}</a>${' '.repeat(Math.max(1, 51 - shown.length))}${formatDate(facts.modifiedAt, '%d-%b-%Y %H:%M')} ${(facts.kind === 'directory' ? '-' : String(facts.size)).padStart(19)}\r\n`;
    });
  const title = `Index of ${escapeHtml(path)}`;
  return {
    status: 200,
    headers: [...common(asked), ['Content-Type', 'text/html']],
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n${rows.join('')}</pre><hr></body>\r\n</html>\r\n`,
  };
}

function* proxied(
  asked: Asked,
  location: Location,
  target: string,
  path: string,
  redirects: number,
): Run<HttpResponse> {
  const { request, site } = asked;
  const url = parseUrl(target);
  const hasPath = /^https?:\/\/[^/]+\//.test(target);
  if (url === undefined) return yield* refusal(asked, 500, location, redirects);
  const members = site.upstreams.get(url.host);
  const member = members === undefined ? undefined : parseUrl(`http://${members[asked.connection % members.length]}`);
  const query = request.query === '' ? '' : `?${request.query}`;
  const local = hasPath ? url.path.replace(/\?.*/, '') + path.slice(location.path.length) + query : request.target;
  const to = { ...url, ...(member === undefined ? {} : { host: member.host, port: member.port }), path: local };
  const set = nearestAll(location.scopes, 'proxy_set_header').map(({ args }): [string, string] => [
    args[0]!,
    substitute(args[1] ?? '', asked),
  ]);
  const dropped = new Set([
    'host',
    'connection',
    'content-length',
    'keep-alive',
    'transfer-encoding',
    ...set.map(([name]) => name.toLowerCase()),
  ]);
  const host: Headers = set.some(([name]) => name.toLowerCase() === 'host')
    ? []
    : [['Host', members === undefined && url.port !== 80 ? `${url.host}:${url.port}` : url.host]];
  const headers = [
    ...host,
    ...set.filter(([, value]) => value !== ''),
    ...request.headers.filter(([name]) => !dropped.has(name.toLowerCase())),
  ];
  const shown = `upstream: "http://${to.host}:${to.port}${local}"`;
  try {
    const response = yield* call(asked.process, to, { method: request.method, headers, body: request.body });
    const kept = response.headers.filter(
      ([name]) =>
        !['server', 'date', 'connection', 'content-length', 'transfer-encoding', 'keep-alive'].includes(
          name.toLowerCase(),
        ),
    );
    return { ...response, headers: [...common(asked), ...kept, ...added(asked, location.scopes, response.status)] };
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'EHOSTUNREACH') asked.complain(`${to.host} could not be resolved`);
    else asked.complain(`connect() failed (111: ${error.message}) while connecting to upstream, ${shown}`);
    return yield* refusal(asked, error.code === 'ETIMEDOUT' ? 504 : 502, location, redirects);
  }
}
