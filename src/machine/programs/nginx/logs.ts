/** The logs of nginx. */
import { bytesOf } from '../../bytes.ts';
import type { Process, Run } from '../../program.ts';
import { attempt, factsAt } from '../applet.ts';
import { formatDate } from '../date-format.ts';
import { type HttpResponse, headerOf } from '../http.ts';
import { logTime } from '../static-files.ts';
import { nearest, type Server, type Site } from './servers.ts';
import { type Asked, substitute } from './variables.ts';

/** The time as error logs have it. */
export const stamp = (at: number): string => formatDate(at, '%Y/%m/%d %H:%M:%S');

/** Writes a line to a log, which may be a link to the standard output or errors. */
export function* log(process: Process, path: string, line: string): Run {
  const isOutput = path === '/var/log/nginx/access.log' || path === '/dev/stdout';
  const isErrors = path === '/var/log/nginx/error.log' || path === '/dev/stderr' || path === 'stderr';
  const linked = factsAt(process.files, path, false)?.target;
  if (isOutput && (linked === '/dev/stdout' || path === '/dev/stdout')) yield* process.write(1, bytesOf(line));
  else if (isErrors && (linked === '/dev/stderr' || path !== '/var/log/nginx/error.log'))
    yield* process.write(2, bytesOf(line));
  else
    attempt(
      () => process.files.write(path, bytesOf(line), { append: true }),
      () => undefined,
    );
}

const DEFAULT_FORMAT =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';

/** A line of the access log. */
export function accessLine(asked: Asked, response: HttpResponse, format: string): string {
  const { request, process } = asked;
  const header = (name: string): string => headerOf(request.headers, name) ?? '-';
  const own: Readonly<Record<string, string>> = {
    remote_addr: request.remote.address,
    remote_user: '-',
    time_local: logTime(process.now()),
    request: `${request.method} ${request.target} ${request.version}`,
    status: String(response.status),
    body_bytes_sent: String(request.method === 'HEAD' || response.status === 304 ? 0 : response.body.length),
    bytes_sent: String(response.body.length + 200),
    http_referer: header('referer'),
    http_user_agent: header('user-agent'),
    http_x_forwarded_for: header('x-forwarded-for'),
    request_time: '0.000',
    upstream_response_time: '-',
    upstream_addr: '-',
  };
  const filled = format.replace(/\$(\w+)/g, (all, name: string) => own[name] ?? all);
  return `${substitute(filled, asked)}\n`;
}

/** The format that an access_log names; undefined: it is off. */
export function accessLog(
  site: Site,
  server: Server | undefined,
  location: Server['scopes'],
): { path: string; format: string } | undefined {
  const scopes = [...location, ...(server?.scopes ?? [site.http])];
  const found = nearest(scopes, 'access_log');
  if (found?.args[0] === 'off') return undefined;
  const name = found?.args[1];
  const format = site.http.find((each) => each.name === 'log_format' && each.args[0] === (name ?? 'main'));
  return {
    path: found?.args[0] ?? '/var/log/nginx/access.log',
    format: format?.args.slice(1).join('') ?? DEFAULT_FORMAT,
  };
}
