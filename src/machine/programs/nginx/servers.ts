/** What a configuration says: the servers, their ports, and which location answers for a path. */
import { Failure } from '../applet.ts';
import { type Directive, directive, directives } from './config.ts';

export interface Location {
  kind: 'prefix' | 'exact' | 'regex' | 'named';
  path: string;
  regex: RegExp | undefined;
  /** `^~`: patterns are not tried. */
  isFinal: boolean;
  /** Its directives, those of its server and of http behind it. */
  scopes: readonly (readonly Directive[])[];
  body: readonly Directive[];
}

export interface Server {
  ports: readonly number[];
  names: readonly string[];
  isDefault: boolean;
  locations: readonly Location[];
  scopes: readonly (readonly Directive[])[];
}

export interface Site {
  servers: readonly Server[];
  upstreams: ReadonlyMap<string, readonly string[]>;
  http: readonly Directive[];
}

const KNOWN = new Set(
  'user worker_processes worker_connections error_log pid events http server location listen server_name root index return proxy_pass include default_type types log_format access_log sendfile tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests gzip gzip_types gzip_min_length gzip_proxied gzip_vary gzip_comp_level client_max_body_size error_page try_files alias add_header expires autoindex upstream rewrite set if proxy_set_header proxy_http_version proxy_read_timeout proxy_connect_timeout proxy_send_timeout proxy_buffering proxy_redirect proxy_pass_request_headers proxy_hide_header proxy_cache_bypass resolver resolver_timeout stub_status deny allow auth_basic auth_basic_user_file charset server_tokens limit_except ssl_certificate ssl_certificate_key ssl_protocols ssl_ciphers ssl_session_cache ssl_session_timeout ssl_prefer_server_ciphers map fastcgi_pass fastcgi_param fastcgi_index internal etag multi_accept use daemon absolute_redirect port_in_redirect server_name_in_redirect large_client_header_buffers client_body_buffer_size client_header_timeout client_body_timeout send_timeout reset_timedout_connection types_hash_max_size proxy_buffers proxy_buffer_size proxy_ssl_verify proxy_intercept_errors limit_req limit_req_zone limit_conn limit_conn_zone real_ip_header set_real_ip_from stream mail load_module env worker_rlimit_nofile worker_shutdown_timeout if_modified_since log_not_found recursive_error_pages sub_filter sub_filter_once server_names_hash_bucket_size underscores_in_headers default least_conn ip_hash keepalive zone hash split_clients geo mirror satisfy break'.split(
    ' ',
  ),
);

/** @throws Failure in nginx's words where a directive is not known, or a pattern is none that is taken */
export function checkDirectives(block: readonly Directive[], parent = ''): void {
  for (const { name, args, block: body, file, line } of block) {
    if (['types', 'map', 'upstream', 'geo', 'split_clients'].includes(parent)) continue;
    if (!KNOWN.has(name)) throw new Failure(`unknown directive "${name}" in ${file}:${line}`);
    if (name === 'server' && parent !== 'http' && parent !== 'upstream' && parent !== 'stream')
      throw new Failure(`"server" directive is not allowed here in ${file}:${line}`);
    if (name === 'location' && parent !== 'server' && parent !== 'location' && parent !== 'if')
      throw new Failure(`"location" directive is not allowed here in ${file}:${line}`);
    if (name === 'listen' && parent !== 'server')
      throw new Failure(`"listen" directive is not allowed here in ${file}:${line}`);
    if (name === 'rewrite') compile(args[0] ?? '', false);
    if (name === 'server_name') for (const arg of args) if (arg.startsWith('~')) compile(arg.slice(1), false);
    if (body !== undefined) checkDirectives(body, name);
  }
}

function locationOf({ args, block = [] }: Directive, outer: readonly (readonly Directive[])[]): Location[] {
  const [first = '', second] = args;
  const path = second ?? first;
  const body = block ?? [];
  const scopes = [body, ...outer];
  const modifier = second === undefined ? '' : first;
  const isRegex = modifier === '~' || modifier === '~*';
  const own: Location = {
    kind: path.startsWith('@') ? 'named' : modifier === '=' ? 'exact' : isRegex ? 'regex' : 'prefix',
    path,
    regex: isRegex ? compile(path, modifier === '~*') : undefined,
    isFinal: modifier === '^~',
    scopes,
    body,
  };
  return [own, ...directives(body, 'location').flatMap((inner) => locationOf(inner, scopes))];
}

