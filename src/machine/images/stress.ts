import type { Program, Run } from '../program.ts';
import { attempt } from '../programs/applet.ts';
import { parseDuration } from '../programs/wrappers.ts';
import { alpineFiles } from './base-files.ts';
import { type ImageFamily, image } from './image-family.ts';

/** stress and stress-ng: they hold memory and run for as long as they are told. */
const stressProgram: Program = function* (process) {
  const args = process.args.slice(1);
  const value = (...names: string[]): string | undefined =>
    names
      .map(
        (name) =>
          args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ??
          (args.includes(name) ? args[args.indexOf(name) + 1] : undefined),
      )
      .find((each) => each !== undefined);
  const [cpu, workers] = [Number(value('--cpu', '-c') ?? 0), Number(value('--vm', '-m') ?? 0)];
  const [, size, unit] = /^(\d+)([BKMG]?)/i.exec(value('--vm-bytes') ?? '256M') ?? [];
  const bytes = Number(size) * ({ B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[(unit || 'B').toUpperCase()] ?? 1);
  const timeout = parseDuration(value('--timeout', '-t') ?? '');
  const say = (words: string): Run => process.write(1, `stress: info: [${process.pid}] ${words}\n`);
  if (args.length === 0) {
    yield* process.write(1, 'Usage: stress [OPTION [ARG]] ...\n');
    return 0;
  }
  yield* say(
    `dispatching hogs: ${cpu} cpu, ${value('--io', '-i') ?? 0} io, ${workers} vm, ${value('--hdd', '-d') ?? 0} hdd`,
  );
  const children: number[] = [];
  for (let i = 0; i < Math.min(cpu + workers, 64); i++) {
    const holds = i >= cpu;
    children.push(
      process.fork(function* (hog) {
        if (holds) hog.hold(bytes);
        if (timeout === undefined) yield { for: 'condition', ready: () => false };
        else yield* hog.sleep(timeout);
        return 0;
      }),
    );
  }
  for (const _ of children) {
    const ended = yield* process.wait();
    if (ended === undefined || ended.status === 0) continue;
    yield* process.write(
      2,
      `stress: FAIL: [${process.pid}] (415) <-- worker ${ended.pid} got signal 9\nstress: WARN: [${process.pid}] (417) now reaping child worker processes\nstress: FAIL: [${process.pid}] (451) failed run completed in 0s\n`,
    );
    for (const pid of children)
      attempt(
        () => process.kill(pid, 'KILL'),
        () => undefined,
      );
    return 1;
  }
  yield* say(`successful run completed in ${Math.round((timeout ?? 0) / 1000)}s`);
  return 0;
};

const STRESS = [
  'docker.io/polinux/stress',
  'docker.io/polinux/stress-ng',
  'docker.io/vish/stress',
  'docker.io/progrium/stress',
  'docker.io/alexeiled/stress-ng',
];
export const stress: ImageFamily = {
  names: STRESS,
  imageOf: () =>
    image(
      STRESS,
      { entrypoint: [], cmd: ['stress'] },
      {
        ...alpineFiles('3.18.0'),
        '/usr/bin/stress': { program: stressProgram },
        '/usr/bin/stress-ng': { program: stressProgram },
      },
      10,
    ),
};
