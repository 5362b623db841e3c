/** mongo: its port and log, and a client that knows whether it is there. */
import { bytesOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Process, Program, Run } from '../../program.ts';
import { formatDate } from '../../programs/date-format.ts';
import { connectTo } from '../../programs/http-client.ts';
import { debianFiles } from '../base-files.ts';
import { debianRelease } from '../distributions.ts';
import { folder, type ImageFamily, image, PATH, versionOf } from '../image-family.ts';
import { flag, serverOrCommand } from '../served.ts';
import { serveDatabase } from './database-server.ts';

const PORT = 27_017;

const server = (version: string): Program =>
  function* (process) {
    const args = process.args.slice(1);
    const port = Number(flag(args, 'port') ?? PORT);
    const log = (component: string, id: number, message: string, attributes?: Record<string, unknown>): Run =>
      process.write(
        1,
        bytesOf(
          `${JSON.stringify({ t: { $date: formatDate(process.now(), '%Y-%m-%dT%H:%M:%S.000+00:00') }, s: 'I', c: component, id, ctx: 'initandlisten', msg: message, ...(attributes === undefined ? {} : { attr: attributes }) })}\n`,
        ),
      );
    const [user, password] = [
      process.env.get('MONGO_INITDB_ROOT_USERNAME'),
      process.env.get('MONGO_INITDB_ROOT_PASSWORD'),
    ];
    if ((user === undefined) !== (password === undefined)) {
      yield* process.write(
        2,
        "\n\nerror: missing 'MONGO_INITDB_ROOT_USERNAME' or 'MONGO_INITDB_ROOT_PASSWORD'\n       both must be specified for a user to be created\n\n",
      );
      return 1;
    }
    return yield* serveDatabase(
      process,
      {
        port,
        file: '/data/db/data.json',
        version,
        password: undefined,
        users: [''],
        refusal: () => 'Authentication failed.',
        databases: { admin: {}, config: {}, local: {} },
        cannotListen: 'Failed to set up listener: SocketException: Address already in use',
        *started() {
          yield* log('CONTROL', 4615611, 'MongoDB starting', {
            pid: process.pid,
            port,
            dbPath: '/data/db',
            architecture: '64-bit',
            host: process.hostname(),
          });
          yield* log('CONTROL', 23403, 'Build Info', { buildInfo: { version } });
          yield* log('NETWORK', 23015, 'Listening on', { address: '0.0.0.0' });
          yield* log('NETWORK', 23016, 'Waiting for connections', { port, ssl: 'off' });
        },
        *stopped() {
          yield* log('CONTROL', 23377, 'Received signal', { signal: 15, error: 'Terminated' });
          yield* log('CONTROL', 23138, 'Shutting down', { exitCode: 0 });
        },
      },
      true,
    );
  };

/** Statements whose answer is always the same while the server is there. */
const ANSWERS: readonly [RegExp, (version: string) => string][] = [
  [/^db\.(?:adminCommand|runCommand)\(\s*(?:\{\s*)?["']?ping["']?/, () => '{ ok: 1 }'],
  [/^db\.version\(\)/, (version) => version],
  [/^show dbs|^show databases/, () => 'admin   40.00 KiB\nconfig  12.00 KiB\nlocal   40.00 KiB'],
  [/^db\.(?:hello|isMaster)\(\)/, () => '{ isWritablePrimary: true, ok: 1 }'],
];

const client = (version: string): Program =>
  function* (process: Process) {
    const args = process.args.slice(1);
    const [, host, port] =
      /^mongodb:\/\/(?:[^@]*@)?([^:/]+)(?::(\d+))?/.exec(args.find((arg) => arg.startsWith('mongodb://')) ?? '') ?? [];
    const target = {
      host: flag(args, 'host') ?? host ?? '127.0.0.1',
      port: Number(flag(args, 'port') ?? port ?? PORT),
    };
    const code = flag(args, 'eval') ?? (process.isTerminal(0) ? 'db.version()' : yield* process.readAll(0));
    try {
      (yield* connectTo(process, { ...target, timeout: 5000 })).close();
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* process.write(2, `MongoNetworkError: connect ${error.code} ${target.host}:${target.port}\n`);
      return 1;
    }
    for (const statement of code
      .split(/;|\n/)
      .map((text) => text.trim())
      .filter((text) => text !== '')) {
      const found = ANSWERS.find(([pattern]) => pattern.test(statement.replace(/^print(?:json)?\((.*)\)$/, '$1')));
      if (found === undefined) {
        yield* process.write(
          2,
          bytesOf(
            `MongoshUnimplementedError: ${statement.slice(0, 60)}: not one of the statements that are known here\n`,
          ),
        );
        return 1;
      }
      const text = found[1](version);
      yield* process.write(1, `${/\.ok\b/.test(statement) ? '1' : text}\n`);
    }
    return 0;
  };

const NAMES = ['docker.io/library/mongo', 'public.ecr.aws/docker/library/mongo'];
const RELEASES: Readonly<Record<string, string>> = {
  '4': '4.4.29',
  '5': '5.0.31',
  '6': '6.0.20',
  '7': '7.0.16',
  '8': '8.0.4',
};

export const mongo: ImageFamily = {
  names: NAMES,
  imageOf(tag) {
    const version = versionOf(tag, '8.0.4', RELEASES);
    const shell = { program: client(version) };
    const files = {
      ...debianFiles(debianRelease('12')),
      '/usr/local/bin/docker-entrypoint.sh': { program: serverOrCommand('mongod') },
      '/usr/bin/mongod': { program: server(version) },
      '/usr/bin/mongosh': shell,
      '/usr/bin/mongo': shell,
      '/data/db': folder(0o777),
    };
    return image(
      NAMES,
      {
        entrypoint: ['docker-entrypoint.sh'],
        cmd: ['mongod'],
        env: [PATH, `MONGO_VERSION=${version}`],
        exposedPorts: ['27017/tcp'],
        volumes: ['/data/db'],
      },
      files,
      850,
    );
  },
};
