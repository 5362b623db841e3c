/** Small servers that tell of the request or of themselves: whoami, http-echo, echoserver, hello-app, hello-node, the bootcamp's. */
import { bytesOf } from '../bytes.ts';
import type { Process, Program } from '../program.ts';
import { formatDate } from '../programs/date-format.ts';
import { type HttpRequest, headerOf, parametersOf } from '../programs/http.ts';
import { jsonResponse, textResponse } from '../programs/http-server.ts';
import { commonLogLine } from '../programs/static-files.ts';
import { ownAddress } from '../programs/system-files.ts';
import { alpineFiles } from './base-files.ts';
import { type Files, type ImageFamily, image, versionOf } from './image-family.ts';
import { flag, GO_ENDING, goTime, serverProgram } from './served.ts';

const scratch = (path: string, program: Program): Files => ({ [path]: { program } });

const requestText = ({ method, target, version, headers, body }: HttpRequest): string =>
  `${method} ${target} ${version}\n${headers.map(([name, value]) => `${name}: ${value}\n`).join('')}\n${body}`;

/** Go sorts headers by name and takes the host out. */
const sortedHeaders = ({ headers }: HttpRequest): readonly (readonly [string, string])[] =>
  headers.filter(([name]) => name.toLowerCase() !== 'host').toSorted(([left], [right]) => (left < right ? -1 : 1));

const whoamiProgram = serverProgram(
  (process) => {
    const args = process.args.slice(1);
    const port = Number(flag(args, 'port') ?? process.env.get('WHOAMI_PORT_NUMBER') ?? 80);
    const name = flag(args, 'name') ?? process.env.get('WHOAMI_NAME');
    let health = 200;
    return {
      ports: [port],
      started: () => process.write(2, `${goTime(process)} Starting up on port ${port}\n`),
      answer(request) {
        const address = `${request.remote.address}:${request.remote.port}`;
        if (request.path === '/health') {
          if (request.method === 'POST') health = Number(request.body) || 200;
          return textResponse('', health);
        }
        if (request.path === '/api') {
          const headers = Object.fromEntries(
            request.headers.filter(([key]) => key !== 'Host').map(([key, value]) => [key, [value]]),
          );
          return jsonResponse({
            hostname: process.hostname(),
            ip: ['127.0.0.1', ownAddress(process)],
            headers,
            url: request.target,
            host: headerOf(request.headers, 'host'),
            method: request.method,
            ...(name ? { name } : {}),
            remoteAddr: address,
          });
        }
        if (request.path === '/bench') return textResponse('1');
        if (request.path === '/data')
          return textResponse('|'.repeat(Math.min(Number(parametersOf(request.query).get('size') ?? 1), 100_000)));
        const lines = [
          ...(name ? [`Name: ${name}`] : []),
          `Hostname: ${process.hostname()}`,
          'IP: 127.0.0.1',
          `IP: ${ownAddress(process)}`,
          `RemoteAddr: ${address}`,
          `${request.method} ${request.target} ${request.version}`,
          `Host: ${headerOf(request.headers, 'host') ?? ''}`,
          ...sortedHeaders(request).map(([key, value]) => `${key}: ${value}`),
        ];
        return textResponse(bytesOf(`${lines.join('\n')}\n\n`));
      },
    };
  },
  { ending: GO_ENDING },
);

const WHOAMI = ['docker.io/traefik/whoami', 'docker.io/containous/whoami', 'ghcr.io/traefik/whoami'];
export const whoami: ImageFamily = {
  names: WHOAMI,
  imageOf: () =>
    image(WHOAMI, { entrypoint: ['/whoami'], exposedPorts: ['80/tcp'] }, scratch('/whoami', whoamiProgram), 6.6),
};

