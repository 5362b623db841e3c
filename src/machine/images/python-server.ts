/** Python's own small web server. */
import { bytesOf } from '../bytes.ts';
import type { Process, Run } from '../program.ts';
import { factsAt, readMaybe } from '../programs/applet.ts';
import { formatDate } from '../programs/date-format.ts';
import type { HttpRequest, HttpResponse } from '../programs/http.ts';
import { joinPath, normalPath } from '../programs/paths.ts';
import { contentType, escapeHtml, fileBelow, httpDate } from '../programs/static-files.ts';
import { serveUntilAsked } from './served.ts';

function answer(process: Process, root: string, request: HttpRequest): HttpResponse {
  const common: [string, string][] = [
    ['Server', 'SimpleHTTP/0.6 Python/3.13.1'],
    ['Date', httpDate(process.now())],
  ];
  const path = normalPath(request.path, '/');
  const file = fileBelow(root, request.path);
  const kind = factsAt(process.files, file)?.kind;
  const index = joinPath(file, 'index.html');
  const shown = kind === 'directory' && process.files.exists(index) ? index : file;
  if (kind === 'directory' && shown === file) {
    const rows = process.files
      .list(file)
      .toSorted()
      .map((name) => {
        const label = process.files.lstat(joinPath(file, name)).kind === 'directory' ? `${name}/` : name;
        return `<li><a href="${encodeURI(label)}">${escapeHtml(label)}</a></li>\n`;
      });
    const title = `Directory listing for ${escapeHtml(path === '/' ? '/' : `${path}/`)}`;
    return {
      status: 200,
      headers: [...common, ['Content-type', 'text/html; charset=utf-8']],
      body: `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n<hr>\n<ul>\n${rows.join('')}</ul>\n<hr>\n</body>\n</html>\n`,
    };
  }
  const body = readMaybe(process, shown);
  if (body === undefined)
    return {
      status: 404,
      reason: 'File not found',
      headers: [...common, ['Content-Type', 'text/html;charset=utf-8']],
      body: '<!DOCTYPE HTML>\n<html lang="en">\n<head><title>Error response</title></head>\n<body>\n<h1>Error response</h1>\n<p>Error code: 404</p>\n<p>Message: File not found.</p>\n</body>\n</html>\n',
    };
  return {
    status: 200,
    headers: [
      ...common,
      ['Content-type', contentType(shown)],
      ['Last-Modified', httpDate(process.files.stat(shown).modifiedAt)],
    ],
    body,
  };
}

/** `python -m http.server`. */
export function* pythonServer(process: Process, args: readonly string[]): Run<number> {
  const port = Number(
    args.find((arg, i) => /^\d+$/.test(arg) && !/^-[bdp]|^--(bind|directory)$/.test(args[i - 1] ?? '')) ?? 8000,
  );
  const at = args.findIndex((arg) => arg === '-d' || arg === '--directory');
  const root = at < 0 ? process.cwd : (args[at + 1] ?? '.');
  const service = {
    ports: [port],
    isSingle: true,
    started: () => process.write(1, `Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`),
    *answer(request: HttpRequest): Run<HttpResponse> {
      const response = answer(process, root, request);
      const at = formatDate(process.now(), '%d/%b/%Y %H:%M:%S');
      if (response.status === 404)
        yield* process.write(2, `${request.remote.address} - - [${at}] code 404, message File not found\n`);
      yield* process.write(
        2,
        bytesOf(
          `${request.remote.address} - - [${at}] "${request.method} ${request.target} ${request.version}" ${response.status} -\n`,
        ),
      );
      return response;
    },
  };
  return yield* serveUntilAsked(process, service, 'deaf');
}
