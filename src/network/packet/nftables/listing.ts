/** The blocks of `nft list ruleset`: tables in braces, with their chains, sets and maps in braces. */
import { RuleTextError } from '../rule-text-error.ts';

/** A line outside of a chain's rules, as a command; or a rule, with its chain. */
export interface Listed {
  line: number;
  /** As after `add`. */
  command: string;
}

interface Block {
  kind: string;
  name: string;
  line: number;
  /** Of a set or map, or of a chain's properties: what stands in the braces. */
  parts: string[];
  rules: Listed[];
}

const OPEN = /^(table|chain|set|map)\s+(\S.*?)\s*\{$/;
const DEPTH = /"[^"]*"|[{}]/g;

/** How many braces a line opens more than it closes. */
const opened = (line: string): number =>
  (line.match(DEPTH) ?? []).reduce((sum, part) => sum + (part === '{' ? 1 : part === '}' ? -1 : 0), 0);

/**
 * The listing as commands, each with its line: declarations before rules, since rules name what comes later. Throws `RuleTextError` for what
 * is no such listing.
 */
export function listedCommands(lines: readonly string[]): Listed[] {
  const declarations: Listed[] = [];
  const rules: Listed[] = [];
  let table: string | undefined;
  let block: Block | undefined;
  let depth = 0;
  lines.forEach((written, index) => {
    const text = written.trim();
    const line = index + 1;
    if (text === '' || text.startsWith('#')) return;
    if (block && depth === 0 && text === '}') {
      declarations.push({ line: block.line, command: declaration(block, table!) });
      for (const rule of block.rules) rules.push(rule);
      block = undefined;
    } else if (block) {
      depth = addTo(block, text, line, table!, depth);
    } else if (table !== undefined && text === '}') table = undefined;
    else {
      const [, kind = '', name = ''] = OPEN.exec(text) ?? [];
      if (!kind || (kind === 'table') !== (table === undefined))
        throw new RuleTextError(line, 'this is no table, chain, set or map', text);
      if (kind === 'table') {
        table = name;
        declarations.push({ line, command: `table ${name}` });
      } else block = { kind, name, line, parts: [], rules: [] };
    }
  });
  if (table !== undefined) throw new RuleTextError(lines.length, 'a brace is not closed', `table ${table}`);
  return [...declarations, ...rules];
}

const declaration = ({ kind, name, parts }: Block, table: string): string =>
  `${kind} ${table} ${name}${parts.length > 0 ? ` { ${parts.join(' ; ')} }` : ''}`;

/** Elements may go over lines; a chain's first lines are its properties, the others its rules. */
function addTo(block: Block, text: string, line: number, table: string, depth: number): number {
  const after = depth + opened(text);
  const property = /^(type|policy|comment|flags|timeout|gc-interval|size|elements|auto-merge|devices)\b/.test(text);
  if (depth > 0) block.parts[block.parts.length - 1] += ` ${text}`;
  else if (block.kind !== 'chain' || property) block.parts.push(text.replace(/;$/, ''));
  else block.rules.push({ line, command: `rule ${table} ${block.name} ${text}` });
  return after;
}
