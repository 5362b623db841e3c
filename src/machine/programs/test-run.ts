/** A machine whose one container has all commands, for their tests. */
import type { ImageFile } from '../image.ts';
import { ash } from '../shell/main.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../test-machine.ts';
import type { Dialect } from './applet.ts';
import { appletsOf } from './applets.ts';
import { networkProgramsOf } from './network-applets.ts';

export interface Ran {
  stdout: string;
  stderr: string;
  status: number | undefined;
}

export interface TestFiles {
  [path: string]: string;
}

/** Milliseconds that a command is given. */
const GIVEN = 3_600_000;

/** Runs a command to its end. Paths of files are absolute; the working folder is /work. */
export function runApplet(
  args: readonly string[],
  {
    stdin,
    files = {},
    dialect = 'busybox',
    more = {},
  }: { stdin?: string; files?: TestFiles; dialect?: Dialect; more?: Record<string, ImageFile> } = {},
): Ran {
  const all: Record<string, ImageFile> = { '/work': { directory: true }, '/bin/sh': { program: ash } };
  for (const [name, program] of [...appletsOf(dialect), ...networkProgramsOf(dialect)])
    all[`/bin/${name}`] = { program };
  for (const [path, text] of Object.entries(files)) all[path] = { text };
  Object.assign(all, more);
  const machine = machineOf(imageOf(all, { workingDir: '/work' }));
  const fault = machine.start(containerOf(['sleep', 'infinity']));
  if (fault !== undefined) throw new Error(fault.message);
  const session = machine.exec('c', args, { stdin: true, tty: false });
  if ('reason' in session) throw new Error(session.message);
  if (stdin !== undefined) session.write(stdin);
  session.endInput();
  for (let at = TEST_START; session.exitCode === undefined && at < TEST_START + GIVEN; at += 60_000)
    machine.advance(at);
  const ran: Ran = { stdout: '', stderr: '', status: session.exitCode };
  for (const { stream, bytes } of session.take()) ran[stream] += bytes;
  return ran;
}
