/**
 * python, node, perl: the few programs of theirs that are known, none of which is an interpreter: servers of files, one line that prints,
 * digits of pi. What they can't do they say.
 */
import { bytesOf } from '../bytes.ts';
import type { Process, Program, Run } from '../program.ts';
import { readMaybe } from '../programs/applet.ts';
import { textResponse } from '../programs/http-server.ts';
import { joinPath } from '../programs/paths.ts';
import { baseFiles } from './distributions.ts';
import { type ImageFamily, image, versionOf } from './image-family.ts';
import { printedBy } from './one-liners.ts';
import { pythonServer } from './python-server.ts';
import { serveUntilAsked } from './served.ts';

/** Runs a line of code as far as it only prints, sleeps and ends. */
function* runLine(process: Process, code: string, language: 'python' | 'node' | 'perl'): Run<number> {
  const steps = printedBy(code, language);
  if (steps === undefined) {
    yield* process.write(2, bytesOf(`${language}: this program is not one that is known here\n`));
    return 1;
  }
  for (const step of steps) {
    if ('print' in step) yield* process.write(step.isError ? 2 : 1, bytesOf(step.print));
    else if ('sleep' in step) yield* process.sleep(step.sleep);
    else return step.exit;
  }
  return 0;
}

const pythonProgram = (version: string): Program =>
  function* (process) {
    const args = process.args.slice(1).filter((arg) => !/^-[uBEsS]+$/.test(arg));
    const [first, second, ...rest] = args;
    if (first === '--version' || first === '-V') {
      yield* process.write(1, `Python ${version}\n`);
      return 0;
    }
    if (first === '-m' && second === 'http.server') return yield* pythonServer(process, rest);
    if (first === '-c') return yield* runLine(process, second ?? '', 'python');
    if (first === undefined) return yield* interactive(process, version);
    const code = readMaybe(process, first);
    if (code !== undefined) return yield* runLine(process, code, 'python');
    yield* process.write(
      2,
      bytesOf(`python: can't open file '${joinPath(process.cwd, first)}': [Errno 2] No such file or directory\n`),
    );
    return 2;
  };

/** Without a terminal the input is the program; with one, lines are not understood. */
function* interactive(process: Process, version: string): Run<number> {
  if (!process.isTerminal(0)) return yield* runLine(process, yield* process.readAll(0), 'python');
  yield* process.write(
    1,
    `Python ${version} (main) [GCC 12.2.0] on linux\nType "help", "copyright", "credits" or "license" for more information.\n`,
  );
  for (;;) {
    yield* process.write(1, '>>> ');
    const line = yield* process.readLine(0);
    if (line === '' || /^(exit|quit)\(\)/.test(line.trim())) return 0;
    if (line.trim() !== '') yield* runLine(process, line.trim(), 'python');
  }
}

const nodeProgram = (version: string): Program =>
  function* (process) {
    const [first, second] = process.args.slice(1);
    if (first === '--version' || first === '-v') {
      yield* process.write(1, `v${version}\n`);
      return 0;
    }
    if (first === undefined) return yield* runLine(process, yield* process.readAll(0), 'node');
    const code =
      first === '-e' || first === '--eval'
        ? second!
        : first === '-p'
          ? `console.log(${second})`
          : readMaybe(process, first);
    if (code === undefined) {
      yield* process.write(
        2,
        bytesOf(
          `node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module '${joinPath(process.cwd, first)}'\n\nNode.js v${version}\n`,
        ),
      );
      return 1;
    }
    const served = nodeServer(process, code);
    return served === undefined ? yield* runLine(process, code, 'node') : yield* served;
  };

