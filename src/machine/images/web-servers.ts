/** httpd (Apache) and caddy: files of a folder, their logs, and what their configuration says of it as far as it is simple. */
import { bytesOf } from '../bytes.ts';
import type { Process, Program, Run } from '../program.ts';
import { attempt, factsAt, readOr } from '../programs/applet.ts';
import { formatDate } from '../programs/date-format.ts';
import type { HttpRequest, HttpResponse } from '../programs/http.ts';
import { joinPath } from '../programs/paths.ts';
import { commonLogLine, contentType, entityTag, fileBelow, httpDate } from '../programs/static-files.ts';
import { alpineFiles } from './base-files.ts';
import { baseFiles } from './distributions.ts';
import { type ImageFamily, image, PATH, textFile, versionOf } from './image-family.ts';
import { serveUntilAsked } from './served.ts';

const apachePage = (status: number, title: string, text: string): string =>
  `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`;

function fromFolder(
  process: Process,
  root: string,
  { path, method }: HttpRequest,
  refuse: (status: number) => HttpResponse,
): HttpResponse {
  if (!['GET', 'HEAD'].includes(method)) return refuse(405);
  let file = fileBelow(root, path);
  if (factsAt(process.files, file)?.kind === 'directory') file = joinPath(file, 'index.html');
  const body = attempt(
    () => process.files.read(file),
    (_, { code }) => (code === 'EACCES' ? 403 : 404),
  );
  if (typeof body === 'number') return refuse(body);
  const { modifiedAt } = process.files.stat(file);
  return {
    status: 200,
    headers: [
      ['Last-Modified', httpDate(modifiedAt)],
      ['ETag', entityTag(modifiedAt, body.length)],
      ['Accept-Ranges', 'bytes'],
      ['Content-Type', contentType(file)],
    ],
    body,
  };
}

const setting = (text: string, name: string): string | undefined =>
  new RegExp(`^\\s*${name}\\s+"?([^"\\s]+)`, 'mi').exec(text)?.[1];

const CONF = '/usr/local/apache2/conf/httpd.conf';

const apache = (version: string): Program =>
  function* (process) {
    const text = readOr(process, CONF);
    const port = Number(/^\s*Listen\s+(?:\S+:)?(\d+)/m.exec(text)?.[1] ?? 80);
    const root = setting(text, 'DocumentRoot') ?? '/usr/local/apache2/htdocs';
    const stamp = (): string => formatDate(process.now(), '%a %b %d %H:%M:%S.%N %Y').replace(/(\.\d{6})\d{3}/, '$1');
    const log = (module: string, code: string, words: string): Run =>
      process.write(
        2,
        bytesOf(`[${stamp()}] [${module}:notice] [pid ${process.pid}:tid ${process.pid}] ${code}: ${words}\n`),
      );
    const common = (): [string, string][] => [
      ['Date', httpDate(process.now())],
      ['Server', `Apache/${version} (Unix)`],
    ];
    const refuse = (status: number): HttpResponse => {
      const title = status === 404 ? 'Not Found' : status === 403 ? 'Forbidden' : 'Method Not Allowed';
      const words =
        status === 404
          ? 'The requested URL was not found on this server.'
          : status === 403
            ? "You don't have permission to access this resource."
            : 'The requested method is not allowed for this URL.';
      return {
        status,
        headers: [['Content-Type', 'text/html; charset=iso-8859-1']],
        body: apachePage(status, title, words),
      };
    };
    const service = {
      ports: [port],
      *started() {
        const name =
          "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 127.0.0.1. Set the 'ServerName' directive globally to suppress this message\n";
        if (setting(text, 'ServerName') === undefined) yield* process.write(2, name);
        yield* log('mpm_event', 'AH00489', `Apache/${version} (Unix) configured -- resuming normal operations`);
        yield* log('core', 'AH00094', "Command line: 'httpd -D FOREGROUND'");
      },
      *answer(request: HttpRequest): Run<HttpResponse> {
        const response = fromFolder(process, root, request, refuse);
        const told = { status: response.status, size: response.body.length };
        yield* process.write(1, bytesOf(`${commonLogLine(request, process.now(), told)}\n`));
        return { ...response, headers: [...common(), ...response.headers] };
      },
    };
    const words = (): Run => log('mpm_event', 'AH00491', 'caught SIGTERM, shutting down');
    return yield* serveUntilAsked(process, service, { status: 0, words });
  };

