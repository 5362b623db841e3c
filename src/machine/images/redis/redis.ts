/** redis, its client, and the images that stand in for it in the guestbook. */
import { Errno } from '../../errno.ts';
import type { Connection } from '../../network.ts';
import type { Process, Program, Run } from '../../program.ts';
import { connectTo } from '../../programs/http-client.ts';
import { baseFiles } from '../distributions.ts';
import { folder, type ImageFamily, image, PATH, versionOf } from '../image-family.ts';
import { serverOrCommand } from '../served.ts';
import { encodeCommand, type Reply, RespReader, showReply, wordsOf } from './resp.ts';
import { redisServer } from './server.ts';

interface Target {
  host: string;
  port: number;
  password: string | undefined;
}

class Client {
  #connection: Connection | undefined;
  #reader: RespReader | undefined;
  readonly #process: Process;
  readonly #target: Target;

  constructor(process: Process, target: Target) {
    this.#process = process;
    this.#target = target;
  }

  /** @throws Errno where nobody is there */
  *ask(words: readonly string[]): Run<Reply> {
    if (this.#connection === undefined) yield* this.#connect();
    yield* this.#connection!.write(encodeCommand(words));
    const reply = yield* this.#reader!.reply();
    if (reply === undefined) throw new Errno('ECONNRESET');
    return reply;
  }

  *#connect(): Run {
    const { host, port, password } = this.#target;
    this.#connection = yield* connectTo(this.#process, { host, port });
    this.#reader = new RespReader(this.#connection);
    if (password !== undefined) yield* this.ask(['AUTH', password]);
  }
}

const redisCli: Program = function* (process) {
  const args = process.args.slice(1);
  const target: Target = { host: '127.0.0.1', port: 6379, password: process.env.get('REDISCLI_AUTH') };
  let i = 0;
  let isRaw = !process.isTerminal(1);
  for (; i < args.length && args[i]!.startsWith('-'); i++) {
    const arg = args[i]!;
    if (arg === '-h') target.host = args[++i] ?? '';
    else if (arg === '-p') target.port = Number(args[++i]);
    else if (arg === '-a' || arg === '--pass') target.password = args[++i];
    else if (arg === '-n') i++;
    else if (arg === '--raw') isRaw = true;
    else if (arg === '--no-raw') isRaw = false;
    else if (arg === '--version' || arg === '-v') {
      yield* process.write(1, 'redis-cli 7.4.1\n');
      return 0;
    }
  }
  const client = new Client(process, target);
  const run = function* (words: readonly string[]): Run<number> {
    try {
      yield* process.write(1, showReply(yield* client.ask(words), !isRaw));
      return 0;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const words = error.code === 'EHOSTUNREACH' ? 'Name or service not known' : error.message;
      yield* process.write(2, `Could not connect to Redis at ${target.host}:${target.port}: ${words}\n`);
      return 1;
    }
  };
  if (i < args.length) return yield* run(args.slice(i));
  const prompt = process.isTerminal(0) ? `${target.host}:${target.port}> ` : '';
  for (;;) {
    yield* process.write(1, prompt);
    const line = yield* process.readLine(0);
    if (line === '') return 0;
    const words = wordsOf(line.trim());
    if (words.length === 0) continue;
    if (/^(quit|exit)$/i.test(words[0]!)) return 0;
    yield* run(words);
  }
};

const NAMES = [
  'docker.io/library/redis',
  'docker.io/bitnami/redis',
  'registry.k8s.io/redis',
  'k8s.gcr.io/redis',
  'docker.io/redis/redis-stack-server',
  'public.ecr.aws/docker/library/redis',
  'docker.io/valkey/valkey',
  'mirror.gcr.io/library/redis',
];
const RELEASES: Readonly<Record<string, string>> = { '5': '5.0.14', '6': '6.2.16', '7': '7.4.1', '8': '8.2.1' };

const filesOf = (tag: string, version: string) => ({
  ...baseFiles(tag),
  '/data': folder(0o777),
  '/usr/local/bin/redis-server': { program: redisServer(version) },
  '/usr/local/bin/redis-cli': { program: redisCli },
  '/usr/local/bin/docker-entrypoint.sh': { program: serverOrCommand('redis-server', /\.conf$/) },
});

export const redis: ImageFamily = {
  names: NAMES,
  imageOf(tag) {
    const version = versionOf(tag, '8.2.1', RELEASES);
    const config = {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['redis-server'],
      env: [PATH, `REDIS_VERSION=${version}`],
      workingDir: '/data',
      exposedPorts: ['6379/tcp'],
      volumes: ['/data'],
    };
    return image(NAMES, config, filesOf(tag, version), tag.includes('alpine') ? 41 : 117);
  },
};

/** Redis that follows `redis-leader` (or, older, `redis-master`). */
const FOLLOWERS = [
  'us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower',
  'gcr.io/google_samples/gb-redis-follower',
  'gcr.io/google_samples/gb-redisslave',
  'gcr.io/google-samples/gb-redisslave',
];
export const redisFollower: ImageFamily = {
  names: FOLLOWERS,
  imageOf(_, name) {
    const primary = name.includes('slave') ? 'redis-master' : 'redis-leader';
    const config = {
      cmd: ['redis-server', '--replicaof', primary, '6379'],
      exposedPorts: ['6379/tcp'],
      workingDir: '/data',
    };
    return image(FOLLOWERS, config, filesOf('', '6.0.5'), 109);
  },
};
