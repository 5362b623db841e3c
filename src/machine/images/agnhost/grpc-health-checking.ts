/** agnhost grpc-health-checking: answers health checks of gRPC, and by HTTP is told what to answer. */
import { bytesOf } from '../../bytes.ts';
import type { Process, Program, Run } from '../../program.ts';
import { type HealthAnswer, serveHealth } from '../../programs/grpc-health.ts';
import { textResponse } from '../../programs/http-server.ts';
import { Tasks } from '../../programs/tasks.ts';
import { flag, GO_ENDING, goTime, serveUntilAsked } from '../served.ts';

function* serveChecks(process: Process, port: number, check: (service: string) => HealthAnswer): Run {
  const listener = process.listen(port);
  const tasks = new Tasks(() => process.now());
  tasks.start(tasks.accept(listener, (connection) => serveHealth(connection, check)));
  yield* tasks.runOn();
}

export const grpcHealthChecking: Program = function* (process) {
  const args = process.args.slice(2);
  const started = process.now();
  const [port, httpPort] = [Number(flag(args, 'port') ?? 5000), Number(flag(args, 'http-port') ?? 8080)];
  const service = flag(args, 'service') ?? '';
  const delay = Number(flag(args, 'delay-unhealthy-sec') ?? -1);
  const told: string[] = [];
  const say = (words: string): void => void told.push(`${goTime(process)} ${words}\n`);
  const seconds = (): number => (process.now() - started) / 1000;
  let forced: boolean | undefined;
  const check = (asked: string): HealthAnswer => {
    say('Serving the Check request for health check');
    if (asked !== service) return { code: 'NotFound', message: 'unknown service' };
    const isUnwell = forced === false || (delay >= 0 && seconds() >= delay);
    return { status: isUnwell ? 'NOT_SERVING' : 'SERVING' };
  };
  const logs = function* (): Run {
    for (;;) {
      yield { for: 'condition', ready: () => told.length > 0 };
      yield* process.write(2, bytesOf(told.splice(0).join('')));
    }
  };
  say(`gRPC server starting to listen on :${port}`);
  say(`Http server starting to listen on :${httpPort}`);
  return yield* serveUntilAsked(
    process,
    {
      ports: [httpPort],
      answer({ path }) {
        if (path !== '/make-serving' && path !== '/make-not-serving') return textResponse('404 page not found\n', 404);
        forced = path === '/make-serving';
        say(`Mark as ${forced ? 'healthy' : 'unhealthy'}`);
        return textResponse(`${seconds()}s`);
      },
      beside: [serveChecks(process, port, check), logs()],
    },
    GO_ENDING,
  );
};