const HTTPD = [
  'docker.io/library/httpd',
  'public.ecr.aws/docker/library/httpd',
  'registry.k8s.io/e2e-test-images/httpd',
];
export const httpd: ImageFamily = {
  names: HTTPD,
  imageOf(tag) {
    const given = versionOf(tag, '2.4.62');
    const version = given.split('.').length < 3 ? '2.4.62' : given;
    const files = {
      ...baseFiles(tag),
      '/usr/local/bin/httpd-foreground': { program: apache(version) },
      [CONF]: textFile(
        'ServerRoot "/usr/local/apache2"\n\nListen 80\n\nUser www-data\nGroup www-data\n\nDocumentRoot "/usr/local/apache2/htdocs"\n\nErrorLog /proc/self/fd/2\nCustomLog /proc/self/fd/1 common\n',
      ),
      '/usr/local/apache2/htdocs/index.html': textFile('<html><body><h1>It works!</h1></body></html>\n'),
    };
    const config = {
      cmd: ['httpd-foreground'],
      env: [
        PATH.replace('PATH=', 'PATH=/usr/local/apache2/bin:'),
        'HTTPD_PREFIX=/usr/local/apache2',
        `HTTPD_VERSION=${version}`,
      ],
      workingDir: '/usr/local/apache2',
      exposedPorts: ['80/tcp'],
    };
    return image(HTTPD, config, files, tag.includes('alpine') ? 63 : 148);
  },
};

const CADDYFILE = '/etc/caddy/Caddyfile';

/** The first site of a Caddyfile: its port, its folder, and what it responds. */
function caddySite(text: string): {
  port: number;
  root: string;
  respond: { body: string; status: number } | undefined;
} {
  const plain = text.replace(/#.*$/gm, '');
  const port = Number(/^\s*[^\s{]*:(\d+)/m.exec(plain)?.[1] ?? 80);
  const root = /^\s*root\s+(?:\*\s+)?(\S+)/m.exec(plain)?.[1] ?? '/usr/share/caddy';
  const [, quoted, bare, status] = /^\s*respond\s+(?:"([^"]*)"|(\S+))(?:\s+(\d{3}))?/m.exec(plain) ?? [];
  const body = quoted ?? bare;
  return {
    port,
    root,
    respond:
      body === undefined
        ? undefined
        : { body: /^\d{3}$/.test(body) ? '' : body, status: Number(status ?? (/^\d{3}$/.test(body) ? body : 200)) },
  };
}

const caddyProgram: Program = function* (process) {
  const { port, root, respond } = caddySite(readOr(process, CADDYFILE));
  const log = (message: string, more: Record<string, unknown> = {}): Run =>
    process.write(
      2,
      bytesOf(`${JSON.stringify({ level: 'info', ts: process.now() / 1000, msg: message, ...more })}\n`),
    );
  const refuse = (status: number): HttpResponse => ({ status, headers: [], body: '' });
  const service = {
    ports: [port],
    *started() {
      yield* log('using config from file', { file: CADDYFILE });
      yield* log('adapted config to JSON', { adapter: 'caddyfile' });
      yield* log('serving initial configuration');
    },
    answer(request: HttpRequest): HttpResponse {
      const response =
        respond === undefined
          ? fromFolder(process, root, request, refuse)
          : {
              status: respond.status,
              headers: [['Content-Type', 'text/plain; charset=utf-8'] as const],
              body: respond.body,
            };
      return { ...response, headers: [['Server', 'Caddy'], ['Date', httpDate(process.now())], ...response.headers] };
    },
  };
  const words = function* (): Run {
    yield* log('shutting down apps, then terminating', { signal: 'SIGTERM' });
    yield* log('shutdown complete', { signal: 'SIGTERM', exit_code: 0 });
  };
  return yield* serveUntilAsked(process, service, { status: 0, words });
};

const CADDY = ['docker.io/library/caddy', 'public.ecr.aws/docker/library/caddy'];
export const caddy: ImageFamily = {
  names: CADDY,
  imageOf: () =>
    image(
      CADDY,
      {
        cmd: ['caddy', 'run', '--config', CADDYFILE, '--adapter', 'caddyfile'],
        workingDir: '/srv',
        exposedPorts: ['80/tcp', '443/tcp'],
      },
      {
        ...alpineFiles('3.21.3'),
        '/usr/bin/caddy': { program: caddyProgram },
        [CADDYFILE]: textFile(':80 {\n\troot * /usr/share/caddy\n\tfile_server\n}\n'),
        '/usr/share/caddy/index.html': textFile(
          '<!DOCTYPE html>\n<html>\n<head><title>Caddy works!</title></head>\n<body><h1>Caddy works!</h1></body>\n</html>\n',
        ),
      },
      48,
    ),
};
