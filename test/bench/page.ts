/** `docs/performance.md`, from what was measured. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/local/bundle.ts';
import type { Compared } from './comparison.ts';

const two = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2));

/** A bar for each row; `title` says of what. */
function plot(title: string, compared: readonly Compared[], of: (one: Compared) => number): string {
  const rows = compared.map(({ row }) => `"${row}"`).join(', ');
  const values = compared.map((one) => of(one).toFixed(2)).join(', ');
  return `\`\`\`mermaid
xychart-beta horizontal
  title "${title}"
  x-axis [${rows}]
  bar [${values}]
\`\`\``;
}

function tableOf(compared: readonly Compared[]): string {
  const lines = compared.map(
    ({ row, connections, diorama, ofBare, ofReal }) =>
      `| ${row} | ${connections} | ${diorama.perSecond.toFixed(0)} | ${diorama.p50.toFixed(2)} | ${diorama.p99.toFixed(1)} | ${two(ofBare)} | ${two(ofReal)} |`,
  );
  return [
    '| request | connections | a second | p50, ms | p99, ms | of the bare platform | of the real server |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

export interface Measured {
  compared: readonly Compared[];
  /** Milliseconds of processor time in process, by request. */
  inProcess: ReadonlyMap<string, number>;
  /** What else was measured: names and figures as they are shown. */
  others: readonly (readonly [name: string, shown: string])[];
  /** What a month would cost, as lines. */
  bills: readonly string[];
}

export function writePage({ compared, inProcess, others, bills }: Measured): void {
  const hasReal = compared.every(({ ofReal }) => ofReal !== undefined);
  const many = compared.filter(({ connections }) => connections > 1);
  const text = `# Performance

Written by \`npm run bench -- --write\`: not by hand. One run on ${cpus().length} × ${cpus()[0]?.model ?? 'an unknown processor'}, the state of
all servers on a RAM disk. Shares are what to look at: each row was measured in turns on all servers, and the best of its rounds counts.

- *The bare platform* is a Worker of a few lines with an object and a table (\`test/bench/bare-worker.ts\`): HTTP, as many calls between Worker and
  object, and as many rows as Diorama has, and nothing else. Nothing on this platform can be faster.
- *The real server* is a kube-apiserver on an etcd, over TLS as it insists on; both use all cores, while a cluster here has one thread.${hasReal ? '' : ' In this run there was none.'}

${tableOf(compared)}

${plot('Share of the bare platform, 16 connections', many, ({ ofBare }) => ofBare)}
${hasReal ? `\n${plot('Share of the real server, 16 connections', many, ({ ofReal }) => ofReal!)}\n` : ''}
## In process

Processor time of one request without the platform: API server, store and pump over Node's SQLite, Node's own Request and Response among it.

| request | ms |
| --- | --- |
${[...inProcess].map(([name, ms]) => `| ${name} | ${ms.toFixed(3)} |`).join('\n')}

## Everything else

| what | measured |
| --- | --- |
${others.map(([name, shown]) => `| ${name.replaceAll('|', '\\|')} | ${shown} |`).join('\n')}

## What a month would cost

\`npm run bench -- --bill\`: the hosted platform's prices (\`test/bench/bill.ts\`) times what one sandbox takes that somebody works in for some
minutes (\`test/bench/lesson.ts\`). Two things are assumed and not measured: for how long an answer to a write waits for the platform's
storage, and that each turn of a cluster's components that time brings costs an alarm.

\`\`\`
${bills.join('\n')}
\`\`\`
`;
  writeFileSync(join(ROOT, 'docs/performance.md'), text);
}
