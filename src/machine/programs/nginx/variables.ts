/** A request as it is answered, and the variables that it makes. */
import type { Process } from '../../program.ts';
import { formatDate } from '../date-format.ts';
import { type HttpRequest, headerOf } from '../http.ts';
import { logTime } from '../static-files.ts';
import type { Server, Site } from './servers.ts';

export interface Asked {
  process: Process;
  site: Site;
  server: Server;
  request: HttpRequest;
  port: number;
  version: string;
  /** Its number, as error logs have it. */
  connection: number;
  /** Says something in the error log. */
  complain(words: string): void;
}

/** Variables in a text. */
export function substitute(
  text: string,
  asked: Asked,
  captures: RegExpExecArray | null = null,
  path = asked.request.path,
): string {
  if (!text.includes('$')) return text;
  const { request, process, port } = asked;
  const host = headerOf(request.headers, 'host') ?? '';
  const value = (name: string): string => {
    if (/^\d$/.test(name)) return captures?.[Number(name)] ?? '';
    if (captures?.groups?.[name] !== undefined) return captures.groups[name];
    if (name.startsWith('http_')) return headerOf(request.headers, name.slice(5).replaceAll('_', '-')) ?? '';
    if (name.startsWith('arg_')) return new RegExp(`(?:^|&)${name.slice(4)}=([^&]*)`).exec(request.query)?.[1] ?? '';
    const forwarded = headerOf(request.headers, 'x-forwarded-for');
    const known: Readonly<Record<string, string>> = {
      host: host.replace(/:\d+$/, '') || (asked.server.names[0] ?? ''),
      http_host: host,
      hostname: process.hostname(),
      uri: path,
      document_uri: path,
      request_uri: request.target,
      args: request.query,
      query_string: request.query,
      is_args: request.query === '' ? '' : '?',
      remote_addr: request.remote.address,
      remote_port: String(request.remote.port),
      proxy_add_x_forwarded_for:
        forwarded === undefined ? request.remote.address : `${forwarded}, ${request.remote.address}`,
      scheme: 'http',
      server_port: String(port),
      server_addr: '',
      server_name: asked.server.names[0] ?? '',
      server_protocol: request.version,
      request_method: request.method,
      request_body: request.body,
      content_type: headerOf(request.headers, 'content-type') ?? '',
      nginx_version: asked.version,
      time_local: logTime(process.now()),
      time_iso8601: formatDate(process.now(), '%Y-%m-%dT%H:%M:%S+00:00'),
      msec: (process.now() / 1000).toFixed(3),
      pid: String(process.pid),
    };
    return known[name] ?? '';
  };
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, plain: string | undefined) =>
    value(braced ?? plain!),
  );
}
