/** agnhost serve-hostname: says its pod's name to whoever comes, by HTTP, or in plain by TCP and UDP. */
import { bytesOf } from '../../bytes.ts';
import type { Connection } from '../../network.ts';
import type { Process, Program, Run } from '../../program.ts';
import { textResponse } from '../../programs/http-server.ts';
import { Tasks } from '../../programs/tasks.ts';
import { flag, klogHead, serveUntilAsked } from '../served.ts';

const say = (process: Process, words: string): Run =>
  process.write(2, bytesOf(`${klogHead(process, 'log.go:195')} ${words}\n`));

/** Who is silent for so long, milliseconds, is not listened to any more. */
const UDP_IDLE = 60_000;

/** TCP says it at once, UDP for each datagram. */
function* tell(process: Process, connection: Connection, protocol: 'TCP' | 'UDP'): Run {
  const { address, port } = connection.remote;
  const words = `${protocol} request from ${address}:${port}`;
  if (protocol === 'TCP') {
    yield* say(process, words);
    yield* connection.write(process.hostname());
  } else {
    while ((yield* connection.read({ timeout: UDP_IDLE })) !== '') {
      yield* say(process, words);
      yield* connection.write(process.hostname());
    }
  }
  connection.close();
}

function* plainly(process: Process, port: number, protocol: 'TCP' | 'UDP'): Run {
  const tasks = new Tasks(() => process.now());
  const listener = process.listen(port, { protocol });
  tasks.start(tasks.accept(listener, (connection) => tell(process, connection, protocol)));
  yield* tasks.runOn();
}

export const serveHostname: Program = function* (process) {
  const args = process.args.slice(2);
  const isSaid = (name: string, otherwise: boolean): boolean => {
    const value = flag(
      args.filter((arg) => arg.startsWith('-')),
      name,
    );
    return value === undefined ? otherwise : value !== 'false';
  };
  const port = Number(flag(args, 'port') ?? 9376);
  const plain = (['TCP', 'UDP'] as const).filter((protocol) => isSaid(protocol.toLowerCase(), false));
  const isHttp = isSaid('http', true);
  if (isHttp && plain.length > 0) {
    yield* say(process, "Can't server TCP/UDP mode and HTTP mode at the same time");
    return 1;
  }
  yield* say(process, `Serving on port ${port}.`);
  const service = {
    ports: isHttp ? [port] : [],
    answer: () => textResponse(process.hostname()),
    beside: plain.map((protocol) => plainly(process, port, protocol)),
  };
  return yield* serveUntilAsked(process, service, { status: 0 });
};
