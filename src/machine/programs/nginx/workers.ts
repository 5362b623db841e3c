/** The workers of nginx: they serve. */
import type { Process, Run } from '../../program.ts';
import { type HttpRequest, type HttpResponse, headerOf } from '../http.ts';
import { serveHttp } from '../http-server.ts';
import { until } from '../input.ts';
import { answer, errorPage } from './answers.ts';
import { accessLine, accessLog, log, stamp } from './logs.ts';
import { nearest, type Site, serverFor } from './servers.ts';
import type { Asked } from './variables.ts';

function* serve(process: Process, site: Site, version: string): Run<number> {
  let connections = 0;
  const ports = [...new Set(site.servers.flatMap((server) => server.ports))];
  const respond = function* (request: HttpRequest, port: number): Run<HttpResponse> {
    const server = serverFor(site, port, headerOf(request.headers, 'host') ?? '');
    const connection = ++connections;
    const complaints: string[] = [];
    const asked: Asked = {
      process,
      site,
      server: server!,
      request,
      port,
      version,
      connection,
      complain: (words) => complaints.push(words),
    };
    const response = yield* answer(asked);
    const about = `client: ${request.remote.address}, server: ${server!.names[0] ?? ''}, request: "${request.method} ${request.target} ${request.version}", host: "${headerOf(request.headers, 'host') ?? ''}"`;
    const errors = nearest(server!.scopes, 'error_log')?.args[0] ?? '/var/log/nginx/error.log';
    for (const words of complaints)
      yield* log(
        process,
        errors,
        `${stamp(process.now())} [error] ${process.pid}#${process.pid}: *${connection} ${words}, ${about}\n`,
      );
    const location =
      server!.locations.find((each) => each.kind === 'prefix' && request.path === each.path) ??
      server!.locations.find((each) => each.kind === 'exact' && request.path === each.path);
    const access = accessLog(site, server, location === undefined ? [] : [location.body]);
    if (access !== undefined) yield* log(process, access.path, accessLine(asked, response, access.format));
    return response;
  };
  return yield* serveHttp(process, {
    ports,
    answer: respond,
    badRequest: {
      status: 400,
      headers: [
        ['Server', `nginx/${version}`],
        ['Content-Type', 'text/html'],
        ['Connection', 'close'],
      ],
      body: errorPage(400, version),
    },
  });
}

export interface Worker {
  pid: number;
}

export function* startWorkers(process: Process, site: Site, version: string, count: number): Run<Worker[]> {
  const workers: Worker[] = [];
  for (let i = 0; i < count; i++) {
    // All workers accept from the same sockets; here the first does the work of all.
    const isFirst = i === 0;
    const pid = process.fork(function* (worker) {
      worker.handle('TERM', 'default');
      worker.handle('QUIT', 'default');
      if (isFirst) return yield* serve(worker, site, version);
      yield* until(() => false);
      return 0;
    });
    workers.push({ pid });
    yield* log(
      process,
      '/var/log/nginx/error.log',
      `${stamp(process.now())} [notice] ${process.pid}#${process.pid}: start worker process ${pid}\n`,
    );
  }
  return workers;
}
