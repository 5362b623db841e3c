/** The guestbook's frontend: a page, and messages that it keeps in Redis. */
import { textOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type HttpRequest, type HttpResponse, parametersOf } from '../programs/http.ts';
import { connectTo } from '../programs/http-client.ts';
import { textResponse } from '../programs/http-server.ts';
import { commonLogLine } from '../programs/static-files.ts';
import { debianFiles } from './base-files.ts';
import { debianRelease } from './distributions.ts';
import { type ImageFamily, image } from './image-family.ts';
import { encodeCommand, type Reply, RespReader } from './redis/resp.ts';
import { serverProgram } from './served.ts';

const NAMES = [
  'us-docker.pkg.dev/google-samples/containers/gke/gb-frontend',
  'gcr.io/google_samples/gb-frontend',
  'gcr.io/google-samples/gb-frontend',
];

const PAGE = `<html>
  <head>
    <title>Guestbook</title>
  </head>
  <body>
    <h2>Guestbook</h2>
    <form><input name="msg" placeholder="Messages"><button type="button">Submit</button></form>
  </body>
</html>
`;

function* redis(process: Process, host: string, words: readonly string[]): Run<Reply> {
  const connection = yield* connectTo(process, { host, port: 6379, timeout: 5000 });
  try {
    yield* connection.write(encodeCommand(words));
    return (yield* new RespReader(connection).reply()) ?? null;
  } finally {
    connection.close();
  }
}

function* guestbook(process: Process, request: HttpRequest, leader: string, follower: string): Run<HttpResponse> {
  const query = parametersOf(request.query);
  const isSet = query.get('cmd') === 'set';
  try {
    if (isSet) {
      yield* redis(process, leader, ['SET', query.get('key') ?? '', query.get('value') ?? '']);
      return textResponse('{"message": "Updated"}', 200, 'application/json');
    }
    const value = yield* redis(process, follower, ['GET', query.get('key') ?? '']);
    return textResponse(
      JSON.stringify({ data: typeof value === 'string' ? textOf(value) : '' }).replace(':', ': '),
      200,
      'application/json',
    );
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return textResponse('', 500, 'text/html; charset=UTF-8');
  }
}

export const guestbookFrontend: ImageFamily = {
  names: NAMES,
  imageOf(_, name) {
    const isOld = name.startsWith('gcr.io');
    const program = serverProgram((process) => ({
      ports: [80],
      *answer(request) {
        const names = [isOld ? 'redis-master' : 'redis-leader', isOld ? 'redis-slave' : 'redis-follower'] as const;
        const fromEnvironment = process.env.get('GET_HOSTS_FROM') === 'env';
        const [leader, follower] = fromEnvironment
          ? names.map((host) => process.env.get(`${host.toUpperCase().replace('-', '_')}_SERVICE_HOST`) ?? host)
          : names;
        const response =
          request.path === '/guestbook.php'
            ? yield* guestbook(process, request, leader!, follower!)
            : ['/', '/index.html'].includes(request.path)
              ? textResponse(PAGE, 200, 'text/html')
              : textResponse('Not Found', 404, 'text/html');
        const told = { status: response.status, size: response.body.length };
        yield* process.write(1, `${commonLogLine(request, process.now(), told)} "-" "-"\n`);
        return response;
      },
    }));
    return image(
      NAMES,
      { cmd: ['apache2-foreground'], exposedPorts: ['80/tcp'] },
      { ...debianFiles(debianRelease('12')), '/usr/local/bin/apache2-foreground': { program } },
      500,
    );
  },
};
