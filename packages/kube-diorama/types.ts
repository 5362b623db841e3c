/** The library's types in one file, so that they are the same for `import` and for `require`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/local/bundle.ts';

/** What a user can see is written out in these files, and in none of those that they import. */
const FILES = ['options', 'requests', 'settled', 'cluster', 'in-process', 'server'];
const LINKS = /^(import|export) [^;]* from '[^']*';\n/gm;

/** Writes `index.d.ts` and `index.d.cts` of what `index.ts` exports. */
export function writeTypes(dist: string): void {
  const out = mkdtempSync(join(tmpdir(), 'kube-diorama-types-'));
  try {
    const options = ['--declaration', '--emitDeclarationOnly', '--noCheck', '--noResolve', '--outDir', out];
    const flags = [
      '--ignoreConfig',
      '--target',
      'es2024',
      '--module',
      'esnext',
      '--allowImportingTsExtensions',
      ...options,
    ];
    const sources = FILES.map((name) => join(import.meta.dirname, `${name}.ts`));
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, ...sources]);
    const parts = FILES.map((name) => readFileSync(join(out, `${name}.d.ts`), 'utf8').replaceAll(LINKS, ''));
    const text = hidden(parts.join('\n'), exported());
    for (const name of ['index.d.ts', 'index.d.cts']) writeFileSync(join(dist, name), text);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function exported(): Set<string> {
  const index = readFileSync(join(import.meta.dirname, 'index.ts'), 'utf8');
  const lists = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) => names!.split(','));
  return new Set(lists.map((name) => name.trim().replace(/^type /, '')).filter(Boolean));
}

/** What one of the files exports for another only is no part of the library. */
const hidden = (text: string, names: Set<string>): string =>
  `${text.replaceAll(/^export (?=(?:declare )?(?:async )?(?:interface|class|function|const|type) (\w+))/gm, (export_, name) => (names.has(name) ? export_ : ''))}\nexport {};\n`;
