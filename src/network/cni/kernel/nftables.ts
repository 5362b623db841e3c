/** nftables' ruleset, as lines of `nft list ruleset`: read into tables and chains, changed, and written again. */
import type { Machine } from '../machine.ts';

export interface NftChain {
  name: string;
  /** Lines before the rules: a comment, the hook. */
  head: string[];
  rules: string[];
}

export interface NftTable {
  family: string;
  name: string;
  /** Lines that are no chain: a comment, sets. */
  head: string[];
  chains: NftChain[];
}

const TABLE_LINE = /^table (\S+) (\S+) \{$/;
const CHAIN_LINE = /^\tchain (\S+) \{$/;
const isHead = (line: string): boolean => /^\t\t(?:type .* hook|comment ")/.test(line);

function readTables(lines: readonly string[]): NftTable[] {
  const tables: NftTable[] = [];
  let chain: NftChain | undefined;
  for (const line of lines) {
    const table = TABLE_LINE.exec(line);
    const current = tables.at(-1);
    const opened = CHAIN_LINE.exec(line);
    if (table) tables.push({ family: table[1]!, name: table[2]!, head: [], chains: [] });
    else if (opened && current) {
      chain = { name: opened[1]!, head: [], rules: [] };
      current.chains.push(chain);
    } else if (line === '\t}' && chain) chain = undefined;
    else if (chain) (isHead(line) ? chain.head : chain.rules).push(line);
    else if (line !== '}' && current) current.head.push(line);
  }
  return tables;
}

const printTables = (tables: readonly NftTable[]): string[] =>
  tables.flatMap(({ family, name, head, chains }) => [
    `table ${family} ${name} {`,
    ...head,
    ...chains.flatMap((chain) => [`\tchain ${chain.name} {`, ...chain.head, ...chain.rules, '\t}']),
    '}',
  ]);

/** One table for as long as a program works on it. */
export class NftTransaction {
  readonly #machine: Machine;
  readonly #tables: NftTable[];
  readonly #family: string;
  readonly #name: string;

  constructor(machine: Machine, family: string, name: string) {
    const lines = machine.network.host.filter.nftables ?? [];
    machine.work.spend(lines.length);
    this.#machine = machine;
    this.#tables = readTables(lines);
    this.#family = family;
    this.#name = name;
  }

  get table(): NftTable | undefined {
    return this.#tables.find(({ family, name }) => family === this.#family && name === this.#name);
  }

  ensureTable(comment: string): void {
    if (this.table) return;
    const head = [`\tcomment "${comment}"`];
    this.#tables.push({ family: this.#family, name: this.#name, head, chains: [] });
  }

  /** undefined: there is no such table, or no such chain in it. */
  chain(name: string): NftChain | undefined {
    return this.table?.chains.find((chain) => chain.name === name);
  }

  ensureChain(name: string, ...head: string[]): NftChain {
    const found = this.chain(name);
    if (found) return found;
    const chain: NftChain = { name, head: head.map((line) => `\t\t${line}`), rules: [] };
    this.table!.chains.push(chain);
    return chain;
  }

  add(chain: NftChain, rule: string, comment?: string): void {
    chain.rules.push(`\t\t${rule}${comment === undefined ? '' : ` comment "${comment}"`}`);
  }

  commit(): void {
    const { filter } = this.#machine.network.host;
    if (this.#tables.length === 0) delete filter.nftables;
    else filter.nftables = printTables(this.#tables);
  }
}

const COMMENT = / comment "([^"]*)"$/;
export const commentOf = (rule: string): string | undefined => COMMENT.exec(rule)?.[1];

/** What `nft list chain` says where there is none. */
export const noSuchChain = (family: string, table: string, chain: string, hasTable: boolean): string => {
  const line = `list chain ${family} ${table} ${chain}`;
  const wrong = hasTable ? chain : table;
  const at = hasTable ? line.length - chain.length : `list chain ${family} `.length;
  return `failed to run nft: Error: No such file or directory\n${line}\n${' '.repeat(at)}${'^'.repeat(wrong.length)}\n`;
};
