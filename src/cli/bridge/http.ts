/** Plain HTTP on the bridge's port: the JSON gateway, `/health`, `/version`, `/metrics` and the like, passed on as they come. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Gateway } from './gateway.ts';

/** What concerns one connection only, not the request. */
const HOP_BY_HOP = ['connection', 'host', 'keep-alive', 'proxy-authorization', 'te', 'transfer-encoding', 'upgrade'];
const METRICS = '/metrics';

/** It listens nowhere by itself: connections are handed to it. */
export function serveHttp(gateway: Gateway): http.Server {
  const server = http.createServer((request, response) => forward(gateway, request, response));
  server.on('upgrade', (request: http.IncomingMessage, socket: Duplex, head: Buffer) =>
    forwardUpgrade(gateway, request, socket, head),
  );
  return server;
}

function ask(gateway: Gateway, incoming: http.IncomingMessage, extra: http.OutgoingHttpHeaders): http.ClientRequest {
  const kept = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
  const headers = { ...Object.fromEntries(kept), ...gateway.headers(incoming.headers.authorization), ...extra };
  const { request } = gateway.root.startsWith('https:') ? https : http;
  return request(`${gateway.root}${incoming.url}`, { method: incoming.method, headers });
}

function forward(gateway: Gateway, incoming: http.IncomingMessage, answer: http.ServerResponse): void {
  const wantsMetrics = incoming.url === METRICS;
  const outgoing = ask(gateway, incoming, wantsMetrics ? { 'accept-encoding': 'identity' } : {});
  outgoing.on('response', (response) => {
    const isMetrics = wantsMetrics && response.statusCode === 200;
    const kept = Object.entries(response.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    const headers = Object.fromEntries(kept);
    if (isMetrics) delete headers['content-length'];
    answer.writeHead(response.statusCode ?? 502, headers);
    response.pipe(answer, { end: !isMetrics });
    if (isMetrics) response.on('end', () => answer.end(processMetrics()));
  });
  outgoing.on('error', (error) => {
    if (answer.headersSent) return answer.destroy();
    answer.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' });
    answer.end(`the cluster can't be reached: ${error.message}\n`);
  });
  answer.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

/** The process that serves this port is the bridge, so what etcd says of its own is said of the bridge. */
function processMetrics(): string {
  const { rss } = process.memoryUsage();
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return [
    '# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.',
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(userCPUTime + systemCPUTime) / 1e6}`,
    '# HELP process_resident_memory_bytes Resident memory size in bytes.',
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${rss}`,
    '# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.',
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${(performance.timeOrigin / 1000).toFixed(2)}`,
    '',
  ].join('\n');
}

function forwardUpgrade(gateway: Gateway, incoming: http.IncomingMessage, socket: Duplex, head: Buffer): void {
  const outgoing = ask(gateway, incoming, { connection: 'Upgrade', upgrade: incoming.headers.upgrade });
  const refuse = (status: string): void => {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  };
  outgoing.on('upgrade', (response, far, farHead) => {
    const headers = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`);
    if (head.length > 0) far.write(head);
    if (farHead.length > 0) socket.write(farHead);
    far.pipe(socket).pipe(far);
    for (const [end, other] of [
      [far, socket],
      [socket, far],
    ] as const) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  });
  outgoing.on('response', ({ statusCode, statusMessage }) => refuse(`${statusCode} ${statusMessage}`));
  outgoing.on('error', () => refuse('502 Bad Gateway'));
  outgoing.end();
}