/** Patterns of a configuration are Perl's; those that people write are JavaScript's too. Bounded in length, for they may take long. */
export const MAX_PATTERN = 200;

function compile(source: string, ignoresCase: boolean): RegExp {
  if (source.length > MAX_PATTERN)
    throw new Failure(`pcre2_compile() failed: pattern too long in "${source.slice(0, 20)}…"`);
  // A repetition of a repetition is what takes exponential time.
  if (/[*+}]\)[*+{]/.test(source)) throw new Failure(`pcre2_compile() failed: nested repetition in "${source}"`);
  try {
    return new RegExp(source, ignoresCase ? 'i' : '');
  } catch {
    throw new Failure(`pcre2_compile() failed: bad pattern in "${source}"`);
  }
}

function portOf(text: string): number {
  const [, port] = /(?:^|:)(\d+)$/.exec(text) ?? [];
  return port === undefined ? 80 : Number(port);
}

export function siteOf(config: readonly Directive[]): Site {
  const http = directives(config, 'http').flatMap(({ block }) => block ?? []);
  const servers = directives(http, 'server').map(({ block = [] }): Server => {
    const body = block ?? [];
    const listens = directives(body, 'listen');
    const ports = listens
      .filter(({ args }) => !args[0]!.startsWith('unix:') && !args.includes('ssl'))
      .map(({ args }) => portOf(args[0]!));
    return {
      ports: listens.length === 0 ? [80] : [...new Set(ports)],
      names: directives(body, 'server_name').flatMap(({ args }) => args),
      isDefault: listens.some(({ args }) => args.includes('default_server')),
      locations: directives(body, 'location').flatMap((location) => locationOf(location, [body, http])),
      scopes: [body, http],
    };
  });
  const upstreams = new Map(
    directives(http, 'upstream').map(({ args, block }): [string, readonly string[]] => [
      args[0]!,
      directives(block ?? [], 'server').map((server) => server.args[0]!),
    ]),
  );
  return { servers, upstreams, http };
}

/** The server of a port that a host name means: by its name, with wildcards, or the first. */
export function serverFor({ servers }: Site, port: number, host: string): Server | undefined {
  const fits = servers.filter(({ ports }) => ports.includes(port));
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const wild = (pattern: string): boolean =>
    pattern.startsWith('*.')
      ? name.endsWith(pattern.slice(1))
      : pattern.endsWith('.*')
        ? name.startsWith(pattern.slice(0, -1))
        : false;
  return (
    fits.find(({ names }) => names.includes(name)) ??
    fits.find(({ names }) => names.some(wild)) ??
    fits.find(({ names }) => names.some((each) => each.startsWith('~') && compile(each.slice(1), false).test(name))) ??
    fits.find(({ isDefault }) => isDefault) ??
    fits[0]
  );
}

/** As nginx chooses: an exact one, the longest prefix if it is final, the first pattern, the longest prefix. */
export function locationFor(
  { locations }: Server,
  path: string,
): { location: Location; captures: RegExpExecArray | null } | undefined {
  const exact = locations.find((each) => each.kind === 'exact' && each.path === path);
  if (exact !== undefined) return { location: exact, captures: null };
  const prefix = locations
    .filter((each) => each.kind === 'prefix' && path.startsWith(each.path))
    .toSorted((left, right) => right.path.length - left.path.length)[0];
  if (prefix?.isFinal) return { location: prefix, captures: null };
  for (const each of locations) {
    const captures = each.regex?.exec(path) ?? null;
    if (captures !== null) return { location: each, captures };
  }
  return prefix && { location: prefix, captures: null };
}

/** The directive of the nearest scope that has it. */
export function nearest(scopes: readonly (readonly Directive[])[], name: string): Directive | undefined {
  for (const scope of scopes) {
    const found = directive(scope, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All of the nearest scope that has any: add_header and the like are not added up. */
export function nearestAll(scopes: readonly (readonly Directive[])[], name: string): readonly Directive[] {
  for (const scope of scopes) {
    const found = directives(scope, name);
    if (found.length > 0) return found;
  }
  return [];
}
