/**
 * The arrows between the rooms of `src/`, enforced: who may import whom. Also: nothing that runs in the Worker imports `node:`, and the
 * page, in `ui/`, imports nothing but itself.
 * Prints each import that goes against an arrow and each arrow that nobody needs, and ends with 1 if there is one.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** For each room, the rooms whose code it may import, and those of which it may use types only. */
const WORDS = ['simulation', 'objects'];
const KINDS = [...WORDS, 'catalog', 'admission', 'resources'];
const ARROWS: Record<string, { code: string[]; types: string[] }> = {
  simulation: { code: [], types: [] },
  objects: { code: [], types: ['simulation'] },
  catalog: { code: WORDS, types: [] },
  admission: { code: ['objects', 'catalog'], types: [] },
  resources: { code: [...WORDS, 'catalog', 'admission'], types: [] },
  etcd: { code: ['simulation'], types: ['apiserver'] },
  network: { code: WORDS, types: [] },
  scheduler: { code: KINDS, types: [] },
  controllers: { code: KINDS, types: [] },
  kubelet: { code: [...WORDS, 'resources', 'controllers', 'network', 'scheduler'], types: [] },
  apiserver: { code: KINDS, types: ['etcd'] },
  platform: { code: [...WORDS, 'resources', 'apiserver', 'scheduler', 'network'], types: [] },
  cluster: {
    code: [
      ...WORDS,
      'catalog',
      'resources',
      'etcd',
      'network',
      'scheduler',
      'controllers',
      'kubelet',
      'apiserver',
      'platform',
    ],
    types: [],
  },
  ui: { code: [], types: [] },
  cli: { code: [], types: [] },
};

/** Errors, shapes and formats that all rooms speak in; they import nothing but one another. */
const VOCABULARY = ['src/etcd/bounded-body.ts', 'src/etcd/errors.ts', 'src/etcd/snapshot-file.ts', 'src/etcd/types.ts'];

/** The command line starts the local server, on the user's own Node, whose version it checks as the scripts do. */
const SERVER = [
  'scripts/check-node.js',
  'scripts/local-server.ts',
  'scripts/local/checked-limits.ts',
  'scripts/local/installation.ts',
];

const ROOT = join(import.meta.dirname, '..');
const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

function problems(file: string): string[] {
  const found: string[] = [];
  const room = roomOf(file);
  const ofPage = file.startsWith('ui/');
  const inNode =
    file.endsWith('.node.ts') ||
    file.endsWith('.node.test.ts') ||
    room === 'cli' ||
    (ofPage && file.endsWith('.test.ts'));
  for (const match of readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)) {
    const target = match[2] ?? match[3]!;
    if (target.startsWith('node:') && !inNode) found.push(`${file}: only *.node.ts may import ${target}`);
    if (ofPage && !file.endsWith('.test.ts') && !/^\.\.?\//.test(target))
      found.push(`${file}: the page may not import ${target}`);
    const path = target.startsWith('.') ? normalize(join(dirname(file), target)).replaceAll('\\', '/') : file;
    if (ofPage && !path.startsWith('ui/')) found.push(`${file}: the page may not import ${target}`);
    const other = roomOf(path);
    if (!room || other === room || VOCABULARY.includes(path) || file.endsWith('.test.ts')) continue;
    if (room === 'cli' && SERVER.includes(path)) continue;
    const arrows = ARROWS[room];
    if (!arrows) found.push(`${file}: src/${room} is no room; the rooms are in this check and in docs/architecture.md`);
    else if (!other || !(arrows.code.includes(other) || (match[1] && arrows.types.includes(other))))
      found.push(`${file}: ${room} may not import ${target}`);
  }
  return found;
}

/** Rooms that one may import and does not: what nobody needs is no arrow. */
function unusedArrows(files: readonly string[]): string[] {
  const used = new Set<string>();
  for (const file of files) {
    if (file.endsWith('.test.ts')) continue;
    for (const match of readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)) {
      const other = roomOf(normalize(join(dirname(file), match[2] ?? match[3]!)).replaceAll('\\', '/'));
      used.add(`${roomOf(file)} ${other}`);
    }
  }
  return Object.entries(ARROWS).flatMap(([room, { code, types }]) =>
    [...code, ...types]
      .filter((other) => !used.has(`${room} ${other}`))
      .map((other) => `${room} may import ${other}, and does not: the arrow is to go`),
  );
}

const files = globSync(['src/**/*.{ts,js}', 'ui/**/*.ts'], { cwd: ROOT }).map((file) => file.replaceAll('\\', '/'));
const found = [...files.sort().flatMap(problems), ...unusedArrows(files)];
for (const problem of found) console.error(problem);
if (found.length > 0) process.exit(1);
console.log(`${files.length} files keep to the arrows`);
