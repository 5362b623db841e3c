/** postgres, with psql and pg_isready. */
import type { Process, Program, Run } from '../../program.ts';
import { attempt, readMaybe } from '../../programs/applet.ts';
import { formatDate } from '../../programs/date-format.ts';
import { baseFiles } from '../distributions.ts';
import { folder, type ImageFamily, image, PATH, versionOf } from '../image-family.ts';
import { serverOrCommand } from '../served.ts';
import { serveDatabase } from './database-server.ts';
import { isReady, PORT, psql } from './psql.ts';

/** How long the first start takes to make its files, milliseconds. */
const INIT_TIME = 1500;

const stamp = (process: Process): string =>
  formatDate(process.now(), '%Y-%m-%d %H:%M:%S.%N UTC').replace(/(\.\d{3})\d+/, '$1');

const NO_PASSWORD =
  'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n       connections without a password. This is *not* recommended.\n';

/** Makes the files of a new database. @returns whether it could */
function* initialize(process: Process, data: string, version: string): Run<boolean> {
  const others = attempt<string[], string[]>(
    () => process.files.list(data),
    () => [],
  );
  if (others.includes('lost+found')) {
    yield* process.write(
      2,
      `initdb: error: directory "${data}" exists but is not empty\ninitdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\n`,
    );
    return false;
  }
  yield* process.write(
    1,
    `The files belonging to this database system will be owned by user "postgres".\n\nfixing permissions on existing directory ${data} ... ok\ncreating configuration files ... ok\nperforming post-bootstrap initialization ... ok\nsyncing data to disk ... ok\n\nSuccess.\n\n`,
  );
  yield* process.sleep(INIT_TIME);
  attempt(
    () => process.files.makeDirectory(data),
    () => undefined,
  );
  attempt(
    () => process.files.write(`${data}/PG_VERSION`, `${version.split('.')[0]}\n`),
    () => undefined,
  );
  yield* process.write(1, 'PostgreSQL init process complete; ready for start up.\n\n');
  return true;
}

const server = (version: string): Program =>
  function* (process) {
    const data = process.env.get('PGDATA') ?? '/var/lib/postgresql/data';
    const log = (words: string): Run => process.write(2, `${stamp(process)} [${process.pid}] LOG:  ${words}\n`);
    const user = process.env.get('POSTGRES_USER') ?? 'postgres';
    const database = process.env.get('POSTGRES_DB') ?? user;
    const isNew = !process.files.exists(`${data}/PG_VERSION`);
    const trusts = process.env.get('POSTGRES_HOST_AUTH_METHOD') === 'trust';
    const secretFile = process.env.get('POSTGRES_PASSWORD_FILE');
    const password =
      secretFile === undefined ? process.env.get('POSTGRES_PASSWORD') : readMaybe(process, secretFile)?.trim();
    if (isNew && !password && !trusts) {
      yield* process.write(2, NO_PASSWORD);
      return 1;
    }
    if (isNew) {
      if (!(yield* initialize(process, data, version))) return 1;
    } else
      yield* process.write(
        1,
        '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n',
      );
    const full = `PostgreSQL ${version} (Debian ${version}-1.pgdg120+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit`;
    return yield* serveDatabase(
      process,
      {
        port: PORT,
        file: `${data}/base.json`,
        version: full,
        password: trusts ? undefined : password,
        users: [user, 'postgres'],
        refusal: (name) =>
          name === user ? `password authentication failed for user "${name}"` : `role "${name}" does not exist`,
        databases: { postgres: {}, template0: {}, template1: {}, [database]: {} },
        cannotListen: `${stamp(process)} [${process.pid}] FATAL:  could not create any TCP/IP sockets`,
        *started() {
          yield* log(`starting ${full}`);
          yield* log(`listening on IPv4 address "0.0.0.0", port ${PORT}`);
          yield* log(`listening on IPv6 address "::", port ${PORT}`);
          yield* log(`listening on Unix socket "/var/run/postgresql/.s.PGSQL.${PORT}"`);
          yield* log('database system is ready to accept connections');
        },
        *stopped(signal) {
          yield* log(`received ${signal === 'TERM' ? 'smart' : 'fast'} shutdown request`);
          yield* log('shutting down');
          yield* log('database system is shut down');
        },
      },
      true,
    );
  };

const NAMES = ['docker.io/library/postgres', 'public.ecr.aws/docker/library/postgres', 'docker.io/bitnami/postgresql'];
const RELEASES: Readonly<Record<string, string>> = {
  '13': '13.18',
  '14': '14.15',
  '15': '15.10',
  '16': '16.6',
  '17': '17.2',
  '18': '18.1',
};

export const postgres: ImageFamily = {
  names: NAMES,
  imageOf(tag) {
    const version = versionOf(tag, '18.1', RELEASES);
    const files = {
      ...baseFiles(tag),
      '/usr/local/bin/docker-entrypoint.sh': { program: serverOrCommand('postgres') },
      '/usr/local/bin/postgres': { program: server(version) },
      '/usr/local/bin/psql': { program: psql },
      '/usr/local/bin/pg_isready': { program: isReady },
      '/var/lib/postgresql/data': folder(0o777),
    };
    const env = [PATH, `PG_MAJOR=${version.split('.')[0]}`, `PG_VERSION=${version}`, 'PGDATA=/var/lib/postgresql/data'];
    return image(
      NAMES,
      {
        entrypoint: ['docker-entrypoint.sh'],
        cmd: ['postgres'],
        env,
        exposedPorts: ['5432/tcp'],
        stopSignal: 'SIGINT',
        volumes: ['/var/lib/postgresql/data'],
      },
      files,
      tag.includes('alpine') ? 274 : 438,
    );
  },
};
