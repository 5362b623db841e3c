/** mysql and mariadb, with their clients. */
import type { Program, Run } from '../../program.ts';
import { formatDate } from '../../programs/date-format.ts';
import { debianFiles } from '../base-files.ts';
import { debianRelease } from '../distributions.ts';
import { folder, type ImageFamily, image, PATH, versionOf } from '../image-family.ts';
import { serverOrCommand } from '../served.ts';
import { serveDatabase } from './database-server.ts';
import { admin, client, PORT } from './mysql-client.ts';

const DATA = '/var/lib/mysql';
/** How long the first start takes to make its files, milliseconds. */
const INIT_TIME = 6000;

const server = (version: string, isMaria: boolean): Program =>
  function* (process) {
    const variable = (name: string): string | undefined =>
      process.env.get(`MARIADB_${name}`) ?? process.env.get(`MYSQL_${name}`);
    const product = isMaria ? 'MariaDB' : 'MySQL';
    const say = (level: string, words: string): Run =>
      process.write(
        level === 'ERROR' ? 2 : 1,
        `${formatDate(process.now(), '%Y-%m-%d %H:%M:%S+00:00')} [${level}] [Entrypoint]: ${words}\n`,
      );
    const system = (code: string, words: string): Run =>
      process.write(
        2,
        `${formatDate(process.now(), '%Y-%m-%dT%H:%M:%S')}.000000Z 0 [System] [${code}] [Server] ${words}\n`,
      );
    const password = variable('ROOT_PASSWORD');
    const allowsEmpty =
      variable('ALLOW_EMPTY_PASSWORD') !== undefined || variable('ALLOW_EMPTY_ROOT_PASSWORD') !== undefined;
    const isNew = !process.files.exists(`${DATA}/ibdata.json`);
    yield* say('Note', `Entrypoint script for ${product} Server ${version} started.`);
    if (isNew) {
      if (!password && !allowsEmpty && variable('RANDOM_ROOT_PASSWORD') === undefined) {
        const prefix = isMaria ? 'MARIADB' : 'MYSQL';
        yield* say(
          'ERROR',
          `Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - ${prefix}_ROOT_PASSWORD\n    - ${prefix}_ALLOW_EMPTY_${isMaria ? 'ROOT_' : ''}PASSWORD\n    - ${prefix}_RANDOM_ROOT_PASSWORD`,
        );
        return 1;
      }
      yield* say('Note', 'Initializing database files');
      yield* process.sleep(INIT_TIME);
      yield* say('Note', 'Database files initialized');
      yield* say('Note', `${product} init process done. Ready for start up.`);
    }
    const user = variable('USER');
    const database = variable('DATABASE');
    return yield* serveDatabase(
      process,
      {
        port: PORT,
        file: `${DATA}/ibdata.json`,
        version,
        password,
        users: ['root', ...(user === undefined ? [] : [user])],
        refusal: (name) => `ERROR 1045 (28000): Access denied for user '${name}'@'localhost' (using password: YES)`,
        databases: {
          information_schema: {},
          mysql: {},
          performance_schema: {},
          sys: {},
          ...(database === undefined ? {} : { [database]: {} }),
        },
        cannotListen: `[ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP port: Address in use`,
        *started() {
          yield* system('MY-010116', `/usr/sbin/mysqld (mysqld ${version}) starting as process ${process.pid}`);
          yield* system(
            'MY-010931',
            `/usr/sbin/mysqld: ready for connections. Version: '${version}'  socket: '/var/run/mysqld/mysqld.sock'  port: ${PORT}  ${isMaria ? 'mariadb.org binary distribution' : 'MySQL Community Server - GPL'}.`,
          );
        },
        *stopped() {
          yield* system('MY-013172', 'Received SHUTDOWN from user <via user signal>. Shutting down mysqld.');
          yield* system('MY-010910', `/usr/sbin/mysqld: Shutdown complete (mysqld ${version}).`);
        },
      },
      allowsEmpty,
    );
  };

function family(
  names: readonly string[],
  newest: string,
  releases: Readonly<Record<string, string>>,
  isMaria: boolean,
): ImageFamily {
  return {
    names,
    imageOf(tag) {
      const version = versionOf(tag, newest, releases);
      const name = isMaria ? 'mariadbd' : 'mysqld';
      const [mysqld, mysql, mysqladmin] = [
        { program: server(version, isMaria) },
        { program: client },
        { program: admin },
      ];
      const files = {
        ...debianFiles(debianRelease('12')),
        '/usr/local/bin/docker-entrypoint.sh': { program: serverOrCommand(name) },
        [`/usr/sbin/${name}`]: mysqld,
        ...(isMaria ? { '/usr/bin/mariadb': mysql, '/usr/bin/mariadb-admin': mysqladmin } : {}),
        '/usr/bin/mysql': mysql,
        '/usr/bin/mysqladmin': mysqladmin,
        [DATA]: folder(0o777),
      };
      return image(
        names,
        {
          entrypoint: ['docker-entrypoint.sh'],
          cmd: [name],
          env: [PATH, `${isMaria ? 'MARIADB' : 'MYSQL'}_VERSION=${version}`],
          exposedPorts: ['3306/tcp'],
          volumes: [DATA],
        },
        files,
        isMaria ? 328 : 796,
      );
    },
  };
}

const MYSQL = ['docker.io/library/mysql', 'public.ecr.aws/docker/library/mysql', 'docker.io/mysql/mysql-server'];
export const mysql = family(
  MYSQL,
  '9.1.0',
  { '5.6': '5.6.51', '5.7': '5.7.44', '8': '8.4.3', '8.0': '8.0.40', '8.4': '8.4.3', '9': '9.1.0' },
  false,
);
export const mariadb = family(['docker.io/library/mariadb'], '11.6.2', { '10': '10.11.10', '11': '11.6.2' }, true);