const httpEchoProgram: Program = function* (process) {
  const args = process.args.slice(1);
  const text = flag(args, 'text') ?? process.env.get('ECHO_TEXT');
  if (text === undefined || text === '') {
    yield* process.write(2, 'Missing -text option!\n');
    return 127;
  }
  const listen = flag(args, 'listen') ?? ':5678';
  const status = Number(flag(args, 'status-code') ?? 200);
  const port = Number(/:(\d+)$/.exec(listen)?.[1] ?? 5678);
  return yield* serverProgram((own) => ({
    ports: [port],
    started: () => own.write(1, `${goTime(own)} [INFO] server is listening on ${listen}\n`),
    *answer(request) {
      const isHealth = request.path === '/health';
      const body = isHealth ? '{"status":"ok"}\n' : `${text}\n`;
      const agent = headerOf(request.headers, 'user-agent') ?? '';
      if (!isHealth)
        yield* own.write(
          1,
          `${goTime(own)} ${headerOf(request.headers, 'host') ?? ''} ${request.remote.address}:${request.remote.port} "${request.method} ${request.target} ${request.version}" ${status} ${body.length} "${agent}" 20us\n`,
        );
      return {
        status: isHealth ? 200 : status,
        headers: [
          ['X-App-Name', 'http-echo'],
          ['X-App-Version', '1.0.0'],
          ['Content-Type', isHealth ? 'application/json' : 'text/plain; charset=utf-8'],
        ],
        body,
      };
    },
  }))(process);
};

const HTTP_ECHO = ['docker.io/hashicorp/http-echo'];
export const httpEcho: ImageFamily = {
  names: HTTP_ECHO,
  imageOf: () =>
    image(
      HTTP_ECHO,
      { entrypoint: ['/http-echo'], exposedPorts: ['5678/tcp'] },
      scratch('/http-echo', httpEchoProgram),
      6.5,
    ),
};

const HELLO_APP = ['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'];
export const helloApp: ImageFamily = {
  names: HELLO_APP,
  imageOf(tag) {
    const version = `${versionOf(tag, '1.0').split('.').slice(0, 2).join('.')}.0`;
    const program = serverProgram(
      (process) => {
        const port = Number(process.env.get('PORT') ?? 8080);
        return {
          ports: [port],
          started: () => process.write(2, `${goTime(process)} Server listening on port ${port}\n`),
          *answer({ path }) {
            yield* process.write(2, bytesOf(`${goTime(process)} Serving request: ${path}\n`));
            return textResponse(`Hello, world!\nVersion: ${version}\nHostname: ${process.hostname()}\n`);
          },
        };
      },
      { ending: GO_ENDING },
    );
    return image(
      HELLO_APP,
      { entrypoint: ['/hello-app'], exposedPorts: ['8080/tcp'], env: ['PORT=8080'] },
      { ...alpineFiles('3.18.0'), '/hello-app': { program } },
      11,
    );
  },
};

/** nginx with a script that tells of the request. */
const echoserverText = (process: Process, request: HttpRequest): string => {
  const env = (name: string, label: string): string =>
    process.env.get(name) === undefined ? '' : `\t${label}:\t${process.env.get(name)}\n`;
  const pod =
    env('NODE_NAME', 'node name') +
    env('POD_NAME', 'pod name') +
    env('POD_NAMESPACE', 'pod namespace') +
    env('POD_IP', 'pod IP');
  const host = headerOf(request.headers, 'host') ?? '';
  const headers = request.headers
    .map(([name, value]) => `\t${name.toLowerCase()}=${value}  \n`)
    .toSorted()
    .join('');
  return `\n\nHostname: ${process.hostname()}\n\nPod Information:\n${pod === '' ? '\t-no pod information available-\n' : pod}\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address=${request.remote.address}\n\tmethod=${request.method}\n\treal path=${request.target}\n\tquery=${request.query}\n\trequest_version=${request.version.replace('HTTP/', '')}\n\trequest_scheme=http\n\trequest_uri=http://${host.replace(/:\d+$/, '')}:8080${request.target}\n\nRequest Headers:\n${headers}\nRequest Body:\n\t${request.body === '' ? '-no body in request-' : request.body}\n\n`;
};

