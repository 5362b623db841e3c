/** Kubernetes' own image for examples and tests: one program, and what each of its subcommands listens on. Source: test/images/agnhost. */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { imageRepository } from '../runtime/images.ts';

interface Listener {
  /** That speak HTTP. */
  http: number[];
  grpc: number[];
}

interface Flag {
  name: string;
  default: number;
  speaks: 'http' | 'grpc';
}

const http = (port: number, name = 'port'): Flag => ({ name, default: port, speaks: 'http' });

/** Of those that only listen on TCP, and run until they are stopped. */
const SUBCOMMANDS: Record<string, Flag[]> = {
  pause: [],
  liveness: [http(8080)],
  'test-webserver': [http(80)],
  'serve-hostname': [http(9376)],
  netexec: [http(8080, 'http-port')],
  nettest: [http(8080)],
  'grpc-health-checking': [{ name: 'port', default: 5000, speaks: 'grpc' }, http(8080, 'http-port')],
};

/** The subcommand that a container runs; undefined: it is another image, or started in another way. */
export function agnhostWords({ image = '', command, args }: Container): string[] | undefined {
  if (!imageRepository(image).endsWith('/agnhost')) return undefined;
  const words = [...(command ?? []), ...(args ?? [])];
  if (command && !/^(?:\/?agnhost)$/.test(words.shift() ?? '')) return undefined;
  return words;
}

/** Undefined: it cannot be known. */
export function agnhostListens(container: Container): Listener | undefined {
  const [subcommand = 'pause', ...args] = agnhostWords(container) ?? [''];
  if (!Object.hasOwn(SUBCOMMANDS, subcommand)) return undefined;
  const listener: Listener = { http: [], grpc: [] };
  for (const { name, default: usual, speaks } of SUBCOMMANDS[subcommand]!) {
    const port = Number(flagOf(args, name) ?? usual);
    if (port > 0) listener[speaks].push(port);
  }
  return listener;
}

/** `--name=value` or `--name value`. */
function flagOf(args: string[], name: string): string | undefined {
  const at = args.findLastIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return args[at] === `--${name}` ? args[at + 1] : args[at]!.slice(name.length + 3);
}
