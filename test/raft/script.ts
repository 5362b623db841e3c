/** Reads the form in which raft's interaction tests are written: a command with arguments, perhaps input, `----`, and what it prints. */

export interface Directive {
  /** Where the command stands in its file, from 1. */
  line: number;
  command: string;
  /** Arguments without values are keys with none. */
  args: { key: string; values: string[] }[];
  input: string;
  expected: string;
}

function parseCommand(text: string): Pick<Directive, 'command' | 'args'> {
  const [command = '', ...words] = text.match(/[^\s=]+=\([^)]*\)|\S+/g) ?? [];
  const args = words.map((word) => {
    const [key = '', value] = word.split('=', 2);
    return { key, values: value === undefined ? [] : value.replace(/^\(|\)$/g, '').split(/[, ]+/) };
  });
  return { command, args };
}

export function parseScript(text: string): Directive[] {
  const lines = text.split('\n');
  const directives: Directive[] = [];
  let at = 0;
  const until = (isEnd: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && !isEnd(lines[at]!)) at++;
    return lines.slice(from, at++);
  };
  while (at < lines.length) {
    const first = lines[at++]!;
    if (first.trim() === '' || first.startsWith('#')) continue;
    const line = at;
    const input = until((candidate) => candidate === '----').join('\n');
    const expected = until((candidate) => candidate === '').join('\n');
    directives.push({ line, ...parseCommand(first), input, expected });
  }
  return directives;
}
