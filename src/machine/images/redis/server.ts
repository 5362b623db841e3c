/** redis-server: listens, answers, follows a primary, and says what it does. */
import { bytesOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Connection } from '../../network.ts';
import { Exit, type Process, type Program, type Run } from '../../program.ts';
import { attempt } from '../../programs/applet.ts';
import { formatDate } from '../../programs/date-format.ts';
import { connectTo } from '../../programs/http-client.ts';
import { parseSize } from '../../programs/options.ts';
import { Tasks } from '../../programs/tasks.ts';
import { error, isWrite, OK, runCommand } from './commands.ts';
import { Database } from './database.ts';
import { encodeCommand, encodeReply, isTooLarge, type Reply, RespReader, wordsOf } from './resp.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  save: '3600 1 300 100 60 10000',
  appendonly: 'no',
  port: '6379',
  bind: '* -::*',
  databases: '16',
  requirepass: '',
  timeout: '0',
  dir: '/data',
  'tcp-keepalive': '300',
  loglevel: 'notice',
  maxclients: '10000',
};

/** Settings whose values are sizes, shown in bytes. */
const SIZES = new Set(['maxmemory']);

const sizeOf = (text: string): string =>
  String(parseSize(text.replace(/([kmg])b$/i, (_, unit: string) => unit.toUpperCase())) ?? text);

class RedisServer {
  readonly settings = new Map(Object.entries(DEFAULTS));
  readonly database: Database;
  readonly #process: Process;
  readonly #version: string;
  readonly #startedAt: number;
  readonly #tasks: Tasks;
  readonly #replicas = new Set<Connection>();
  primary: { host: string; port: number } | undefined;
  #commands = 0;

  constructor(process: Process, version: string) {
    this.#process = process;
    this.#version = version;
    this.#startedAt = process.now();
    this.database = new Database(() => process.now());
    this.#tasks = new Tasks(() => process.now());
  }

  /** `redis.conf`, then options of the command line. */
  configure(args: readonly string[]): void {
    const [first, ...rest] = args;
    const lines = first !== undefined && !first.startsWith('--') ? this.#process.files.read(first).split('\n') : [];
    const options = first !== undefined && !first.startsWith('--') ? rest : args;
    for (let i = 0; i < options.length; i++) {
      if (!options[i]!.startsWith('--')) continue;
      const values: string[] = [];
      const name = options[i]!.slice(2);
      while (options[i + 1] !== undefined && !options[i + 1]!.startsWith('--')) values.push(options[++i]!);
      lines.push(`${name} ${values.join(' ')}`);
    }
    for (const line of lines) {
      const [name, ...values] = wordsOf(line.replace(/^\s*#.*/, ''));
      if (name === undefined) continue;
      this.#set(name.toLowerCase(), values.join(' '));
    }
  }

  #set(name: string, value: string): void {
    if (name === 'slaveof' || name === 'replicaof') {
      const [host, port] = value.split(/\s+/);
      this.primary = host === 'no' || host === undefined ? undefined : { host, port: Number(port ?? 6379) };
    }
    this.settings.set(name, SIZES.has(name) ? sizeOf(value) : value);
  }

  *say(mark: string, words: string): Run {
    const at = this.#process.now();
    const role = this.primary === undefined ? 'M' : 'S';
    yield* this.#process.write(
      1,
      bytesOf(
        `${this.#process.pid}:${role} ${formatDate(at, '%d %b %Y %H:%M:%S')}.${String(Math.floor(at % 1000)).padStart(3, '0')} ${mark} ${words}\n`,
      ),
    );
  }

  *main(): Run<number> {
    const port = Number(this.settings.get('port'));
    const own = this.#process;
    const at = formatDate(own.now(), '%d %b %Y %H:%M:%S.000');
    yield* own.write(
      1,
      `${own.pid}:C ${at} * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n${own.pid}:C ${at} * Redis version=${this.#version}, bits=64, commit=00000000, modified=0, pid=${own.pid}, just started\n`,
    );
    yield* own.write(
      1,
      own.args.length > 1
        ? `${own.pid}:C ${at} * Configuration loaded\n`
        : `${own.pid}:C ${at} # Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf\n`,
    );
    yield* this.say('*', 'monotonic clock: POSIX clock_gettime');
    const listener = attempt(
      () => own.listen(port),
      () => undefined,
    );
    if (listener === undefined) {
      yield* this.say('#', `Warning: Could not create server TCP listening socket *:${port}: bind: Address in use`);
      yield* this.say('#', 'Failed listening on port 6379 (tcp), aborting.');
      return 1;
    }
    yield* this.say('*', `Running mode=standalone, port=${port}.`);
    yield* this.say('*', 'Server initialized');
    yield* this.say('*', 'Ready to accept connections tcp');
    let asked = false;
    for (const signal of ['TERM', 'INT'] as const) {
      own.handle(signal, () => {
        asked = true;
      });
    }
    const watch = function* (this: RedisServer): Run {
      yield { for: 'condition', ready: () => asked };
      yield* this.say('*', 'User requested shutdown...');
      if (this.settings.get('save') !== '') yield* this.say('*', 'Saving the final RDB snapshot before exiting.');
      yield* this.say('*', 'Redis is now ready to exit, bye bye...');
      throw new Exit(0);
    }.bind(this);
    this.#tasks.start(this.#tasks.accept(listener, (connection) => this.#serve(connection)));
    this.#tasks.start(watch());
    if (this.primary !== undefined) this.#tasks.start(this.#follow());
    own.endless(true);
    try {
      return yield* this.#tasks.runOn();
    } catch (thrown) {
      if (thrown instanceof Exit) return thrown.status;
      throw thrown;
    }
  }

