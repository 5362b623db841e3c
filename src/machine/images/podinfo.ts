/** stefanprodan/podinfo: a small service with health, readiness, environment and delays. */
import type { Process } from '../program.ts';
import { formatDate } from '../programs/date-format.ts';
import { type HttpResponse, headerOf } from '../programs/http.ts';
import { textResponse } from '../programs/http-server.ts';
import { alpineFiles } from './base-files.ts';
import { type ImageFamily, image, versionOf } from './image-family.ts';
import { flag, serverProgram } from './served.ts';

const NAMES = ['docker.io/stefanprodan/podinfo', 'ghcr.io/stefanprodan/podinfo'];

const pretty = (value: unknown, status = 200): HttpResponse =>
  textResponse(JSON.stringify(value, null, 2), status, 'application/json; charset=utf-8');

const programOf = (version: string) =>
  serverProgram((process: Process) => {
    const args = process.args.slice(1);
    const port = Number(flag(args, 'port') ?? process.env.get('PODINFO_PORT') ?? 9898);
    let isReady = true;
    const log = (message: string, more: Record<string, unknown> = {}): string =>
      `${JSON.stringify({ level: 'info', ts: formatDate(process.now(), '%Y-%m-%dT%H:%M:%S.000Z'), caller: 'podinfo/main.go:151', msg: message, ...more })}\n`;
    const info = () => ({
      hostname: process.hostname(),
      version,
      revision: 'unknown',
      color: process.env.get('PODINFO_UI_COLOR') ?? '#34577c',
      logo: 'https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif',
      message:
        process.env.get('PODINFO_UI_MESSAGE') ?? flag(args, 'ui-message') ?? `greetings from podinfo v${version}`,
      goos: 'linux',
      goarch: 'amd64',
      runtime: 'go1.24.1',
      num_goroutine: '8',
      num_cpu: '2',
    });
    return {
      ports: [port],
      started: () => process.write(2, log('Starting podinfo', { version, revision: 'unknown', port: String(port) })),
      *answer(request) {
        const [, first = '', second = ''] = request.path.split('/');
        switch (first) {
          case '':
          case 'api':
            return pretty(info());
          case 'healthz':
            return pretty({ status: 'OK' });
          case 'readyz':
            if (second === 'enable' || second === 'disable') {
              isReady = second === 'enable';
              return textResponse('', 202);
            }
            return isReady ? pretty({ status: 'OK' }) : textResponse('', 503);
          case 'version':
            return pretty({ commit: 'unknown', version });
          case 'env':
            return pretty([...process.env].map(([name, value]) => `${name}=${value}`));
          case 'headers':
            return pretty(Object.fromEntries(request.headers.map(([name, value]) => [name, [value]])));
          case 'echo':
            return textResponse(request.body, 202, headerOf(request.headers, 'content-type') ?? 'text/plain');
          case 'status':
            return pretty({ status: Number(second) }, Number(second) || 400);
          case 'delay':
            yield* process.sleep(Number(second) * 1000 || 0);
            return pretty({ delay: Number(second) });
          case 'panic':
            yield* process.write(2, log('Panic command received'));
            process.kill(process.pid, 'KILL');
            return undefined;
          case 'metrics':
            return textResponse(
              `# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n`,
              200,
              'text/plain; version=0.0.4',
            );
        }
        return textResponse('404 page not found\n', 404);
      },
    };
  });

export const podinfo: ImageFamily = {
  names: NAMES,
  imageOf(tag) {
    const version = versionOf(tag, '6.9.0');
    return image(
      NAMES,
      { cmd: ['./podinfo'], workingDir: '/home/app', user: 'app', exposedPorts: ['9898/tcp'] },
      {
        ...alpineFiles('3.21.3'),
        '/etc/passwd': { text: 'root:x:0:0:root:/root:/bin/sh\napp:x:100:101::/home/app:/sbin/nologin\n' },
        '/home/app/podinfo': { program: programOf(version) },
      },
      33,
    );
  },
};