/** A server of node that is recognised by what it says: the port and the text of its answer. */
function nodeServer(process: Process, code: string): Run<number> | undefined {
  if (!/createServer|express\(\)/.test(code)) return undefined;
  const port = Number(
    /\.listen\(\s*(\d+)/.exec(code)?.[1] ??
      /(?:port|PORT)\s*(?:=|\|\|)\s*(?:process\.env\.\w+\s*\|\|\s*)?['"]?(\d+)/.exec(code)?.[1] ??
      8080,
  );
  const text = /\.(?:end|send|write)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/s.exec(code)?.[2] ?? '';
  const body = text
    .replace(/\\n/g, '\n')
    .replace(/\$\{(?:os\.hostname\(\)|process\.env\.HOSTNAME)\}/g, process.hostname());
  const status = Number(/(?:writeHead|status)\(\s*(\d{3})/.exec(code)?.[1] ?? 200);
  const message = /listen\(.*?console\.log\(\s*(['"`])((?:\\.|(?!\1).)*)\1/s.exec(code)?.[2];
  const service = {
    ports: [port],
    answer: () => textResponse(body, status, 'text/plain'),
    started: () =>
      process.write(1, message === undefined ? '' : bytesOf(`${message.replace(/\$\{\w+\}/g, String(port))}\n`)),
  };
  return serveUntilAsked(process, service, 'deaf');
}

/** Digits of pi; a job's example asks for 2000. */
export const MAX_PI_DIGITS = 5000;

export function digitsOfPi(digits: number): string {
  const scale = 10n ** BigInt(digits + 10);
  const arctan = (inverse: bigint): bigint => {
    let power = scale / inverse;
    let sum = power;
    for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += (sign * power) / n;
    }
    return sum;
  };
  // One more digit than is shown decides how the last is rounded.
  const text = ((4n * (4n * arctan(5n) - arctan(239n))) / 10n ** 10n).toString();
  return `${text[0]}.${text.slice(1, digits)}`;
}

const perlProgram: Program = function* (process) {
  const args = process.args.slice(1);
  const code = args[args.findIndex((arg) => /^-\w*e$/.test(arg)) + 1] ?? '';
  if (args.includes('-v') || args.includes('--version')) {
    yield* process.write(1, '\nThis is perl 5, version 40, subversion 0 (v5.40.0) built for x86_64-linux-gnu\n');
    return 0;
  }
  const pi = Number(/bpi\((\d+)\)/.exec(code)?.[1]);
  if (args.some((arg) => arg.startsWith('-Mbignum')) && pi <= MAX_PI_DIGITS) {
    process.work(pi * 100);
    yield* process.sleep(pi * 2);
    yield* process.write(1, digitsOfPi(pi));
    return 0;
  }
  return yield* runLine(process, code, 'perl');
};

const family = (names: readonly string[], make: (tag: string) => ReturnType<ImageFamily['imageOf']>): ImageFamily => ({
  names,
  imageOf: make,
});

const PYTHON = ['docker.io/library/python', 'public.ecr.aws/docker/library/python'];
export const python = family(PYTHON, (tag) => {
  const given = versionOf(tag, '3.13.1');
  const version = given.split('.').length < 3 ? `${given.split('.').length < 2 ? '3.13' : given}.1` : given;
  const program = { program: pythonProgram(version) };
  return image(
    PYTHON,
    { cmd: ['python3'] },
    { ...baseFiles(tag), '/usr/local/bin/python3': program, '/usr/local/bin/python': program },
    tag.includes('slim') ? 125 : 1020,
  );
});

const NODE = ['docker.io/library/node', 'public.ecr.aws/docker/library/node'];
export const node = family(NODE, (tag) => {
  const given = versionOf(tag, '22.12.0');
  const version = given.split('.').length < 3 ? `${given.split('.')[0]}.12.0` : given;
  return image(
    NODE,
    { cmd: ['node'] },
    { ...baseFiles(tag), '/usr/local/bin/node': { program: nodeProgram(version) } },
    tag.includes('alpine') ? 155 : 1100,
  );
});

const PERL = ['docker.io/library/perl', 'public.ecr.aws/docker/library/perl'];
export const perl = family(PERL, (tag) =>
  image(PERL, { cmd: ['perl', '-de0'] }, { ...baseFiles(tag), '/usr/local/bin/perl': { program: perlProgram } }, 890),
);
