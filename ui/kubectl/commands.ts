/**
 * kubectl's lines that this page can do as kubectl does them: the same requests, and the same words afterwards. A line with a flag or
 * a form that is not here is only shown.
 */
import { cordoning, label, remove, restart, scale, setImage } from './change.ts';
import type { Run } from './command.ts';
import { createDeployment, createNamespace, expose, run } from './create.ts';
import { parseLine } from './words.ts';

const COMMANDS = [
  createDeployment,
  { ...createDeployment, words: ['create', 'deploy'] },
  createNamespace,
  { ...createNamespace, words: ['create', 'ns'] },
  run,
  scale,
  setImage,
  restart,
  label,
  cordoning('cordon'),
  cordoning('uncordon'),
  remove,
  expose,
];

/** What the line does; undefined for a line that can only be shown. */
export function commandOf(text: string): Run | undefined {
  const line = parseLine(text);
  if (!line) return undefined;
  const command = COMMANDS.find(({ words }) => words.every((word, i) => line.words[i] === word));
  if (!command) return undefined;
  const known = [...command.flags, '--namespace'];
  for (const [name, values] of line.flags)
    if (!known.includes(name) || (values.length > 1 && name !== '--image')) return undefined;
  return command.make(line.words.slice(command.words.length), (name) => line.flags.get(name)?.[0], line);
}
