/** agnhost netexec: a server of HTTP and UDP that tests talk to, and that talks to others for them. */
import { type Bytes, bytesOf, textOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import { Exit, type Process, type Program, type Run } from '../../program.ts';
import { formatDate } from '../../programs/date-format.ts';
import { type HttpRequest, type HttpResponse, headerOf, parametersOf } from '../../programs/http.ts';
import { call, connectTo } from '../../programs/http-client.ts';
import { type HttpService, jsonResponse, textResponse } from '../../programs/http-server.ts';
import { shellArgs } from '../../programs/running.ts';
import { flag, goTime, serveUntilAsked } from '../served.ts';

/** Tries of one dial. */
export const MAX_TRIES = 500;

const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Asks another server, by HTTP or UDP; one answer. @throws Errno */
function* ask(process: Process, to: { protocol: string; host: string; port: number; request: string }): Run<Bytes> {
  if (to.protocol === 'http') {
    const url = { scheme: 'http', host: to.host, port: to.port, path: `/${to.request}`, user: undefined };
    const { body } = yield* call(process, url, {
      method: 'GET',
      headers: [['User-Agent', 'Go-http-client/1.1']],
      timeout: 2000,
    });
    return body;
  }
  const connection = yield* connectTo(process, { host: to.host, port: to.port, protocol: 'UDP' });
  try {
    yield* connection.write(to.request);
    return yield* connection.read({ timeout: 2000 });
  } finally {
    connection.close();
  }
}

function* dial(process: Process, query: ReadonlyMap<string, string>): Run<HttpResponse> {
  const host = query.get('host') ?? '';
  const port = Number(query.get('port') ?? 0);
  const protocol = (query.get('protocol') ?? 'http').toLowerCase();
  const request = query.get('request') ?? 'hostName';
  const tries = Math.min(Number(query.get('tries') ?? 1) || 1, MAX_TRIES);
  if (!['http', 'udp'].includes(protocol)) return textResponse(`unsupported protocol: ${protocol}\n`, 400);
  const responses: string[] = [];
  const errors: string[] = [];
  for (let i = 0; i < tries; i++) {
    try {
      responses.push(textOf(yield* ask(process, { protocol, host, port, request })).trim());
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const prefix =
        protocol === 'http'
          ? `Get "http://${hostOf(host)}:${port}/${request}": dial tcp ${hostOf(host)}:${port}`
          : `reading from udp connection failed. err:'read udp`;
      errors.push(`${prefix}: ${error.code === 'ETIMEDOUT' ? 'i/o timeout' : error.message.toLowerCase()}`);
    }
  }
  return jsonResponse({ ...(responses.length > 0 ? { responses } : {}), ...(errors.length > 0 ? { errors } : {}) });
}

function* runShell(process: Process, command: string): Run<HttpResponse> {
  const [read, write] = process.pipe();
  const descriptors = new Map([
    [0, 0],
    [1, write],
    [2, write],
  ]);
  const pid = process.spawn(shellArgs(command), { descriptors });
  process.close(write);
  const output = textOf(yield* process.readAll(read));
  process.close(read);
  const status = (yield* process.wait(pid))?.status ?? 0;
  return jsonResponse({
    ...(output === '' ? {} : { output }),
    ...(status === 0 ? {} : { error: `exit status ${status}` }),
  });
}

/** Which parameters are told of a request, by its path. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  '/echo': ['msg', 'code'],
  '/exit': ['code', 'timeout', 'wait'],
  '/envvar': ['var'],
  '/dial': ['host', 'protocol', 'port', 'request', 'tries'],
  '/shell': ['cmd'],
};

function toldOf(path: string, query: ReadonlyMap<string, string>): string {
  const names = path === '/header' && query.has('key') ? ['key'] : TOLD[path];
  return names ? `?${names.map((name) => `${name}=${query.get(name) ?? ''}`).join('&')}` : '';
}

class NetExec {
  isReady = true;
  exitAt: { at: number; code: number } | undefined;
  readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  *answer(request: HttpRequest): Run<HttpResponse> {
    const query = parametersOf(request.query);
    const { process } = this;
    yield* process.write(2, bytesOf(`${goTime(process)} GET ${request.path}${toldOf(request.path, query)}\n`));
    switch (request.path) {
      case '/':
        return textResponse(`NOW: ${formatDate(process.now(), '%Y-%m-%d %H:%M:%S.%N +0000 UTC m=+0.000000000')}`);
      case '/clientip':
        return textResponse(`${hostOf(request.remote.address)}:${request.remote.port}`);
      case '/dial':
        return yield* dial(process, query);
      case '/echo':
        return textResponse(query.get('msg') ?? '', Number(query.get('code') ?? 200) || 200);
      case '/exit':
        this.exitAt = {
          at: process.now() + (Number.parseFloat(query.get('wait') ?? '0') || 0) * 1000,
          code: Number(query.get('code') ?? 0),
        };
        return textResponse('');
      case '/healthz':
      case '/readyz':
        return this.isReady ? textResponse('') : textResponse('', 412);
      case '/hostname':
      case '/hostName':
        return textResponse(process.hostname());
      case '/header':
        return textResponse(headerOf(request.headers, query.get('key') ?? '') ?? '');
      case '/redirect': {
        const location = query.get('location') ?? '';
        return { status: Number(query.get('code') ?? 302) || 302, headers: [['Location', location]], body: '' };
      }
      case '/shell':
      case '/shutdown':
        return request.path === '/shell'
          ? yield* runShell(process, query.get('shellCommand') ?? query.get('cmd') ?? '')
          : textResponse('');
      case '/upload': {
        const path = `/uploads/upload${Math.floor(process.random() * 1e9)}`;
        process.files.write(path, request.body);
        return jsonResponse({ output: path });
      }
    }
    return textResponse(`NOW: ${formatDate(process.now(), '%Y-%m-%d %H:%M:%S.%N +0000 UTC m=+0.000000000')}`);
  }

  /** Ends the process when /exit said so. */
  *watch(): Run {
    yield { for: 'condition', ready: () => this.exitAt !== undefined };
    const { at, code } = this.exitAt!;
    if (at > this.process.now()) yield* this.process.sleep(at - this.process.now());
    throw new Exit(code);
  }

  *udp(port: number): Run {
    const { process } = this;
    const listener = process.listen(port, { protocol: 'UDP' });
    for (;;) {
      const connection = yield* listener.accept();
      const text = (yield* connection.read()).trim();
      const [, message] = /^echo ?(.*)$/s.exec(text) ?? [];
      const { address, port: from } = connection.remote;
      if (message !== undefined) yield* connection.write(message);
      else if (text === 'clientip') yield* connection.write(`${hostOf(address)}:${from}`);
      else if (/^hostname$/i.test(text)) yield* connection.write(process.hostname());
      else if (text !== '') yield* process.write(2, bytesOf(`${goTime(process)} Unknown udp command: ${text}\n`));
    }
  }
}

export const netexec: Program = function* (process) {
  const args = process.args.slice(2);
  const httpPort = Number(flag(args, 'http-port') ?? 8080);
  const udpPort = Number(flag(args, 'udp-port') ?? 8081);
  const shutdownDelay = Number(flag(args, 'delay-shutdown') ?? 0) * 1000;
  const server = new NetExec(process);
  const beside: Run[] = [server.watch()];
  if (udpPort > 0) beside.push(server.udp(udpPort));
  const service: HttpService = {
    ports: [httpPort],
    answer: (request) => server.answer(request),
    beside,
    *started() {
      yield* process.write(2, `${goTime(process)} Started HTTP server on port ${httpPort}\n`);
      if (udpPort > 0) yield* process.write(2, `${goTime(process)} Started UDP server on port  ${udpPort}\n`);
    },
  };
  const words = function* (own: Process): Run {
    if (shutdownDelay === 0) return;
    yield* own.write(2, `${goTime(own)} Sleeping ${shutdownDelay / 1000} seconds before terminating...\n`);
    yield* own.sleep(shutdownDelay);
  };
  return yield* serveUntilAsked(process, service, { status: shutdownDelay > 0 ? 0 : 2, words });
};