const ECHOSERVER = [
  'registry.k8s.io/echoserver',
  'k8s.gcr.io/echoserver',
  'gcr.io/google_containers/echoserver',
  'gcr.io/google-containers/echoserver',
  'gcr.io/k8s-minikube/echo-server',
  'docker.io/kicbase/echo-server',
  'docker.io/ealen/echo-server',
  'docker.io/jmalloc/echo-server',
];
export const echoserver: ImageFamily = {
  names: ECHOSERVER,
  imageOf(_, name) {
    const isPlain = /kicbase|jmalloc|minikube|ealen/.test(name);
    const program = serverProgram((process) => ({
      ports: [Number(process.env.get('PORT') ?? (name.includes('ealen') ? 80 : 8080))],
      started: () =>
        isPlain
          ? process.write(1, 'Echo server listening on port 8080.\n')
          : process.write(1, 'Generating self-signed cert\nStarting nginx\n'),
      *answer(request) {
        const line = commonLogLine(request, process.now(), { status: 200, size: 400 });
        if (!isPlain) yield* process.write(1, `${line} "-" "${headerOf(request.headers, 'user-agent') ?? '-'}"\n`);
        return textResponse(
          isPlain
            ? `Request served by ${process.hostname()}\n\n${requestText(request)}`
            : echoserverText(process, request),
          200,
          'text/plain',
        );
      },
    }));
    return image(
      ECHOSERVER,
      { cmd: ['/bin/echo-server'], exposedPorts: ['8080/tcp'] },
      { ...alpineFiles('3.18.0'), '/bin/echo-server': { program } },
      isPlain ? 5 : 43,
    );
  },
};

/** The small Node server of the first tutorial. */
const BOOTCAMP = [
  'gcr.io/google-samples/kubernetes-bootcamp',
  'docker.io/jocatalin/kubernetes-bootcamp',
  'gcr.io/k8s-minikube/kubernetes-bootcamp',
  'docker.io/google-samples/kubernetes-bootcamp',
];
export const bootcamp: ImageFamily = {
  names: BOOTCAMP,
  imageOf(tag) {
    const version = versionOf(tag, '1');
    const program = serverProgram(
      (process) => {
        let requests = 0;
        const startedAt = process.now();
        const node = (at: number): string => formatDate(at, '%Y-%m-%dT%H:%M:%S.%NZ').replace(/(\.\d{3})\d*Z$/, '$1Z');
        return {
          ports: [8080],
          started: () =>
            process.write(
              1,
              `Kubernetes Bootcamp App Started At: ${node(startedAt)} | Running On:  ${process.hostname()} \n\n`,
            ),
          *answer() {
            requests++;
            const seconds = (process.now() - startedAt) / 1000;
            yield* process.write(
              1,
              `Running On: ${process.hostname()} | Total Requests: ${requests} | App Uptime: ${seconds} seconds | Log Time: ${node(process.now())}\n`,
            );
            return textResponse(
              `Hello Kubernetes bootcamp! | Running on: ${process.hostname()} | v=${version}\n`,
              200,
              'text/plain',
            );
          },
        };
      },
      { ending: 'deaf' },
    );
    return image(
      BOOTCAMP,
      { cmd: ['/bin/sh', '-c', 'node server.js'], exposedPorts: ['8080/tcp'] },
      {
        ...alpineFiles('3.18.0'),
        '/server.js': { text: "var http = require('http');\n" },
        '/usr/bin/node': { program },
      },
      211,
    );
  },
};

/** `Hello World!` of a Node server, as the older tutorials have it. */
const HELLO_NODE = ['gcr.io/hello-minikube-zero-install/hello-node', 'registry.k8s.io/e2e-test-images/hello-node'];
export const helloNode: ImageFamily = {
  names: HELLO_NODE,
  imageOf: () =>
    image(
      HELLO_NODE,
      { cmd: ['node', 'server.js'] },
      {
        ...alpineFiles('3.18.0'),
        '/usr/bin/node': {
          program: serverProgram(
            () => ({ ports: [8080], answer: () => textResponse('Hello World!', 200, 'text/plain') }),
            { ending: 'deaf' },
          ),
        },
      },
      211,
    ),
};
