/** A line of a shell, taken apart as far as it says one plain command: no pipes, no variables, no patterns. */

export interface Line {
  /** Without `kubectl`. */
  words: string[];
  /** `--name=value` and `--name value`; a flag alone is `true`. */
  flags: Map<string, string[]>;
}

/** What a shell would read something into. */
const SPECIAL = /[|&;<>()$`\\*?[\]#~{}!]/;

/** The words, with quotes taken off; undefined where a shell would do more than that. */
function shellWords(line: string): string[] | undefined {
  const words: string[] = [];
  const part = /\s*(?:((?:'[^']*'|"[^"$`\\]*"|[^\s'"])+))/y;
  const text = line.trim();
  while (part.lastIndex < text.length) {
    const word = part.exec(text)?.[1];
    if (word === undefined || SPECIAL.test(word.replace(/'[^']*'|"[^"]*"/g, ''))) return undefined;
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  return words;
}

const SHORT: Record<string, string> = { '-n': '--namespace', '-l': '--labels' };
/** Flags that stand alone. */
const LONE = ['--overwrite'];

/** `$ kubectl …` as its words and flags; undefined if it is not such a line, or says more than this page can do. */
export function parseLine(text: string): Line | undefined {
  const words = shellWords(text.replace(/^\s*\$\s+/, ''));
  if (words?.[0] !== 'kubectl' && words?.[0] !== 'k') return undefined;
  const line: Line = { words: [], flags: new Map() };
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith('-') || /^-$/.test(word) || /^[^=]+-$/.test(word)) {
      line.words.push(word);
      continue;
    }
    const at = word.indexOf('=');
    const given = at < 0 ? word : word.slice(0, at);
    const name = SHORT[given] ?? given;
    if (!name.startsWith('--') || name === '--') return undefined;
    const value = at >= 0 ? word.slice(at + 1) : LONE.includes(name) ? 'true' : words[++i];
    if (value === undefined) return undefined;
    line.flags.set(name, [...(line.flags.get(name) ?? []), value]);
  }
  return line;
}
