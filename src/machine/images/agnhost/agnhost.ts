/** agnhost: the image of Kubernetes' own end-to-end tests, each of whose commands is a small program. */
import { bytesOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Process, Program, Run } from '../../program.ts';
import { factsAt, readOr } from '../../programs/applet.ts';
import { lookUp } from '../../programs/http-client.ts';
import { textResponse } from '../../programs/http-server.ts';
import { contentType } from '../../programs/static-files.ts';
import { parseDuration } from '../../programs/wrappers.ts';
import { alpineFiles, extraFiles, openBsdNetcat } from '../base-files.ts';
import { type ImageFamily, image, textFile, versionOf } from '../image-family.ts';
import { flag, klogHead, serverProgram } from '../served.ts';
import { stay } from '../unknown.ts';
import { conversionWebhook } from './crd-conversion-webhook.ts';
import { dnsServers, dnsSuffix, etcHosts, logsGenerator } from './facts.ts';
import { grpcHealthChecking } from './grpc-health-checking.ts';
import { guestbook } from './guestbook.ts';
import { LOCALHOST_CERTIFICATE } from './localhost-certificate.ts';
import { mounttest } from './mounttest.ts';
import { netexec } from './netexec.ts';
import { nettest } from './nettest.ts';
import { effectiveUser } from './no-new-privileges.ts';
import { porter } from './porter.ts';
import { serveHostname } from './serve-hostname.ts';
import { webhook } from './webhook.ts';

const argsOf = (process: Process): readonly string[] => process.args.slice(2);

const entrypointTester: Program = function* (process) {
  yield* process.write(1, bytesOf(`[${process.args.join(' ')}]\n`));
  return 0;
};

/** Seconds for which liveness is well. */
const WELL_SECONDS = 10;

const liveness = serverProgram(
  (process) => {
    const startedAt = process.now();
    return {
      ports: [8080],
      answer({ path }) {
        const seconds = (process.now() - startedAt) / 1000;
        if (path === '/started') return textResponse(`${seconds}s`);
        if (path === '/healthz')
          return seconds > WELL_SECONDS ? textResponse(`error: ${seconds}`, 500) : textResponse('ok');
        if (path === '/redirect') return { status: 302, headers: [['Location', 'http://0.0.0.0/']], body: '' };
        return textResponse('404 page not found\n', 404);
      },
    };
  },
  { ending: { status: 2 } },
);

const connect: Program = function* (process) {
  const args = argsOf(process);
  const target = args.findLast(
    (arg, i) => !arg.startsWith('-') && !/^--(timeout|protocol|sctp|udp-data)$/.test(args[i - 1] ?? ''),
  );
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(target ?? '') ?? [];
  const end = function* (words: string, status = 1): Run<number> {
    yield* process.write(2, `${words}\n`);
    return status;
  };
  if (host === undefined) return yield* end('OTHER: missing port in address');
  const address = yield* lookUp(process, host);
  if (address === undefined) return yield* end(`DNS: lookup ${host}: no such host`);
  const protocol = flag(args, 'protocol') === 'udp' ? 'UDP' : 'TCP';
  const timeout = parseDuration(flag(args, 'timeout') ?? '') ?? 0;
  try {
    const connection = yield* process.connect({
      host: address,
      port: Number(port),
      protocol,
      ...(timeout > 0 ? { timeout } : {}),
    });
    if (protocol === 'UDP') {
      yield* connection.write(`${flag(args, 'udp-data') || 'hostname'}\n`);
      yield* connection.read({ timeout: timeout || 5000 });
    }
    connection.close();
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'ETIMEDOUT') return yield* end('TIMEOUT');
    if (error.code === 'ECONNREFUSED') return yield* end('REFUSED');
    return yield* end(`OTHER: ${error.message.toLowerCase()}`);
  }
};

/** The files of the container, as a web server. */
const testWebserver = serverProgram(
  (process) => ({
    ports: [Number(flag(argsOf(process), 'port') ?? 80)],
    answer({ path }) {
      const facts = factsAt(process.files, path);
      if (facts === undefined) return textResponse('404 page not found\n', 404);
      if (facts.kind !== 'directory')
        return textResponse(readOr(process, path), 200, contentType(path, 'text/plain; charset=utf-8'));
      const rows = process.files
        .list(path)
        .toSorted()
        .map((name) => `<a href="${name}">${name}</a>\n`);
      return textResponse(`<pre>\n${rows.join('')}</pre>\n`, 200, 'text/html; charset=utf-8');
    },
  }),
  { ending: { status: 2 } },
);

