/** agnhost guestbook: a frontend, a primary that keeps values, and replicas that have them from it. */
import { textOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Process, Program, Run } from '../../program.ts';
import { type HttpRequest, type HttpResponse, parametersOf } from '../../programs/http.ts';
import { call } from '../../programs/http-client.ts';
import { jsonResponse, textResponse } from '../../programs/http-server.ts';
import { ownAddress } from '../../programs/system-files.ts';
import { flag, goTime, serveUntilAsked } from '../served.ts';

/** How long a replica waits before it asks its primary again, milliseconds. */
const RETRY = 1000;

function* get(process: Process, host: string, port: number, path: string): Run<string | undefined> {
  try {
    const url = { scheme: 'http', host, port, path, user: undefined };
    const { status, body } = yield* call(process, url, { method: 'GET', headers: [], timeout: 5000 });
    return status < 400 ? textOf(body) : undefined;
  } catch (error) {
    if (error instanceof Errno) return undefined;
    throw error;
  }
}

export const guestbook: Program = function* (process) {
  const args = process.args.slice(2);
  const httpPort = Number(flag(args, 'http-port') ?? 80);
  const backendPort = Number(flag(args, 'backend-port') ?? 6379);
  const primary = flag(args, 'slaveof') ?? flag(args, 'replicaof');
  const isBackend =
    flag(args, 'http-port') === String(backendPort) || primary !== undefined || flag(args, 'http-port') === '6379';
  const values = new Map<string, string>();
  const replicas = new Set<string>();
  const frontend = function* (query: ReadonlyMap<string, string>): Run<HttpResponse> {
    const [command, key, value] = [query.get('cmd'), query.get('key') ?? '', query.get('value') ?? ''];
    const encoded = encodeURIComponent(key);
    if (command === 'set') {
      const done = yield* get(
        process,
        'agnhost-primary',
        backendPort,
        `/set?key=${encoded}&value=${encodeURIComponent(value)}`,
      );
      return done === undefined ? jsonResponse({ error: 'primary unreachable' }) : jsonResponse({ message: 'Updated' });
    }
    const found = yield* get(process, 'agnhost-replica', backendPort, `/get?key=${encoded}`);
    return found === undefined ? jsonResponse({ error: 'replica unreachable' }) : jsonResponse({ data: found });
  };
  const answer = function* (request: HttpRequest): Run<HttpResponse> {
    const query = parametersOf(request.query);
    switch (request.path) {
      case '/guestbook':
        return yield* frontend(query);
      case '/get':
        return textResponse(values.get(query.get('key') ?? '') ?? '');
      case '/set':
        values.set(query.get('key') ?? '', query.get('value') ?? '');
        for (const replica of replicas) yield* get(process, replica, backendPort, `/set?${request.query}`);
        return textResponse('Updated');
      case '/register':
        replicas.add(query.get('host') ?? request.remote.address);
        return textResponse(JSON.stringify(Object.fromEntries(values)));
    }
    return textResponse(
      '<html><head><title>Guestbook</title></head><body><h2>Guestbook</h2></body></html>\n',
      200,
      'text/html',
    );
  };
  const register = function* (): Run {
    for (;;) {
      const known = yield* get(process, primary!, backendPort, `/register?host=${ownAddress(process)}`);
      if (known !== undefined) {
        for (const [key, value] of Object.entries(JSON.parse(known) as Record<string, string>)) values.set(key, value);
        yield* process.write(2, `${goTime(process)} Node registered with primary ${primary}\n`);
        return;
      }
      yield* process.sleep(RETRY);
    }
  };
  const service = {
    ports: [isBackend ? backendPort : httpPort],
    answer,
    beside: primary === undefined ? [] : [register()],
  };
  return yield* serveUntilAsked(process, service, { status: 2 });
};