  *#serve(connection: Connection): Run {
    const reader = new RespReader(connection);
    let isKnown = this.settings.get('requirepass') === '';
    try {
      for (;;) {
        const words = yield* reader.command();
        if (words === undefined) return;
        if (words.length === 0) continue;
        const name = words[0]!.toUpperCase();
        if (name === 'AUTH') {
          isKnown = words.at(-1) === this.settings.get('requirepass');
          yield* connection.write(
            encodeReply(isKnown ? OK : error('WRONGPASS invalid username-password pair or user is disabled.')),
          );
        } else if (!isKnown && name !== 'QUIT')
          yield* connection.write(encodeReply(error('NOAUTH Authentication required.')));
        else if (name === 'PSYNC' || name === 'SYNC') this.#replicas.add(connection);
        else {
          const reply = yield* this.#reply(name, words.slice(1), words);
          yield* connection.write(encodeReply(isTooLarge(reply) ? error('ERR the reply is too large') : reply));
          if (name === 'QUIT') return;
        }
      }
    } finally {
      this.#replicas.delete(connection);
      connection.close();
    }
  }

  *#reply(name: string, args: readonly string[], words: readonly string[]): Run<Reply> {
    this.#commands++;
    this.#process.work(5);
    if (isWrite(name) && this.primary !== undefined)
      return error("READONLY You can't write against a read only replica.");
    const reply = runCommand(this.database, name, args, this.#process.now());
    if (reply !== undefined) {
      if (isWrite(name)) for (const replica of this.#replicas) yield* replica.write(encodeCommand(words));
      return reply;
    }
    return this.#control(name, args);
  }

  #control(name: string, args: readonly string[]): Reply {
    switch (name) {
      case 'PING':
        return args[0] ?? { status: 'PONG' };
      case 'ECHO':
        return args[0] ?? '';
      case 'QUIT':
      case 'SELECT':
      case 'SAVE':
      case 'CLIENT':
      case 'REPLCONF':
        return OK;
      case 'BGSAVE':
        return { status: 'Background saving started' };
      case 'COMMAND':
        return [];
      case 'TIME':
        return [String(Math.floor(this.#process.now() / 1000)), '0'];
      case 'ROLE':
        return this.primary === undefined
          ? ['master', 0, []]
          : ['slave', this.primary.host, this.primary.port, 'connected', 0];
      case 'CONFIG':
        return this.#config(args);
      case 'INFO':
        return this.#info();
      case 'SLAVEOF':
      case 'REPLICAOF':
        this.#set('replicaof', args.join(' ').replace(/^no one$/i, 'no'));
        if (this.primary !== undefined) this.#tasks.start(this.#follow());
        return OK;
      case 'SHUTDOWN':
        throw new Exit(0);
    }
    return error(
      `ERR unknown command '${name.toLowerCase()}', with args beginning with: ${args
        .slice(0, 3)
        .map((arg) => `'${arg}' `)
        .join('')}`,
    );
  }

  #config([verb = '', name = '*', value]: readonly string[]): Reply {
    if (verb.toUpperCase() === 'SET' && value !== undefined) {
      this.#set(name.toLowerCase(), value);
      return OK;
    }
    if (verb.toUpperCase() !== 'GET') return OK;
    return [...this.settings].filter(([key]) => name === '*' || key === name.toLowerCase()).flat();
  }

  #info(): string {
    const uptime = Math.floor((this.#process.now() - this.#startedAt) / 1000);
    const role =
      this.primary === undefined
        ? `role:master\r\nconnected_slaves:${this.#replicas.size}`
        : `role:slave\r\nmaster_host:${this.primary.host}\r\nmaster_port:${this.primary.port}\r\nmaster_link_status:up`;
    return `# Server\r\nredis_version:${this.#version}\r\nredis_mode:standalone\r\nos:Linux x86_64\r\nprocess_id:${this.#process.pid}\r\ntcp_port:${this.settings.get('port')}\r\nuptime_in_seconds:${uptime}\r\n\r\n# Stats\r\ntotal_commands_processed:${this.#commands}\r\n\r\n# Replication\r\n${role}\r\n\r\n# Keyspace\r\n${this.database.size > 0 ? `db0:keys=${this.database.size},expires=0,avg_ttl=0\r\n` : ''}`;
  }

  /** Asks the primary for what it has, and takes what it writes from then on. */
  *#follow(): Run {
    const { host, port } = this.primary!;
    for (;;) {
      yield* this.say('*', `Connecting to MASTER ${host}:${port}`);
      try {
        const connection = yield* connectTo(this.#process, { host, port, timeout: 5000 });
        yield* this.say('*', 'MASTER <-> REPLICA sync started');
        yield* connection.write(encodeCommand(['PSYNC', '?', '-1']));
        yield* this.say('*', 'MASTER <-> REPLICA sync: Finished with success');
        const reader = new RespReader(connection);
        for (;;) {
          const words = yield* reader.command();
          if (words === undefined || words.length === 0) break;
          runCommand(this.database, words[0]!.toUpperCase(), words.slice(1), this.#process.now());
        }
      } catch (thrown) {
        if (!(thrown instanceof Errno)) throw thrown;
        yield* this.say('#', `Error condition on socket for SYNC: ${thrown.message}`);
      }
      yield* this.#process.sleep(1000);
    }
  }
}

export const redisServer = (version: string): Program =>
  function* (process) {
    const server = new RedisServer(process, version);
    try {
      server.configure(process.args.slice(1));
    } catch (thrown) {
      if (!(thrown instanceof Errno)) throw thrown;
      yield* process.write(2, `Fatal error, can't open config file '${process.args[1]}': ${thrown.message}\n`);
      return 1;
    }
    return yield* server.main();
  };