const pause: Program = function* (process) {
  yield* process.write(1, 'Paused\n');
  return yield* stay(process);
};

const inClusterClient: Program = function* (process) {
  yield* process.write(2, `${klogHead(process, 'main.go:61')} started\n`);
  const period = Number(flag(argsOf(process), 'poll-interval') ?? 30) * 1000;
  process.endless(true);
  for (;;) {
    yield* process.write(1, 'calling /healthz\n');
    yield* process.sleep(period);
  }
};

const COMMANDS: Readonly<Record<string, Program>> = {
  connect,
  'crd-conversion-webhook': conversionWebhook,
  'dns-server-list': dnsServers,
  'dns-suffix': dnsSuffix,
  'entrypoint-tester': entrypointTester,
  'etc-hosts': etcHosts,
  'grpc-health-checking': grpcHealthChecking,
  guestbook,
  inclusterclient: inClusterClient,
  liveness,
  'logs-generator': logsGenerator,
  mounttest,
  netexec,
  nettest,
  nonewprivs: effectiveUser,
  pause,
  porter,
  'serve-hostname': serveHostname,
  'test-webserver': testWebserver,
  webhook,
};

const NAMES = [
  'registry.k8s.io/e2e-test-images/agnhost',
  'k8s.gcr.io/e2e-test-images/agnhost',
  'gcr.io/kubernetes-e2e-test-images/agnhost',
  'us.gcr.io/k8s-artifacts-prod/e2e-test-images/agnhost',
];

const programOf = (version: string): Program =>
  function* (process) {
    const [, name] = process.args;
    if (name === '--version' || name === 'version') {
      yield* process.write(1, `agnhost version ${version}\n`);
      return 0;
    }
    const command = name === undefined ? undefined : COMMANDS[name];
    if (command !== undefined) return yield* command(process);
    yield* process.write(
      2,
      bytesOf(
        name === undefined
          ? `Usage:\n  app [command]\n\nAvailable Commands:\n  ${Object.keys(COMMANDS).join('\n  ')}\n`
          : `Error: unknown command "${name}" for "app"\nRun 'app --help' for usage.\n`,
      ),
    );
    return name === undefined ? 0 : 1;
  };

export const agnhost: ImageFamily = {
  names: NAMES,
  imageOf(tag) {
    const version = versionOf(tag, '2.56');
    const program = programOf(version);
    const files = {
      ...alpineFiles('3.21.3'),
      ...extraFiles(),
      ...openBsdNetcat(),
      '/localhost.crt': textFile(LOCALHOST_CERTIFICATE),
      '/agnhost': { program },
      '/agnhost-2': { program },
      '/uploads': { directory: true as const, mode: 0o777 },
    };
    return image(
      NAMES,
      { entrypoint: ['/agnhost'], cmd: ['pause'], exposedPorts: ['80/tcp', '8080/tcp', '8081/tcp', '9376/tcp'] },
      files,
      130,
    );
  },
};

/** The older images of which agnhost has the commands, each with its own. */
export const olderTestImages: readonly ImageFamily[] = [
  ['mounttest', 'mounttest'],
  ['nettest', 'netexec'],
  ['netexec', 'netexec'],
  ['liveness', 'liveness'],
  ['serve-hostname', 'serve-hostname'],
  ['test-webserver', 'test-webserver'],
  ['entrypoint-tester', 'entrypoint-tester'],
].map(([name, command]): ImageFamily => {
  const names = [
    `registry.k8s.io/${name}`,
    `k8s.gcr.io/${name}`,
    `gcr.io/google_containers/${name}`,
    `gcr.io/kubernetes-e2e-test-images/${name}`,
    `registry.k8s.io/e2e-test-images/${name}`,
  ];
  return {
    names,
    imageOf: () =>
      image(
        names,
        { entrypoint: ['/agnhost', command!] },
        { ...alpineFiles('3.18.0'), '/agnhost': { program: programOf('2.56') } },
        20,
      ),
  };
});
