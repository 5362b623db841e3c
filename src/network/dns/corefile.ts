/** A Corefile, as much of it as says something simple: which zones a server has, and which of its plugins answer for them. */
import { absolute } from './message.ts';

export interface Directive {
  name: string;
  args: string[];
  /** The lines of its block, as words. */
  lines: string[][];
}

export interface ServerBlock {
  /** Absolute: `.`, `cluster.local.`. */
  zones: string[];
  directives: Directive[];
}

/** The text cannot be read. */
export class CorefileError extends Error {}

const TOKEN = /"([^"]*)"|(\S+)/g;

const wordsOf = (line: string): string[] =>
  [...line.replace(/(^|\s)#.*$/, '').matchAll(TOKEN)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** `dns://example.org:1053`, `example.org:53`, `.:53`, `.`. */
const zoneOf = (key: string): string =>
  absolute(
    key
      .replace(/^dns:\/\//, '')
      .replace(/:\d+$/, '')
      .replace(/,$/, '') || '.',
  );

/** Throws `CorefileError`. Imports and snippets are not known. */
export function parseCorefile(text: string): ServerBlock[] {
  const blocks: ServerBlock[] = [];
  let block: ServerBlock | undefined;
  let directive: Directive | undefined;
  text.split('\n').forEach((line, index) => {
    const words = wordsOf(line);
    const opens = words.at(-1) === '{';
    if (words.length === 0) return;
    if (words[0] === '}') {
      if (directive) directive = undefined;
      else if (block) block = undefined;
      else throw new CorefileError(`line ${index + 1}: nothing is open that could be closed`);
    } else if (directive) directive.lines.push(words);
    else if (block) {
      const [name = '', ...args] = opens ? words.slice(0, -1) : words;
      const made = { name, args, lines: [] };
      block.directives.push(made);
      if (opens) directive = made;
    } else {
      if (!opens) throw new CorefileError(`line ${index + 1}: a server's zones, and a brace after them, are expected`);
      block = { zones: words.slice(0, -1).map(zoneOf), directives: [] };
      blocks.push(block);
    }
  });
  if (block) throw new CorefileError('a brace is not closed at the end');
  return blocks;
}

/** What kubeadm gives to CoreDNS. */
export const defaultCorefile = (domain: string): string => `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${domain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;
