/** An exported file on its way in: its header, then its keys page by page. Every error names the line. */
import type { Room } from '../../etcd/bounded-body.ts';
import {
  decodeEntry,
  decodeHeader,
  linesOf,
  type NumberedLine,
  type SnapshotHeader,
} from '../../etcd/snapshot-file.ts';
import type { KeyValue } from '../../etcd/types.ts';
import { ProblemError } from '../http/problem.ts';
import { MAX_IMPORT_LINE, MAX_PAGE_BYTES, PAGE_KEYS } from '../limits.ts';
import type { Making } from './cluster-state.ts';
import type { CopyPage, CopySource } from './copy-cluster.ts';
import { checkedHeader } from './imported-header.ts';

const wrongLine = (number: number, error: unknown): ProblemError =>
  error instanceof ProblemError
    ? error
    : new ProblemError(400, `Line ${number}: ${error instanceof Error ? error.message : String(error)}.`);

/** @throws ProblemError 400 for a file that doesn't begin as one; the pages throw it for what comes later. */
export async function readImport(body: ReadableStream<Uint8Array>, room?: Room): Promise<CopySource> {
  const lines = linesOf(body, MAX_IMPORT_LINE, room);
  const header = await readHeader(lines);
  const taken = (): void => room?.holding.give();
  const pages = importedPages(lines, header.revision, taken);
  return { making: header.making, state: header, pages, bootstrap: true };
}

async function readHeader(lines: AsyncGenerator<NumberedLine>): Promise<SnapshotHeader<Making>> {
  try {
    const { value } = await lines.next();
    return checkedHeader(decodeHeader(value?.text ?? ''));
  } catch (error) {
    throw wrongLine(1, error);
  }
}

/** `taken` is called when a page has been taken: nothing of it is held any more. */
async function* importedPages(
  lines: AsyncGenerator<NumberedLine>,
  revision: number,
  taken: () => void,
): AsyncGenerator<CopyPage> {
  let page = new ImportPage();
  for (let number = 2; ; number++) {
    let length = 0;
    try {
      const { value: line, done } = await lines.next();
      if (done) break;
      number = line.number;
      length = line.text.length;
      page.add(decodeEntry(line.text, revision), number);
    } catch (error) {
      throw wrongLine(number, error);
    }
    if (!page.isFull(length)) continue;
    yield page;
    taken();
    page = new ImportPage();
  }
  if (page.kvs.length > 0) yield page;
}

class ImportPage implements CopyPage {
  readonly kvs: KeyValue[] = [];
  readonly #lines: number[] = [];
  #bytes = 0;

  add(kv: KeyValue, line: number): void {
    this.kvs.push(kv);
    this.#lines.push(line);
  }

  /** `bytes`: of the line that was added last. */
  isFull(bytes: number): boolean {
    this.#bytes += bytes;
    return this.kvs.length >= PAGE_KEYS || this.#bytes >= MAX_PAGE_BYTES;
  }

  repeated(index: number): ProblemError {
    return wrongLine(this.#lines[index]!, new Error('the key has come before'));
  }
}
