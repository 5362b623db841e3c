/** The licenses of what is bundled into the package, which its users are to be given. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//g;

/** The folders of the packages that bundled files are from; a file may lie in a package within a package. */
function foldersOf(files: string[]): string[] {
  const folders = files.flatMap((file) => {
    const last = [...file.matchAll(FOLDER)].at(-1);
    return last ? [file.slice(0, last.index + last[0].length)] : [];
  });
  return [...new Set(folders)].sort();
}

/** `files`: paths from `root`. @throws Error for a package that comes without the text of a license. */
export function licensesOf(root: string, files: string[]): string {
  const parts = foldersOf(files).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const [file] = globSync('{LICEN[SC]E,licen[sc]e}*', { cwd: join(root, folder) });
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : undefined;
    if (!license && !text) throw new Error(`${name} tells no license`);
    return `${name} ${version} (${license ?? 'see below'})\n\n${text ?? `Licensed under ${license}.`}\n`;
  });
  return `What is bundled into this package is licensed as follows.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
