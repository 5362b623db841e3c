/**
 * `kube-diorama COMMAND`: the commands, each in a file of its own. All but `up` speak only the public API. Exit codes: 0; 1 for what did
 * not work; 2 for what cannot be understood.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PARTS } from '../../scripts/local/installation.ts';
import { bridge } from './bridge.ts';
import { type Command, helpOf, parseCommand, shown, UsageError } from './command.ts';
import { create } from './create.ts';
import { deleteCluster } from './delete.ts';
import { exportCluster } from './export.ts';
import { importCluster } from './import.ts';
import { kubeconfig } from './kubeconfig.ts';
import { list } from './list.ts';
import { up } from './up.ts';

const PROGRAM = 'kube-diorama';
const COMMANDS: Command[] = [up, create, list, kubeconfig, deleteCluster, exportCluster, importCluster, bridge];

const FAILED = 1;
const MISUSED = 2;

const usage = (): string =>
  [
    `${PROGRAM} COMMAND [OPTIONS]`,
    '',
    ...COMMANDS.map(({ name, about }) => `  ${name.padEnd(12)}${about}`),
    '',
    `\`${PROGRAM} COMMAND --help\` tells a command's options; \`${PROGRAM} --version\` the version.`,
  ].join('\n');

const version = (): string => JSON.parse(readFileSync(join(PARTS, 'package.json'), 'utf8')).version;

export async function main(args: string[]): Promise<void> {
  const [name = '', ...rest] = args;
  const command = COMMANDS.find((known) => known.name === name);
  try {
    if (command) await runCommand(command, rest);
    else await runAlone(name, rest);
  } catch (error) {
    const isMisuse = error instanceof UsageError;
    const hint = isMisuse ? `; see ${[PROGRAM, command?.name, '--help'].filter(Boolean).join(' ')}` : '';
    console.error(`${PROGRAM}: ${(error as Error).message}${hint}`);
    process.exitCode = isMisuse ? MISUSED : FAILED;
  }
}

async function runCommand(command: Command, args: string[]): Promise<void> {
  const { values, operands } = parseCommand(command, args);
  if (values.help) return console.log(helpOf(PROGRAM, command));
  if (values.version) return console.log(version());
  await command.run(values, operands);
}

async function runAlone(name: string, [other, ...more]: string[]): Promise<void> {
  if (name === 'help' && other !== undefined) {
    const command = COMMANDS.find((known) => known.name === other);
    if (!command || more.length > 0) throw new UsageError(`there is no command ${shown([other, ...more].join(' '))}`);
    return console.log(helpOf(PROGRAM, command));
  }
  if (name === '') throw new UsageError('a command is missing');
  const answer = { help: usage, '--help': usage, '-h': usage, '--version': version }[name];
  if (!answer) throw new UsageError(`there is no ${name.startsWith('-') ? 'option' : 'command'} ${shown(name)}`);
  if (other !== undefined) throw new UsageError(`${shown(other)} is one too many`);
  console.log(answer());
}
