/** A command of the command line: what it takes, how it is asked for help, and how it refuses what it does not know. */
import { parseArgs } from 'node:util';

/** What is wrong with what was typed, in a line; the exit code is then 2. */
export class UsageError extends Error {}

export interface Option {
  type: 'string' | 'boolean';
  /** What the help calls the value of a `string`. */
  value?: string;
  about: string;
}

type Options = Record<string, Option>;
type Values<O extends Options> = { [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string };

export interface Command {
  name: string;
  about: string;
  /** What the help calls what is no option; nothing is taken unless said. */
  operands?: { text: string; most: number };
  options: Options;
  run(values: Record<string, string | boolean | undefined>, operands: string[]): Promise<void>;
}

interface Definition<O extends Options> extends Omit<Command, 'options' | 'run'> {
  options: O;
  run(values: Values<O>, operands: string[]): Promise<void>;
}

export const defineCommand = <const O extends Options>(definition: Definition<O>): Command =>
  definition as unknown as Command;

const COMMON: Options = {
  help: { type: 'boolean', about: 'This text.' },
  version: { type: 'boolean', about: 'The version of Diorama.' },
};

export interface Parsed {
  values: Record<string, string | boolean | undefined>;
  operands: string[];
}

/** @throws UsageError for options and operands that the command does not take. */
export function parseCommand(command: Command, args: string[]): Parsed {
  const options: Options = { ...command.options, ...COMMON };
  const types = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
  const { tokens } = parseArgs({
    args,
    options: { ...types, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  const values: Parsed['values'] = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind === 'option') values[token.name] = optionValue(token, options);
  }
  const { text = '', most = 0 } = command.operands ?? {};
  if (operands.length > most && !values.help && !values.version)
    throw new UsageError(
      `${shown(operands[most]!)} is one too many: ${most === 0 ? 'there are only options' : `it takes ${text}`}`,
    );
  return { values, operands };
}

/** What stands in an error: in one line, whatever was typed. */
export const shown = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ');

interface OptionToken {
  name: string;
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
}

function optionValue({ name, rawName, value, inlineValue }: OptionToken, options: Options): string | boolean {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) throw new UsageError(`there is no option ${shown(rawName)}`);
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return true;
  }
  // What begins as an option does is more likely one than a value, unless it is said to be one.
  if (value === undefined || value === '' || (!inlineValue && /^-./.test(value)))
    throw new UsageError(`${rawName} needs a value: ${rawName}=${option.value}`);
  return value;
}

const WIDTH = 30;

/** The text of `--help`. */
export function helpOf(program: string, { name, about, operands, options }: Command): string {
  const all = Object.entries({ ...options, ...COMMON });
  const lines = all.map(([option, { type, value, about: text }]) => {
    const left = `  --${option}${type === 'string' ? ` ${value}` : ''}`;
    return left.length < WIDTH ? left.padEnd(WIDTH) + text : `${left}\n${' '.repeat(WIDTH)}${text}`;
  });
  const usage = [program, name, '[OPTIONS]', operands?.text].filter(Boolean).join(' ');
  return `${usage}\n\n${about}\n\n${lines.join('\n')}`;
}
