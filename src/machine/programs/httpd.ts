/** BusyBox's httpd: files of a folder, an index, basic configuration by options. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process } from '../program.ts';
import { type Applet, attempt, Failure, factsAt } from './applet.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { REASONS } from './http.ts';
import { serveHttp } from './http-server.ts';
import { parseOptions } from './options.ts';
import { joinPath } from './paths.ts';
import { contentType, entityTag, fileBelow, httpDate } from './static-files.ts';

const page = (status: number, text: string): string =>
  `<HTML><HEAD><TITLE>${status} ${REASONS[status]}</TITLE></HEAD>\n<BODY><H1>${status} ${REASONS[status]}</H1>\n${text}\n</BODY></HTML>\n`;

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: 'Unsupported method',
  403: '',
  404: 'The requested URL was not found',
  501: 'The requested method is not recognized',
};

function refusal(process: Process, status: number): HttpResponse {
  return {
    status,
    headers: [
      ['Date', httpDate(process.now())],
      ['Connection', 'close'],
      ['Content-type', 'text/html'],
    ],
    body: page(status, EXPLANATIONS[status] ?? ''),
  };
}

function answer(process: Process, home: string, { method, path, target }: HttpRequest): HttpResponse {
  if (method !== 'GET' && method !== 'HEAD') return refusal(process, 501);
  let file = fileBelow(home, path);
  const facts = factsAt(process.files, file);
  if (facts === undefined) return refusal(process, 404);
  if (facts.kind === 'directory') {
    if (!path.endsWith('/')) {
      const location: HttpResponse = refusal(process, 302);
      return { ...location, headers: [...location.headers, ['Location', `${target.replace(/\?.*/, '')}/`]] };
    }
    file = joinPath(file, 'index.html');
  }
  try {
    const body = process.files.read(file);
    const { modifiedAt } = process.files.stat(file);
    return {
      status: 200,
      headers: [
        ['Date', httpDate(process.now())],
        ['Connection', 'close'],
        ['Content-type', contentType(file)],
        ['Accept-Ranges', 'bytes'],
        ['Last-Modified', httpDate(modifiedAt)],
        ['ETag', entityTag(modifiedAt, body.length)],
      ],
      body,
    };
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return refusal(process, error.code === 'EACCES' ? 403 : 404);
  }
}

export const httpd: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'ifp:u:r:h:c:v' });
  const home = options.value('h') ?? '.';
  const port = Number((options.value('p') ?? '80').replace(/^.*:/, ''));
  const root = attempt(
    () => process.files.real(home),
    (words) => {
      throw new Failure(`can't change directory to '${home}': ${words}`);
    },
  );
  const serve = function* (server: Process) {
    try {
      return yield* serveHttp(server, {
        ports: [port],
        isSingle: true,
        *answer(request) {
          const response = answer(server, root, request);
          if (options.has('v'))
            yield* server.write(
              2,
              bytesOf(`[::ffff:${request.remote.address}]:${request.remote.port}: response:${response.status}\n`),
            );
          return response;
        },
      });
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* server.write(2, `httpd: bind: ${error.message}\n`);
      return 1;
    }
  };
  if (options.has('f')) return yield* serve(process);
  process.fork(serve);
  return 0;
};
