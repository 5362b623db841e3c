/** A command as job notices show it. */
import type { Command, Word } from '../syntax/syntax.ts';

const wordText = (word: Word): string => word.source ?? word.plain ?? '';

export function textOfCommand(command: Command): string {
  switch (command.command) {
    case 'simple': {
      const assignments = command.assignments.map(({ name, value }) => `${name}=${value ? wordText(value) : ''}`);
      const redirects = (command.redirects ?? []).map(
        ({ descriptor, operator, target }) => `${descriptor ?? ''}${operator}${wordText(target)}`,
      );
      return [...assignments, ...command.words.map(wordText), ...redirects].join(' ');
    }
    case 'pipeline':
      return command.parts.map(textOfCommand).join(' | ');
    case 'and':
      return `${textOfCommand(command.left)} && ${textOfCommand(command.right)}`;
    case 'or':
      return `${textOfCommand(command.left)} || ${textOfCommand(command.right)}`;
    case 'list':
      return command.parts.map(textOfCommand).join('; ');
    case 'async':
      return `${textOfCommand(command.body)} &`;
    case 'subshell':
      return `(${textOfCommand(command.body)})`;
    case 'group':
      return `{ ${textOfCommand(command.body)}; }`;
    case 'while':
    case 'until':
      return `${command.command} ${textOfCommand(command.test)}; do ${textOfCommand(command.body)}; done`;
    case 'for':
      return `for ${command.name}${command.words ? ` in ${command.words.map(wordText).join(' ')}` : ''}; do ${textOfCommand(command.body)}; done`;
    default:
      return command.command;
  }
}
